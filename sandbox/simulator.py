"""A food-delivery company in small: its reference data and its orders' messages, by a seed.

Pure: yields what happens, in the order in which it reaches Redis and Kafka. Orders go through their
life (OPEN, COOKING, DELIVERING, then CLOSED or CANCELLED), every change is a message with the whole
document, and meanwhile items and prices change, users and products are renamed, products move to
other categories, orders pass to other users. Some messages come late, twice, again after days, or
bad.
"""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

START = datetime(2024, 3, 1, 8, 0)
FIRST_ORDER = 322_519
# More than anybody simulates: what is sent of two seeds are not two stories of one order.
ORDERS_OF_A_SEED = 3_000_000

FIRST_NAMES = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Инна", "Юлия")
LAST_NAMES = ("Ковалёва", "Лебедь", "Мороз", "Нечай", "Орлик", "Павленко", "Руденко", "Соколик")
KITCHENS = ("Вкус Индии", "Тёплый хлеб", "Суши на углу", "Бабушкина печь", "Зелёный базар")
DISHES = ("Борщ", "Плов", "Ролл с тофу", "Хачапури", "Окрошка", "Пельмени", "Том ям", "Сырники")
STYLES = ("домашний", "острый", "постный", "с грибами", "от шефа", "детский", "XXL", "«Ёж»")
CATEGORIES = ("Супы", "Выпечка", "Роллы", "Горячее", "Завтраки", "Закуски", "Напитки", "Десерты")

PATH = ("OPEN", "COOKING", "DELIVERING", "CLOSED")


