"""From an amount to a receipt, for every act that moves money: the quote, the check page, the code, the confirmation.

The quote's id is in the address and is the key: sent twice, gone back to, loaded again, it is one payment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.urls import reverse

from dirisha.access.people import phones_of
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.send_code import send_code
from dirisha.acts.loans.repay import repay
from dirisha.acts.transfers.own import own
from dirisha.channels.portal.again import begin_again
from dirisha.channels.portal.forms import Form
from dirisha.channels.portal.pages import page, see
from dirisha.channels.portal.refusals import Explained, explain, say_input, status_of
from dirisha.channels.portal.settles import Settles, settles
from dirisha.channels.portal.visit import Visit
from dirisha.core.port import AccountKind, Receipt
from dirisha.engine.act import MoneyAct
from dirisha.engine.outcome import Done, Pending, Quote, Refused
from dirisha.engine.policy import Need, needed
from dirisha.engine.quotes import KeptQuote, kept_quote
from dirisha.engine.refusals import QuoteExpired
from dirisha.engine.run import Pressed, Proof, confirm, quote, run
from dirisha.kit.phone import masked
from dirisha.kit.refusal import BadInput, NotFound
from dirisha.payments.instructions import Instruction
from dirisha.queries import summary
from dirisha.queries.ask import ask
from dirisha.queries.summary import Summary

SAID = ("changed", "sent")
CODE_DIGITS = 6
# In the address of a check page whose first code was refused, until another is sent.
NO_CODE_SENT = {"code": "none"}
# Refusals after which the same page is shown again, since the same payment can go on.
SAME_PAGE = frozenset({"access.wrong_code", "proof.needed", "command.in_progress"})
ABOUT_THE_CODE = frozenset({"access.wrong_code", "proof.needed"})

AskAmount = Callable[[Explained | None, int], HttpResponse]


def propose(
    visit: Visit, act: MoneyAct[Any], inputs: dict[str, Any], form: Form, ask_amount: AskAmount
) -> HttpResponse:
    """Quote, send the code where one is needed, and lead to the check page; a refusal goes back to the amount."""
    proposed = quote(act, visit.actor, at=visit.at, **inputs)
    if isinstance(proposed, Quote):
        return see(_check_address(proposed.id, is_sent=_send_first_code(visit, proposed)))
    if proposed.code == "object.not_found":
        if proposed.refusal.facts.get("kind") != "savings":
            raise NotFound(**proposed.refusal.facts)
        return ask_amount(explain(proposed, visit.speech, key="refusal.object.not_yours"), 422)
    if isinstance(proposed.refusal, BadInput):
        form.refuse(proposed.refusal)
        return ask_amount(None, 422)
    return ask_amount(explain(proposed, visit.speech), status_of(proposed))


def _check_address(quote_id: UUID, said: str = "", *, is_sent: bool = True) -> str:
    told = ({"said": said} if said else {}) | ({} if is_sent else NO_CODE_SENT)
    address = reverse("portal.check", args=[quote_id])
    return f"{address}?{urlencode(told)}" if told else address


def _send_first_code(visit: Visit, proposed: Quote) -> bool:
    """Where the quote needs one; False if it could not be sent now: the page says so, and has a button for another."""
    if proposed.need is not Need.CODE:
        return True
    return isinstance(run(send_code, visit.actor, at=visit.at, quote_id=proposed.id), Done)


def _is_sent(visit: Visit) -> bool:
    """Whether a code of this payment has been sent, by the address of its page."""
    return any(visit.request.GET.get(name) != value for name, value in NO_CODE_SENT.items())


@page(summary.mine, repay, own, methods=("GET", "POST"))
def check(visit: Visit, quote_id: UUID) -> HttpResponse:
    kept = kept_quote(quote_id, visit.actor)
    if kept is None:
        raise NotFound(kind="quote")
    if visit.request.method == "POST":
        return _confirm(visit, kept)
    if kept.ended is not None:
        return _ended(visit, kept)
    if kept.expires_at <= visit.at:
        return _refused(visit, kept, Refused(QuoteExpired(), visit.correlation))
    return _check_page(visit, kept)


def _confirm(visit: Visit, kept: KeptQuote) -> HttpResponse:
    typed = "".join(visit.request.POST.get("code", "").split())
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) == CODE_DIGITS):
        # Not shaped like a code: asked again, and not counted.
        if kept.ended is not None:
            return _ended(visit, kept)
        return _check_page(visit, kept, wrong=say_input(visit.speech, "code", "malformed"), status=422)
    proof: Proof = Secret(SecretKind.CODE, typed, uuid4().hex) if typed else Pressed()
    outcome = confirm(kept.id, visit.actor, at=visit.at, proof=proof)
    if isinstance(outcome, Done):
        return _receipt(outcome.result.reference)
    if isinstance(outcome, Pending):
        return _receipt(outcome.reference)
    if outcome.quote is not None:
        return see(_check_address(outcome.quote.id, "changed", is_sent=_send_first_code(visit, outcome.quote)))
    if outcome.code in ABOUT_THE_CODE and not _is_sent(visit):
        return _asked_again(visit, kept, outcome, key="refusal.access.no_code")
    if outcome.code in SAME_PAGE and outcome.refusal.facts.get("left") != 0:
        return _asked_again(visit, kept, outcome)
    if outcome.replayed and (now := kept_quote(kept.id, visit.actor)) is not None:
        return _ended(visit, now)
    return _refused(visit, kept, outcome)


def _receipt(reference: str) -> HttpResponse:
    """The page that tells of the money from now on: that it is on its way, and in the end what became of it."""
    return see(reverse("portal.receipt", args=[reference]))


def _asked_again(visit: Visit, kept: KeptQuote, outcome: Refused, *, key: str = "") -> HttpResponse:
    explained = explain(outcome, visit.speech, key=key)
    about_code = explained.said if outcome.code != "command.in_progress" else ""
    return _check_page(visit, kept, refused=explained, wrong=about_code, status=status_of(outcome))


def _ended(visit: Visit, kept: KeptQuote) -> HttpResponse:
    if isinstance(kept.ended, Receipt | Instruction):
        return _receipt(kept.ended.reference)
    if kept.replaced_by is not None:
        return see(_check_address(kept.replaced_by, "changed"))
    assert kept.ended is not None
    return _refused(visit, kept, Refused(kept.ended, visit.correlation, replayed=True))


def _check_page(
    visit: Visit, kept: KeptQuote, *, refused: Explained | None = None, wrong: str = "", status: int = 200
) -> HttpResponse:
    """`wrong` is what is wrong with the code, beside its field."""
    mine = ask(summary.mine, visit.actor, at=visit.at)
    said = visit.request.GET.get("said")
    need = needed(visit.institution, visit.actor, kept.quoted, visit.at)
    return visit.page(
        "check",
        status=status,
        kept=kept,
        quoted=kept.quoted,
        pays_loan=kept.quoted.target.kind is AccountKind.LOAN,
        settles=_settles(visit, mine, kept),
        left=next(
            (
                each.balance - kept.quoted.amount - kept.quoted.fee
                for each in mine.savings
                if kept.quoted.source is not None and each.id == kept.quoted.source.id
            ),
            None,
        ),
        change=_again(kept),
        needs_code=need is Need.CODE,
        sent_to=_sent_to(visit) if need is Need.CODE else "",
        is_sent=_is_sent(visit),
        keeps="" if _is_sent(visit) else f"?{urlencode(NO_CODE_SENT)}",
        refused=refused,
        wrong=wrong,
        said=said if said in SAID and not refused and not wrong else None,
    )


def _settles(visit: Visit, mine: Summary, kept: KeptQuote) -> Settles | None:
    if kept.quoted.target.kind is not AccountKind.LOAN:
        return None
    loan = next((each.loan for each in mine.loans if each.loan.id == kept.quoted.target.id), None)
    if loan is None or kept.quoted.amount > loan.outstanding:
        return None
    return settles(loan, kept.quoted.amount, visit.speech)


def _again(kept: KeptQuote) -> str:
    """Back to the amount, with what was chosen."""
    target = kept.inputs["loan_id" if kept.act == repay.name else "target_id"]
    return begin_again(kept.act, kept.quoted.amount, source=kept.inputs["source_id"], target=target)


def _sent_to(visit: Visit) -> str:
    assert visit.actor.user is not None
    phones = phones_of(visit.actor.user)
    return masked(phones[0].msisdn) if phones else ""


def _refused(visit: Visit, kept: KeptQuote, refused: Refused) -> HttpResponse:
    """The end of this payment, or not known yet: then the page offers to ask again under the same key."""
    return visit.page(
        "refused",
        status=status_of(refused),
        refused=explain(refused, visit.speech),
        kept=kept,
        again=_again(kept),
        can_ask_again=refused.code == "system.try_later",
    )


@page(send_code, methods=("POST",))
def send_again(visit: Visit, quote_id: UUID) -> HttpResponse:
    kept = kept_quote(quote_id, visit.actor)
    if kept is None:
        raise NotFound(kind="quote")
    if kept.ended is not None:
        return _ended(visit, kept)
    sent = run(send_code, visit.actor, at=visit.at, quote_id=quote_id)
    if isinstance(sent, Done):
        return see(_check_address(quote_id, "sent"))
    if sent.code == "object.not_found":  # it has expired: there is nothing that a code could be for
        return _refused(visit, kept, Refused(QuoteExpired(), visit.correlation))
    return _check_page(visit, kept, refused=explain(sent, visit.speech), status=status_of(sent))
