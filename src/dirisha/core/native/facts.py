"""Rows of this room's tables as the facts of the port, and the reader that fetches them within a scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from dirisha.core.installments import Installment
from dirisha.core.native.loans.refusals import TermsRefused
from dirisha.core.native.loans.schedule import schedule
from dirisha.core.native.loans.terms import LoanTerms
from dirisha.core.parts import Parts
from dirisha.core.port import (
    AccountKind,
    AccountRef,
    AccountStatus,
    Client,
    Loan,
    LoanProduct,
    LoanTransaction,
    Office,
    Overview,
    Receipt,
    Savings,
    SavingsLine,
    SavingsTurnover,
    TermsNotOffered,
)
from dirisha.db.statements import Statements
from dirisha.db.transactions import Rows, Tx
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.scope import Clients, Scope
from dirisha.ledger import books
from dirisha.ledger.books import FEE_INCOME, INTEREST_INCOME, Side
from dirisha.tenants.institution import Institution

SQL = Statements.beside(__file__, "sql/facts.sql")

# A journal puts at most this many lines on one account (principal, interest, fee).
MOST_LEGS = 3


class _Rows:
    """Rows into facts, in the institution's currency."""

    def __init__(self, institution: Institution) -> None:
        self._institution = institution
        self._currency = institution.currency

    def fee(self, act: str, channel: Channel, source: Savings, amount: Money) -> Money:
        """By the institution's tariff."""
        return self._institution.fee(act, channel)

    def plan_loan(self, product: LoanProduct, principal: Money, installments: int, on: date) -> tuple[Installment, ...]:
        if not product.smallest <= principal <= product.largest:
            raise TermsNotOffered(rule="principal", limit=f"{product.smallest.plain()}-{product.largest.plain()}")
        if not product.fewest_installments <= installments <= product.most_installments:
            raise TermsNotOffered(
                rule="installments", limit=f"{product.fewest_installments}-{product.most_installments}"
            )
        try:
            terms = LoanTerms(
                principal=principal, number_of_repayments=installments, interest_rate=Decimal(product.rate_percent)
            )
            return schedule(terms, on)
        except TermsRefused as refused:
            raise TermsNotOffered(rule=refused.rule.value, limit=str(refused.limit)) from None

    def _loan_product(self, tx: Tx, name: str) -> LoanProduct | None:
        row = tx.run(SQL["loan_product"], {"name": name}).first()
        if row is None:
            return None
        return LoanProduct(
            id=row.id,
            name=row.name,
            rate_percent=row.rate_percent,
            smallest=self._money(row.smallest_minor),
            largest=self._money(row.largest_minor),
            fewest_installments=row.fewest_installments,
            most_installments=row.most_installments,
        )

    def _money(self, minor: int) -> Money:
        return Money(minor, self._currency)

    def client_of(self, row: Any) -> Client:
        return Client(
            id=ClientId(row.id),
            number=row.number,
            first_name=row.first_name,
            last_name=row.last_name,
            office=OfficeId(row.office),
            office_name=row.office_name,
            msisdn=row.msisdn,
            submitted_on=row.submitted_on,
            activated_on=row.activated_on,
        )

    def savings_of(self, row: Any) -> Savings:
        return Savings(
            id=SavingsId(row.id),
            number=row.number,
            name=row.name,
            product_id=row.product,
            client=ClientId(row.client),
            client_name=f"{row.first_name} {row.last_name}",
            office=OfficeId(row.office),
            status=AccountStatus(row.status),
            balance=self._money(row.minor),
            available=self._money(row.minor),
            opened_on=row.opened_on,
        )

    def loans_of(self, loans: Rows, installments: Rows) -> tuple[Loan, ...]:
        by_loan: dict[int, list[Installment]] = defaultdict(list)
        loan_rows = loans.all()
        for row in installments.all():
            by_loan[row.loan].append(_installment(row))
        return tuple(
            Loan(
                id=LoanId(row.id),
                number=row.number,
                name=row.name,
                product_id=row.product,
                client=ClientId(row.client),
                client_name=f"{row.first_name} {row.last_name}",
                office=OfficeId(row.office),
                status=AccountStatus(row.status),
                currency=self._currency,
                principal=self._money(row.principal_minor),
                rate_percent=row.rate_percent,
                disbursed_on=row.disbursed_on,
                closed_on=row.closed_on,
                installments=tuple(by_loan[row.id]),
            )
            for row in loan_rows
        )

    def _by_journal(self, raw: Iterable[books.Line]) -> list[SavingsLine]:
        """Lines newest first, those of one journal as one: its amounts summed, the balance after the last."""
        grouped = []
        for _, group in groupby(raw, key=lambda line: line.journal):
            legs = list(group)
            newest = legs[0]
            grouped.append(
                SavingsLine(
                    line=legs[-1].number,
                    number=legs[-1].number,
                    reference=newest.reference,
                    kind=newest.kind,
                    business_date=newest.business_date,
                    booked_at=newest.booked_at,
                    amount=self._money(sum(leg.delta_minor for leg in legs)),
                    balance=self._money(newest.balance_minor),
                )
            )
        return grouped

    def _latest(self, rows: Sequence[Any], latest: int) -> tuple[tuple[SavingsId, SavingsLine], ...]:
        lines = [
            (SavingsId(account), line)
            for account, group in groupby(rows, key=lambda row: row.account)
            for line in self._by_journal(_line(row) for row in group)
        ]
        lines.sort(key=lambda each: (each[1].booked_at, each[1].line), reverse=True)
        return tuple(lines[:latest])

    def _receipt(self, rows: Sequence[Any]) -> Receipt:
        first, last = rows[0], rows[-1]
        fee = sum(row.amount_minor for row in rows if row.credit == FEE_INCOME.id)
        interest = sum(row.amount_minor for row in rows if row.credit == INTEREST_INCOME.id)
        amount = sum(row.amount_minor for row in rows) - fee
        is_repayment = first.loan_part == "repayment"
        if first.loan is not None:
            target = AccountRef(AccountKind.LOAN, first.loan, first.loan_number, first.loan_name)
        else:
            target = AccountRef(AccountKind.SAVINGS, first.credit, first.credit_number, first.credit_name)
        source = None
        if first.debit_kind == "savings":
            source = AccountRef(AccountKind.SAVINGS, first.debit, first.debit_number, first.debit_name)
        return Receipt(
            reference=first.reference,
            kind=first.kind,
            business_date=first.business_date,
            booked_at=first.booked_at,
            source=source,
            target=target,
            payee=first.payee,
            amount=self._money(amount),
            fee=self._money(fee),
            principal=self._money(amount - interest) if is_repayment else None,
            interest=self._money(interest) if is_repayment else None,
            balance_after=self._money(last.debit_balance if source else first.credit_balance),
        )


