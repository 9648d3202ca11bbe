"""Everybody else: people whose year at the institution is drawn by lot, and lived by the real acts.

Two lots are drawn. What people do and when hangs on the seed alone, so that both demo institutions open the same
accounts in the same order and a leak between them shows; names and amounts hang on the institution as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from random import Random

from dirisha.access.secrets import WeakSecret, check_strength_of_pin
from dirisha.core.installments import Installment
from dirisha.core.native.loans.calendar_units import months_later
from dirisha.demo.branch import Branch
from dirisha.demo.cast import BUSINESS_LOAN, EVERYDAY, SCHOOL_FEES, Troupe
from dirisha.demo.clock import Life, moment
from dirisha.demo.customer import Customer
from dirisha.kit.actor import Channel
from dirisha.kit.ids import LoanId, SavingsId
from dirisha.kit.money import Money
from dirisha.tenants.current import current

YEAR_DAYS, FEWEST_DAYS = 365, 20

NAMES = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))


class Habit(Enum):
    """How a borrower pays; the delay in days after the due date is drawn anew for each installment."""

    PUNCTUAL = "on the day"
    EARLY = "up to a week before"
    LATE = "up to three weeks after"
    FINISHING = "two on the day, the rest on the days that follow"
    GIVING_UP = "two on the day, and then no more"

    def delay(self, chance: Random) -> timedelta:
        earliest, latest = {Habit.EARLY: (-6, -1), Habit.LATE: (1, 19)}.get(self, (0, 0))
        return timedelta(days=chance.randint(earliest, latest))


@dataclass(frozen=True, slots=True)
class Lot:
    """What is drawn for one person. `door` is None for those who come to the counter for everything."""

    number: int
    office: int
    joins: date
    saves_on: int
    saves_in: frozenset[int]
    door: Channel | None
    language: str
    has_school_fees: bool
    habit: Habit
    waits: timedelta
    installments: int

    @classmethod
    def draw(cls, number: int, today: date, seed: int) -> Lot:
        lot = Random(f"{seed}/{number}")
        door = lot.choices([None, Channel.USSD, Channel.MIFOS, Channel.PORTAL], [66, 14, 13, 7])[0]
        # A third were there when the year began; the others came one by one.
        days_ago = YEAR_DAYS if lot.random() < 0.33 else lot.randint(FEWEST_DAYS, YEAR_DAYS)
        return cls(
            number=number,
            office=lot.choices([0, 1], [60, 40])[0],
            joins=at_the_counter(today - timedelta(days=days_ago)),
            saves_on=lot.randint(1, 28),
            saves_in=frozenset(month for month in range(1, 13) if lot.random() < 0.6),
            door=door,
            language=lot.choice(["en", "sw"]),
            has_school_fees=lot.random() < 0.3,
            habit=lot.choices(list(Habit), [45, 20, 20, 8, 7])[0],
            waits=timedelta(days=lot.randint(5, 60)),
            # Where an installment stays below the amount from which the portal wants a code by SMS.
            installments=lot.choice([6, 8, 10, 12] if door is Channel.PORTAL else [3, 4, 6, 8, 10, 12]),
        )


class Villager:
    """One of them: the account at the counter, and the door of its own that it may have."""

    def __init__(self, lot: Lot, branch: Branch, *, today: date, troupe: Troupe, seed: int) -> None:
        self._lot = lot
        self._branch = branch
        self._today = today
        self._troupe = troupe
        self._days = Random(f"{seed}/{lot.number}/days")
        self._figures = Random(f"{seed}/{lot.number}/{current().slug}")
        self._balance = troupe.money(0)
        self._everyday: SavingsId
        self._school_fees: SavingsId | None = None
        self._customer: Customer | None = None

    def lives(self) -> list[Life]:
        return [self._saves(), self._borrows()] if self._lot.door else [self._saves()]

    def _saves(self) -> Life:
        """Join, and pay in at the counter in most months; some of it goes on to the school fees."""
        at = yield self._at(self._lot.joins, time(9))
        self._join(at)
        self._pay_in(self._amount(500, 6_000), at=at)
        for day in self._visits():
            at = yield self._at(day, time(10))
            self._pay_in(self._amount(150, 2_500), at=at)
            if self._school_fees and self._customer and self._days.random() < 0.6:
                at = yield self._at(day, time(19))
                amount = self._amount(50, 120)
                self._customer.transfer(self._everyday, self._school_fees, amount, at=at)
                self._balance -= amount

    def _borrows(self) -> Life:
        """Take a loan after a while and repay it; who has repaid one takes the next."""
        lent = at_the_counter(self._lot.joins + self._lot.waits)
        while lent < self._today:
            at = yield self._at(lent, time(14))
            assert self._customer is not None
            principal = self._amount(4_000, 20_000, step=500)
            loan = self._branch.disburse(self._everyday, BUSINESS_LOAN, principal, self._lot.installments, at=at)
            self._balance += principal
            paid_on = lent
            for installment in self._customer.schedule(loan, at=at):
                paid_on = self._pays_on(installment, after=paid_on)
                if paid_on >= self._today:
                    return
                at = yield self._at(paid_on, time(16))
                self._repay(loan, Money(installment.outstanding_minor, current().currency), at=at)
            lent = at_the_counter(paid_on + self._lot.waits)

    def _pays_on(self, installment: Installment, *, after: date) -> date:
        if installment.number > 2 and self._lot.habit is Habit.GIVING_UP:
            return self._today
        if installment.number > 2 and self._lot.habit is Habit.FINISHING:
            return after + timedelta(days=1)
        return max(installment.due_date + self._lot.habit.delay(self._days), after + timedelta(days=1))

    def _visits(self) -> Iterator[date]:
        """The days of the year on which it comes to the counter with money."""
        for number in range(1, 13):
            day = at_the_counter(months_later(self._lot.joins.replace(day=self._lot.saves_on), number))
            if day < self._today and day.month in self._lot.saves_in:
                yield day

    # ------------------------------------------------------------------------------------------------- what it does

    def _join(self, at: datetime) -> None:
        lot, first_name = self._lot, self._figures.choice(NAMES["first"])
        last_name = self._figures.choice(NAMES["last"])
        msisdn = f"{self._troupe.village}{lot.number:05d}"
        client = self._branch.open_client(first_name, last_name, msisdn, at=at)
        if lot.door is not None:
            pin = self._strong_pin(msisdn)
            user = self._branch.enrol(
                client, login=f"member{lot.number}", name=f"{first_name} {last_name}", msisdn=msisdn, label="Mine",
                password=f"{current().slug} {self._figures.random()}", pin=pin, language=lot.language, at=at,
            )  # fmt: skip
            self._customer = Customer.of(user, lot.door, msisdn=msisdn, pin=pin)
        self._everyday = SavingsId(self._branch.open_savings(client, EVERYDAY, EVERYDAY, at=at).id)
        if lot.has_school_fees:
            self._school_fees = SavingsId(self._branch.open_savings(client, SCHOOL_FEES, SCHOOL_FEES, at=at).id)

    def _pay_in(self, amount: Money, *, at: datetime) -> None:
        self._branch.deposit(self._everyday, amount, at=at)
        self._balance += amount

    def _repay(self, loan: LoanId, amount: Money, *, at: datetime) -> None:
        assert self._customer is not None
        if amount > self._balance:
            self._pay_in(amount - self._balance, at=at)
        self._customer.repay(loan, self._everyday, amount, at=at)
        self._balance -= amount

    def _amount(self, least: int, most: int, *, step: int = 10) -> Money:
        return self._troupe.money(self._figures.randrange(least, most + step, step))

    def _at(self, day: date, clock: time) -> datetime:
        """People don't all come in the same minute."""
        return moment(day, clock) + timedelta(seconds=self._lot.number * 17)

    def _strong_pin(self, msisdn: str) -> str:
        while True:
            pin = f"{self._figures.randrange(10_000):04d}"
            with suppress(WeakSecret):
                check_strength_of_pin(pin, msisdn)
                return pin


def at_the_counter(day: date) -> date:
    """That day, or Monday where it is a Sunday."""
    return day + timedelta(days=1) if day.weekday() == 6 else day


def lives(branches: Sequence[Branch], today: date, troupe: Troupe, *, people: int, seed: int) -> list[Life]:
    """All lives of `people` villagers, up to the evening before `today`."""
    lots = [Lot.draw(number, today, seed) for number in range(1, people + 1)]
    villagers = [Villager(lot, branches[lot.office], today=today, troupe=troupe, seed=seed) for lot in lots]
    return [life for villager in villagers for life in villager.lives()]
