"""Interest of an account to a day: reckoned, and posted where a period is over.

What was posted and no longer fits is reversed and posted again. Source: Fineract's `SavingsAccount.postInterest`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import attrgetter

from dirisha.core.native.doubles import withheld
from dirisha.core.native.rounding import UNROUNDED
from dirisha.core.native.savings.deposit_rate import maturity_on, term_rate
from dirisha.core.native.savings.earned import Balance, Carried, EarnedInPeriod, LeavesAccount, earned, stays
from dirisha.core.native.savings.ledger_lines import added, balanced, exchanged, reversed_line
from dirisha.core.native.savings.periods import ONE_DAY, PostingPeriod
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.terms import AccountKind, SavingsTerms
from dirisha.core.native.savings.transactions import INTEREST, Kind, Transaction

_DAY = attrgetter("on")
_NUMBER = attrgetter("number")


def interest_to(
    terms: SavingsTerms, state: State, on: date, chosen: date | None = None
) -> tuple[State, list[EarnedInPeriod]]:
    """The account's interest to a day as it is shown, and its periods; nothing is posted.

    A deposit earns at the rate of its chart, up to the day before maturity. `chosen`: a day to post on, not booked yet.
    """
    until = on
    if terms.deposit is not None:
        state = replace(state, annual_rate=term_rate(terms, state))
        until = min(on, maturity_on(terms, state) - ONE_DAY)
        state = replace(state, reckoned_to=until)
    periods = earned_until(terms, state, until, chosen)
    carried_minor = state.carried.earned_minor if state.carried else 0
    total = periods[-1].carried.earned_minor if periods else carried_minor
    last_posted = next(
        (line.on for line in reversed(state.transactions) if line.kind in INTEREST and line.counts), None
    )
    return replace(
        state, interest_earned_minor=total, interest_calculated_on=on, interest_posted_until=last_posted
    ), periods


def earned_until(terms: SavingsTerms, state: State, until: date, chosen: date | None = None) -> list[EarnedInPeriod]:
    """Interest of all periods that are not carried forward yet, at `state.annual_rate`."""
    carried = state.carried or Carried(state.activated_on or state.submitted_on)
    since = bisect_left(state.transactions, carried.start, key=_DAY)
    lines = [line for line in state.transactions[since:] if line.counts]
    by_hand = [line.on for line in lines if line.by_hand] + ([] if chosen is None else [chosen])
    return earned(
        terms.interest,
        terms.currency.scale,
        earning_balances(lines, carried.balance_minor or 0),
        carried,
        until,
        annual_rate=state.annual_rate,
        by_hand=sorted(by_hand),
        leaves=interest_leaves(terms, state),
    )


def earning_balances(lines: Iterable[Transaction], opening_minor: int = 0) -> list[Balance]:
    """The balance that earns, from each day on which it moved; `lines` in order."""
    found: list[Balance] = []
    balance = opening_minor
    for line in lines:
        if line.bears_interest:
            balance += line.earning_change_minor
            found.append((line.on, balance))
    return found


def interest_leaves(terms: SavingsTerms, state: State) -> LeavesAccount:
    """Paid-out interest does not compound, unless it is locked in or its withdrawal already lowers the balance."""
    if terms.deposit is None or not terms.deposit.interest_paid_out:
        return stays
    paid_out_on = {line.on for line in state.transactions if line.pays_interest_out and line.counts}
    locked_until = state.locked_until

    def leaves(period: PostingPeriod, posted_on: date) -> bool:
        locked = locked_until is not None and posted_on <= locked_until
        return not locked and period.end + ONE_DAY not in paid_out_on

    return leaves


def posted(terms: SavingsTerms, state: State, periods: list[EarnedInPeriod], until: date, known_before: int) -> State:
    """Every period whose posting date has come has one posting of its interest; nothing earned is posted, too."""
    due = [period for period in periods if period.posted_on <= until]
    standing = {line.on: line for line in reversed(state.transactions) if line.kind in INTEREST and line.counts}
    taxes = {line.on: line for line in reversed(state.transactions) if line.kind is Kind.WITHHOLD_TAX and line.counts}
    taxed = bool(terms.tax_percentages) and terms.kind is AccountKind.SAVINGS
    changed: list[Transaction] = []
    new: list[Transaction] = []
    for period in due:
        old = standing.get(period.posted_on)
        if old is not None and old.balance_change_minor == period.amount_minor:
            continue
        tax = taxes.get(period.posted_on) if old is not None else None
        changed += [reversed_line(line) for line in (old, tax) if line is not None]
        number = state.next_number + len(new)
        new.append(posting(number, period, replaces=old.number if old else None))
        if (taxed and old is None) or tax is not None:
            new += tax_line(terms, number + 1, period.amount_minor, period.posted_on, tax)
    if changed:
        state = exchanged(state, *changed)
    if new:
        state = added(state, *new)
        state = balanced(terms, state, min(line.on for line in (*new, *changed)), known_before)
        state = replace(state, interest_posted_until=max(new, key=_NUMBER).on)
    return replace(state, carried=due[-1].carried) if due and terms.deposit is None else state


def posting(number: int, period: EarnedInPeriod, *, replaces: int | None) -> Transaction:
    """Interest below zero is what an overdraft costs."""
    return Transaction(
        number=number,
        kind=Kind.INTEREST_POSTING if period.amount_minor >= 0 else Kind.OVERDRAFT_INTEREST,
        on=period.posted_on,
        amount_minor=abs(period.amount_minor),
        by_hand=period.period.by_hand,
        replaces=replaces,
    )


def tax_line(
    terms: SavingsTerms, number: int, interest_minor: int, on: date, replaced: Transaction | None = None
) -> list[Transaction]:
    """The tax withheld from interest, each part of it rounded by itself; none from nothing."""
    interest = Decimal(interest_minor).scaleb(-terms.currency.scale)
    tax = sum(
        int(
            UNROUNDED.scaleb(withheld(interest, percentage), terms.currency.scale).to_integral_value(
                terms.interest.rounding
            )
        )
        for percentage in terms.tax_percentages
    )
    if interest_minor <= 0 or tax <= 0:
        return []
    replaces = replaced.number if replaced is not None else None
    return [Transaction(number=number, kind=Kind.WITHHOLD_TAX, on=on, amount_minor=tax, replaces=replaces)]


def reckoned(
    terms: SavingsTerms, state: State, on: date, changed_on: date, known_before: int, *, corrects: bool = True
) -> State:
    """After a transaction of `changed_on`: balances, interest to today, and postings corrected that come after it.

    Not `corrects`: a posting itself was taken back, and stays so until interest is posted next.
    """
    state = balanced(terms, state, changed_on, known_before)
    if not terms.bears_interest:
        return state
    state, periods = interest_to(terms, state, on)
    if corrects and any(line.kind in INTEREST and line.counts and line.on > changed_on for line in state.transactions):
        return posted(terms, state, periods, on, known_before)
    return state