@dataclass(frozen=True)
class Reference:
    """A value to put into Redis."""

    key: str
    value: dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message of the source topic."""

    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class Shares:
    """How often the source misbehaves, as shares of its messages or orders."""

    late: float = 0.01
    repeated: float = 0.01
    sent_again: float = 0.005
    bad: float = 0.001


def simulate(
    orders: int, seed: int = 1, shares: Shares | None = None, first: int | None = None
) -> Iterator[Reference | Sent]:
    """Everything that happens around `orders` orders: about four messages for each.

    `first` is the id of the first one; by default each seed has ids of its own.
    """
    if first is None:
        first = FIRST_ORDER + (seed - 1) * ORDERS_OF_A_SEED
    return _World(Random(seed), range(first, first + orders), shares or Shares()).run()


@dataclass
class _Order:
    number: int
    user: str
    restaurant: str
    date: datetime
    items: list[dict[str, Any]]
    statuses: list[dict[str, str]] = field(default_factory=list)


@dataclass
class _World:
    random: Random
    orders: range
    shares: Shares
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    restaurants: dict[str, dict[str, Any]] = field(default_factory=dict)
    due: list[tuple[datetime, int, Reference | Sent]] = field(default_factory=list)
    scheduled: int = 0

    def run(self) -> Iterator[Reference | Sent]:
        self._found()
        now = START
        for number in self.orders:
            now += timedelta(seconds=self.random.expovariate(1 / 20))
            yield from self._until(now)
            if self.random.random() < 0.02:
                self._change(now)
            self._live(number, now)
        yield from self._until(datetime.max)

    def _until(self, now: datetime) -> Iterator[Reference | Sent]:
        while self.due and self.due[0][0] <= now:
            yield heapq.heappop(self.due)[2]

    def _at(self, time: datetime, step: Reference | Sent) -> None:
        self.scheduled += 1  # of two steps at one time the first one scheduled comes first
        heapq.heappush(self.due, (time, self.scheduled, step))

    def _id(self) -> str:
        return f"{self.random.getrandbits(96):024x}"

    # --- reference data ---

    def _found(self) -> None:
        for number in range(max(10, len(self.orders) // 10)):
            name = f"{self.random.choice(FIRST_NAMES)} {self.random.choice(LAST_NAMES)}"
            user = {"_id": self._id(), "name": name, "login": f"user{number}"}
            self.users[user["_id"]] = user
            self._at(START, Reference(user["_id"], dict(user)))
        for number in range(max(3, min(40, len(self.orders) // 100))):
            kitchen = f"{KITCHENS[number % len(KITCHENS)]} №{number + 1}"
            menu = [self._dish() for _ in range(self.random.randint(8, 25))]
            restaurant: dict[str, Any] = {"_id": self._id(), "name": kitchen, "menu": menu}
            self.restaurants[restaurant["_id"]] = restaurant
            self._publish(restaurant["_id"], START)

    def _dish(self) -> dict[str, Any]:
        return {
            "_id": self._id(),
            "name": f"{self.random.choice(DISHES)} {self.random.choice(STYLES)}",
            "price": self.random.randint(4, 60) * 10 + self.random.choice((0, 0, 0, 0.5, 0.25)),
            "category": self.random.choice(CATEGORIES),
        }

    def _publish(self, restaurant: str, now: datetime) -> None:
        snapshot = json.loads(json.dumps(self.restaurants[restaurant]))
        self._at(now, Reference(restaurant, snapshot))

    def _change(self, now: datetime) -> None:
        """A user or a restaurant is renamed, or a dish renamed, repriced or moved."""
        kind = self.random.randrange(5)
        if kind == 0:
            user = self.users[self.random.choice(list(self.users))]
            user["name"] = f"{user['name'].split()[0]} {self.random.choice(LAST_NAMES)}"
            self._at(now, Reference(user["_id"], dict(user)))
            return
        restaurant = self.restaurants[self.random.choice(list(self.restaurants))]
        dish = self.random.choice(restaurant["menu"])
        if kind == 1:
            restaurant["name"] = restaurant["name"].split(",")[0] + f", {now:%B %Y}"
        elif kind == 2:
            dish["name"] = f"{dish['name'].split()[0]} {self.random.choice(STYLES)}"
        elif kind == 3:
            dish["price"] = self.random.randint(4, 60) * 10
        else:
            dish["category"] = self.random.choice(CATEGORIES)
        self._publish(restaurant["_id"], now)

    # --- orders ---

    def _live(self, number: int, opened: datetime) -> None:
        """Schedule all messages of an order's life."""
        restaurant = self.random.choice(list(self.restaurants))
        menu = self.restaurants[restaurant]["menu"]
        order = _Order(
            number,
            self.random.choice(list(self.users)),
            restaurant,
            opened.replace(microsecond=0),
            [self._line(dish) for dish in self.random.sample(menu, self.random.randint(1, 4))],
        )
        time = order.date
        cancelled = self.random.randrange(1, 4) if self.random.random() < 0.08 else None
        for step, status in enumerate(PATH):
            if step == cancelled:
                status = "CANCELLED"
            order.statuses.insert(0, {"status": status, "dttm": str(time)})
            self._send(order, time)
            if step == cancelled:
                break
            if step < 2 and self.random.random() < 0.1:
                time += timedelta(seconds=self.random.randint(20, 200))
                self._amend(order, menu)
                self._send(order, time)
            time += timedelta(seconds=self.random.randint(200, 1500))
        if self.random.random() < 0.01:
            order.user = self.random.choice(list(self.users))
            self._send(order, time)

    def _line(self, dish: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": dish["_id"],
            "name": dish["name"],
            "price": dish["price"],
            "quantity": self.random.randint(1, 3),
        }

    def _amend(self, order: _Order, menu: list[dict[str, Any]]) -> None:
        """The user takes something out, adds something, or wants more of it."""
        kind = self.random.randrange(3)
        if kind == 0 and len(order.items) > 1:
            order.items = order.items[1:]
        elif kind == 1:
            order.items = [*order.items, self._line(self.random.choice(menu))]
        else:
            first = order.items[0]
            order.items = [{**first, "quantity": first["quantity"] + 1}, *order.items[1:]]

    def _send(self, order: _Order, time: datetime) -> None:
        """Schedule the order's message as of `time`, and what the source makes of it."""
        sent = time + timedelta(seconds=self.random.randint(0, 2))
        key = str(order.number).encode()
        message = Sent(key, _document(order, time, sent))
        if self.random.random() < self.shares.late:
            self._at(sent + timedelta(minutes=self.random.randint(5, 3000)), message)
        else:
            self._at(sent, message)
        if self.random.random() < self.shares.repeated:
            self._at(sent + timedelta(minutes=self.random.randint(0, 600)), message)
        if self.random.random() < self.shares.sent_again:
            again = sent + timedelta(days=self.random.randint(1, 9))
            self._at(again, Sent(key, _document(order, time, again)))
        if self.random.random() < self.shares.bad:
            self._at(sent, Sent(key, self._spoilt(message.value or b"")))

    def _spoilt(self, good: bytes) -> bytes | None:
        """One of the ways in which a message can be bad."""
        ways = (
            None,
            good[: len(good) // 2],
            good.replace(b'"quantity": ', b'"quantity": -', 1),
            good.replace(b'"cost": ', b'"cost": "NaN", "was": ', 1),
            good.replace(b'"dttm": "20', b'"dttm": "now 20', 1),
            good.replace(b'"object_type": "order"', b'"object_type": "courier"'),
            good.replace(b'"user": {"id": "', b'"user": {"id": "unknown-'),
            good.replace(b'"status": "OPEN"', b'"status": "LOST"'),
        )
        return self.random.choice(ways)


def _document(order: _Order, time: datetime, sent: datetime) -> bytes:
    cost = sum(item["price"] * item["quantity"] for item in order.items)
    bonus = int(cost) // 10 if order.number % 3 == 0 else 0
    payload: dict[str, Any] = {
        "restaurant": {"id": order.restaurant},
        "date": str(order.date),
        "user": {"id": order.user},
        "order_items": order.items,
        "bonus_payment": bonus,
        "cost": cost,
        "payment": cost - bonus,
        "bonus_grant": int(cost) // 100,
        "statuses": order.statuses,
        "final_status": order.statuses[0]["status"],
        "update_ts": str(time),
    }
    document = {
        "object_id": order.number,
        "object_type": "order",
        "sent_dttm": str(sent),
        "payload": payload,
    }
    return json.dumps(document, ensure_ascii=False).encode()
