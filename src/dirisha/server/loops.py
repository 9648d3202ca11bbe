"""What the worker does, and how often."""

from __future__ import annotations

from datetime import datetime

from dirisha.audit.sealer import seal
from dirisha.ledger.fold import fold
from dirisha.server.worker import Loop


def _seal(at: datetime) -> bool:
    return seal(at) > 0


def _fold(at: datetime) -> bool:
    return fold()


LOOPS = [
    Loop("audit.seal", _seal, busy_s=1, idle_s=1),
    Loop("ledger.fold", _fold, busy_s=1, idle_s=1),
]