class NativeReader(_Rows):
    """See `dirisha.core.port.Reader`: under row-level security, which leaves out what is not in the scope."""

    facts_are: Literal["under lock", "as read"] = "under lock"

    def __init__(self, institution: Institution, tx: Tx, scope: Scope) -> None:
        super().__init__(institution)
        self._tx = tx
        # A branch's lists come with the branch's pages; its acts name what they touch.
        self._ids = list(scope.ids) if isinstance(scope, Clients) else []

    def overview(self, *, latest: int) -> Overview:
        of = {"clients": self._ids}
        clients, savings = self._tx.run(SQL["clients"], of), self._tx.run(SQL["clients_savings"], of)
        loans, installments = self._tx.run(SQL["clients_loans"], of), self._tx.run(SQL["clients_installments"], of)
        lines = self._tx.run(SQL["clients_lines"], of | {"limit": latest * MOST_LEGS})
        return Overview(
            clients=tuple(self.client_of(row) for row in clients.all()),
            savings=tuple(self.savings_of(row) for row in savings.all()),
            loans=self.loans_of(loans, installments),
            latest=self._latest(lines.all(), latest),
        )

    def clients(self) -> list[Client]:
        return [self.client_of(row) for row in self._tx.run(SQL["clients"], {"clients": self._ids}).all()]

    def client(self, client_id: ClientId) -> Client | None:
        row = self._tx.run(SQL["clients"], {"clients": [client_id]}).first()
        return None if row is None else self.client_of(row)

    def offices(self) -> list[Office]:
        return [Office(OfficeId(row.id), row.name) for row in self._tx.run(SQL["offices"]).all()]

    def savings(self, savings_id: SavingsId) -> Savings | None:
        row = self._tx.run(SQL["savings"], {"ids": [savings_id]}).first()
        return None if row is None else self.savings_of(row)

    def savings_lines(self, savings_id: SavingsId, *, before: int | None, limit: int) -> list[SavingsLine]:
        # One journal more than asked for, so that the last one shown is whole.
        raw = books.lines(self._tx, savings_id, Side.CREDIT, before=before, limit=(limit + 1) * MOST_LEGS)
        return self._by_journal(raw)[:limit]

    def savings_turnover(self, savings_id: SavingsId) -> SavingsTurnover:
        row = self._tx.run(SQL["savings_turnover"], {"account": savings_id}).one()
        return SavingsTurnover(self._money(int(row.paid_in)), self._money(int(row.paid_out)), row.last_on)

    def loan(self, loan_id: LoanId) -> Loan | None:
        loans, installments = (
            self._tx.run(SQL["loans"], {"ids": [loan_id]}),
            self._tx.run(SQL["installments"], {"ids": [loan_id]}),
        )
        return next(iter(self.loans_of(loans, installments)), None)

    def loan_transactions(self, loan_id: LoanId) -> list[LoanTransaction]:
        return [
            LoanTransaction(
                number=row.number,
                reference=row.reference,
                kind=row.kind,
                business_date=row.business_date,
                booked_at=row.booked_at,
                amount=self._money(row.amount_minor),
                principal=self._money(row.principal_minor),
                interest=self._money(row.interest_minor),
                outstanding_principal=self._money(row.left_minor),
            )
            for row in self._tx.run(SQL["loan_transactions"], {"loan": loan_id}).all()
        ]

    def receipt(self, reference: str) -> Receipt | None:
        rows = self._tx.run(SQL["receipt"], {"reference": reference}).all()
        return self._receipt(rows) if rows else None

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._loan_product(self._tx, name)


