"""What the worker does, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta

from dirisha.audit.sealer import seal
from dirisha.ledger.fold import fold
from dirisha.messaging.relay import relay
from dirisha.messaging.sweeps import sweep
from dirisha.server.worker import Loop
from dirisha.tenants.current import current

# Who sent one message waits for the next: the relay looks often for so long after it had work.
TRAFFIC_LASTS = timedelta(minutes=2)


def _seal(at: datetime) -> bool:
    return seal(at) > 0


def _fold(at: datetime) -> bool:
    return fold()


_traffic: dict[str, datetime] = {}


def _relay(at: datetime) -> bool:
    slug = current().slug
    if relay(at):
        _traffic[slug] = at
    return slug in _traffic and at - _traffic[slug] < TRAFFIC_LASTS


def _sweep_messages(at: datetime) -> bool:
    return sweep(at) > 0


LOOPS = [
    Loop("audit.seal", _seal, busy_s=1, idle_s=1),
    Loop("ledger.fold", _fold, busy_s=1, idle_s=1),
    Loop("messaging.relay", _relay, busy_s=0.25, idle_s=5, threads=4),
    Loop("messaging.sweep", _sweep_messages, busy_s=30, idle_s=30),
]
