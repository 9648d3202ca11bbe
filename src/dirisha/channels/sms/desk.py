"""From a stored message to its answer: by the request that brought it, or by the worker where that was broken off."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from dirisha.channels.sms import inbound
from dirisha.channels.sms.answers import answer
from dirisha.channels.sms.inbound import Message
from dirisha.channels.sms.keywords import Wish, Word, wish_of
from dirisha.channels.sms.refusals import NotNow
from dirisha.channels.sms.sender import Sender, sender_of
from dirisha.db.transactions import Role, transaction
from dirisha.messaging import outbox
from dirisha.messaging.outbox import Allowance, ReplyKind
from dirisha.queries.ask import AWAY

# An answer that comes later than this answers nothing any more.
LIFE = timedelta(minutes=10)
MOST_TRIES = 6
MOST_A_ROUND = 20

SWITCHES = frozenset({Word.STOP, Word.START, Word.CANCEL})
KEYWORDS_OF_BANKING = frozenset({Word.BALANCE, Word.LOAN, Word.PAY, Word.HELP})
# Past the answers of the hour, these kinds are not even looked at: a code sent is a message as well.
ONLY_ANSWERED = frozenset({ReplyKind.ASKED, ReplyKind.OTHER})

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
    wish = wish_of(message.text)
    kind = kind_of(wish, sender)
    with transaction("sms.allowance", Role.APP) as tx:
        allowed = outbox.allowance(tx, message.msisdn, kind, at)
    is_given_up = at - message.received_at > LIFE or message.tries > MOST_TRIES
    text: str | None = None
    if is_given_up:
        text = sender.say("refusal.system.try_later", reference=message.reference)
    elif allowed is Allowance.LAST:
        text = sender.say("enough", reference=message.reference)
    elif allowed is Allowance.ANSWER or kind not in ONLY_ANSWERED:
        text = answer(wish, sender, message, at)
    if allowed is Allowance.SILENCE:
        text = None
    inbound.settle(message, text, language=sender.language, at=at, given_up=is_given_up)
    log.info("sms.answered", reference=message.reference, word=wish.word.value, silent=text is None)


def kind_of(wish: Wish, sender: Sender) -> ReplyKind:
    """Whose words cost what: of a phone that does not bank, only STOP and START are counted apart."""
    if wish.word in SWITCHES:
        return ReplyKind.SWITCHED
    if sender.banks and wish.word is Word.CODE:
        return ReplyKind.CODE
    return ReplyKind.ASKED if sender.banks and wish.word in KEYWORDS_OF_BANKING else ReplyKind.OTHER
