"""The named people of the demo, and how each of them came to what it has: by the branch's acts and its own.

Names, passwords and PINs are for the demo alone and are printed for everybody to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

from dirisha.access.people import person
from dirisha.acts.loans.repay import repay
from dirisha.core.native.due_dates import months_later
from dirisha.core.native.setup import LoanProductTerms, set_up
from dirisha.demo.branch import Branch, appoint_staff, done
from dirisha.engine.run import run
from dirisha.kit.actor import Actor, Channel
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId, UserId
from dirisha.kit.money import Money
from dirisha.queries import loans as loan_questions
from dirisha.queries.ask import ask
from dirisha.tenants.current import current

EVERYDAY = "Everyday savings"
BUSINESS_LOAN = "Business loan"
OFFICES = ["Town office", "Lake office"]


@dataclass(frozen=True, slots=True)
class Character:
    """One of the cast. `key` is how tests and integrators find it; a member of staff has no phone and no PIN."""

    key: str
    who: str
    login: str
    password: str
    first_name: str
    last_name: str
    pin: str = ""
    msisdn: str = ""
    label: str = ""
    language: str = "en"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


TRADER = Character("trader", "a trader with two savings accounts and a loan with an instalment due now",
                   "amina", "maize-and-beans", "Amina", "Wanjiru", "2468", "+254700000118", "Amina's line")  # fmt: skip
FARMER = Character("farmer", "a farmer with a feature phone, in Swahili, whose loan is twelve days late",
                   "juma", "rains-in-april", "Juma", "Otieno", "1357", "+254700000222", "Shamba", "sw")  # fmt: skip
NEWCOMER = Character("newcomer", "a new member with one savings account and nothing borrowed",
                     "neema", "first-shilling", "Neema", "Akinyi", "8642", "+254700000333", "Neema")  # fmt: skip
SHARED_A = Character("shared_a", "the first of two people who share one phone",
                     "baraka", "blue-bicycle", "Baraka", "Mwangi", "9753", "+254700000444", "Blue")  # fmt: skip
SHARED_B = Character("shared_b", "the second of two people who share one phone",
                     "zawadi", "green-kettle", "Zawadi", "Mwangi", "3579", "+254700000444", "Green")  # fmt: skip
STAFF = Character("staff", "a member of staff at the Town office", "grace", "counter-number-4", "Grace", "Njeri")

CAST = (TRADER, FARMER, NEWCOMER, SHARED_A, SHARED_B)


def prepare_institution() -> list[OfficeId]:
    """Offices and products of a demo institution on the native core."""
    money = current().money
    return set_up(
        OFFICES,
        [EVERYDAY, "School fees"],
        [LoanProductTerms(BUSINESS_LOAN, Decimal("24.00"), money(Decimal(1_000)), money(Decimal(500_000)), 3, 24)],
    )


def start_with_staff(offices: list[OfficeId], at: datetime) -> list[Branch]:
    """A branch for each office; the first one's staff is the cast's."""
    branches = []
    for number, office in enumerate(offices):
        login = STAFF.login if number == 0 else f"counter{number + 1}"
        name = STAFF.name if number == 0 else f"Counter of {OFFICES[number]}"
        user = appoint_staff(office, login=login, name=name, password=STAFF.password, at=at)
        branches.append(Branch.of(user))
    return branches


def play(branch: Branch, today: date) -> None:
    """The whole cast, from the day each came in up to `today`, on days before it."""
    _trader(branch, today)
    _farmer(branch, today)
    _newcomer(branch, today)
    for who, amount in ((SHARED_A, "5400"), (SHARED_B, "1250.50")):
        client, _ = _join(branch, who, _morning(today - timedelta(days=40)))
        _save(branch, client, EVERYDAY, amount, _morning(today - timedelta(days=39)))


def _trader(branch: Branch, today: date) -> None:
    months = _months_back_to_same_day(today, 7)
    lent = months_later(today, -months)
    client, user = _join(branch, TRADER, _morning(lent - timedelta(days=20)))
    everyday = _save(branch, client, EVERYDAY, "22890.50", _morning(lent - timedelta(days=19)))
    _save(branch, client, EVERYDAY, "6200", _morning(lent - timedelta(days=10)), name="School fees")
    loan = branch.disburse(everyday, BUSINESS_LOAN, _money("48000"), 12, at=_morning(lent))
    _repay_on_due_days(user, everyday, loan, until=today - timedelta(days=1))


def _farmer(branch: Branch, today: date) -> None:
    late_since = today - timedelta(days=12)
    months = _months_back_to_same_day(late_since, 4)
    lent = months_later(late_since, -months)
    client, user = _join(branch, FARMER, _morning(lent - timedelta(days=30)))
    everyday = _save(branch, client, EVERYDAY, "3000", _morning(lent - timedelta(days=29)))
    loan = branch.disburse(everyday, BUSINESS_LOAN, _money("15000"), 10, at=_morning(lent))
    _repay_on_due_days(user, everyday, loan, until=late_since - timedelta(days=1))


def _newcomer(branch: Branch, today: date) -> None:
    client, _ = _join(branch, NEWCOMER, _morning(today - timedelta(days=5)))
    _save(branch, client, EVERYDAY, "750", _morning(today - timedelta(days=4)))


def _join(branch: Branch, who: Character, at: datetime) -> tuple[ClientId, UserId]:
    client = branch.open_client(who.first_name, who.last_name, who.msisdn, at=at)
    user = branch.enrol(
        client, login=who.login, name=who.name, msisdn=who.msisdn, label=who.label, password=who.password,
        pin=who.pin, language=who.language, at=at,
    )  # fmt: skip
    return client, user


def _save(branch: Branch, client: ClientId, product: str, amount: str, at: datetime, name: str = "") -> SavingsId:
    account = branch.open_savings(client, product, name or product, at=at)
    branch.deposit(SavingsId(account.id), _money(amount), at=at)
    return SavingsId(account.id)


def _repay_on_due_days(user: UserId, source: SavingsId, loan: LoanId, *, until: date) -> None:
    """Each installment on its due day, by the client through the app, as far as `until`."""
    borrower = as_client(user)
    schedule = ask(loan_questions.detail, borrower, at=_morning(until), loan_id=loan).standing.loan.installments
    for installment in schedule:
        if installment.due_date <= until:
            amount = Money(installment.outstanding_minor, current().currency)
            at = _morning(installment.due_date) + timedelta(hours=1)
            done(run(repay, borrower, at=at, key=str(uuid4()), loan_id=loan, source_id=source, amount=amount))


def as_client(user: UserId) -> Actor:
    who = person(user)
    assert who is not None
    return who.as_actor(Channel.MIFOS, correlation="demo")


def _months_back_to_same_day(day: date, about: int) -> int:
    """How many months back a loan has to begin so that an installment falls due on `day`, near `about`."""
    return next(m for m in (about, about + 1, about - 1, about + 2) if months_later(months_later(day, -m), m) == day)


def _morning(day: date) -> datetime:
    """Nine o'clock in the institution's time zone, as an instant."""
    return datetime.combine(day, time(9), tzinfo=current().zone)


def _money(text: str) -> Money:
    return Money.parse(text, current().currency)
