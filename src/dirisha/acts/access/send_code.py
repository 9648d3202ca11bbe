"""Send a one-time code for a quote: the text shows amount and payee, and the code is good for these terms only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from dirisha.access import codes, permissions
from dirisha.access.codes import TooManyCodes
from dirisha.access.secrets import SQL
from dirisha.engine.act import Act, Call
from dirisha.engine.quotes import open_quote_of
from dirisha.kit.actor import Actor
from dirisha.kit.phone import masked
from dirisha.kit.refusal import NotFound
from dirisha.messaging import outbox
from dirisha.messaging.events import CodeSent

# A person pays a few times an hour at most; more messages than that are somebody's who pays for none of them.
MOST_CODES_AN_HOUR = 12

send_code: Act[str] = Act(
    "access.send_code", permission=permissions.SEND_CODE, refusals=[NotFound, TooManyCodes], emits=[CodeSent]
)


@send_code.do
def do(actor: Actor, call: Call, *, quote_id: UUID) -> str:
    """The number it goes to, masked; empty where the user has no phone."""
    assert actor.user is not None
    quote = open_quote_of(call.tx, quote_id, actor, call.at)
    if quote is None:
        raise NotFound(kind="quote")
    if outbox.codes_since(call.tx, actor.user, call.at - timedelta(hours=1)) >= MOST_CODES_AN_HOUR:
        raise TooManyCodes()
    made = codes.make(call.tx, quote_id, quote.digest, call.at)
    terms = quote.quoted
    call.tell(
        CodeSent(
            user=actor.user,
            channel=actor.channel.value,
            amount=terms.amount,
            fee=terms.fee,
            source=terms.source.masked if terms.source else "",
            payee=quote.payee,
            code=made.code,
        )
    )
    contact = call.tx.run(SQL["user_contact"], {"user_id": actor.user}).first()
    return masked(contact.msisdn) if contact else ""
