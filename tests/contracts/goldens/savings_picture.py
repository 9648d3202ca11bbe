"""The picture of a savings account after a step against our state: summary, status, charges, each transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dirisha.core.native.savings.charge_terms import ChargeCalculation
from dirisha.core.native.savings.dormancy import days_left
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.summary import Summary, summary
from dirisha.core.native.savings.terms import AccountKind, SavingsTerms
from dirisha.core.native.savings.transactions import INTEREST, Transaction
from dirisha.kit.money import Currency
from tests.contracts.goldens.reading import day, minor

Picture = dict[str, Any]
Shape = tuple[int, date, int, bool, bool]

_SUMMARY = {
    "totalDeposits": "deposits_minor",
    "totalWithdrawals": "withdrawals_minor",
    "totalWithdrawalFees": "withdrawal_fees_minor",
    "totalAnnualFees": "annual_fees_minor",
    "totalFeeCharge": "fees_minor",
    "totalPenaltyCharge": "penalties_minor",
    "totalInterestEarned": "interest_earned_minor",
    "totalInterestPosted": "interest_posted_minor",
    "totalOverdraftInterestDerived": "overdraft_interest_minor",
    "totalWithholdTax": "withheld_tax_minor",
    "accountBalance": "balance_minor",
    "interestNotPosted": "interest_not_posted_minor",
    "availableBalance": "available_minor",
}
# Shown of savings accounts only, and there always.
_SAVINGS_ONLY = frozenset({"interestNotPosted", "availableBalance", "totalOverdraftInterestDerived"})
_DATES = {"lastInterestCalculationDate": "interest_calculated_on", "interestPostedTillDate": "interest_posted_until"}

RUNNING_WITHOUT_INTEREST = (
    "running balances after a deposit to a recurring deposit leave posted interest out and do not meet the account's own "
    "balance; ours do"
)


@dataclass
class Shown:
    """What the pictures of one account showed so far, and which of our numbers the server's ids have.

    `made_in` tells in which step a transaction of ours appeared: the order of those that one act makes on one day is
    not settled in the reference core (ids as its persistence layer comes by them), so their running balances may stand
    in any order.
    """

    seen: dict[int, dict[str, Any]] = field(default_factory=dict)
    transactions: dict[int, int] = field(default_factory=dict)
    charges: dict[int, int] = field(default_factory=dict)
    made_in: dict[int, int] = field(default_factory=dict)
    pictures: int = 0
    without_interest: bool = False

    def copy(self) -> Shown:
        return replace(
            self, seen=dict(self.seen), transactions=dict(self.transactions), charges=dict(self.charges),
            made_in=dict(self.made_in),
        )  # fmt: skip


def differences(step: dict[str, Any], terms: SavingsTerms, state: State, shown: Shown, kept: set[str]) -> Iterator[str]:
    """Each figure that a step shows and ours is not; defects that we keep different are added to `kept`."""
    picture = step.get("picture")
    if not picture:
        return
    on = date.fromisoformat(step["businessDate"])
    yield from _account(picture, terms, state, on)
    yield from _summary(picture, terms, state)
    yield from _charges(picture, terms.currency, state, shown)
    yield from _transactions(picture, terms, state, shown, kept)


def _differs(what: str, theirs: Any, ours: Any) -> Iterator[str]:
    if theirs != ours:
        yield f"{what}: theirs {theirs}, ours {ours}"


def _account(picture: Picture, terms: SavingsTerms, state: State, on: date) -> Iterator[str]:
    yield from _differs("status", picture["status"]["id"], state.status)
    if "subStatus" in picture:
        yield from _differs("sub-status", picture["subStatus"]["id"], state.sub_status)
    if "nominalAnnualInterestRate" in picture:
        yield from _differs("rate", Decimal(picture["nominalAnnualInterestRate"]), state.annual_rate)
    yield from _differs("held", minor(picture.get("savingsAmountOnHold"), terms.currency), state.held_minor)
    if "lastActiveTransactionDate" in picture:
        yield from _differs("last active", day(picture["lastActiveTransactionDate"]), summary(state).last_active_on)
    timeline = picture.get("timeline") or {}
    for member, ours in (
        ("approvedOnDate", state.approved_on), ("activatedOnDate", state.activated_on), ("closedOnDate", state.closed_on),
    ):  # fmt: skip
        if member in timeline:
            yield from _differs(member, day(timeline[member]), ours)
    left = days_left(terms, state, on)
    if terms.kind is AccountKind.SAVINGS:
        for member, days in (
            ("daysToInactive", left.to_inactive), ("daysToDormancy", left.to_dormancy), ("daysToEscheat", left.to_escheat),
        ):  # fmt: skip
            yield from _differs(member, picture.get(member), days if state.activated_on else None)
    yield from _maturity(picture, terms, state)


def _maturity(picture: Picture, terms: SavingsTerms, state: State) -> Iterator[str]:
    if state.maturity is None:
        return
    ours = {
        "maturityAmount": state.maturity.amount_minor,
        "depositAmount": sum(due.amount_minor for due in state.due_deposits)
        or (terms.deposit.amount_minor if terms.deposit else 0),
    }
    for member, amount in ours.items():
        if member in picture:
            yield from _differs(member, minor(picture[member], terms.currency), amount)
    if "maturityDate" in picture:
        yield from _differs("maturityDate", day(picture["maturityDate"]), state.maturity.on)
    if state.overdue is not None:
        theirs = (picture.get("noOfOverdueInstallments") or 0, minor(picture.get("totalOverdueAmount"), terms.currency))
        yield from _differs("overdue", theirs, (state.overdue.installments, state.overdue.amount_minor))


def _summary(picture: Picture, terms: SavingsTerms, state: State) -> Iterator[str]:
    shown, ours = picture["summary"], summary(state)
    for member, name in _SUMMARY.items():
        if member in shown or (member not in _SAVINGS_ONLY):
            yield from _differs(member, minor(shown.get(member), terms.currency), getattr(ours, name))
    yield from _summary_dates(shown, ours, terms)


def _summary_dates(shown: Picture, ours: Summary, terms: SavingsTerms) -> Iterator[str]:
    """The server leaves the day of calculation out while nothing is earned, and both out of a deposit's picture."""
    for member, name in _DATES.items():
        if member in shown or (terms.kind is AccountKind.SAVINGS and ours.interest_earned_minor):
            theirs = day(shown[member]) if shown.get(member) else None
            yield from _differs(member, theirs, getattr(ours, name))


