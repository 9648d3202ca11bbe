"""The steps of a recorded life as events, and the identifiers that they use as our numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dirisha.core.native.loans.charges import ChargeCalculation, ChargeTerms, ChargeTime
from dirisha.core.native.loans.life import events
from dirisha.core.native.loans.life.accruing import accruals_until
from dirisha.core.native.loans.life.allocation import ALLOCATIONS, Allocation
from dirisha.core.native.loans.life.arrears import is_non_performing
from dirisha.core.native.loans.life.events import Event, RepaymentKind
from dirisha.core.native.loans.life.penalties import overdue_penalties
from dirisha.core.native.loans.life.rescheduling import RescheduleLoan
from dirisha.core.native.loans.life.state import State
from dirisha.core.native.loans.life.terms import LifeTerms, OverduePenalty
from dirisha.core.native.loans.life.transactions import TransactionKind
from dirisha.core.native.loans.progressive import advanced_allocation
from dirisha.core.native.loans.progressive.advanced_allocation import AdvancedAllocation
from dirisha.core.native.loans.reschedule import Reschedule
from dirisha.core.native.loans.terms import PeriodUnit
from dirisha.kit.money import Currency, Money
from tests.contracts.goldens.payment_rules_as_recorded import payment_rules
from tests.contracts.goldens.reading import Recording, day, minor
from tests.contracts.goldens.terms_as_recorded import Unknown, currency_of, loan_terms

PERIODIC_ACCRUAL = 3
NOT_RECORDED_BY_THE_LOAN = {"savings", "reschedule-preview", "reschedule-read"}


def charge_definitions(recording: Recording) -> list[Recording]:
    """As the pictures show the charges: a recorded life does not have them by themselves."""
    found: dict[int, Recording] = {}
    for step in recording["steps"]:
        for shown in (step.get("picture") or {}).get("charges") or []:
            found[shown["chargeId"]] = {
                "id": shown["chargeId"],
                "chargeTimeType": shown["chargeTimeType"]["id"],
                "chargeCalculationType": shown["chargeCalculationType"]["id"],
                "amount": shown["amountOrPercentage"],
                "penalty": shown["penalty"],
                "minCap": shown.get("minCap"),
                "maxCap": shown.get("maxCap"),
            }
    return list(found.values())


def life_terms(recording: Recording, application: Recording) -> LifeTerms:
    """Raises `Unknown`; `TermsRefused` as the terms themselves do."""
    product = recording["product"]["request"]
    if product.get("isInterestRecalculationEnabled"):
        raise Unknown("interest recalculation, which is not built yet")
    return LifeTerms(
        loan=loan_terms(product, application, charge_definitions(recording)),
        allocation=_allocation(product, application),
        overdue_penalty=_overdue_penalty(recording["steps"][0].get("overdueCharge")),
        arrears_grace_days=_arrears_grace(product, application),
        npa_after_days=product.get("overdueDaysForNPA"),
        accrues_by_period=product["accountingRule"] == PERIODIC_ACCRUAL,
    )


def _overdue_penalty(definition: Recording | None) -> OverduePenalty | None:
    """With the waits that the recorded server was configured for (`penalty-wait-period` 2, `grace-on-penalty-posting` 0)."""
    if definition is None:
        return None
    frequency = definition.get("feeFrequency")
    charge = ChargeTerms(
        time=ChargeTime(definition["chargeTimeType"]),
        calculation=ChargeCalculation(definition["chargeCalculationType"]),
        amount=Decimal(definition["amount"]),
        is_penalty=definition["penalty"],
    )
    if frequency is None:
        return OverduePenalty(charge=charge)
    return OverduePenalty(charge=charge, every=definition["feeInterval"], unit=PeriodUnit(frequency))


def _allocation(product: Recording, application: Recording) -> Allocation:
    code = application["transactionProcessingStrategyCode"]
    if code == advanced_allocation.CODE:
        if product.get("creditAllocation"):
            raise Unknown("a rule list for chargebacks")
        return AdvancedAllocation(payment_rules(product))
    if code not in ALLOCATIONS:
        raise Unknown(f"strategy {code}")
    return ALLOCATIONS[code]


def _arrears_grace(product: Recording, application: Recording) -> int:
    """Where the product lets the application choose and it does not, there is none (loan-math §17)."""
    chosen = (product.get("allowAttributeOverrides") or {}).get("graceOnArrearsAgeing", True)
    return int((application if chosen else product).get("graceOnArrearsAgeing") or 0)


class Reader:
    """Turns steps into events. `transactions` and `charges` have our numbers by the recording's identifiers."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.currency: Currency = currency_of(recording["product"]["request"])
        self.definitions = {one["id"]: one for one in charge_definitions(recording)}
        self.transactions: dict[int, int] = {}
        self.charges: dict[int, int] = {}
        self.reschedules: dict[int, Reschedule] = {}
        # The state after the event that was read last, and the last day that was closed.
        self.state: State
        self.closed_until: date | None = None
        # Defects of the reference that its pictures have shown.
        self.kept: set[str] = set()

    def minor(self, amount: Any) -> int:
        return minor(Decimal(str(amount)), self.currency)

    def events(self, step: Recording, state: State | None) -> Iterable[Event]:
        """What the step does to the loan, in order; nothing where it only looks. Raises `Unknown`."""
        do = step["do"]
        if do not in STEPS:
            raise Unknown(f"step {do}")
        return STEPS[do](self, step, state)


