"""Fineract's JSON as the port's facts.

What belongs to no client of ours, is in another currency, or was never opened is left out: `None`. What can't be
understood at all raises `Unreadable`. Fineract tells the day on which something was booked and no time: `booked_at` is
the beginning of that day in the institution's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, cast

import structlog

from dirisha.core.fineract.http import Unreadable
from dirisha.core.fineract.mark import read_mark
from dirisha.core.installments import Installment
from dirisha.core.parts import Parts
from dirisha.core.port import (
    AccountStatus,
    Client,
    Loan,
    LoanTransaction,
    Office,
    Savings,
    SavingsLine,
)
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId
from dirisha.kit.money import LARGEST_MINOR, Currency, Money
from dirisha.kit.phone import NotAPhone, parse_msisdn
from dirisha.kit.refusal import NotFound
from dirisha.tenants.institution import Institution

P = ParamSpec("P")
T = TypeVar("T")
Json = Mapping[str, Any]

PASSBOOK = 100  # depositType: fixed and recurring deposits and shares have other rules, and are left out
LINES_OF_A_DAY = 10**12  # a line is known by its day and its number there; fits a bigint

SAVINGS_STATUS = {
    100: None, 200: None, 400: None, 500: None,  # applied for, approved, withdrawn, rejected
    300: AccountStatus.ACTIVE, 303: AccountStatus.BLOCKED, 304: AccountStatus.BLOCKED,  # moving to another branch
    600: AccountStatus.CLOSED, 700: AccountStatus.CLOSED, 800: AccountStatus.CLOSED,
}  # fmt: skip
LOAN_STATUS = {
    100: None, 200: None, 400: None, 500: None,
    300: AccountStatus.ACTIVE, 303: AccountStatus.BLOCKED, 304: AccountStatus.BLOCKED,
    600: AccountStatus.CLOSED, 601: AccountStatus.CLOSED, 602: AccountStatus.CLOSED, 700: AccountStatus.CLOSED,
}  # fmt: skip

# What is done in the core itself has these kinds; None for what changes no balance.
KIND_OF_TRANSACTION = {
    "deposit": "core.deposit", "withdrawal": "core.withdrawal",
    "interestPosting": "core.interest", "overdraftInterest": "core.interest",
    "withdrawalFee": "core.fee", "annualFee": "core.fee", "payCharge": "core.fee", "overdraftFee": "core.fee",
    "accrual": None, "waiveCharge": None, "initiateTransfer": None, "approveTransfer": None,
    "withdrawTransfer": None, "rejectTransfer": None,
}  # fmt: skip
OTHER = "core.other"

MOST_DIGITS = 18  # before the point: an exponent must not be written out before it is refused

WITHDRAWAL_FEE = 5
FLAT, PERCENT_OF_AMOUNT = 1, 2

log = structlog.get_logger()


def _readable(read: Callable[P, T]) -> Callable[P, T]:
    """Whatever is missing or of another type than Fineract has it makes the answer unreadable."""

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except Unreadable:
            raise
        except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, IndexError) as error:
            raise Unreadable(f"{read.__name__}: {type(error).__name__}: {str(error)[:80]}") from None

    return reading


@dataclass(frozen=True, slots=True)
class Charge:
    """What Fineract takes for each withdrawal of an account, and for a transfer out of it where it is set so."""

    is_percent: bool
    rate: Decimal
    has_free_ones: bool

    @property
    def is_known_before(self) -> bool:
        """Some withdrawals of a period may be free: which, only the core knows."""
        return not self.has_free_ones


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A savings account, without its client's office, which Fineract tells with the client.

    In less out is the balance; `charges` are what leaving costs.
    """

    savings: Savings
    paid_in: Money
    paid_out: Money
    charges: tuple[Charge, ...]

    def fee(self, amount: Money) -> Money | None:
        """None where it can't be told before."""
        if not all(charge.is_known_before for charge in self.charges):
            return None
        total = Money.zero(amount.currency)
        for charge in self.charges:
            taken = amount.decimal * charge.rate / 100 if charge.is_percent else charge.rate
            total += _rounded(taken, amount.currency, ROUND_HALF_EVEN)
        return total