def _charges(picture: Picture, currency: Currency, state: State, shown: Shown) -> Iterator[str]:
    by_number = {charge.number: charge for charge in state.charges}
    for theirs in picture.get("charges") or ():
        charge = by_number.get(shown.charges.get(theirs["id"], -1))
        if charge is None:
            yield f"charge {theirs['id']}: not ours"
            continue
        where = f"charge {charge.number}"
        flat = charge.terms.calculation is ChargeCalculation.FLAT
        for member, ours in (
            ("amount", charge.amount_minor if flat else None),
            ("amountPaid", charge.paid_minor),
            ("amountWaived", charge.waived_minor),
            ("amountOutstanding", charge.outstanding_minor),
        ):
            if ours is not None:
                yield from _differs(f"{where} {member}", minor(theirs.get(member), currency), ours)
        due = day(theirs["dueDate"]) if theirs.get("dueDate") else None
        yield from _differs(f"{where} dueDate", due, charge.due_on)
        yield from _differs(f"{where} isActive", theirs["isActive"], charge.active)


def _transactions(picture: Picture, terms: SavingsTerms, state: State, shown: Shown, kept: set[str]) -> Iterator[str]:
    """Every transaction shown so far against every one of ours; a picture lists new and changed ones only."""
    listed = picture.get("transactionsNewOrChanged") or picture.get("transactions") or ()
    shown.seen.update({theirs["id"]: theirs for theirs in listed})
    shown.pictures += 1
    for line in state.transactions:
        shown.made_in.setdefault(line.number, shown.pictures)
    yield from _matched(terms.currency, state, shown)
    ours = {line.number: line for line in state.transactions}
    pairs = {ours[number]: shown.seen[theirs] for theirs, number in shown.transactions.items() if number in ours}
    for line, theirs in pairs.items():
        yield from _differs(f"transaction {line.number} reversed", theirs["reversed"], line.reversed)
        by_hand = theirs.get("interestedPostedAsOn")
        if by_hand is not None:
            yield from _differs(f"transaction {line.number} by hand", by_hand, line.by_hand)
    found = list(_running_balances(terms.currency, state.transactions, pairs, shown))
    if found and shown.without_interest:
        plain = list(_running_balances(terms.currency, _without_interest(state.transactions), pairs, shown))
        if not plain:
            kept.add(RUNNING_WITHOUT_INTEREST)
            return
    yield from found


