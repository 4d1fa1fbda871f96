"""The simulator's orders as `ingest stg` stores them, without Kafka and Redis in between."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from ingest.enrich import ReferenceData, enrich
from ingest.errors import RejectError
from ingest.limits import Limits
from ingest.messages import SkippedError, decode
from sandbox.simulator import Reference, simulate
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
        try:
            event = decode(step.value, limits)
            if event.event_id in seen:
                continue
            seen.add(event.event_id)
            payload = enrich(event, ReferenceData(redis), limits.message_bytes)
        except (RejectError, SkippedError):
            continue
        yield Event(
            event_id=event.event_id,
            object_id=event.message.object_id,
            sent_dttm=event.message.sent_dttm,
            message=json.loads(payload, parse_float=Decimal),
            loaded_at=START,
            load_src="order-service_orders",
        )