class LockedFacts(_Rows):
    """See `dirisha.core.port.Facts`: on their way; the rows are fetched when the first is asked for."""

    def __init__(
        self, institution: Institution, tx: Tx, savings: Rows | None, loans: Rows | None, installments: Rows | None
    ) -> None:
        super().__init__(institution)
        self._tx = tx
        self._savings_rows, self._loan_rows, self._installment_rows = savings, loans, installments
        self._savings: dict[int, Savings] | None = None
        self._loans: dict[int, Loan] | None = None

    def savings(self, savings_id: SavingsId) -> Savings | None:
        if self._savings is None:
            rows = self._savings_rows.all() if self._savings_rows else []
            self._savings = {row.id: self.savings_of(row) for row in rows}
        return self._savings.get(savings_id)

    def loan(self, loan_id: LoanId) -> Loan | None:
        if self._loans is None:
            found: Sequence[Loan] = ()
            if self._loan_rows is not None and self._installment_rows is not None:
                found = self.loans_of(self._loan_rows, self._installment_rows)
            self._loans = {loan.id: loan for loan in found}
        return self._loans.get(loan_id)

    def loan_product(self, name: str) -> LoanProduct | None:
        return self._loan_product(self._tx, name)


def _installment(row: Any) -> Installment:
    return Installment(
        number=row.number,
        from_date=row.from_date,
        due_date=row.due_date,
        due=Parts(row.principal_minor, row.interest_minor),
        paid=Parts(row.principal_paid_minor, row.interest_paid_minor),
        met_on=row.met_on,
        paid_in_advance_minor=row.paid_in_advance_minor,
        paid_late_minor=row.paid_late_minor,
    )


def _line(row: Any) -> books.Line:
    delta = row.amount_minor if row.side == Side.CREDIT else -row.amount_minor
    return books.Line(
        row.line, row.journal, row.reference, row.kind, row.business_date, row.booked_at, delta, row.balance
    )
