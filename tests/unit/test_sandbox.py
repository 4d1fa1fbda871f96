"""What the sandbox makes up, without its servers."""

from sandbox.kafka import cluster_id


def test_the_id_of_a_cluster_is_never_taken_for_an_option() -> None:
    ids = [cluster_id() for _ in range(5_000)]
    assert not [made for made in ids if made.startswith("-")]
    assert {len(made) for made in ids} == {22}
