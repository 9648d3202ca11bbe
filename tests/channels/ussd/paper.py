"""A desk made of paper: what the house could answer, written down case by case. No database, no engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from dirisha.access.people import Person, Phone
from dirisha.access.secrets import LockedOut, WrongSecret
from dirisha.channels.ussd.dialog import PhoneFacts, PhonePerson
from dirisha.core.installments import Installment
from dirisha.core.parts import Parts
from dirisha.core.port import AccountStatus, Loan, Order, Party, Receipt, Savings, SavingsLine
from dirisha.engine.act import Act, Declared, MoneyAct
from dirisha.engine.outcome import Done, MoneyOutcome, Outcome, Pending, Quote, Refused
from dirisha.engine.plan import Quoted
from dirisha.engine.policy import Need
from dirisha.kit.actor import Role
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId, UserId
from dirisha.kit.money import Currency, Money
from dirisha.kit.refusal import Refusal
from dirisha.payments.instructions import Instruction, InstructionId, key_of
from dirisha.payments.states import State
from dirisha.queries import accounts, loans
from dirisha.queries.accounts import AccountPage
from dirisha.queries.loans import LoanStanding, standing

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = AT.date()
KES = Currency("KES")
PIN = "2468"
QUOTE = UUID("01a20fc8-372a-72e2-a5eb-55207afcb2e0")
CORRELATION = "01a20fc8-372a-72e2-a5eb-55207afcb2e0"

# What a screen before the PIN must not show, wherever it might come from.
SECRETS = ("Amina", "Wanjiru", "savings", "akiba ya", "...", "KES")


def money(amount: str) -> Money:
    return Money.of(Decimal(amount), KES)


def savings(number: int, *, name: str = "Everyday savings", balance: str = "18640.50") -> Savings:
    return Savings(
        SavingsId(number), f"0000000{number:04d}", name, 1, ClientId(1), "Amina Wanjiru", OfficeId(1),
        AccountStatus.ACTIVE, money(balance), money(balance), date(2026, 1, 1),
    )  # fmt: skip


def loan(number: int, *, first_due: date, name: str = "Business loan", installment: str = "4250.00") -> Loan:
    minor = money(installment).minor
    rows = tuple(
        Installment(
            number=n + 1,
            from_date=first_due,
            due_date=first_due + timedelta(days=30 * n),
            due=Parts(minor - minor // 10, minor // 10),
        )
        for n in range(12)
    )
    return Loan(
        LoanId(number), f"0000000{number:04d}", name, 1, ClientId(1), "Amina Wanjiru", OfficeId(1),
        AccountStatus.ACTIVE, KES, money("48000"), "24.00", date(2026, 1, 1), None, rows,
    )  # fmt: skip


def line(
    number: int, *, kind: str = "loans.repay", amount: str = "-4250.00", balance: str = "14390.50",
    reference: str | None = "R7K4-9M3P-XC",
) -> SavingsLine:  # fmt: skip
    return SavingsLine(number, number, reference, kind, TODAY, AT, money(amount), money(balance))


def on_its_way(terms: Quoted) -> Instruction:
    """As the core has been asked and has not answered."""
    assert terms.source is not None
    order = Order(
        "loans.repay", "R7K4-9M3P-XC", TODAY, Party(terms.source, ClientId(1), OfficeId(1)),
        Party(terms.target, ClientId(1), OfficeId(1)), terms.amount, terms.fee,
    )  # fmt: skip
    return Instruction(
        InstructionId(QUOTE), QUOTE, order, terms.payee, key_of(QUOTE), order.kind, "user:1", "ussd", CORRELATION,
        ClientId(1), (), (), State.UNKNOWN, 1, AT, AT, AT, None, None, None, None, None, False,
    )  # fmt: skip


LONGEST_NAME = "Savings of the women's group of Upper Kanyamkago"
LONGEST_MONEY = "9999999999.99"
BEYOND_GSM7 = "Épargne des élèves çà et là"


LINK = Phone(1, "+254700000118", "Amina's line", ussd_on=True, sms_on=False)


@dataclass
class PaperDesk:
    """`quoting` and `confirming` are what those steps answer; None is that they succeed. Looks before the PIN fail."""

    phone_language: str | None = "en"
    people: tuple[str, ...] = ("Amina's line",)
    savings: tuple[Savings, ...] = (savings(42), savings(57, name="School fees"))
    loans: tuple[Loan, ...] = (loan(311, first_due=TODAY),)
    lines: tuple[SavingsLine, ...] = (line(1), line(2, kind="savings.deposit", amount="2000"))
    link: Phone | None = LINK
    need: Need = Need.PIN
    fee: str = "0"
    entering: Refusal | None = None
    quoting: Refusal | None = None
    confirming: Refusal | None = None
    changed: bool = False
    pending: bool = False
    knows_balance: bool = True
    performing: Refusal | None = None
    amount: str = "4250.00"
    language: str = "en"
    known: bool = False
    calls: list[str] = field(default_factory=list)

    def standings(self) -> tuple[LoanStanding, ...]:
        return tuple(standing(each, TODAY) for each in self.loans)

    # --- the protocol

    def speak(self, language: str) -> None:
        self.language = language

    def phone(self) -> PhoneFacts:
        people = tuple(PhonePerson(UserId(n), label) for n, label in enumerate(self.people, 1))
        return PhoneFacts(self.phone_language, people)

    def recognise(self, user: UserId, pin_at: datetime) -> Person | None:
        self.known = True
        return self.myself()

    def enter_pin(self, user: UserId, pin: str) -> tuple[Person, datetime] | Refused:
        if pin != PIN:
            return Refused(WrongSecret(left=2), CORRELATION)
        if self.entering is not None:
            return Refused(self.entering, CORRELATION)
        self.known = True
        return self.myself(), AT

    def look(self, question: Any, arguments: Mapping[str, Any]) -> Any:
        assert self.known, f"{question.name} before the PIN"
        if question is accounts.mine:
            return self.savings
        if question is loans.to_pay:
            return self.standings()
        assert question is accounts.page
        account = next(each for each in self.savings if each.id == arguments["savings_id"])
        return AccountPage(account, self.lines, None)

    def myself(self) -> Person:
        assert self.known
        return Person(UserId(1), Role.CLIENT, "Amina Wanjiru", (ClientId(1),), None, None)

    def own_link(self) -> Phone | None:
        assert self.known
        return self.link

    def perform(self, act: Act[Any], inputs: Mapping[str, Any], *, as_visitor: bool) -> Outcome[Any]:
        assert as_visitor or self.known
        self.calls.append(act.name)
        if self.performing is not None:
            return Refused(self.performing, CORRELATION)
        return Done(inputs.get("language", inputs.get("on")), QUOTE, replayed=False)  # type: ignore[arg-type]

    def quote(self, act: MoneyAct[Any], inputs: Mapping[str, Any]) -> Quote | Refused:
        assert self.known
        if self.quoting is not None:
            return Refused(self.quoting, CORRELATION)
        return self._quote(act)

    def terms(self, quote: UUID) -> Quoted | None:
        assert self.known
        target = self.loans[0].ref if self.loans else self.savings[-1].ref
        return Quoted(self.savings[0].ref, target, "Amina Wanjiru", money(self.amount), money(self.fee))

    def confirm(self, quote: UUID, *, pin: str | None, pressed: bool) -> MoneyOutcome:
        assert self.known
        self.calls.append(f"confirm {quote} {'pin' if pin else 'pressed' if pressed else 'again'}")
        if pin is not None and pin != PIN:
            return Refused(WrongSecret(left=2), CORRELATION)
        if self.changed:
            self.changed = False
            from dirisha.engine.refusals import PlanChanged

            return Refused(PlanChanged(), CORRELATION, quote=self._quote(None))
        if self.confirming is not None:
            return Refused(self.confirming, CORRELATION)
        terms = self.terms(quote)
        assert terms is not None
        if self.pending:
            return Pending(on_its_way(terms), replayed=False)
        balance = self.savings[0].balance if self.knows_balance else None
        return Done(
            Receipt(
                "R7K4-9M3P-XC", "loans.repay", TODAY, AT, terms.source, terms.target, terms.payee, terms.amount,
                terms.fee, terms.amount, money("0"), balance,
            ),
            quote, replayed=False,
        )  # fmt: skip

    def _quote(self, act: Declared | None) -> Quote:
        terms = self.terms(QUOTE)
        assert terms is not None
        return Quote(
            QUOTE, act.name if act else "loans.repay", terms, money("1"), self.need, AT + timedelta(minutes=10)
        )


def refusals_of(*acts: Declared) -> list[Refusal]:
    """Every refusal that these acts can answer with, with facts as long as they get."""
    from dirisha.engine.refusals import TryLater, common_to

    kinds = {kind for act in acts for kind in (*common_to(act), *act.refusals)}
    facts = {
        "left": 1, "until": AT, "limit": money(LONGEST_MONEY), "available": money(LONGEST_MONEY),
        "outstanding": money(LONGEST_MONEY), "account": "...0042", "loan": "...0311", "cap": money(LONGEST_MONEY),
        "dial": "*384*7788#", "from_amount": money(LONGEST_MONEY), "need": "pin", "kind": "loan", "field": "amount",
        "reason": "not_money",
    }  # fmt: skip
    made: list[Refusal] = [kind(**facts) for kind in sorted(kinds, key=lambda kind: kind.code)]
    for each in made:
        if each.code == "limit.day":
            each.facts["left"] = money(LONGEST_MONEY)
        if each.code == "core.refused":
            each.facts["reference"] = "R7K4-9M3P-XC"
    return [*made, TryLater(known=False)]


def cases() -> dict[str, PaperDesk]:
    """None, one, many, longest, each refusal: for what each dialog looks at and does."""
    from dirisha.acts.access.enter_pin import enter_pin
    from dirisha.acts.access.set_language import set_language
    from dirisha.acts.access.switch_sms import switch_sms
    from dirisha.acts.loans.repay import repay
    from dirisha.acts.transfers.own import own

    many = tuple(savings(n) for n in range(100, 140))
    longest = tuple(savings(n, name=LONGEST_NAME, balance=LONGEST_MONEY) for n in (1, 2))
    long_loan = loan(1, first_due=TODAY - timedelta(days=400), name=LONGEST_NAME, installment=LONGEST_MONEY)
    accented = (savings(1, name=BEYOND_GSM7), savings(2, name=BEYOND_GSM7))
    plain = PaperDesk()
    found = {
        "plain": plain,
        "first use": replace(plain, phone_language=None),
        "nobody": replace(plain, people=()),
        "many people": replace(plain, people=tuple(f"The person number {n} of this phone" for n in range(12))),
        "no savings": replace(plain, savings=()),
        "one account": replace(plain, savings=(savings(42),)),
        "many accounts": replace(plain, savings=many),
        "longest accounts": replace(plain, savings=longest, loans=(long_loan,), amount=LONGEST_MONEY, fee=LONGEST_MONEY),
        "letters beyond GSM-7": replace(
            plain, savings=accented, loans=(loan(1, first_due=TODAY, name=BEYOND_GSM7),),
            lines=tuple(line(n) for n in range(1, 11)),
        ),
        "no loan": replace(plain, loans=()),
        "many loans": replace(plain, loans=tuple(loan(n, first_due=TODAY) for n in range(300, 320))),
        "late loan": replace(plain, loans=(loan(311, first_due=TODAY - timedelta(days=12)),)),
        "one day late": replace(plain, loans=(loan(311, first_due=TODAY - timedelta(days=1)),)),
        "nothing due": replace(plain, loans=(loan(311, first_due=TODAY + timedelta(days=20)),)),
        "last one due": replace(plain, loans=(loan(311, first_due=TODAY - timedelta(days=360)),)),
        "short of money": replace(plain, savings=(savings(42, balance="300"),)),
        "no money at all": replace(plain, savings=(savings(42, balance="0"),)),
        "no lines": replace(plain, lines=()),
        "many lines": replace(plain, lines=tuple(line(n, kind="a.new_kind", amount=LONGEST_MONEY, balance=LONGEST_MONEY) for n in range(10))),
        "lines of a far core": replace(plain, lines=tuple(
            line(n, kind=f"core.{kind}", reference=None)
            for n, kind in enumerate(("deposit", "withdrawal", "interest", "fee", "other"), 1)
        )),
        "on its way": replace(plain, pending=True),
        "longest on its way": replace(plain, pending=True, savings=longest, loans=(long_loan,), amount=LONGEST_MONEY, fee=LONGEST_MONEY),
        "balance not told": replace(plain, knows_balance=False),
        "sms on": replace(plain, link=Phone(1, "+254700000118", "x", ussd_on=True, sms_on=True)),
        "link ended": replace(plain, link=None),
        "small amount": replace(plain, need=Need.PRESSED, amount="100"),
        "changed terms": replace(plain, changed=True, fee="15"),
        "longest changed": replace(plain, changed=True, savings=longest, loans=(long_loan,), amount=LONGEST_MONEY, fee=LONGEST_MONEY),
    }  # fmt: skip
    for refusal in refusals_of(repay, own):
        suffix = " unknown" if refusal.facts.get("known") is False else ""
        found[f"quote: {refusal.code}{suffix}"] = replace(plain, quoting=refusal)
        found[f"confirm: {refusal.code}{suffix}"] = replace(plain, confirming=refusal)
    for refusal in refusals_of(set_language, switch_sms):
        found[f"settings: {refusal.code}"] = replace(plain, performing=refusal)
    for refusal in refusals_of(enter_pin):
        found[f"pin: {refusal.code}"] = replace(plain, entering=refusal)
    found["pin: locked"] = replace(plain, entering=LockedOut(until=AT))
    return {name: replace(desk, calls=[]) for name, desk in found.items()}