Translation = Callable[[Reader, Recording, Any], Iterable[Event]]


def body(step: Recording) -> Recording:
    return (step.get("request") or {}).get("body") or {}


def booked(step: Recording) -> date:
    return day(step["businessDate"])


def valued(step: Recording) -> date:
    written = body(step).get("transactionDate")
    return day(written) if written else booked(step)


def segment(step: Recording, after: str) -> int:
    """`/loans/14/transactions/33?command=undo`: 33 after `transactions`."""
    path = step["request"]["path"].split("?")[0].split("/")
    return int(path[path.index(after) + 1])


def looks(reader: Reader, step: Recording, state: State) -> list[Event]:
    """Nothing happens, but that another loan, a top-up, may have paid this one off meanwhile."""
    shown = (step.get("picture") or {}).get("transactions") or []
    return [
        events.Repay(on=day(one["date"]), booked_on=booked(step), amount_minor=reader.minor(one["amount"]))
        for one in shown
        if one["id"] not in reader.transactions and "transfer" in one and one["type"]["id"] == TransactionKind.REPAYMENT
    ]


def _submit(reader: Reader, step: Recording, state: State) -> list[Event]:
    asked = body(step)
    return [
        events.Submit(
            on=day(asked["submittedOnDate"]),
            booked_on=booked(step),
            expected_on=day(asked["expectedDisbursementDate"]),
        )
    ]


class NotAnEvent(ValueError):
    """The request says too little to be one: a door refuses it."""


def _modify(reader: Reader, step: Recording, state: State) -> list[Event]:
    asked = body(step)
    if "productId" not in asked:
        raise NotAnEvent("an application is changed as a whole")
    terms = life_terms(reader.recording, asked).loan
    expected_on = day(asked["expectedDisbursementDate"])
    return [events.ChangeApplication(on=booked(step), terms=terms, expected_on=expected_on)]


def _approve(reader: Reader, step: Recording, state: State) -> list[Event]:
    asked = body(step)
    applied = reader.recording["steps"][0]["request"]["body"].get("disbursementData")
    if (asked.get("disbursementData") or applied) != applied:
        raise Unknown("tranches changed by the approval")
    return [
        events.Approve(
            on=day(asked["approvedOnDate"]),
            booked_on=booked(step),
            principal_minor=reader.minor(asked["approvedLoanAmount"]) if "approvedLoanAmount" in asked else None,
            expected_on=day(asked["expectedDisbursementDate"]) if "expectedDisbursementDate" in asked else None,
        )
    ]


def _disburse(reader: Reader, step: Recording, state: State) -> list[Event]:
    asked = body(step)
    settled = _settled_minor(reader, step)
    return [
        events.Disburse(
            on=day(asked["actualDisbursementDate"]),
            booked_on=booked(step),
            amount_minor=reader.minor(asked["transactionAmount"]),
            settles_minor=settled,
        )
    ]


def _settled_minor(reader: Reader, step: Recording) -> int:
    """What a top-up pays of the older loan: that loan's story, not this one's."""
    if not reader.recording["steps"][0]["request"]["body"].get("isTopup"):
        return 0
    moved = [shown for shown in step["picture"]["transactions"] if "Topup" in str(shown.get("transfer"))]
    return reader.minor(moved[0]["amount"])


def repayment_of(kind: RepaymentKind) -> Translation:
    def read(reader: Reader, step: Recording, state: State) -> list[Event]:
        amount = reader.minor(body(step)["transactionAmount"])
        return [events.Repay(on=valued(step), booked_on=booked(step), amount_minor=amount, kind=kind)]

    return read


