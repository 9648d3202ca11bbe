"""The limits within which terms can be honoured. Beyond them a schedule is refused, never worked out wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from dirisha.core.native.loans.refusals import Rule, TermsRefused
from dirisha.core.native.rounding import ROUNDING_MODES
from dirisha.kit.money import Money

if TYPE_CHECKING:
    from dirisha.core.native.loans.charges import ChargeTerms
    from dirisha.core.native.loans.terms import LoanTerms
    from dirisha.kit.money import Currency

MOST_REPAYMENTS = 600
MOST_UNITS_BETWEEN = {0: 3_660, 1: 520, 2: 120, 3: 10}
HIGHEST_RATE = Decimal(100_000)
LONGEST_WAIT_DAYS = 3_660
LARGEST_MULTIPLE = 10**12

# Ids of `PeriodUnit`, `ScheduleType`, `InterestMethod`, `Amortization` and `ChargeCalculation`.
YEARS = 3
PROGRESSIVE = 2
DECLINING_BALANCE = 0
EQUAL_INSTALLMENTS = 1
FLAT = 1

Number = TypeVar("Number", int, Decimal)


def check_terms(terms: LoanTerms) -> None:
    """Raises `TermsRefused` by the first rule that is broken."""
    _check_principal(terms)
    _within(Rule.NUMBER_OF_REPAYMENTS, terms.number_of_repayments, 1, MOST_REPAYMENTS)
    _within(Rule.REPAYMENT_EVERY, terms.repayment_every, 1, MOST_UNITS_BETWEEN[terms.repayment_unit])
    _within(Rule.INTEREST_RATE, terms.interest_rate, Decimal(0), HIGHEST_RATE)
    _check_dates(terms)
    _check_grace(terms)
    _check_installments(terms)
    _check_tranches(terms)
    check_reschedules(terms)
    _check_progressive(terms)
    for charge in terms.charges:
        check_charge(charge, terms.principal.currency)
    if terms.rounding not in ROUNDING_MODES:
        raise TermsRefused(Rule.ROUNDING, limit=len(ROUNDING_MODES), given=terms.rounding)


def check_disbursements(terms: LoanTerms, expected_on: Sequence[date], disbursed_on: date) -> None:
    """The first tranche goes out on the day of disbursement. Raises `TermsRefused`."""
    if expected_on[0] != disbursed_on:
        raise TermsRefused(Rule.FIRST_TRANCHE_AT_DISBURSEMENT, limit=disbursed_on, given=expected_on[0])


def check_interest_starts(terms: LoanTerms, last_due_on: date) -> None:
    """Interest starts ahead of the last due date. Raises `TermsRefused`."""
    if terms.interest_from is not None and terms.interest_from >= last_due_on:
        raise TermsRefused(Rule.INTEREST_FROM, limit=last_due_on, given=terms.interest_from)


def check_reschedules(terms: LoanTerms) -> None:
    """Only what is worked out from what is still out can be spread anew. Raises `TermsRefused`."""
    for change in terms.reschedules:
        if change.moved_to is not None and change.moved_to < change.from_due:
            raise TermsRefused(Rule.RESCHEDULE, limit=change.from_due, given=change.moved_to)
        _within(Rule.RESCHEDULE, change.longer_by, 0, MOST_REPAYMENTS - terms.number_of_repayments)
        if change.changes_amounts and (terms.interest_method != DECLINING_BALANCE or terms.equal_amortization):
            raise TermsRefused(Rule.RESCHEDULE, limit="declining balance", given="flat or spread interest")
        if change.installment is not None and terms.amortization != EQUAL_INSTALLMENTS:
            raise TermsRefused(Rule.RESCHEDULE, limit="equal installments", given=change.installment)


def check_last_tranche(expected_on: date, last_due_on: date) -> None:
    """No money goes out when the last installment has been due. Raises `TermsRefused`."""
    if expected_on > last_due_on:
        raise TermsRefused(Rule.TRANCHE_WITHIN_TERM, limit=last_due_on, given=expected_on)


def _check_principal(terms: LoanTerms) -> None:
    principal, multiple = terms.principal, terms.currency_multiple
    if not principal.is_positive:
        raise TermsRefused(Rule.PRINCIPAL_ABOVE_ZERO, limit=Money.zero(principal.currency), given=principal)
    if multiple is None:
        return
    _within(Rule.CURRENCY_MULTIPLE, multiple, 1, LARGEST_MULTIPLE)
    if principal.currency.scale == 0 and principal.minor % multiple:
        raise TermsRefused(Rule.PRINCIPAL_IN_CURRENCY_MULTIPLE, limit=multiple, given=principal)


def _check_dates(terms: LoanTerms) -> None:
    rule = terms.dates
    _within(Rule.DAYS_TO_FIRST_REPAYMENT, rule.days_to_first_repayment, 0, LONGEST_WAIT_DAYS)
    if rule.nth_weekday is not None:
        _within(Rule.NTH_WEEKDAY, rule.nth_weekday.weekday, 1, 7)
        if rule.nth_weekday.nth not in (1, 2, 3, 4, -1):
            raise TermsRefused(Rule.NTH_WEEKDAY, limit=4, given=rule.nth_weekday.nth)
        # An nth weekday is one of a month's.
        _within(Rule.NTH_WEEKDAY, int(terms.repayment_unit), 2, 2)
    if rule.fixed_length is not None:
        _within(Rule.FIXED_LENGTH, rule.fixed_length, 1, MOST_REPAYMENTS * LONGEST_WAIT_DAYS)
    if not rule.working_days.weekdays:
        raise TermsRefused(Rule.WORKING_DAYS, limit=1, given=0)


def _check_grace(terms: LoanTerms) -> None:
    """Some installment has to repay principal, and some to pay interest."""
    grace, most = terms.grace, terms.number_of_repayments - 1
    _within(Rule.GRACE, grace.on_principal, 0, most)
    _within(Rule.GRACE, grace.between_principal, 0, most)
    _within(Rule.GRACE, grace.on_interest_payment, 0, most)
    _within(Rule.GRACE, grace.interest_free, 0, most)
    _within(Rule.GRACE, grace.on_interest_payment + grace.interest_free, 0, most)


def _check_installments(terms: LoanTerms) -> None:
    fixed, percentage = terms.fixed_installment, terms.fixed_principal_percentage
    if terms.installment_multiple is not None:
        _within(Rule.INSTALLMENT_MULTIPLE, terms.installment_multiple, 1, LARGEST_MULTIPLE)
    if fixed is not None and not fixed.is_positive:
        raise TermsRefused(Rule.FIXED_INSTALLMENT_ABOVE_ZERO, limit=Money.zero(fixed.currency), given=fixed)
    if percentage is not None:
        _within(Rule.FIXED_PRINCIPAL_PERCENTAGE, percentage, Decimal(0), Decimal(100))
        if fixed is not None:
            raise TermsRefused(Rule.FIXED_INSTALLMENT_OR_PRINCIPAL, limit=percentage, given=fixed)
    if terms.last_installment_threshold is not None:
        _within(Rule.LAST_INSTALLMENT_THRESHOLD, terms.last_installment_threshold, Decimal(0), Decimal(100))


def _check_tranches(terms: LoanTerms) -> None:
    lent = Money.zero(terms.principal.currency)
    for tranche in terms.tranches:
        if not tranche.principal.is_positive:
            raise TermsRefused(Rule.TRANCHE_ABOVE_ZERO, limit=Money.zero(lent.currency), given=tranche.principal)
        lent += tranche.principal
    if lent > terms.principal:
        raise TermsRefused(Rule.TRANCHES_WITHIN_PRINCIPAL, limit=terms.principal, given=lent)
    if terms.down_payment is not None:
        _within(Rule.DOWN_PAYMENT, terms.down_payment.percentage, Decimal(0), Decimal(100))
        if terms.down_payment.percentage == 100:
            raise TermsRefused(Rule.DOWN_PAYMENT, limit=100, given=terms.down_payment.percentage)


def _check_progressive(terms: LoanTerms) -> None:
    """Progressive schedules are of equal installments on a declining balance, every so many days, weeks or months."""
    if terms.schedule_type != PROGRESSIVE:
        return
    if terms.repayment_unit == YEARS:
        raise TermsRefused(Rule.PROGRESSIVE_METHOD, limit=2, given=int(terms.repayment_unit))
    other_method = terms.interest_method != DECLINING_BALANCE or terms.amortization != EQUAL_INSTALLMENTS
    if other_method and terms.interest_rate > 0:
        raise TermsRefused(
            Rule.PROGRESSIVE_METHOD, limit="equal installments, declining balance", given="another method"
        )
    if terms.fixed_installment is not None or terms.fixed_principal_percentage is not None or terms.equal_amortization:
        raise TermsRefused(Rule.PROGRESSIVE_METHOD, limit="level installments", given="fixed amounts")


def check_charge(charge: ChargeTerms, currency: Currency) -> None:
    """Neither negative nor finer than its currency. Raises `TermsRefused`."""
    _within(Rule.CHARGE, charge.amount, Decimal(0), Decimal(10) ** 18)
    exact = charge.amount.scaleb(currency.scale)
    if charge.calculation == FLAT and exact != exact.to_integral_value():
        raise TermsRefused(Rule.CHARGE_DECIMALS, limit=currency.scale, given=charge.amount)


def _within(rule: Rule, given: Number, least: Number, most: Number) -> None:
    if isinstance(given, Decimal) and given.is_nan():
        raise TermsRefused(rule, limit=most, given=given)
    if given < least:
        raise TermsRefused(rule, limit=least, given=given)
    if given > most:
        raise TermsRefused(rule, limit=most, given=given)
