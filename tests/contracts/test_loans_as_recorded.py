"""Our allocations and what is left to pay equal those that a running reference core answered.

`GOLDENS=folder pytest tests/contracts/test_loans_as_recorded.py -s` runs them on any folder of recordings.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dirisha.core.allocation import Allocation, allocate, repaid
from dirisha.core.installments import Installment
from dirisha.core.native.loans.schedule import balances_after, schedule
from dirisha.core.what_to_pay import progress, what_to_pay
from dirisha.kit.money import Currency, Money
from tests.contracts import loan_recordings as recorded
from tests.contracts.goldens.terms_as_recorded import currency_of
from tests.contracts.loan_recordings import Recording, day

FOLDER = Path(os.environ.get("GOLDENS", recorded.HERE))
LIVES = dict(recorded.recordings(FOLDER, "loan-lives"))
OUTSIDE = {name: recorded.life_outside(recording) for name, recording in LIVES.items()}


def within(names: dict[str, Recording]) -> list[str]:
    return [name for name in names if OUTSIDE[name] is None]


def test_enough_recordings_fall_under_our_terms() -> None:
    """Prints what is run and, of a whole folder, why the rest is not."""
    lives = within(LIVES)
    steps = [len(recorded.steps_within(LIVES[name])) for name in lives]
    print(f"\nlives: {len(lives)} of {len(LIVES)}; {sum(steps)} steps of {sum(len(LIVES[n]['steps']) for n in lives)}")
    for reason, count in Counter(reason for reason in OUTSIDE.values() if reason).most_common():
        print(f"  outside: {count:3} {reason}")
    assert len(lives) >= 5


@pytest.mark.parametrize("name", within(LIVES))
def test_a_loan_lives_as_recorded(name: str) -> None:
    recording = LIVES[name]
    application = recording["steps"][0]["request"]["body"]
    life = Life(recording["product"]["request"], application, application["principal"], application["principal"])
    for step in recorded.steps_within(recording):
        life.take(step)
        if step["do"] == "prepay-template":
            life.assert_closes_for(step["response"]["body"])
        elif "picture" in step:
            life.assert_looks_like(step["picture"], day([int(part) for part in step["businessDate"].split("-")]))


@dataclass
class Repayment:
    on: date
    amount: Money


@dataclass
class Life:
    """A loan driven by recorded steps: terms until disbursed, then repayments folded in date order, entry order a day.

    `asked` is the principal of the application, `agreed` that of the approval or the disbursement.
    """

    product: Recording
    application: Recording
    asked: Decimal
    agreed: Decimal
    disbursed_on: date | None = None
    planned: tuple[Installment, ...] = ()
    repayments: dict[int, Repayment] = field(default_factory=dict)

    @property
    def currency(self) -> Currency:
        return currency_of(self.product)

    def take(self, step: Recording) -> None:
        if step["do"] in recorded.LOOKS or step["response"]["status"] != 200:
            return
        body = step["request"].get("body") or {}
        match step["do"]:
            case "submit" | "modify":
                self.application = self.application | body
                self.asked = self.agreed = self.application["principal"]
                self.plan(day(self.application["expectedDisbursementDate"]))
            case "approve":
                self.agreed = body["approvedLoanAmount"]
                self.plan(day(body["expectedDisbursementDate"]))
            case "undoapproval":
                self.agreed = self.asked
                self.plan(day(self.application["expectedDisbursementDate"]))
            case "disburse":
                self.disbursed_on = day(body["actualDisbursementDate"])
                self.agreed = body["transactionAmount"]
                self.plan(self.disbursed_on)
            case "undodisbursal":  # the reference keeps the plan of the day that it was disbursed on
                self.disbursed_on = None
                self.repayments.clear()
            case "repayment" | "adjust-transaction" | "undo-transaction":
                self.take_payment(step, body)

    def take_payment(self, step: Recording, body: Recording) -> None:
        replaced = re.search(r"/transactions/(\d+)", step["request"]["path"])
        if replaced:
            del self.repayments[int(replaced[1])]
        if body["transactionAmount"]:
            amount = Money.of(body["transactionAmount"], self.currency)
            self.repayments[step["response"]["body"]["resourceId"]] = Repayment(day(body["transactionDate"]), amount)

    def plan(self, start: date) -> None:
        self.planned = schedule(recorded.terms_of(self.product, self.application, self.agreed), start)

    def folded(self) -> tuple[tuple[Installment, ...], dict[int, Allocation]]:
        installments, allocations = self.planned, {}
        for number, repayment in sorted(self.repayments.items(), key=lambda entry: (entry[1].on, entry[0])):
            allocations[number] = allocate(installments, repayment.amount.minor)
            installments = repaid(installments, allocations[number], on=repayment.on)
        return installments, allocations

    def assert_closes_for(self, template: Recording) -> None:
        installments, _ = self.folded()
        outstanding = what_to_pay(installments, self.currency, on=date.max).outstanding
        assert outstanding.total.decimal == template["amount"]
        assert outstanding.principal.decimal == template["principalPortion"]
        assert outstanding.interest.decimal == template["interestPortion"]

    def assert_looks_like(self, picture: Recording, on: date) -> None:
        installments, allocations = self.folded()
        rows = picture["repaymentSchedule"]
        assert_rows_equal(installments, rows["periods"], self.currency, on=on)
        assert_totals_equal(installments, rows, self.currency)
        self.assert_transactions_equal(allocations, picture["transactions"])
        if self.disbursed_on is not None:
            assert_summary_equal(installments, picture, self.currency, on=on)
            self.assert_next_payment_equal(installments, picture)

    def assert_next_payment_equal(self, installments: tuple[Installment, ...], picture: Recording) -> None:
        """The reference names the oldest unpaid due date, but no day before the last repayment."""
        unpaid = [installment.due_date for installment in installments if not installment.is_met]
        if unpaid:
            next_payment = max([unpaid[0], *(repayment.on for repayment in self.repayments.values())])
            assert next_payment == day(picture["delinquent"]["nextPaymentDueDate"])

    def assert_transactions_equal(self, allocations: dict[int, Allocation], transactions: list[Recording]) -> None:
        theirs = [
            (t["amount"], t["principalPortion"], t["interestPortion"], t["overpaymentPortion"])
            for t in transactions
            if recorded.is_repayment(t)
        ]
        ours = [
            tuple(
                Money(minor, self.currency).decimal
                for minor in (
                    self.repayments[number].amount.minor,
                    allocation.paid.principal,
                    allocation.paid.interest,
                    allocation.left_over_minor,
                )
            )
            for number, allocation in allocations.items()
        ]
        assert sorted(ours) == sorted(theirs)


ACTIVE, CLOSED_OBLIGATIONS_MET = 300, 600


def assert_rows_equal(
    installments: tuple[Installment, ...], periods: list[Recording], currency: Currency, *, on: date
) -> None:
    theirs = [period for period in periods if "period" in period]
    assert len(installments) == len(theirs)
    for installment, balance, row in zip(installments, balances_after(installments), theirs, strict=True):
        ours = our_row(installment, balance, currency, on=on)
        given = {name: value for name, value in row.items() if name in ours}
        expected = {name: ours[name] for name in given}
        assert expected == {name: as_date(value) for name, value in given.items()}, f"installment {installment.number}"
        assert ("obligationsMetOnDate" in row) == (installment.met_on is not None)


def our_row(installment: Installment, balance_minor: int, currency: Currency, *, on: date) -> dict[str, Any]:
    """An installment in the reference's words (loan-math §9)."""

    def amount(minor: int) -> Decimal:
        return Money(minor, currency).decimal

    total_minor = installment.due.total
    return {
        "period": installment.number,
        "fromDate": installment.from_date,
        "dueDate": installment.due_date,
        "daysInPeriod": (installment.due_date - installment.from_date).days,
        "complete": installment.is_met,
        "obligationsMetOnDate": installment.met_on,
        "principalOriginalDue": amount(installment.due.principal),
        "principalDue": amount(installment.due.principal),
        "principalPaid": amount(installment.paid.principal),
        "principalOutstanding": amount(installment.outstanding.principal),
        "principalLoanBalanceOutstanding": amount(balance_minor),
        "interestOriginalDue": amount(installment.due.interest),
        "interestDue": amount(installment.due.interest),
        "interestPaid": amount(installment.paid.interest),
        "interestOutstanding": amount(installment.outstanding.interest),
        "totalDueForPeriod": amount(total_minor),
        "totalInstallmentAmountForPeriod": amount(total_minor),
        "totalPaidForPeriod": amount(total_minor - installment.outstanding_minor),
        "totalPaidInAdvanceForPeriod": amount(installment.paid_in_advance_minor),
        "totalPaidLateForPeriod": amount(installment.paid_late_minor),
        "totalOutstandingForPeriod": amount(installment.outstanding_minor),
        "totalOverdue": amount(installment.outstanding_minor if installment.due_date < on else 0),
    }


