"""From a stored message to its answer: by the request that brought it, or by the worker where that was broken off."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from dirisha.channels.sms import inbound
from dirisha.channels.sms.answers import answer
from dirisha.channels.sms.inbound import Message
from dirisha.channels.sms.keywords import Word, wish_of
from dirisha.channels.sms.refusals import NotNow
from dirisha.channels.sms.sender import sender_of
from dirisha.db.transactions import AWAY, Role, transaction
from dirisha.messaging import outbox

# An answer that comes later than this answers nothing any more.
LIFE = timedelta(minutes=10)
MOST_TRIES = 6
MOST_A_ROUND = 20

# Once a phone has had its answers for the hour, these are not even looked at: a code is a message as well.
ONLY_ANSWERED = frozenset({Word.BALANCE, Word.LOAN, Word.PAY, Word.HELP, Word.UNKNOWN, Word.NUMBER})

log = structlog.get_logger()


def handle(message: Message, at: datetime) -> None:
    """Answer, or leave it for the worker to try again. Raises nothing: the message is safe in its table."""
    try:
        _answer(message, at)
    except (*AWAY, NotNow):
        log.warning("sms.put_off", reference=message.reference, tries=message.tries)
    except Exception:
        log.error("sms.not_answered", reference=message.reference, tries=message.tries, exc_info=True)


def work_off(at: datetime) -> int:
    """Take up the messages whose answering was broken off; how many there were."""
    messages = inbound.left_over(at, MOST_A_ROUND)
    for message in messages:
        handle(message, at)
    return len(messages)


def _answer(message: Message, at: datetime) -> None:
    sender = sender_of(message.msisdn, correlation=message.reference)
    with transaction("sms.may_answer", Role.APP) as tx:
        may_answer = outbox.may_answer(tx, message.msisdn, at)
    if at - message.received_at > LIFE or message.tries > MOST_TRIES:
        text = sender.say("refusal.system.try_later", reference=message.reference)
        inbound.settle(message, text if may_answer else None, language=sender.language, at=at, given_up=True)
        return
    wish = wish_of(message.text)
    is_looked_at = may_answer or wish.word not in ONLY_ANSWERED
    text_or_silence = answer(wish, sender, message, at) if is_looked_at else None
    inbound.settle(message, text_or_silence if may_answer else None, language=sender.language, at=at)
    log.info("sms.answered", reference=message.reference, word=wish.word.value, silent=text_or_silence is None)