def _transfer(reader: Reader, step: Recording, state: State) -> list[Event]:
    asked = body(step)
    amount = reader.minor(asked["transferAmount"])
    return [events.Repay(on=day(asked["transferDate"]), booked_on=booked(step), amount_minor=amount)]


def of_amount(event: type[Any]) -> Translation:
    def read(reader: Reader, step: Recording, state: State) -> list[Event]:
        amount = reader.minor(body(step)["transactionAmount"])
        return [event(on=valued(step), booked_on=booked(step), amount_minor=amount)]

    return read


def plain(event: type[Any], member: str = "transactionDate") -> Translation:
    def read(reader: Reader, step: Recording, state: State) -> list[Event]:
        written = body(step).get(member)
        return [event(on=day(written) if written else booked(step), booked_on=booked(step))]

    return read


def _undo(reader: Reader, step: Recording, state: State) -> list[Event]:
    number = reader.transactions[segment(step, "transactions")]
    return [events.Undo(on=booked(step), booked_on=booked(step), transaction=number)]


def _adjust(reader: Reader, step: Recording, state: State) -> list[Event]:
    number = reader.transactions[segment(step, "transactions")]
    amount = reader.minor(body(step)["transactionAmount"])
    return [events.Adjust(on=valued(step), booked_on=booked(step), transaction=number, amount_minor=amount)]


def charge_terms(reader: Reader, asked: Recording) -> ChargeTerms:
    definition = reader.definitions[asked["chargeId"]]
    return ChargeTerms(
        time=ChargeTime(definition["chargeTimeType"]),
        calculation=ChargeCalculation(definition["chargeCalculationType"]),
        amount=Decimal(asked["amount"]),
        is_penalty=definition["penalty"],
        due_on=day(asked["dueDate"]) if "dueDate" in asked else None,
        least=_cap(reader, definition["minCap"]),
        most=_cap(reader, definition["maxCap"]),
    )


def _cap(reader: Reader, amount: Any) -> Money | None:
    return None if amount is None else Money(reader.minor(amount), reader.currency)


def _add_charge(reader: Reader, step: Recording, state: State) -> list[Event]:
    return [events.AddCharge(on=booked(step), charge=charge_terms(reader, body(step)))]


def _pay_charge(reader: Reader, step: Recording, state: State) -> list[Event]:
    """All that is left of it; of an installment fee, of the installment that is named, or of the first unpaid one."""
    number = reader.charges[segment(step, "charges")]
    charge = state.charges[number - 1]
    amount, installment = charge.outstanding_minor, body(step).get("installmentNumber")
    if charge.fees:
        unpaid = [fee for fee in charge.fees if fee.outstanding_minor]
        fee = next((fee for fee in unpaid if fee.installment == installment), unpaid[0])
        amount, installment = fee.outstanding_minor, fee.installment
    return [
        events.PayCharge(
            on=valued(step), booked_on=booked(step), charge=number, amount_minor=amount, installment=installment
        )
    ]


def _waive_charge(reader: Reader, step: Recording, state: State) -> list[Event]:
    number = reader.charges[segment(step, "charges")]
    installment = body(step).get("installmentNumber")
    return [events.WaiveCharge(on=booked(step), charge=number, installment=installment)]


JOBS = {12: "penalties", 2: "arrears", 13: "non-performing"}


def _job(reader: Reader, step: Recording, state: State) -> list[Event]:
    job, on = segment(step, "jobs"), booked(step)
    if job not in JOBS:
        raise Unknown(f"job {job}")
    if job == 12:
        return [events.ChargePenalties(on=on, penalties=overdue_penalties(state, on))]
    if job == 2:
        return [events.AgeArrears(on=on)]
    return [events.MarkNonPerforming(on=on, non_performing=is_non_performing(state, on))]


def _accrue(reader: Reader, step: Recording, state: State) -> list[Event]:
    till = day(body(step)["tillDate"])
    return [events.Accrue(on=till, booked_on=booked(step), accruals=accruals_until(state, till))]


def _close_of_business(reader: Reader, step: Recording, state: State) -> Iterator[Event]:
    """Of each day since the last one up to yesterday; the very first time, of yesterday alone.

    An installment is late for it one day sooner than for the penalty job.
    """
    yesterday = booked(step) - timedelta(days=1)
    on = reader.closed_until + timedelta(days=1) if reader.closed_until else yesterday
    while on <= yesterday:
        tomorrow = on + timedelta(days=1)
        yield events.ChargePenalties(
            on=on, booked_on=booked(step), penalties=overdue_penalties(reader.state, on, overdue_by=tomorrow)
        )
        yield events.AgeArrears(on=on, booked_on=booked(step))
        yield events.Accrue(on=on, booked_on=booked(step), accruals=accruals_until(reader.state, on))
        reader.closed_until = on
        on = tomorrow