def assert_totals_equal(installments: tuple[Installment, ...], rows: Recording, currency: Currency) -> None:
    so_far = progress(installments, currency)
    ours = {
        "loanTermInDays": (installments[-1].due_date - installments[0].from_date).days,
        "totalPrincipalExpected": so_far.expected.principal.decimal,
        "totalPrincipalPaid": so_far.paid.principal.decimal,
        "totalInterestCharged": so_far.expected.interest.decimal,
        "totalRepaymentExpected": so_far.expected.total.decimal,
        "totalRepayment": so_far.paid.total.decimal,
        "totalPaidInAdvance": Money(sum(i.paid_in_advance_minor for i in installments), currency).decimal,
        "totalPaidLate": Money(sum(i.paid_late_minor for i in installments), currency).decimal,
    }
    assert {name: value for name, value in ours.items() if name in rows} == {n: rows[n] for n in ours if n in rows}


def assert_summary_equal(
    installments: tuple[Installment, ...], picture: Recording, currency: Currency, *, on: date
) -> None:
    so_far, to_pay = progress(installments, currency), what_to_pay(installments, currency, on=on)
    summary = picture["summary"]
    ours = {
        "principalPaid": so_far.paid.principal.decimal,
        "interestPaid": so_far.paid.interest.decimal,
        "principalOutstanding": to_pay.outstanding.principal.decimal,
        "interestOutstanding": to_pay.outstanding.interest.decimal,
        "totalOutstanding": to_pay.outstanding.total.decimal,
        "principalOverdue": to_pay.overdue.principal.decimal,
        "interestOverdue": to_pay.overdue.interest.decimal,
        "totalOverdue": to_pay.overdue.total.decimal,
    }
    assert ours == {name: summary[name] for name in ours}
    assert to_pay.late_since == (day(summary["overdueSinceDate"]) if "overdueSinceDate" in summary else None)
    assert picture["inArrears"] == (to_pay.late_since is not None)
    assert picture["status"]["id"] == (ACTIVE if so_far.repaid_on is None else CLOSED_OBLIGATIONS_MET)
    if so_far.repaid_on is None:
        assert to_pay.days_late == picture["delinquent"]["pastDueDays"]


def as_date(value: Any) -> Any:
    return day(value) if isinstance(value, list) else value
