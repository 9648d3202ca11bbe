"""The named people of the demo, and how each of them came to what it has: by the branch's acts and its own.

Names, passwords and PINs are for the demo alone and are printed for everybody to see.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal

from dirisha.access.people import people_of_phone
from dirisha.core.installments import Installment
from dirisha.core.native.loans.calendar_units import months_later
from dirisha.core.native.setup import set_up
from dirisha.demo.branch import Branch, appoint_staff
from dirisha.demo.clock import Life, live, moment, morning
from dirisha.demo.customer import Customer
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId, UserId
from dirisha.kit.money import Money
from dirisha.tenants.current import current
from dirisha.tenants.institution import LoanProduct

EVERYDAY = "Everyday savings"
SCHOOL_FEES = "School fees"
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


@dataclass(frozen=True, slots=True)
class Troupe:
    """The cast of one institution. Its amounts are those of the story times `scale`, rounded down to whole `step`s.

    `village` begins the phone numbers of everybody else there; five digits follow.
    """

    clients: tuple[Character, ...]
    staff: Character
    scale: Decimal = Decimal(1)
    step: Decimal = Decimal("0.05")
    village: str = "+2547100"

    def character(self, key: str) -> Character:
        return next(each for each in (*self.clients, self.staff) if each.key == key)

    def money(self, amount: str | int) -> Money:
        """Rounded down, so that sums stay easy to read."""
        steps = (Decimal(amount) * self.scale / self.step).to_integral_value(ROUND_DOWN)
        return current().money(steps * self.step)


FIRST = Troupe(CAST, STAFF)


def _understudy(of: Character, first_name: str, last_name: str, password: str, pin: str = "") -> Character:
    """Somebody else of the same key, login, phone and label: who is taken for the other shows a leak."""
    return replace(of, first_name=first_name, last_name=last_name, password=password, pin=pin)


# The neighbour's people come on the same days, so that clients and accounts have the same ids as the first one's.
SECOND = Troupe(
    clients=(
        _understudy(TRADER, "Mercy", "Chebet", "tomatoes-by-noon", "8024"),
        _understudy(FARMER, "Kiprono", "Ruto", "tea-on-the-hill", "7913"),
        _understudy(NEWCOMER, "Halima", "Abdi", "second-shilling", "4806"),
        _understudy(SHARED_A, "Peter", "Kamau", "red-lantern", "6248"),
        _understudy(SHARED_B, "Ruth", "Kamau", "yellow-basket", "8462"),
    ),
    staff=_understudy(STAFF, "Daniel", "Omondi", "counter-number-9"),
    scale=Decimal("0.7"),
)

# The people of the third one are across the border, in a currency without cents: its core is far away.
THIRD = Troupe(
    clients=(
        replace(TRADER, login="nakato", password="matooke-and-tea", first_name="Nakato", last_name="Namubiru",
                pin="6047", msisdn="+256772000118", label="Shop"),
        replace(FARMER, login="okello", password="cassava-in-may", first_name="Okello", last_name="Opio",
                pin="5270", msisdn="+256772000222", label="Shamba"),
        replace(NEWCOMER, login="atim", password="third-shilling", first_name="Atim", last_name="Lanyero",
                pin="8613", msisdn="+256772000333", label="Mine"),
        replace(SHARED_A, login="mukasa", password="black-umbrella", first_name="Mukasa", last_name="Ssali",
                pin="9162", msisdn="+256772000444", label="Blue"),
        replace(SHARED_B, login="nambi", password="white-saucepan", first_name="Nambi", last_name="Ssali",
                pin="2619", msisdn="+256772000444", label="Green"),
    ),
    staff=replace(STAFF, login="apio", password="counter-number-2", first_name="Apio", last_name="Lakot"),
    scale=Decimal(30),
    step=Decimal(50),
    village="+2567100",
)  # fmt: skip


def prepare_institution(troupe: Troupe = FIRST) -> list[OfficeId]:
    """Offices and products of a demo institution on the native core."""
    times = max(troupe.scale, Decimal(1))
    business = LoanProduct(
        name=BUSINESS_LOAN,
        rate_percent=Decimal("24.00"),
        smallest=1_000 * times,
        largest=500_000 * times,
        fewest_installments=3,
        most_installments=24,
    )
    return set_up(OFFICES, [EVERYDAY, SCHOOL_FEES], [business])


def start_with_staff(offices: list[OfficeId], at: datetime, troupe: Troupe = FIRST) -> list[Branch]:
    """A branch for each office; the first one's staff is the cast's."""
    branches = []
    for number, office in enumerate(offices):
        login = troupe.staff.login if number == 0 else f"counter{number + 1}"
        name = troupe.staff.name if number == 0 else f"Counter of {OFFICES[number]}"
        user = appoint_staff(office, login=login, name=name, password=troupe.staff.password, at=at)
        branches.append(Branch.of(user))
    return branches


def play(branch: Branch, today: date, troupe: Troupe = FIRST) -> None:
    """The whole cast, from the day each came in up to the evening before `today`."""
    live(lives(branch, today, troupe))


def lives(branch: Branch, today: date, troupe: Troupe = FIRST) -> list[Life]:
    stage = _Stage(branch, today, troupe)
    return [
        _trader(stage),
        _farmer(stage),
        _newcomer(stage),
        _saver(stage, SHARED_A.key, "5400"),
        _saver(stage, SHARED_B.key, "1250.50"),
    ]


@dataclass(frozen=True, slots=True)
class _Stage:
    branch: Branch
    today: date
    troupe: Troupe

    def join(self, key: str, at: datetime) -> tuple[Character, ClientId, UserId]:
        who = self.troupe.character(key)
        client = self.branch.open_client(who.first_name, who.last_name, who.msisdn, at=at)
        user = self.branch.enrol(
            client, login=who.login, name=who.name, msisdn=who.msisdn, label=who.label, password=who.password,
            pin=who.pin, language=who.language, at=at,
        )  # fmt: skip
        return who, client, user

    def save(self, client: ClientId, product: str, amount: str, at: datetime) -> SavingsId:
        account = SavingsId(self.branch.open_savings(client, product, product, at=at).id)
        self.branch.deposit(account, self.troupe.money(amount), at=at)
        return account


def switches_sms_on(who: Character, today: date) -> Life:
    """Text messages from that phone are answered from then on."""
    at = yield moment(today - timedelta(days=1), time(20))
    user = next(each.user for each in people_of_phone(who.msisdn) if each.label == who.label)
    Customer.of(user, Channel.PORTAL, msisdn=who.msisdn, pin=who.pin).switch_sms_on(at=at)


def _trader(stage: _Stage) -> Life:
    """Some seven months into a loan of twelve, paid by the app on each due day; the next installment is due today."""
    lent = months_later(stage.today, -_months_back_to_same_day(stage.today, 7))
    at = yield morning(lent - timedelta(days=20))
    who, client, user = stage.join(TRADER.key, at)
    at = yield morning(lent - timedelta(days=19))
    everyday = stage.save(client, EVERYDAY, "22890.50", at)
    at = yield morning(lent - timedelta(days=10))
    stage.save(client, SCHOOL_FEES, "6200", at)
    at = yield morning(lent)
    loan = stage.branch.disburse(everyday, BUSINESS_LOAN, stage.troupe.money("48000"), 12, at=at)
    trader = Customer.of(user, Channel.MIFOS, msisdn=who.msisdn, pin=who.pin)
    yield from _repay_on_due_days(trader, everyday, loan, trader.schedule(loan, at=at), before=stage.today)


def _farmer(stage: _Stage) -> Life:
    """Paid by the USSD menu on each due day, until the one twelve days ago."""
    late_since = stage.today - timedelta(days=12)
    lent = months_later(late_since, -_months_back_to_same_day(late_since, 4))
    at = yield morning(lent - timedelta(days=30))
    who, client, user = stage.join(FARMER.key, at)
    at = yield morning(lent - timedelta(days=29))
    everyday = stage.save(client, EVERYDAY, "3000", at)
    at = yield morning(lent)
    loan = stage.branch.disburse(everyday, BUSINESS_LOAN, stage.troupe.money("15000"), 10, at=at)
    farmer = Customer.of(user, Channel.USSD, msisdn=who.msisdn, pin=who.pin)
    yield from _repay_on_due_days(farmer, everyday, loan, farmer.schedule(loan, at=at), before=late_since)


def _newcomer(stage: _Stage) -> Life:
    at = yield morning(stage.today - timedelta(days=5))
    _, client, _ = stage.join(NEWCOMER.key, at)
    at = yield morning(stage.today - timedelta(days=4))
    stage.save(client, EVERYDAY, "750", at)


def _saver(stage: _Stage, key: str, amount: str) -> Life:
    at = yield morning(stage.today - timedelta(days=40))
    _, client, _ = stage.join(key, at)
    at = yield morning(stage.today - timedelta(days=39))
    stage.save(client, EVERYDAY, amount, at)


def _repay_on_due_days(
    borrower: Customer, source: SavingsId, loan: LoanId, schedule: Sequence[Installment], *, before: date
) -> Generator[datetime, datetime, None]:
    for installment in schedule:
        if installment.due_date < before:
            at = yield moment(installment.due_date, time(10))
            amount = Money(installment.outstanding_minor, current().currency)
            borrower.repay(loan, source, amount, at=at)


def _months_back_to_same_day(day: date, about: int) -> int:
    """How many months back a loan has to begin so that an installment falls due on `day`, near `about`."""
    return next(m for m in (about, about + 1, about - 1, about + 2) if months_later(months_later(day, -m), m) == day)
