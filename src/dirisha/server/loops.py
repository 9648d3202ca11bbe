"""What the worker does, and how often."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session

from dirisha.audit.sealer import seal
from dirisha.channels.sms.desk import work_off
from dirisha.channels.ussd import sessions as ussd
from dirisha.core.view import core_of
from dirisha.engine.sweeps import sweep as sweep_commands
from dirisha.ledger.fold import fold
from dirisha.messaging.relay import relay
from dirisha.messaging.sweeps import sweep
from dirisha.payments import relay as payments
from dirisha.server.worker import Loop
from dirisha.tenants.current import current


def _seal(at: datetime) -> bool:
    return seal(at) > 0


def _fold(at: datetime) -> bool:
    return fold()


def _relay(at: datetime) -> bool:
    return relay(at) > 0


def _relay_instructions(at: datetime) -> bool:
    core = core_of(current())
    return core.facts_are == "as read" and payments.relay(at, core) > 0


def _sweep_messages(at: datetime) -> bool:
    return sweep(at) > 0


def _answer_left_over(at: datetime) -> bool:
    return work_off(at) > 0


def _sweep_commands(at: datetime) -> bool:
    sweep_commands(at)
    return False


def _sweep_sessions(at: datetime) -> bool:
    ended, _ = Session.objects.filter(expire_date__lt=at).delete()
    return ended > 0


LOOPS = [
    Loop("audit.seal", _seal, busy_s=1, idle_s=1),
    Loop("ledger.fold", _fold, busy_s=1, idle_s=1),
    # Who was sent one message waits for the next, so it goes on looking often for a while.
    Loop("messaging.relay", _relay, busy_s=0.25, idle_s=5, lingers_s=120, threads=4),
    # A person waits at a door for the outcome.
    Loop("payments.relay", _relay_instructions, busy_s=0.02, idle_s=0.25, threads=4),
    Loop("sms.left_over", _answer_left_over, busy_s=5, idle_s=15),
    Loop("messaging.sweep", _sweep_messages, busy_s=30, idle_s=30),
    Loop("engine.sweep", _sweep_commands, busy_s=600, idle_s=600),
    Loop("sessions.sweep", _sweep_sessions, busy_s=600, idle_s=600),
    Loop("ussd.sweep", ussd.sweep, busy_s=30, idle_s=30),
]