def _matched(currency: Currency, state: State, shown: Shown) -> Iterator[str]:
    """New ids to our new numbers, by what each transaction is; equal ones in order."""
    taken = set(shown.transactions.values())
    free: dict[Shape, list[int]] = defaultdict(list)
    for line in state.transactions:
        if line.number not in taken:
            shape = (line.kind, line.on, line.amount_minor, line.reversed, line.reverses is not None)
            free[shape].append(line.number)
    for theirs in sorted(shown.seen):
        if theirs in shown.transactions:
            continue
        shape = _shape(shown.seen[theirs], currency)
        if free[shape]:
            shown.transactions[theirs] = free[shape].pop(0)
        else:
            yield f"transaction {theirs} {_words(shape)}: not ours"
    for shape, numbers in free.items():
        for number in numbers:
            yield f"our transaction {number} {_words(shape)}: not theirs"


def _shape(theirs: dict[str, Any], currency: Currency) -> Shape:
    counter = bool(theirs.get("isReversal"))
    amount = minor(theirs["amount"], currency)
    return theirs["transactionType"]["id"], day(theirs["date"]), amount, theirs["reversed"], counter


def _words(shape: Shape) -> str:
    return f"kind {int(shape[0])} of {shape[1]}, {shape[2]}{', reversed' if shape[3] else ''}"


def _without_interest(lines: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """As the reference core leaves them: interest with the balance it had, others as if there were none."""
    running, found = 0, []
    for line in lines:
        if line.counts and line.kind not in INTEREST:
            running += line.available_change_minor
            line = replace(line, running_balance_minor=running)
        found.append(line)
    return tuple(found)


def _running_balances(
    currency: Currency, lines: Iterable[Transaction], pairs: dict[Transaction, dict[str, Any]], shown: Shown
) -> Iterator[str]:
    """Of those that stand. A reversed one has none: the server shows 0, or what it had until balances are next set."""
    theirs_of = {line.number: theirs for line, theirs in pairs.items()}
    groups: dict[tuple[date, int], list[Transaction]] = defaultdict(list)
    for line in lines:
        if line.counts and line.number in theirs_of:
            groups[line.on, shown.made_in[line.number]].append(line)
    for group in groups.values():
        wanted = Counter(minor(theirs_of[line.number].get("runningBalance"), currency) for line in group)
        if wanted == Counter(line.running_balance_minor for line in group):
            continue
        before = group[0].running_balance_minor - group[0].available_change_minor
        moves = [
            (line.available_change_minor, minor(theirs_of[line.number].get("runningBalance"), currency))
            for line in group
        ]
        if not _in_some_order(before, moves):
            for line, (_, running) in zip(group, moves, strict=True):
                yield f"transaction {line.number} running balance: theirs {running}, ours {line.running_balance_minor}"


def _in_some_order(balance: int, moves: list[tuple[int, int]]) -> bool:
    """Whether the moves, each with the balance after it, can follow one another from `balance` on."""
    if not moves:
        return True
    return any(
        balance + change == after and _in_some_order(after, moves[:at] + moves[at + 1 :])
        for at, (change, after) in enumerate(moves)
    )
