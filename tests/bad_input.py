"""Every kind of bad input, and what it gets: a reason, or OK, or SKIPPED."""

import json
from dataclasses import dataclass
from typing import Any

from tests.world import RESTAURANT, USER, encoded, order

OK = "ok"
SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One message, and what must become of it; `path` is what the detail must name."""

    name: str
    value: bytes | None
    outcome: str
    path: str = ""

    def __str__(self) -> str:
        return self.name


def _changed(**changes: Any) -> bytes:
    return encoded(order(**changes))


def _top(**changes: Any) -> bytes:
    return encoded({**order(), **changes})


def _without(*path: str) -> bytes:
    document = order()
    place: dict[str, Any] = document
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return encoded(document)


def _raw(old: str, new: str) -> bytes:
    """The good message with a piece of its text changed, for what json.dumps cannot say."""
    text = encoded(order()).decode()
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1).encode()


def _item(**changes: Any) -> bytes:
    item = {"id": "dish-1", "name": "Борщ", "price": 120, "quantity": 1, **changes}
    return _changed(order_items=[item])


_LINE = {"id": "dish-1", "name": "x", "price": 1, "quantity": 1}


def _status(*names: str) -> bytes:
    return _changed(statuses=[{"status": name, "dttm": "2024-03-01 12:00:00"} for name in names])


def _amounts() -> list[Case]:
    bad = ["NaN", "Infinity", "-1", "abc", "", " 1", "1_0", "1e5", "１", "1.123456", "1" * 15]
    cases = [Case(f"amount {v!r}", _item(price=v), "bad_amount", "[0].price") for v in bad]
    for text in ("NaN", "Infinity", "-Infinity"):
        cases.append(Case(f"bare {text}", _raw('"cost": 120', f'"cost": {text}'), "malformed_json"))
    beyond = ["1e400", "1e131071", "1e" + "9" * 20, "-1e-99999999999999999999", "9" * 5000]
    inexact = ["1.123456", "99999999999999.999999", "1e-6"]
    for text in (*beyond, *inexact, "-1", "100000000000000", "1e14"):
        cases.append(
            Case(f"cost {text[:20]}", _raw('"cost": 120', f'"cost": {text}'), "bad_amount")
        )
    cases += [
        Case(f"{text[:9]}: a value written too long", _raw('"cost": 120', f'"cost": {text}'),
             "bad_amount", "$")
        for text in ("0e-99999", "0e99999", "0." + "0" * 400, "1.1" + "0" * 20_000)
    ]  # fmt: skip
    cases += [
        Case("an amount as a string", _changed(cost="1.10"), OK),
        Case("the greatest amount", _raw('"cost": 120', '"cost": 99999999999999.99999'), OK),
        Case("an exponent within bounds", _raw('"cost": 120', '"cost": 1.2e2'), OK),
        Case("minus nothing", _raw('"cost": 120', '"cost": -0.0'), OK),
        Case(
            "5,000 digits in an extra field",
            _raw('"cost"', f'"x": {"9" * 5000}, "cost"'),
            "bad_amount",
        ),
        Case(
            "1e400 in an extra field", _raw('"cost"', '"x": [{"y": 1e400}], "cost"'), "bad_amount"
        ),
        Case(
            "0e99999999999999999999",
            _raw('"cost"', '"x": 0e99999999999999999999, "cost"'),
            "bad_amount",
        ),
        Case("the greatest double", _raw('"cost"', '"x": 1.7976931348623157E+308, "cost"'), OK),
        Case("a tiny number", _raw('"cost"', f'"x": [1.{"1" * 990}e-300, -1e-308], "cost"'), OK),
        Case("minus zero", _raw('"cost"', '"x": [-0, -0.0, 0e5, -0E-5], "cost"'), OK),
        Case("a bonus of 5.00000", _raw('"bonus_grant": 1', '"bonus_grant": 5.00000000'), OK),
        Case("a sixth decimal in a string", _changed(payment="0.000001"), "bad_amount", "payment"),
        Case("an amount that is true", _item(price=True), "wrong_type", "[0].price"),
        Case("an amount that is a list", _item(price=[1]), "wrong_type", "[0].price"),
        Case("no bonus", _changed(bonus_payment=None), OK),
        Case("a bad bonus", _changed(bonus_grant=-5), "bad_amount", "$.payload.bonus_grant"),
    ]
    return cases


def _quantities() -> list[Case]:
    bad = [1.5, "1", True, 0, -1, 2**31, [1]]
    cases = [Case(f"quantity {v!r}", _item(quantity=v), "bad_quantity", ".quantity") for v in bad]
    cases.append(Case("quantity 1.0", _raw('"quantity": 1', '"quantity": 1.0'), "bad_quantity"))
    cases.append(Case("the greatest quantity", _item(quantity=2**31 - 1), OK))
    cases.append(Case("quantity null", _item(quantity=None), "missing_field", ".quantity"))
    return cases


def _timestamps() -> list[Case]:
    bad = [
        *("2022-02-30 00:00:00", "2022-13-01 00:00:00", "2022-01-01 00:00:60", "now", "epoch"),
        *("2022-01-01 24:00:00", "infinity", "1999-12-31 23:59:59", "2100-01-01 00:00:00"),
        *("2022-01-01", "2022-01-01 00:00", "20220101T000000", "2022-W01-1 00:00:00", ""),
        *("2022-01-01 00:00:00.1234567", "2022-01-01 00:00:00+25:00", "2022-01-01 00:00:00+15:00"),
        *("2022-01-01 00:00:00 UTC", "２０２２-01-01 00:00:00", "2022-01-01  00:00:00"),
        *("0000-01-01 00:00:00", "2100-01-01 01:00:00+00:30", "1999-12-31 23:59:59.999999"),
    ]
    cases = [Case(f"date {v!r}", _changed(date=v), "bad_timestamp", "$.payload.date") for v in bad]
    good = [
        *("2022-11-19T16:06:36", "2022-11-19 16:06:36.5", "2022-11-19 16:06:36.123456"),
        *("2022-11-19T16:06:36Z", "2022-11-19 16:06:36+03:00", "2022-11-19 16:06:36-1130"),
        *("2022-11-19 16:06:36+03", "2024-02-29 23:59:59", "2099-12-31 23:59:59.999999"),
    ]
    cases += [Case(f"update_ts {v!r}", _changed(update_ts=v), OK) for v in good]
    cases += [
        Case("sent_dttm now", _top(sent_dttm="now"), "bad_timestamp", "$.sent_dttm"),
        Case("a date that is a number", _changed(date=1668873996), "wrong_type", "$.payload.date"),
        Case("update_ts absent", _without("payload", "update_ts"), OK),
        Case("update_ts null", _changed(update_ts=None), OK),
        Case("update_ts empty", _changed(update_ts=""), "bad_timestamp", "$.payload.update_ts"),
    ]
    return cases


def _json() -> list[Case]:
    good = encoded(order())
    deep = '"x": ' + "[" * 100_000 + "]" * 100_000 + ', "cost"'
    return [
        Case("tombstone", None, "empty"),
        Case("empty value", b"", "empty"),
        Case("white space", b" \n\t ", "empty"),
        Case("truncated", good[:-20], "malformed_json"),
        Case("trailing garbage", good + b"}", "malformed_json"),
        Case("trailing NUL", good + b"\0", "malformed_json"),
        Case("two documents", good + good, "malformed_json"),
        Case("a comment", b"/* order */" + good, "malformed_json"),
        Case("single quotes", good.replace(b'"', b"'"), "malformed_json"),
        Case("leading zero", _raw('"cost": 120', '"cost": 0120'), "malformed_json"),
        Case("trailing comma", _raw('"bonus_grant": 1,', '"bonus_grant": 1,,'), "malformed_json"),
        Case("UTF-8 BOM", b"\xef\xbb\xbf" + good, "malformed_json"),
        Case("raw control character", _raw("Борщ", "Бо\x01рщ"), "malformed_json"),
        Case("raw newline in a string", _raw("Борщ", "Бо\nрщ"), "malformed_json"),
        Case("UTF-16", good.decode().encode("utf-16"), "encoding"),
        Case("UTF-32", good.decode().encode("utf-32"), "encoding"),
        Case("UTF-16 without a BOM", good.decode().encode("utf-16-le"), "encoding"),
        Case("cp1251", good.decode().encode("cp1251"), "encoding"),
        Case("overlong UTF-8", good.replace("Б".encode(), b"\xc0\xaf"), "encoding"),
        Case("a surrogate in UTF-8", good.replace("Б".encode(), b"\xed\xa0\x80"), "encoding"),
        Case("half a letter", good.replace("Б".encode(), b"\xd0"), "encoding"),
        Case("beyond Unicode", good.replace("Б".encode(), b"\xf4\x90\x80\x80"), "encoding"),
        Case("true", b"true", "not_an_object"),
        Case("an array", b"[]", "not_an_object"),
        Case("a string", b'"order"', "not_an_object"),
        Case("a number", b"17", "not_an_object"),
        Case("null", b"null", "not_an_object"),
        Case("NUL in a string", _raw("Борщ", "Бо\\u0000рщ"), "nul_character", "[0].name"),
        Case("NUL in a key", _raw('"bonus_grant"', '"bonus\\u0000grant"'), "nul_character"),
        Case("NUL in an extra field", _raw('"cost"', '"x": ["\\u0000"], "cost"'), "nul_character"),
        Case("a backslash before u0000", _raw("Борщ", "Бо\\\\u0000рщ"), OK),
        Case("a lone surrogate", _raw("Борщ", "\\ud800"), "malformed_json"),
        Case("a lone low surrogate", _raw("Борщ", "x\\udc00y"), "malformed_json"),
        Case("a pair the wrong way round", _raw("Борщ", "\\udf72\\ud83c"), "malformed_json"),
        Case("a surrogate in a key", _raw('"cost"', '"\\ud800": 1, "cost"'), "malformed_json"),
        Case("a surrogate pair", _raw("Борщ", "\\ud83c\\udf72"), OK),
        Case("the same key twice", _raw('"cost": 120', '"cost": 1, "cost": 120'), "duplicate_key"),
        Case("the same key twice, equal", _raw('"cost"', '"cost": 120, "cost"'), "duplicate_key"),
        Case("twice, once escaped", _raw('"cost"', '"\\u0063ost": 1, "cost"'), "duplicate_key"),
        Case("twice in a list", _raw('"cost"', '"x": [{"a": 1, "a": 2}], "cost"'), "duplicate_key"),
        Case("twice at the top", good.replace(b"{", b'{"object_id": 2, ', 1), "duplicate_key"),
        Case(
            "twice in the user",
            _raw('{"id": "user-1"', '{"id": "x", "id": "user-1"'),
            "duplicate_key",
            '"id"',
        ),
        Case("many keys, one twice", _many_keys(), "duplicate_key", '"0"'),
        Case("an empty key", _raw('"cost"', '"": 1, "cost"'), OK),
        Case("the same key in two objects", _raw('"cost"', '"x": {"cost": 1}, "cost"'), OK),
        Case("a string without an end", b"{" * 70 + b'"' + b'\\"' * 400_000, "too_deep"),
        Case(
            "brackets in a string without an end",
            good[:-1] + b', "' + b'[\\"' * 300_000,
            "malformed_json",
        ),
        Case("a long key before NUL", b'{"%s": "\\u0000"}' % (b"k" * 1_040_000), "nul_character"),
        Case("quotes in strings", _raw("Борщ", 'a\\"b\\\\\\"c\\\\'), OK),
        Case("too deep", _raw('"cost"', deep), "too_deep"),
        Case("just too deep", _raw('"cost"', '"x":' + "[" * 63 + "]" * 63 + ',"cost"'), "too_deep"),
        Case("deep enough", _raw('"cost"', '"x":' + "[" * 62 + "]" * 62 + ',"cost"'), OK),
        Case("many brackets in a string", _raw("Борщ", "[" * 5000), OK),
        Case("too large", _top(extra="x" * 1_048_576), "too_large"),
    ]


def _renamed() -> dict[str, Any]:
    document = order()
    payload = document["payload"]
    for name in ("bonus_payment", "bonus_grant", "update_ts", "final_status"):
        payload[f"{name}_v2"] = payload.pop(name)
    return document


def _many_keys() -> bytes:
    """An object of so many keys that comparing each with each would take a minute."""
    keys = ",".join(f'"{number:x}": 1' for number in range(90_000))
    return _raw('"cost"', f'"x": {{{keys}, "0": 1}}, "cost"')


def _fields() -> list[Case]:
    cases = [
        Case(f"no {'.'.join(path)}", _without(*path), "missing_field", ".".join(("$", *path)))
        for path in (
            *(("object_type",), ("sent_dttm",), ("payload",), ("payload", "restaurant")),
            *(("payload", "restaurant", "id"), ("payload", "user"), ("payload", "user", "id")),
            *(("payload", "date"), ("payload", "order_items"), ("payload", "cost")),
            *(("payload", "payment"), ("payload", "statuses")),
        )
    ]
    cases += [
        Case(f"{name} null", _changed(**{name: None}), "missing_field", f"$.payload.{name}")
        for name in ("restaurant", "date", "user", "order_items", "cost", "payment", "statuses")
    ]
    cases += [
        Case(f"{name} a string", _changed(**{name: "x"}), "wrong_type", f"$.payload.{name}")
        for name in ("restaurant", "user", "order_items", "statuses")
    ]
    cases += [
        Case(f"object_id {v!r:.20}", _top(object_id=v), "bad_object_id", "$.object_id")
        for v in ("", "x", "-1", -1, 1.5, True, None, [1], 2**63, "9" * 20, "１", " 1", "1.0")
    ]
    cases += [
        Case("no object_id", _without("object_id"), "bad_object_id", "$.object_id"),
        Case("object_id 1.0", _raw('"object_id": 1', '"object_id": 1.0'), "bad_object_id"),
        Case("object_id as digits", _top(object_id="322519"), OK),
        Case("the greatest object_id", _top(object_id=2**63 - 1), OK),
        Case("object_type null", _top(object_type=None), "missing_field", "$.object_type"),
        Case("object_type a number", _top(object_type=7), "wrong_type", "$.object_type"),
        Case("sent_dttm null", _top(sent_dttm=None), "missing_field", "$.sent_dttm"),
        Case("payload null", _top(payload=None), "missing_field", "$.payload"),
        Case("user id null", _changed(user={"id": None}), "missing_field", ".user.id"),
        Case(
            "an item without a price",
            _changed(order_items=[{"id": "dish-1", "name": "x", "quantity": 1}]),
            "missing_field",
            "[0].price",
        ),
        Case("an entry that is no object", _changed(statuses=["OPEN"]), "wrong_type", "ses[0]"),
        Case(
            "a second item that is bad",
            _changed(order_items=[_LINE, {**_LINE, "id": ""}]),
            "bad_id",
            "order_items[1].id",
        ),
        Case("final_status not the latest", _changed(final_status="CLOSED"), OK),
        Case("optional fields renamed", encoded(_renamed()), OK),
        Case("an id of 65 letters", _changed(user={"id": "ы" * 65}), "bad_id", ".user.id"),
        Case(
            "a product ordered too often",
            _changed(order_items=[{**_LINE, "quantity": 2**31 - 1}] * 3),
            OK,
        ),
        Case("another object_type", _top(object_type="courier"), SKIPPED),
        Case("another object_type, rubbish", b'{"object_type": "courier", "payload": 1}', SKIPPED),
        Case("an item that is null", _changed(order_items=[None]), "missing_field", "items[0]"),
        Case("an item without a name", _item(name=None), "missing_field", "[0].name"),
        Case("a name that is a number", _item(name=1), "wrong_type", "[0].name"),
        Case("final_status a number", _changed(final_status=1), "wrong_type", ".final_status"),
        Case("payload a list", _top(payload=[]), "wrong_type", "$.payload"),
        Case("empty id", _changed(user={"id": ""}), "bad_id", "$.payload.user.id"),
        Case("blank id", _changed(restaurant={"id": " \u00a0"}), "bad_id", ".restaurant.id"),
        Case("long id", _item(id="x" * 65), "bad_id", "[0].id"),
        Case("an id that is a number", _item(id=5), "wrong_type", "[0].id"),
        Case("too many items", _changed(order_items=[_LINE] * 1001), "too_large", "order_items"),
        Case("unknown status", _status("LOST"), "unknown_status", "$.payload.statuses[0].status"),
        Case("status in lower case", _status("open"), "unknown_status"),
        Case("status without a time", _changed(statuses=[{"status": "OPEN"}]), "missing_field"),
        Case("no statuses", _changed(statuses=[]), OK),
        Case("statuses unordered and repeated", _status("OPEN", "CLOSED", "OPEN"), OK),
        Case("no final_status", _without("payload", "final_status"), OK),
        Case("final_status null", _changed(final_status=None), OK),
        Case("no items", _changed(order_items=[]), OK),
        Case("the same product twice", _changed(order_items=[_LINE, {**_LINE, "price": 2}]), OK),
        Case("extra fields", _top(extra={"x": [1.50, 12345678901234567890123, None, True]}), OK),
    ]
    return cases


def _strings() -> list[Case]:
    literal = [
        *("'; drop table stg.order_events; --", "{{ 7 * 7 }}", "<b>x</b>", "%s %(x)s", "\\", "\\."),
        *("\t", "\n", "\r\n", "\\N", "🍲", "‮שלום", "\uffff", "a" * 10_000, "\x7f", '"', "\\u0000"),
    ]
    return [Case(f"the string {text[:20]!r}", _item(name=text), OK) for text in literal]


def _twice(start: str) -> bytes:
    """Bad as it is, whatever Redis knows: it must not wait for that."""
    return _raw(start, f'{start}, "id": "unknown"')


def _references() -> list[Case]:
    def of(user: str, restaurant: str, dish: str = "dish-1") -> bytes:
        item = {"id": dish, "name": "x", "price": 1, "quantity": 1}
        return _changed(user={"id": user}, restaurant={"id": restaurant}, order_items=[item])

    return [
        Case("unknown user", of("nobody", "rest-1"), "unknown_user", "$.payload.user.id"),
        Case("unknown restaurant", of("user-1", "nowhere"), "unknown_restaurant"),
        Case("unknown product", of("user-1", "rest-1", "dish-9"), "unknown_product", "[0].id"),
        Case("a user that is no JSON", of("bad-json", "rest-1"), "bad_reference", "bad-json"),
        Case("a user without a login", of("no-login", "rest-1"), "bad_reference", "login"),
        Case("a user that is a restaurant", of("rest-1", "rest-1"), "bad_reference"),
        Case("a user with NUL", of("nul-user", "rest-1"), "bad_reference"),
        Case("a restaurant without a menu", of("user-1", "no-menu"), "bad_reference", "menu"),
        Case("a dish without a category", of("user-1", "no-cat", "dish-3"), "bad_reference"),
        Case("its neighbour with one", of("user-1", "no-cat", "dish-4"), OK),
        Case("a user that is not UTF-8", of("cp1251-user", "rest-1"), "bad_reference"),
        Case("a user that is empty", of("empty-user", "rest-1"), "bad_reference"),
        Case("a user that is a list", of("list-user", "rest-1"), "bad_reference"),
        Case("a user whose name is null", of("null-user", "rest-1"), "bad_reference", "name"),
        Case("a user nested too deeply", of("deep-user", "rest-1"), "bad_reference"),
        Case("a surrogate in the user", of("surrogate-user", "rest-1"), "bad_reference"),
        Case("a user who is too large", of("huge-user", "rest-1"), "too_large", "once enriched"),
        Case("two references that are bad", of("nobody", "nowhere"), "unknown_user"),
        Case("an unknown user named twice", _twice('{"id": "user-1"'), "duplicate_key", '"id"'),
        Case("an unknown dish named twice", _twice('{"id": "dish-1"'), "duplicate_key", '"id"'),
        Case("a category too long", of("user-1", "no-cat", "dish-5"), "bad_reference"),
    ]


# What Redis holds for them beside the good ones: raw values.
REFERENCES = {
    "user-1": encoded(USER),
    "rest-1": encoded(RESTAURANT),
    "bad-json": b"{",
    "no-login": b'{"_id": "no-login", "name": "x"}',
    "nul-user": b'{"_id": "nul-user", "name": "x\\u0000", "login": "y"}',
    "cp1251-user": '{"_id": "cp1251-user", "name": "Анна", "login": "y"}'.encode("cp1251"),
    "empty-user": b"",
    "list-user": b"[]",
    "null-user": b'{"_id": "null-user", "name": null, "login": "y"}',
    "deep-user": b'{"name": "x", "login": "y", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "surrogate-user": b'{"_id": "surrogate-user", "name": "\\ud800", "login": "y"}',
    "huge-user": encoded({"_id": "huge-user", "name": "x" * 2_200_000, "login": "y"}),
    "no-menu": b'{"_id": "no-menu", "name": "x"}',
    "no-cat": json.dumps(
        {
            "_id": "no-cat",
            "name": "x",
            "menu": [
                {"_id": "dish-3", "name": "x", "price": 1},
                {"_id": "dish-4", "name": "x", "price": 1, "category": "y"},
                {"_id": "dish-5", "name": "x", "price": 1, "category": "ы" * 501},
            ],
        }
    ).encode(),
}

# Without Redis, and with it.
MESSAGES = _json() + _fields() + _amounts() + _quantities() + _timestamps() + _strings()
ALL = MESSAGES + _references()
