"""Repay a loan from an own savings account: an amount, all that is due, or what there is when it is not enough."""

from __future__ import annotations

from dirisha.acts.loans.repay import repay
from dirisha.channels.ussd.accounts import called, with_balance
from dirisha.channels.ussd.dialog import Dialog, End, ask_money, choose, look, show
from dirisha.channels.ussd.dialogs.pay import balance_lines, pay
from dirisha.channels.ussd.words import Say, say
from dirisha.core.port import AccountStatus, Receipt, Savings
from dirisha.kit.actor import Channel
from dirisha.kit.money import Money
from dirisha.queries import accounts, loans
from dirisha.queries.loans import LoanStanding
from dirisha.tenants.current import current


def repay_loan() -> Dialog[End]:
    standings = yield from look(loans.to_pay)
    if not standings:
        return (yield from show("repay.none", [say("repay.none")]))
    standing = yield from choose(
        "repay.loan", [say("repay.which")], standings, key=lambda each: each.loan.id, label=loan_line
    )
    return (yield from repay_this(standing))


def repay_this(standing: LoanStanding) -> Dialog[End]:
    mine = yield from look(accounts.mine)
    sources = [account for account in mine if account.status is AccountStatus.ACTIVE]
    if not sources:
        return (yield from show("repay.no_source", [say("repay.no_source")]))
    source = yield from choose(
        "repay.source", [say("repay.from")], sources, key=lambda each: each.id, label=with_balance
    )
    amount = yield from ask_money(
        "repay.amount", amount_lines(standing), standing.loan.currency, on_offer(standing, source)
    )
    return (yield from pay("repay", repay, receipt_lines, loan_id=standing.loan.id, source_id=source.id, amount=amount))


def loan_line(standing: LoanStanding) -> Say:
    due = standing.to_pay.due_now.total
    if due.is_positive:
        return say("repay.line_due", loan=called(standing.loan.ref), amount=due)
    return called(standing.loan.ref)


def amount_lines(standing: LoanStanding) -> list[Say]:
    to_pay = standing.to_pay
    if to_pay.due_now.total.is_positive:
        return [say("repay.due", loan=called(standing.loan.ref), amount=to_pay.due_now.total), say("repay.amount")]
    return [called(standing.loan.ref), say("repay.amount")]


def on_offer(standing: LoanStanding, source: Savings) -> dict[str, tuple[Say, Money]]:
    """All that is due (or the next installment where nothing is), or what the account holds where that is less."""
    to_pay = standing.to_pay
    have = source.available - current().fee(repay.name, Channel.USSD)
    word, wanted = (
        ("due", to_pay.due_now.total) if to_pay.due_now.total.is_positive else ("next", to_pay.next_due.total)
    )
    if not wanted.is_positive:
        return {}
    if wanted <= have:
        return {word: (say(f"repay.pay_{word}", amount=wanted), wanted)}
    return {"have": (say("repay.pay_have", amount=have), have)} if have.is_positive else {}


def receipt_lines(receipt: Receipt) -> tuple[Say, ...]:
    return (
        say("repay.done", amount=receipt.amount, loan=called(receipt.target)),
        *balance_lines(receipt),
        say("receipt.reference", reference=receipt.reference),
    )
