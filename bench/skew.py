"""What crowded keys cost: shapes of orders in which one key is in every event, n of them and 4n."""

import math
import time
from collections.abc import Iterator, Mapping

from ingest.build import Dbt
from ingest.operate import init
from ingest.postgres import Postgres
from ingest.settings import read_settings

# An order for each event `i`, all keys in small crowds: what the shapes are compared with. In SQL.
SPREAD: Mapping[str, str] = {
    "order_id": "i",
    "at": "timestamp '2024-01-01' + i * interval '1 second'",
    "cost": "1",
    "user_id": "'user-' || i / 10",
    "username": "'Anna'",
    "restaurant_id": "'restaurant-' || i / 10",
    "product_id": "'product-' || i / 10",
    "productname": "'Soup'",
    "category": "'Soups ' || i / 100",
}
ONE_PRODUCT = {"product_id": "'product'", "category": "'Soups'"}
# What differs from that.
SHAPES: Mapping[str, Mapping[str, str]] = {
    "nothing crowded": {},
    "one product, all at one time": ONE_PRODUCT | {"at": "timestamp '2024-01-01'"},
    "one product, one time, two categories": ONE_PRODUCT
    | {"at": "timestamp '2024-01-01'", "category": "'Soups ' || mod(i, 2)"},
    "one product in every order": ONE_PRODUCT,
    "its category alternates": ONE_PRODUCT | {"category": "'Soups ' || mod(i, 2)"},
    "its name alternates": ONE_PRODUCT | {"productname": "'Soup ' || mod(i, 2)"},
    "one category for all products": {"product_id": "'product-' || i", "category": "'Soups'"},
    "one user with all orders": {"user_id": "'user'"},
    "whose name alternates": {"user_id": "'user'", "username": "'Anna ' || mod(i, 2)"},
    "one restaurant with all orders": {"restaurant_id": "'restaurant'"},
    "one order, all events": {
        "order_id": "1",
        "cost": "i",
        "user_id": "'user-' || mod(i, 2)",
        "restaurant_id": "'restaurant-' || mod(i, 2)",
        "product_id": "'product-' || mod(i, 2)",
    },
}
# Of the first shape.
READ_AGAIN = "all events read again"

INSERT = """
insert into stg.order_events (
    event_id, object_id, object_type, sent_dttm, payload, kafka_topic, kafka_partition, kafka_offset
)
select
    md5('{shape} ' || i)::uuid,
    {shape} * 1000000000::bigint + order_id,
    'order',
    timestamp '2024-01-01' + i * interval '1 second',
    jsonb_build_object('payload', jsonb_build_object(
        'update_ts', at,
        'date', at,
        'final_status', 'CLOSED',
        'cost', cost,
        'payment', cost,
        'user', jsonb_build_object('id', '{shape} ' || user_id, 'name', username, 'login', 'anna'),
        'restaurant', jsonb_build_object('id', '{shape} ' || restaurant_id, 'name', 'Kitchen'),
        'order_items', jsonb_build_array(jsonb_build_object(
            'id', '{shape} ' || product_id,
            'name', productname,
            'category', '{shape} ' || category,
            'price', 1,
            'quantity', 1
        )),
        'statuses', jsonb_build_array(jsonb_build_object('status', 'CLOSED', 'dttm', at))
    )),
    'orders',
    0,
    i
from (select {columns} from generate_series({first}, {last}) as i) as shown
"""
RELOAD = "insert into stg.event_reloads (event_id) select event_id from stg.order_events"
EMPTY = """
drop schema if exists marts, cdm, dds, staging cascade;
truncate stg.order_events, stg.event_reloads, stg.load_state;
"""
# Milliseconds in which the server has run statements of this database.
ACTIVE = "select active_time from pg_stat_database where datname = current_database()"


def events(shape: str, first: int, last: int) -> str:
    """The statement that stores the events of a shape with these numbers, on keys of its own."""
    values = {**SPREAD, **SHAPES[shape]}
    columns = ", ".join(["i", *(f"{value} as {name}" for name, value in values.items())])
    number = list(SHAPES).index(shape)
    return INSERT.format(columns=columns, shape=number, first=first, last=last)


def skew(size: int) -> Iterator[str | list[dict[str, object]]]:
    """With `size` events on as many, and four times that; yields what is done, and the rows."""
    settings = read_settings()
    for _ in init.run(settings):
        pass
    dbt = Dbt(settings)
    rows: list[dict[str, object]] = []
    with Postgres(settings, "bench", patient=True) as postgres:
        for name in (*SHAPES, READ_AGAIN):
            shape = name if name in SHAPES else next(iter(SHAPES))
            found = []
            for count in (size, 4 * size):
                yield f"dbt build: {name}, {count:,} events on as many"
                postgres.query(EMPTY)
                postgres.query(events(shape, 1, count))
                dbt.build("dds+")
                if name == READ_AGAIN:
                    postgres.query(RELOAD)
                else:
                    postgres.query(events(shape, count + 1, 2 * count))
                found.append(_cost(postgres, dbt))
            rows.append(_row(name, found))
    # n log n of what a build touches: twice what came.
    bound = 4 * math.log(8 * size) / math.log(2 * size)
    yield [*rows, {**dict.fromkeys(rows[0], ""), "shape": f"n log n: {bound:.1f}"}]


def _cost(postgres: Postgres, dbt: Dbt) -> tuple[float, float]:
    """Seconds of dbt, and of the server."""
    before = _active(postgres)
    seconds = dbt.build("dds+").seconds
    return seconds, (_active(postgres) - before) / 1000


def _active(postgres: Postgres) -> float:
    time.sleep(2)  # sessions tell what they did with a delay
    return float(postgres.value(ACTIVE))


def _row(name: str, found: list[tuple[float, float]]) -> dict[str, object]:
    (few, few_active), (many, many_active) = found
    return {
        "shape": name,
        "n": f"{few:.1f} s",
        "4n": f"{many:.1f} s",
        "ratio": f"{many / few:.1f}",
        "Postgres": f"{few_active:.1f} s",
        "Postgres, 4n": f"{many_active:.1f} s",
        "of Postgres": f"{many_active / few_active:.1f}",
    }
