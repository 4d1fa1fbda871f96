"""The simulator's orders as `ingest stg` stores them, without Kafka and Redis in between."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.orders.decode import SkippedError, decode
from ingest.orders.enrich import ReferenceData, enrich
from ingest.orders.values import event_id, moment
from sandbox.simulator import Reference, simulate
from tests.as_sent import ROOM
from tests.convergence.histories import START
from tests.convergence.model import Event


def simulated(orders: int, seed: int = 1) -> Iterator[Event]:
    """About four events for each order, in the order of arrival, each once; bad ones left out."""
    limits = Limits()
    redis: defaultdict[str, bytes | None] = defaultdict(lambda: None)
    seen = set()
    for step in simulate(orders, seed):
        if isinstance(step, Reference):
            redis[step.key] = json.dumps(step.value).encode()
            continue
        raw = step.value or b""
        try:
            message = decode(raw, limits)
            identity = event_id(raw, message)
            if identity in seen:
                continue
            seen.add(identity)
            payload = enrich(message, raw, ReferenceData(redis), ROOM, limits)
        except (RejectError, SkippedError):
            continue
        yield Event(
            event_id=UUID(identity),
            object_id=int(message.object_id),
            sent_dttm=moment(message.sent_dttm),
            message=json.loads(payload, parse_float=Decimal),
            loaded_at=START,
            load_src="order-service_orders",
        )
