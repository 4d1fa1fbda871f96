"""The demo's count from outside: it would tell what is lost and doubled."""

import pytest

from sandbox.account import Account, Place

ORDER = b'{"object_type": "order", "object_id": 1}'
OTHER = b'{"object_type": "courier"}'
# A message, its repeat, a bad one twice, one of another kind.
SENT: dict[Place, bytes | None] = {
    (0, 0): ORDER,
    (0, 1): ORDER,
    (1, 0): b"{",
    (1, 1): b"{",
    (1, 2): OTHER,
    (1, 3): None,
}
EVENTS: list[Place] = [(0, 1)]
LETTERS: list[Place] = [(1, 0), (1, 1), (1, 3)]


def counted(events: list[Place], letters: list[Place]) -> Account:
    made = Account()
    made.add_source(SENT, events, letters)
    return made


def test_each_message_is_accounted_for() -> None:
    assert counted(EVENTS, LETTERS) == Account(sent=6, stored=1, repeats=1, letters=3, other=1)


@pytest.mark.parametrize(
    ("events", "letters", "lost", "doubled"),
    [
        ([], LETTERS, 2, 0),  # neither the message nor its repeat
        (EVENTS, LETTERS[1:], 1, 0),
        ([(0, 0), (0, 1)], LETTERS, 0, 1),
        ([(0, 1), (0, 1)], LETTERS, 0, 1),
        (EVENTS, [*LETTERS, (0, 0)], 0, 1),  # stored, and a dead letter as well
        (EVENTS, [*LETTERS, (1, 0)], 0, 1),
        (EVENTS, [*LETTERS, (1, 2)], 0, 1),
        ([*EVENTS, (9, 9)], LETTERS, 0, 1),  # of a message that nobody has sent
    ],
)
def test_what_is_lost_or_doubled_is_noticed(
    events: list[Place], letters: list[Place], lost: int, doubled: int
) -> None:
    made = counted(events, letters)
    assert (made.lost, made.doubled) == (lost, doubled)


@pytest.mark.parametrize(
    ("messages", "lost", "doubled"), [([1, 2, 4], 0, 0), ([1, 4], 1, 0), ([1, 2, 2, 4, 5], 0, 2)]
)
def test_a_topic_is_compared_with_its_table(messages: list[int], lost: int, doubled: int) -> None:
    made = Account()
    made.add_topic([1, 2, 4], messages)
    assert (made.lost, made.doubled, made.left) == (lost, doubled, len(messages))