@dataclass(frozen=True, slots=True)
class LoanSummary:
    status: AccountStatus | None
    said: str
    outstanding: Money


class Facts:
    """Reads answers for one institution."""

    def __init__(self, institution: Institution) -> None:
        self._institution = institution
        self._currency = institution.currency

    # --- people and places --------------------------------------------------------------------------------------------

    @_readable
    def client(self, body: Json) -> Client | None:
        """None for one who was never activated."""
        activated_on = body.get("activationDate") or _timeline(body).get("activatedOnDate")
        if activated_on is None:
            return None
        first, last = _name(body)
        return Client(
            id=ClientId(_whole(body["id"])),
            number=_text(body["accountNo"]),
            first_name=first,
            last_name=last,
            office=OfficeId(_whole(body["officeId"])),
            office_name=_text(body.get("officeName", "")),
            msisdn=self._msisdn(body.get("mobileNo")),
            submitted_on=_day(_timeline(body).get("submittedOnDate") or activated_on),
            activated_on=_day(activated_on),
        )

    @_readable
    def offices(self, body: Iterable[Json]) -> list[Office]:
        return [Office(OfficeId(_whole(row["id"])), _text(row["name"])) for row in body]

    def _msisdn(self, typed: object) -> str | None:
        """None for what can't be dialled: the core takes any text."""
        if not isinstance(typed, str):
            return None
        try:
            return parse_msisdn(typed, self._institution.country)
        except NotAPhone:
            return None

    @_readable
    def business_date(self, has_one: Json | None, today: Json | None) -> date | None:
        """None where Fineract keeps none and takes its tenant's calendar day."""
        if has_one is None or today is None or has_one["enabled"] is not True:
            return None
        return _day(today["date"])

    # --- savings ------------------------------------------------------------------------------------------------------

    @_readable
    def listed_savings(self, body: Json, client: Client) -> list[Savings]:
        """From a client's accounts; what may leave them is not told there, so the balance stands for it."""
        rows = body.get("savingsAccounts") or ()
        return [savings for row in rows if (savings := self._listed(row, client)) is not None]

    def _listed(self, row: Json, client: Client) -> Savings | None:
        status = self._savings_status(row)
        if status is None or not self._is_in_our_currency(row):
            return None
        balance = self._at_most(row.get("accountBalance", 0))
        return Savings(
            id=SavingsId(_whole(row["id"])),
            number=_text(row["accountNo"]),
            name=_text(row["productName"]),
            product_id=_whole(row["productId"]),
            client=client.id,
            client_name=client.display_name,
            office=client.office,
            status=status,
            balance=balance,
            available=balance,
            opened_on=_opened_on(row),
        )

    @_readable
    def savings(self, body: Json) -> AccountFacts | None:
        """The account by itself, with its charges; the office is to be filled in (`OfficeId(0)`)."""
        status = self._savings_status(body)
        if status is None or "clientId" not in body or not self._is_in_our_currency(body):
            return None
        summary = body["summary"]
        balance = self._at_most(summary.get("accountBalance", 0))
        savings = Savings(
            id=SavingsId(_whole(body["id"])),
            number=_text(body["accountNo"]),
            name=_text(body["savingsProductName"]),
            product_id=_whole(body["savingsProductId"]),
            client=ClientId(_whole(body["clientId"])),
            client_name=_text(body.get("clientName", "")),
            office=OfficeId(0),
            status=status,
            balance=balance,
            available=self._available(body, summary),
            opened_on=_opened_on(body),
        )
        return AccountFacts(savings, self._sum(summary, PAID_IN), self._sum(summary, PAID_OUT), self._charges(body))

    def _available(self, body: Json, summary: Json) -> Money:
        """What may leave: besides what is held, Fineract keeps a required balance back and lends an overdraft."""
        available = _number(summary.get("availableBalance", summary.get("accountBalance", 0)))
        if body.get("enforceMinRequiredBalance"):
            available -= _number(body.get("minRequiredBalance", 0))
        if body.get("allowOverdraft"):
            available += _number(body.get("overdraftLimit", 0))
        return self._at_most(max(available, Decimal(0)))

    def _charges(self, body: Json) -> tuple[Charge, ...]:
        """Those that a transfer out of the account bears."""
        if not body.get("withdrawalFeeForTransfers"):
            return ()
        borne = []
        for row in body.get("charges") or ():
            if row["chargeTimeType"]["id"] != WITHDRAWAL_FEE or not row.get("isActive", True):
                continue
            calculation = row["chargeCalculationType"]["id"]
            if calculation not in (FLAT, PERCENT_OF_AMOUNT):
                raise Unreadable(f"a withdrawal fee that is calculated by {calculation}")
            is_percent = calculation == PERCENT_OF_AMOUNT
            rate = _number(row["percentage"] if is_percent else row["amount"])
            if rate < 0 or rate.adjusted() > MOST_DIGITS:
                raise Unreadable(f"a withdrawal fee of {str(rate)[:40]}")
            borne.append(Charge(is_percent, rate, bool(row.get("isFreeWithdrawal"))))
        return tuple(borne)

    def _savings_status(self, body: Json) -> AccountStatus | None:
        if body.get("depositType", {}).get("id", PASSBOOK) != PASSBOOK:
            return None
        status = _status(SAVINGS_STATUS, body, "savings")
        sub = body.get("subStatus", {})
        if status is AccountStatus.ACTIVE and (sub.get("block") or sub.get("blockDebit")):
            return AccountStatus.BLOCKED
        return status

    def _sum(self, summary: Json, parts: Iterable[str]) -> Money:
        return self._nearest(sum((_number(summary.get(part, 0)) for part in parts), Decimal(0)))

    @_readable
    def line(self, row: Json) -> SavingsLine | None:
        """None for what was reversed, what reverses, and what changes no balance."""
        kind = KIND_OF_TRANSACTION.get(_code(row["transactionType"]), OTHER)
        if row.get("reversed") or row.get("isReversal") or kind is None:
            return None
        number, day = _whole(row["id"]), _day(row["date"])
        if not 0 < number < LINES_OF_A_DAY:
            raise Unreadable(f"a transaction's number: {number}")
        reference, ours = read_mark(_transfer(row).get("transferDescription"))
        amount = self._nearest(row["amount"])
        return SavingsLine(
            line=day.toordinal() * LINES_OF_A_DAY + number,
            number=number,
            reference=reference,
            kind=ours or kind,
            business_date=day,
            booked_at=self._beginning(_day(row.get("submittedOnDate", row["date"]))),
            amount=-amount if row["entryType"] == "DEBIT" else amount,
            balance=self._at_most(row.get("runningBalance", 0)),
        )

    @_readable
    def transactions(self, body: Json) -> list[Json]:
        """The rows of a page of transactions."""
        return list(body["content"])

    @_readable
    def marked(self, row: Json) -> str | None:
        """The description of the transfer that a transaction belongs to, whether reversed since or not."""
        return cast("str | None", _transfer(row).get("transferDescription"))

    # --- loans --------------------------------------------------------------------------------------------------------

    @_readable
    def listed_loans(self, body: Json) -> list[tuple[LoanId, AccountStatus]]:
        """From a client's accounts: which there are."""
        rows = [(row, self.loan_status(row)) for row in body.get("loanAccounts") or ()]
        return [(LoanId(_whole(row["id"])), status) for row, status in rows if status is not None]

    @_readable
    def loan_status(self, row: Json) -> AccountStatus | None:
        """None for one that was never paid out, and for one in another currency."""
        status = _status(LOAN_STATUS, row, "loan")
        return status if status is not None and self._is_in_our_currency(row) else None

    @_readable
    def loan(self, body: Json) -> Loan | None:
        status = self.loan_status(body)
        if status is None or "clientId" not in body:
            return None
        summary, timeline = body.get("summary", {}), _timeline(body)
        periods = [row for row in body["repaymentSchedule"]["periods"] if "period" in row]
        installments = [self._installment(row) for row in periods]
        if status is not AccountStatus.CLOSED:
            self._nothing_is_forgotten(installments, summary)
        return Loan(
            id=LoanId(_whole(body["id"])),
            number=_text(body["accountNo"]),
            name=_text(body["loanProductName"]),
            product_id=_whole(body["loanProductId"]),
            client=ClientId(_whole(body["clientId"])),
            client_name=_text(body.get("clientName", "")),
            office=OfficeId(_whole(body["clientOfficeId"])),
            status=status,
            currency=self._currency,
            principal=self._nearest(summary.get("principalDisbursed", body["principal"])),
            rate_percent=_rate(body.get("annualInterestRate", 0)),
            disbursed_on=_day(timeline.get("actualDisbursementDate") or timeline["expectedDisbursementDate"]),
            closed_on=_day(closed) if (closed := timeline.get("closedOnDate")) else None,
            installments=tuple(installments),
        )

    def _installment(self, row: Json) -> Installment:
        """Fineract's fees and penalties count as interest here, so that what is left is what Fineract wants."""
        principal, interest = self._part(row, "principal"), [self._part(row, of) for of in BESIDES_PRINCIPAL]
        principal_paid, principal_left = principal
        interest_paid, interest_left = (sum(column) for column in zip(*interest, strict=True))
        is_met = principal_left == interest_left == 0
        return Installment(
            number=_whole(row["period"]),
            from_date=_day(row["fromDate"]),
            due_date=_day(row["dueDate"]),
            due=Parts(principal_paid + principal_left, interest_paid + interest_left),
            paid=Parts(principal_paid, interest_paid),
            met_on=_day(met) if is_met and (met := row.get("obligationsMetOnDate")) else None,
            paid_in_advance_minor=self._nearest(row.get("totalPaidInAdvanceForPeriod", 0)).minor,
            paid_late_minor=self._nearest(row.get("totalPaidLateForPeriod", 0)).minor,
        )

    def _part(self, row: Json, of: str) -> tuple[int, int]:
        """What is paid and what is left of one part of an installment; what was waived or written off is neither."""
        return self._nearest(row.get(of + "Paid", 0)).minor, self._at_least(row.get(of + "Outstanding", 0)).minor

    def _nothing_is_forgotten(self, installments: list[Installment], summary: Json) -> None:
        """What Fineract wants besides the schedule is due with the last installment."""
        wanted = self._at_least(summary.get("totalOutstanding", 0)).minor
        forgotten = wanted - sum(each.outstanding_minor for each in installments)
        if forgotten > 0 and installments:
            last = installments.pop()
            installments.append(replace(last, due=last.due + Parts(interest=forgotten), met_on=None))

    @_readable
    def loan_summary(self, body: Json) -> LoanSummary:
        """What decides whether a repayment may be sent."""
        outstanding = self._at_least(body.get("summary", {}).get("totalOutstanding", 0))
        return LoanSummary(self.loan_status(body), _text(body["status"]["code"]), outstanding)

    @_readable
    def loan_rows(self, body: Json) -> list[Json]:
        return list(body.get("transactions") or ())

    @_readable
    def loan_transaction(self, row: Json) -> LoanTransaction | None:
        """None for what is neither paid out nor paid back, and for what was reversed."""
        code = _code(row["type"])
        if code not in ("disbursement", "repayment") or row.get("manuallyReversed"):
            return None
        reference, _ = read_mark(_transfer(row).get("transferDescription"))
        amount = self._nearest(row["amount"])
        principal = amount if code == "disbursement" else self._nearest(row.get("principalPortion", 0))
        return LoanTransaction(
            number=_whole(row["id"]),
            reference=reference,
            kind=cast('Literal["disbursement", "repayment"]', code),
            business_date=_day(row["date"]),
            booked_at=self._beginning(_day(row.get("submittedOnDate", row["date"]))),
            amount=amount,
            principal=principal,
            interest=self._sum(row, [f"{of}Portion" for of in BESIDES_PRINCIPAL]),
            outstanding_principal=self._at_least(row.get("outstandingLoanBalance", 0)),
        )

    # --- numbers, days ------------------------------------------------------------------------------------------------

    def _is_in_our_currency(self, body: Json) -> bool:
        currency = body["currency"]
        is_ours = (currency["code"], currency["decimalPlaces"]) == (self._currency.code, self._currency.scale)
        if not is_ours:
            log.warning(
                "fineract.other_currency", institution=self._institution.slug, account=body.get("accountNo"),
                currency=currency["code"], decimals=currency["decimalPlaces"],
            )  # fmt: skip
        return is_ours

    def _nearest(self, value: object) -> Money:
        return _rounded(_number(value), self._currency, ROUND_HALF_EVEN)

    def _at_most(self, value: object) -> Money:
        """A balance: never more than is there."""
        return _rounded(_number(value), self._currency, ROUND_FLOOR)

    def _at_least(self, value: object) -> Money:
        """A debt: never less than is wanted."""
        return _rounded(_number(value), self._currency, ROUND_CEILING)

    def _beginning(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._institution.zone)


