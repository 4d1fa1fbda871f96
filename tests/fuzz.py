"""Messages that nobody thought of: good ones, changed in their structure or in their bytes.

The same seed gives the same messages. About a third of them are still good: what is accepted has to
be tried as hard as what is refused.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.world import encoded, order

# Written into the text as they are, without quotes.
RAW = (
    *("0", "-0", "-0.0", "1", "-1", "1.50", "120.00000", "0.000001", "99999999999999.99999"),
    *(
        "1e2",
        "1E+14",
        "1.2e-5",
        "12e-6",
        "1e308",
        "1e309",
        "4.9e-324",
        "1e131071",
        "1e-99999999999",
    ),
    *("1e99999999999999999999", "9" * 19, "9" * 20, "9" * 400, "9" * 5000, "0." + "1" * 990),
    *("2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "01", "1.", ".5"),
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        '""',
        '"\\u0000"',
    ),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\ud83c\\udf72"', '"\\u0041"', '"\\/"', '"\\x"', "'1'"),
    *(
        '"\\\\u0000"',
        '"\\\\\\u0000"',
        '"a\\\\"',
        '"\\""',
        "[[[[1]]]]",
        '{"id": {"id": 1}}',
        "/**/1",
    ),
    *("[" * 70 + "]" * 70, "[" * 60 + "]" * 60, '{"a":' * 30 + "1" + "}" * 30),
)
TEXTS = (
    *(
        "",
        " ",
        "x" * 64,
        "x" * 65,
        "ы" * 64,
        "\uffff",
        "🍲",
        "‮שלום",
        "\x7f",
        "\t",
        "\n",
        "\\.",
        "\\N",
    ),
    *(
        "1",
        "1.10",
        "1e5",
        "NaN",
        "infinity",
        "now",
        "today",
        "epoch",
        "-1",
        "１",
        "0001",
        "%s",
        "''",
    ),
    *(
        "2022-02-30 00:00:00",
        "2024-02-29 00:00:00",
        "2022-11-19T16:06:36Z",
        "2022-11-19 16:06:36.5",
    ),
    *("2022-11-19 16:06:36+03:30", "1999-12-31 23:30:00-01", "2099-12-31 23:59:59.999999"),
    *("2100-01-01 00:30:00+01:00", "2022-11-19", "2022-11-19 24:00:00", "2022-11-19 23:59:60"),
    *("2022-11-19 16:06:36+1459", "2022-11-19 16:06:36-14", "0001-01-01 00:00:00+14"),
    *("OPEN", "CLOSED", "CANCELLED", "LOST", "order", "courier", "user-1", "rest-1", "dish-1"),
)
BYTES = (b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\0", b"\xff", b"\xd0", b"\xed\xa0\x80",
         b"\xc0\xaf", b"\xef\xbb\xbf", b"e", b"-", b".", b"0", b" ", b"\n", b"\\u0000")  # fmt: skip
# So that a part of the raw texts can stand where json.dumps writes a string.
MARK = "\u2063"
# Makes a key another one for Python alone.
TWICE = "\u2064"


def messages(seed: int, count: int) -> Iterator[bytes | None]:
    """So many messages; now and then one that came before."""
    random = Random(seed)
    before: list[bytes | None] = [None, b""]
    for number in range(count):
        if random.random() < 0.03:
            yield random.choice(before)
            continue
        message = _message(random, number // 3 + 1)
        before = [*before[-50:], message]
        yield message


def _message(random: Random, number: int) -> bytes:
    document = _document(random, number)
    kind = random.random()
    if kind < 0.15:
        return encoded(document)
    if kind < 0.75:
        for _ in range(random.choice((1, 1, 1, 2, 5))):
            _change(random, document)
        return _text(document, random)
    raw = bytearray(encoded(document))
    for _ in range(random.choice((1, 1, 2, 4))):
        _damage(random, raw)
    return bytes(raw)


def _document(random: Random, number: int) -> dict[str, Any]:
    items = [
        {"id": random.choice(("dish-1", "dish-2")), "name": f"Блюдо {random.randint(1, 9)}",
         "price": random.choice((120, 0.5, "7.25")), "quantity": random.randint(1, 3)}
        for _ in range(random.randint(0, 3))
    ]  # fmt: skip
    minute = f"2024-03-01 12:{random.randint(0, 59):02}:00"
    steps = random.sample(("OPEN", "COOKING", "DELIVERING", "CLOSED"), random.randint(0, 3))
    statuses = [{"status": step, "dttm": minute} for step in steps]
    return order(number, order_items=items, statuses=statuses, update_ts=minute, date=minute)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the tree: its container and its key or index."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _change(random: Random, document: dict[str, Any]) -> None:
    """One change that knows the structure."""
    places = list(_places(document))
    if not places:
        return
    container, key = random.choice(places)
    kind = random.randrange(8)
    if kind <= 2:
        container[key] = f"{MARK}{random.randrange(len(RAW))}{MARK}"
    elif kind <= 4:
        container[key] = random.choice(TEXTS)
    elif kind == 5:
        del container[key]
    elif isinstance(container, list):
        container.insert(key, json.loads(json.dumps(container[key])))
    elif kind == 6:
        container[random.choice((f"{key}2", *TEXTS, "_id", "name", "category"))] = container[key]
    else:
        # json.dumps writes both, and `_text` takes the mark away: the same key twice.
        container[f"{key}{TWICE}"] = random.choice((container[key], 1, "x"))


def _text(document: dict[str, Any], random: Random) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=random.choice((None, None, 1)))
    parts = text.split(f'"{MARK}')
    for number, part in enumerate(parts[1:], 1):
        raw, _, rest = part.partition(f'{MARK}"')
        parts[number] = RAW[int(raw)] + rest
    text = "".join(parts).replace(TWICE, "")
    if random.random() < 0.2:
        text = text.replace("Б", "\\u0411").replace("о", "\\u043E")
    return text.encode()


def _damage(random: Random, raw: bytearray) -> None:
    """One change that knows nothing."""
    start = random.randrange(len(raw) + 1)
    end = min(len(raw), start + random.choice((1, 1, 2, 10, 100)))
    kind = random.randrange(6)
    if kind == 0 and start < len(raw):
        raw[start] ^= 1 << random.randrange(8)
    elif kind == 1:
        raw[start:start] = random.choice(BYTES)
    elif kind == 2:
        del raw[start:end]
    elif kind == 3:
        raw[start:start] = raw[start:end]
    elif kind == 4:
        del raw[start:]
    else:
        other = random.randrange(len(raw) + 1)
        raw[start:end] = raw[other : other + end - start]
