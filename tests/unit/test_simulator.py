"""The simulator: deterministic, and as unruly as a real source."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from ingest.errors import RejectError
from ingest.kinds import check
from ingest.limits import Limits
from ingest.orders.decode import SkippedError
from sandbox.simulator import Reference, Sent, Shares, simulate

ORDERS = 3000
PERFECT = Shares(late=0, repeated=0, sent_again=0, bad=0)


@pytest.fixture(scope="module")
def everything() -> list[Reference | Sent]:
    return list(simulate(ORDERS, seed=7))


@pytest.fixture(scope="module")
def documents(everything: Sequence[Reference | Sent]) -> list[dict[str, Any]]:
    """The good messages, in the order in which they are sent."""
    found = []
    for step in everything:
        if isinstance(step, Sent):
            try:
                found.append(good(step.value))
            except (RejectError, SkippedError):
                continue
    return found


def good(raw: bytes | None) -> dict[str, Any]:
    """The document. Raises RejectError, SkippedError."""
    check(raw, Limits())
    document: dict[str, Any] = json.loads(raw or b"")
    return document


def test_the_same_seed_is_the_same_world_and_another_is_not() -> None:
    assert list(simulate(50, seed=3)) == list(simulate(50, seed=3))
    assert list(simulate(50, seed=3)) != list(simulate(50, seed=4))


def test_no_order_of_one_seed_is_one_of_another() -> None:
    ids = [numbers(simulate(50, seed)) for seed in (1, 2, 3)]
    assert ids[0] == set(range(322_519, 322_569))
    assert [len(each) for each in ids] == [50, 50, 50]
    assert len(set.union(*ids)) == 150


def numbers(steps: Iterable[Reference | Sent]) -> set[int]:
    return {int(step.key) for step in steps if isinstance(step, Sent) and step.key}


def test_an_order_has_about_four_messages(documents: list[dict[str, Any]]) -> None:
    assert 3.5 * ORDERS < len(documents) < 4.8 * ORDERS
    assert len({document["object_id"] for document in documents}) == ORDERS


def test_without_mishaps_every_message_is_good_and_in_the_order_of_its_order() -> None:
    times = defaultdict(list)
    for step in simulate(300, shares=PERFECT):
        if isinstance(step, Sent):
            tree = good(step.value)
            times[tree["object_id"]].append(tree["payload"]["update_ts"])
    assert len(times) == 300
    assert all(several == sorted(several) for several in times.values())


def test_statuses_come_newest_first_and_end_closed_or_cancelled(
    documents: list[dict[str, Any]],
) -> None:
    last: dict[int, list[str]] = {}
    for document in documents:
        statuses = document["payload"]["statuses"]
        assert statuses == sorted(statuses, key=lambda entry: entry["dttm"], reverse=True)
        names = [entry["status"] for entry in statuses]
        last[document["object_id"]] = max(last.get(document["object_id"], []), names, key=len)
    ends = Counter(names[0] for names in last.values())
    assert set(ends) == {"CLOSED", "CANCELLED"}
    assert 0.02 < ends["CANCELLED"] / ORDERS < 0.15


def test_the_source_misbehaves_in_every_way(
    everything: Sequence[Reference | Sent], documents: list[dict[str, Any]]
) -> None:
    sent = [step for step in everything if isinstance(step, Sent)]
    assert len(sent) > len(set(sent)), "nothing is repeated"
    assert len(documents) < len(sent), "nothing is bad"
    by_order = defaultdict(list)
    for document in documents:
        by_order[document["object_id"]].append(document)
    several = by_order.values()
    assert any(
        late["payload"]["update_ts"] < early["payload"]["update_ts"]
        for order in several
        for early, late in pairwise(order)
    ), "nothing is late"
    for field in ("user", "order_items"):
        assert any(
            first["payload"][field] != second["payload"][field]
            for order in several
            for first, second in pairwise(order)
        ), f"{field} never changes"


def test_reference_data_changes_over_time(everything: Sequence[Reference | Sent]) -> None:
    versions = defaultdict(list)
    for step in everything:
        if isinstance(step, Reference):
            versions[step.key].append(step.value)
    changed = [several for several in versions.values() if len(several) > 1]
    users = [several for several in changed if "login" in several[0]]
    menus = [several for several in changed if "menu" in several[0]]
    assert any(a["name"] != b["name"] for several in users for a, b in pairwise(several))
    dishes = [
        (old, new)
        for several in menus
        for a, b in pairwise(several)
        for old, new in zip(a["menu"], b["menu"], strict=True)
    ]
    for field in ("name", "price", "category"):
        assert any(old[field] != new[field] for old, new in dishes), f"{field} never changes"
    assert any("Ё" in json.dumps(menu, ensure_ascii=False) for menu in menus)


def test_who_is_ordered_from_is_known_before(everything: Sequence[Reference | Sent]) -> None:
    known: set[str] = set()
    for step in everything:
        if isinstance(step, Reference):
            known.add(step.key)
        else:
            try:
                payload = good(step.value)["payload"]
            except (RejectError, SkippedError):
                continue
            ids = {payload["user"]["id"], payload["restaurant"]["id"]}
            assert all(key in known or key.startswith("unknown-") for key in ids)