def _charge_back(reader: Reader, step: Recording, state: State) -> list[Event]:
    number = reader.transactions[segment(step, "transactions")]
    amount = reader.minor(body(step)["transactionAmount"])
    return [events.Chargeback(on=booked(step), transaction=number, amount_minor=amount)]


def _adjust_charge(reader: Reader, step: Recording, state: State) -> list[Event]:
    number = reader.charges[segment(step, "charges")]
    return [events.AdjustCharge(on=booked(step), charge=number, amount_minor=reader.minor(body(step)["amount"]))]


def _ask_to_reschedule(reader: Reader, step: Recording, state: State) -> list[Event]:
    """What is asked for changes nothing until it is approved."""
    asked, currency = body(step), reader.currency
    if "recalculateInterest" in asked:
        raise Unknown("a reschedule that recalculates interest")
    reader.reschedules[step["response"]["body"]["resourceId"]] = Reschedule(
        from_due=day(asked["rescheduleFromDate"]),
        moved_to=day(asked["adjustedDueDate"]) if asked.get("adjustedDueDate") else None,
        extra_installments=asked.get("extraTerms") or 0,
        grace_on_principal=asked.get("graceOnPrincipal") or 0,
        grace_on_interest_payment=asked.get("graceOnInterest") or 0,
        interest_rate=Decimal(asked["newInterestRate"]) if asked.get("newInterestRate") else None,
        installment=Money.of(asked["emi"], currency) if asked.get("emi") else None,
        installment_until=day(asked["endDate"]) if asked.get("endDate") else None,
    )
    return []


def _reschedule(reader: Reader, step: Recording, state: State) -> list[Event]:
    on, change = day(body(step)["approvedOnDate"]), reader.reschedules[segment(step, "rescheduleloans")]
    return [RescheduleLoan(on=on, booked_on=booked(step), change=change)]


STEPS: dict[str, Translation] = {
    "reschedule-request": _ask_to_reschedule,
    "reschedule-reject": looks,
    "reschedule-preview": looks,
    "reschedule-read": looks,
    "reschedule-approve": _reschedule,
    "job": _job,
    "run-accruals": _accrue,
    "inline-cob": _close_of_business,
    "look": looks,
    "final-look": looks,
    "prepay-template": looks,
    "foreclosure-template": looks,
    "savings": looks,
    "submit": _submit,
    "approve": _approve,
    "modify": _modify,
    "undoapproval": plain(events.UndoApproval),
    "reject": plain(events.Reject, "rejectedOnDate"),
    "withdrawnByApplicant": plain(events.WithdrawApplication, "withdrawnOnDate"),
    "disburse": _disburse,
    "disburseToSavings": _disburse,
    "undodisbursal": plain(events.UndoDisbursal),
    "undolastdisbursal": plain(events.UndoLastTranche),
    "repayment": repayment_of(RepaymentKind.REPAYMENT),
    "goodwillCredit": repayment_of(RepaymentKind.GOODWILL_CREDIT),
    "merchantIssuedRefund": repayment_of(RepaymentKind.MERCHANT_REFUND),
    "payoutRefund": repayment_of(RepaymentKind.PAYOUT_REFUND),
    "interestPaymentWaiver": repayment_of(RepaymentKind.INTEREST_PAYMENT_WAIVER),
    "chargeback": _charge_back,
    "charge-adjustment": _adjust_charge,
    "account-transfer-repayment": _transfer,
    "undo-transaction": _undo,
    "adjust-transaction": _adjust,
    "creditBalanceRefund": of_amount(events.RefundCreditBalance),
    "refundByCash": of_amount(events.RefundByCash),
    "recoverypayment": of_amount(events.Recover),
    "waiveinterest": of_amount(events.WaiveInterest),
    "writeoff": plain(events.WriteOff),
    "undowriteoff": plain(events.UndoWriteOff),
    "charge-off": plain(events.ChargeOff),
    "undo-charge-off": plain(events.UndoChargeOff),
    "foreclosure": plain(events.Foreclose),
    "close": plain(events.Close),
    "close-rescheduled": plain(events.CloseAsRescheduled),
    "add-charge": _add_charge,
    "charge-pay": _pay_charge,
    "charge-waive": _waive_charge,
}

KINDS = {kind.value: kind for kind in TransactionKind}