BESIDES_PRINCIPAL = ("interest", "feeCharges", "penaltyCharges")
PAID_IN = ("totalDeposits", "totalInterestPosted")
PAID_OUT = (
    "totalWithdrawals", "totalWithdrawalFees", "totalAnnualFees", "totalFeeCharge", "totalPenaltyCharge",
    "totalOverdraftInterestDerived", "totalWithholdTax",
)  # fmt: skip


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Unreadable(f"no number: {str(value)[:40]}")
    return Decimal(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_MINOR:
        raise Unreadable(f"no whole number: {str(value)[:40]}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"no text: {str(value)[:40]}")
    # What no database and no door can write: NUL, and halves of letters.
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _rounded(value: Decimal, currency: Currency, rounding: str) -> Money:
    """Fineract keeps six decimals: what is finer than the currency is rounded, in the direction that promises less."""
    if not value.is_finite() or value.adjusted() > MOST_DIGITS:
        raise Unreadable(f"no amount: {str(value)[:40]}")
    minor = int(value.scaleb(currency.scale).to_integral_value(rounding))
    if abs(minor) > LARGEST_MINOR:
        raise Unreadable(f"too large an amount: {str(value)[:40]}")
    return Money(minor, currency)


def _rate(value: object) -> str:
    """`24.00`; more decimals only where the rate has them."""
    rate = _number(value)
    is_short = rate == rate.quantize(Decimal("0.01"))
    return f"{rate:.2f}" if is_short else f"{rate.normalize():f}"


def day_of_line(line: int) -> date:
    """The business date of a line by its number. Raises `NotFound` for a number that no line has."""
    try:
        return date.fromordinal(line // LINES_OF_A_DAY)
    except (ValueError, OverflowError):
        raise NotFound(kind="savings") from None


def _day(value: object) -> date:
    if not isinstance(value, list) or len(value) != 3:
        raise Unreadable(f"no date: {str(value)[:40]}")
    return date(*value)


def _timeline(body: Json) -> Json:
    return cast(Json, body.get("timeline", {}))


def _opened_on(body: Json) -> date:
    timeline = _timeline(body)
    return _day(timeline.get("activatedOnDate") or timeline.get("approvedOnDate") or timeline["submittedOnDate"])


def _transfer(row: Json) -> Json:
    return cast(Json, row.get("transfer") or {})


def _code(enumeration: Json) -> str:
    """`savingsAccountTransactionType.deposit` by its last part."""
    return _text(enumeration["code"]).rpartition(".")[2]


def _status(known: Mapping[int, AccountStatus | None], body: Json, what: str) -> AccountStatus | None:
    status = body["status"]
    if status["id"] not in known:
        log.warning("fineract.unknown_status", kind=what, account=body.get("accountNo"), status=str(status)[:80])
    return known.get(status["id"])


def _name(body: Json) -> tuple[str, str]:
    """First and last name; a whole name, as of an organisation or in one piece, stands in the first place."""
    last = _text(body.get("lastname", "")).strip()
    first = " ".join(filter(None, (_text(body.get(part, "")).strip() for part in ("firstname", "middlename"))))
    if not first and not last:
        first = _text(body.get("fullname") or body["displayName"]).strip()
    return first, last
