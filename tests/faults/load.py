"""The load of a fault test: the simulator's orders with a sequence number, until told to stop."""

import json
import threading
from collections.abc import Iterator

import redis

from sandbox.feed import feed
from sandbox.simulator import Reference, Sent, Shares, simulate
from tests.world import World

# Per order the source's sequence is the order in time, so nothing comes late. The same order sent
# again days later is another event.
SHARES = Shares(late=0, repeated=0.03, sent_again=0.005, bad=0.01)

# What the simulator does to a message that it spoils; each of them alone makes it bad.
MARKS = ('"quantity": -', '"NaN"', '"now 20', '"unknown-', '"LOST"')


def is_good(raw: str) -> bool:
    """Whether a message is one that must be stored."""
    return raw.startswith("{") and raw.endswith("}}") and not any(mark in raw for mark in MARKS)


def is_skipped(raw: str) -> bool:
    """Whether a message is of another kind than an order."""
    return '"object_type": "courier"' in raw


class Load:
    """A feeder in a thread; `stop` ends it and says how many messages the broker took."""

    def __init__(self, world: World, *, rate: float, orders: int) -> None:
        self._world = world
        self._rate = rate
        self._steps = simulate(orders, shares=SHARES)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._numbered: dict[bytes, bytes] = {}
        self._references: dict[str, str] = {}
        self._failure: Exception | None = None
        self.sent = 0

    def start(self) -> None:
        """Give Redis what it knows from the beginning, then begin to send."""
        self._first = next(step for step in self._numbers(self._steps))
        self._thread.start()

    def stop(self) -> int:
        """Stop, and return when everything sent is on the broker."""
        self._stopped.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        return self.sent

    def _run(self) -> None:
        try:
            self.sent = feed(self._messages(), self._world.settings, rate=self._rate)
        except Exception as error:
            self._failure = error

    def _messages(self) -> Iterator[Sent]:
        yield self._first
        for message in self._numbers(self._steps):
            if self._stopped.is_set():
                return
            yield message
        raise AssertionError("all orders are sent and the faults are not done: it needs more")

    def _numbers(self, steps: Iterator[Reference | Sent]) -> Iterator[Sent]:
        """The messages, each with its number; repeats with the number that they had."""
        for step in steps:
            if isinstance(step, Reference):
                self._know(step)
                continue
            value = step.value
            if value is not None:
                if value not in self._numbered:
                    number = b'{"sequence": %d, ' % len(self._numbered)
                    self._numbered[value] = value.replace(b"{", number, 1)
                value = self._numbered[value]
            yield Sent(step.key, value)

    def users(self) -> list[str]:
        """The keys of the users that Redis knows."""
        return [key for key, value in self._references.items() if '"login"' in value]

    def restore_references(self) -> None:
        """Give an emptied Redis all that it knew, as an operator would from the source."""
        while True:  # the load goes on meanwhile, and learns
            known = dict(self._references)
            self._world.redis.mset(known)
            if known == self._references:
                return

    def _know(self, step: Reference) -> None:
        self._references[step.key] = json.dumps(step.value, ensure_ascii=False)
        try:
            self._world.redis.set(step.key, self._references[step.key])
        except redis.RedisError:  # it is down by intent; the change of a name comes late or never
            return
