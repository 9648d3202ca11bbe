"""Recorded answers of a running Fineract become the port's facts, to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dirisha.core.fineract.core import FineractCore
from dirisha.core.fineract.facts import Facts
from dirisha.core.fineract.http import Unreadable
from dirisha.core.installments import Installment
from dirisha.core.parts import Parts
from dirisha.core.port import AccountStatus, Client, CoreAway, Office
from dirisha.kit.actor import Channel
from dirisha.kit.ids import ClientId, LoanId, OfficeId, SavingsId
from dirisha.kit.money import Money
from dirisha.kit.scope import Clients
from dirisha.tenants.institution import Institution
from tests.contracts.fineract_core.conftest import NOW, an_institution
from tests.contracts.fineract_core.far import Far, Said, recorded, said_at

NIA = Clients((ClientId(4),))
SETTINGS = {"url": "http://127.0.0.1/fineract-provider", "user": "gold.svc", "password_env": "FINERACT_PASSWORD"}


@pytest.fixture
def facts() -> Facts:
    return Facts(an_institution("ziwa", SETTINGS))


def usd(amount: str, institution: Institution | None = None) -> Money:
    return Money.of(Decimal(amount), (institution or an_institution("ziwa", SETTINGS)).currency)


def pictures(life: str) -> list[dict[str, Any]]:
    """The account after each step of a recorded life, as far as it was recorded whole."""
    return [
        step["picture"]
        for step in recorded(f"savings-lives/{life}")
        if "charges" in step.get("picture", {}) or "summary" in step.get("picture", {})
    ]


def last_picture(life: str) -> dict[str, Any]:
    picture: dict[str, Any] = recorded(f"savings-lives/{life}")[-1]["picture"]
    return picture


# --- people -----------------------------------------------------------------------------------------------------------


def test_a_client_as_recorded(far: Far, core: FineractCore) -> None:
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))

    client = core.reader(NIA, patience_s=5).client(ClientId(4))

    assert client == Client(
        id=ClientId(4),
        number="000000004",
        first_name="Nia",
        last_name="Okoro",
        office=OfficeId(1),
        office_name="Head Office",
        msisdn="+254700000101",
        submitted_on=date(2025, 1, 15),
        activated_on=date(2025, 1, 15),
    )


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"firstname": "Ọlájùmọ̀kẹ́", "lastname": "Adébáyọ̀"}, "Ọlájùmọ̀kẹ́ Adébáyọ̀"),
        ({"firstname": "נועה", "lastname": "כהן"}, "נועה כהן"),
        ({"firstname": "ስንታየሁ", "middlename": "በቀለ", "lastname": "ወልደ"}, "ስንታየሁ በቀለ ወልደ"),
        ({"fullname": "上海合作社", "displayName": "上海合作社"}, "上海合作社"),
        ({"firstname": "  Ana ", "lastname": ""}, "Ana"),
        ({"lastname": "O'Neill-Ñandú"}, "O'Neill-Ñandú"),
    ],
)
def test_names_of_every_script_come_whole(facts: Facts, names: dict[str, str], shown: str) -> None:
    body = said_at("staff-api/client", "/clients/4").body | {"firstname": "", "lastname": "", "displayName": ""} | names

    client = facts.client(body)

    assert client is not None
    assert client.display_name.strip() == shown


@pytest.mark.parametrize(
    ("typed", "dialled"), [("0712345678", "+254712345678"), ("none", None), ("", None), (712, None)]
)
def test_what_cannot_be_dialled_is_no_phone(facts: Facts, typed: object, dialled: str | None) -> None:
    client = facts.client(said_at("staff-api/client", "/clients/4").body | {"mobileNo": typed})

    assert client is not None
    assert client.msisdn == dialled


def test_a_client_who_was_never_activated_is_not_there(facts: Facts) -> None:
    body = dict(said_at("staff-api/client", "/clients/4").body)
    del body["activationDate"]
    body["timeline"] = {"submittedOnDate": [2026, 6, 1]}

    assert facts.client(body) is None


def test_offices_as_recorded(far: Far, core: FineractCore) -> None:
    far.get("/offices", said_at("staff-api/reference-data", "/offices"))

    offices = core.reader(NIA, patience_s=5).offices()

    assert offices == [Office(OfficeId(1), "Head Office"), Office(OfficeId(2), "Golden Branch")]


# --- the business date ------------------------------------------------------------------------------------------------


def test_the_business_date_is_the_cores(far: Far, core: FineractCore) -> None:
    far.get(
        "/configurations/name/enable-business-date",
        said_at("staff-api/reference-data", "/configurations/name/enable-business-date"),
    )
    far.get("/businessdate/BUSINESS_DATE", said_at("staff-api/reference-data", "/businessdate/BUSINESS_DATE"))

    assert core.business_date(datetime(2026, 11, 24, tzinfo=UTC)) == date(2026, 6, 15)


def test_without_one_it_is_the_institutions_own_day(far: Far, core: FineractCore) -> None:
    far.get("/configurations/name/enable-business-date", {"name": "enable-business-date", "enabled": False})
    far.get("/businessdate/BUSINESS_DATE", said_at("staff-api/reference-data", "/businessdate/BUSINESS_DATE"))

    assert core.business_date(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)) == date(2026, 11, 25)


# --- an overview ------------------------------------------------------------------------------------------------------


@pytest.fixture
def nia(far: Far) -> Far:
    """All that is recorded of client 4."""
    far.get("/clients/4", said_at("staff-api/client", "/clients/4"))
    far.get("/clients/4/accounts", said_at("staff-api/client", "/clients/4/accounts"))
    far.get("/loans/3", said_at("staff-api/loans", "/loans/3?associations=all"))
    far.get("/savingsaccounts/3", said_at("staff-api/savings", "/savingsaccounts/3?associations=all"))
    search = "/savingsaccounts/3/transactions/search?fromDate=2026-01-01&toDate=2026-12-31&limit=3&dateFormat=yyyy-MM-dd&locale=en"
    far.get("/savingsaccounts/3/transactions/search", said_at("staff-api/savings", search))
    far.get("/savingsaccounts/4/transactions/search", {"total": 0, "content": []})
    return far


def test_an_overview_has_what_is_open_or_was_and_nothing_else(nia: Far, core: FineractCore) -> None:
    """Pending, withdrawn and approved loans, pending and term deposits, and shares are left out."""
    overview = core.reader(NIA, patience_s=5).overview(latest=2)

    assert [(each.id, each.status, each.balance) for each in overview.savings] == [
        (3, AccountStatus.ACTIVE, usd("921.35")),
        (4, AccountStatus.ACTIVE, usd("1125.75")),
    ]
    assert [(loan.id, loan.status, loan.outstanding) for loan in overview.loans] == [
        (3, AccountStatus.ACTIVE, usd("2937.42"))
    ]
    assert [(id_, line.number, line.amount) for id_, line in overview.latest] == [
        (3, 28, usd("-30")),
        (3, 26, usd("-250")),
    ]


def test_the_calls_of_an_overview_are_those_of_the_open_accounts(nia: Far, core: FineractCore) -> None:
    core.reader(NIA, patience_s=5).overview(latest=5)

    assert sorted(request.bare for request in nia.asked) == [
        "/clients/4", "/clients/4/accounts", "/loans/3", "/loans/6",
        "/savingsaccounts/3/transactions/search", "/savingsaccounts/4/transactions/search",
    ]  # fmt: skip


def test_a_closed_loan_is_not_read_again_for_each_page(nia: Far, core: FineractCore) -> None:
    closed = said_at("staff-api/loans", "/loans/3?associations=all").body | {"id": 6}
    closed["status"] = {"id": 700, "code": "loanStatusType.overpaid"}
    nia.get("/loans/6", closed)

    for _ in range(3):
        overview = core.reader(NIA, patience_s=5).overview(latest=0)
        assert [(loan.id, loan.status) for loan in overview.loans] == [
            (3, AccountStatus.ACTIVE),
            (6, AccountStatus.CLOSED),
        ]

    assert nia.paths().count("/loans/6?associations=repaymentSchedule") == 1
    assert nia.paths().count("/loans/3?associations=repaymentSchedule") == 3


# --- savings ----------------------------------------------------------------------------------------------------------


def test_a_savings_account_as_recorded(nia: Far, core: FineractCore) -> None:
    account = core.reader(NIA, patience_s=5).savings(SavingsId(3))

    assert account is not None
    assert (account.number, account.name, account.client, account.office) == ("000000003", "Golden passbook", 4, 1)
    assert (account.balance, account.available) == (usd("921.35"), usd("871.35"))
    assert account.opened_on == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("life", "balance", "available"),
    [("min-required", "55", "5"), ("overdraft", "422.14", "1422.14"), ("holds", "130.65", "130.65")],
)
def test_what_may_leave_counts_minimum_overdraft_and_holds(
    facts: Facts, life: str, balance: str, available: str
) -> None:
    account = facts.savings(last_picture(life))

    assert account is not None
    assert (account.savings.balance, account.savings.available) == (usd(balance), usd(available))


@pytest.mark.parametrize("life", ["fees", "tax", "overdraft", "undo", "holds", "close", "transfer", "min-required"])
def test_what_came_in_less_what_went_out_is_the_balance(facts: Facts, life: str) -> None:
    account = facts.savings(last_picture(life))

    assert account is not None
    assert account.paid_in - account.paid_out == account.savings.balance


@pytest.mark.parametrize("life", ["fees", "tax", "overdraft", "undo", "holds", "close", "transfer"])
def test_the_lines_of_a_life_add_up(facts: Facts, life: str) -> None:
    """What was reversed and what reverses is left out; then the amounts are the balance."""
    picture = last_picture(life)
    lines = [line for row in picture["transactions"] if (line := facts.line(row)) is not None]

    total = sum((line.amount for line in lines), usd("0"))

    assert total == usd(str(picture["summary"]["accountBalance"]))
    assert len({line.line for line in lines}) == len(lines)


def test_the_kinds_of_what_is_done_in_the_core(facts: Facts) -> None:
    def kinds(life: str) -> set[str]:
        return {line.kind for row in last_picture(life)["transactions"] if (line := facts.line(row)) is not None}

    assert kinds("fees") == {"core.deposit", "core.withdrawal", "core.fee"}
    assert kinds("tax") == {"core.deposit", "core.interest", "core.other"}
    assert kinds("holds") == {"core.deposit", "core.withdrawal", "core.interest", "core.other"}


def test_a_line_is_of_the_day_it_was_booked_on(nia: Far, core: FineractCore) -> None:
    line = core.reader(NIA, patience_s=5).savings_lines(SavingsId(3), before=None, limit=1)[0]

    assert (line.business_date, line.amount, line.balance) == (date(2026, 6, 15), usd("-30"), usd("921.35"))
    assert line.booked_at == datetime(2026, 6, 15, tzinfo=ZoneInfo("Africa/Nairobi"))
    assert line.reference is None


def test_our_own_transfers_have_their_reference_and_their_act(facts: Facts) -> None:
    row = said_at("staff-api/savings", "/savingsaccounts/3?associations=all").body["transactions"][0]
    row["transfer"]["transferDescription"] = "Dirisha 7H3K-9M4P-XC loans.repay"
    theirs = row | {"transfer": row["transfer"] | {"transferDescription": "Dirisha 7H3K-9M4P-XX loans.repay please"}}

    ours = facts.line(_with_reference(row))
    other = facts.line(theirs)

    assert ours is not None and other is not None
    assert (ours.kind, ours.reference is not None) == ("loans.repay", True)
    assert (other.kind, other.reference) == ("core.withdrawal", None)


def _with_reference(row: dict[str, Any]) -> dict[str, Any]:
    from uuid import UUID

    from dirisha.kit.ids import reference_for

    reference = reference_for(UUID(int=123456789))
    return row | {"transfer": row["transfer"] | {"transferDescription": f"Dirisha {reference} loans.repay"}}


@pytest.mark.parametrize(
    ("sub_status", "status"),
    [
        ("none", AccountStatus.ACTIVE), ("blockCredit", AccountStatus.ACTIVE), ("dormant", AccountStatus.ACTIVE),
        ("block", AccountStatus.BLOCKED), ("blockDebit", AccountStatus.BLOCKED),
    ],
)  # fmt: skip
def test_a_blocked_account_is_open_and_lets_nothing_out(facts: Facts, sub_status: str, status: AccountStatus) -> None:
    body = said_at("staff-api/savings", "/savingsaccounts/3").body
    body["subStatus"] = dict.fromkeys(body["subStatus"], False) | {sub_status: True}

    account = facts.savings(body)

    assert account is not None
    assert account.savings.status is status


@pytest.mark.parametrize(
    ("life", "status"), [("close", AccountStatus.CLOSED), ("dormant-escheat", AccountStatus.CLOSED)]
)
def test_a_closed_account_stays_to_be_seen(facts: Facts, life: str, status: AccountStatus) -> None:
    account = facts.savings(last_picture(life))

    assert account is not None
    assert account.savings.status is status


@pytest.mark.parametrize(
    "change",
    [
        {"currency": {"code": "ZWG", "decimalPlaces": 2}},
        {"currency": {"code": "USD", "decimalPlaces": 0}},
        {"status": {"id": 100, "code": "savingsAccountStatusType.submitted.and.pending.approval"}},
        {"status": {"id": 999, "code": "savingsAccountStatusType.of.tomorrow"}},
        {"depositType": {"id": 200, "code": "depositAccountType.fixedDeposit"}},
    ],
)
def test_what_is_none_of_ours_is_left_out(facts: Facts, change: dict[str, Any]) -> None:
    assert facts.savings(said_at("staff-api/savings", "/savingsaccounts/3").body | change) is None


@pytest.mark.parametrize(
    ("sent", "balance"),
    [("921.350000", "921.35"), ("921.359999", "921.35"), ("1E+3", "1000"), ("0", "0"), ("-0.001", "-0.01")],
)
def test_a_balance_of_six_decimals_is_never_more_than_is_there(facts: Facts, sent: str, balance: str) -> None:
    body = said_at("staff-api/savings", "/savingsaccounts/3").body
    body["summary"] |= {"accountBalance": Decimal(sent), "availableBalance": Decimal(sent)}

    account = facts.savings(body)

    assert account is not None
    assert account.savings.balance == usd(balance)


@pytest.mark.parametrize("sent", ["921.35", True, None, [1], Decimal("1E+40"), float("nan")])
def test_what_is_no_amount_is_no_answer(facts: Facts, sent: object) -> None:
    body = said_at("staff-api/savings", "/savingsaccounts/3").body
    body["summary"] |= {"accountBalance": sent}

    with pytest.raises(Unreadable):
        facts.savings(body)


def test_an_answer_that_makes_no_sense_is_no_answer_at_all(nia: Far, core: FineractCore) -> None:
    nia.get("/savingsaccounts/3", {"id": 3})

    with pytest.raises(CoreAway):
        core.reader(NIA, patience_s=5).savings(SavingsId(3))


# --- what a transfer costs --------------------------------------------------------------------------------------------


def charged(**changes: Any) -> dict[str, Any]:
    """The recorded account with a flat and a percent fee on withdrawals, borne by transfers too."""
    picture = last_picture("fees") | {"withdrawalFeeForTransfers": True}
    return picture | changes


@pytest.mark.parametrize(
    ("amount", "fee"), [("50", "3.75"), ("80.80", "4.21"), ("0.01", "3"), ("1", "3.02"), ("1000", "18")]
)
def test_the_fee_is_what_the_core_will_take(facts: Facts, amount: str, fee: str) -> None:
    """Flat 3.00 and 1.5 %; on 80.80 the recorded server took 1.21 and 3.00."""
    account = facts.savings(charged())

    assert account is not None
    assert account.fee(usd(amount)) == usd(fee)


def test_a_transfer_bears_no_fee_where_the_account_says_so(facts: Facts) -> None:
    account = facts.savings(charged(withdrawalFeeForTransfers=False))

    assert account is not None
    assert account.fee(usd("50")) == usd("0")


def test_a_charge_that_is_no_longer_active_costs_nothing(facts: Facts) -> None:
    charges = [charge | {"isActive": False} for charge in last_picture("fees")["charges"]]
    account = facts.savings(charged(charges=charges))

    assert account is not None
    assert account.fee(usd("50")) == usd("0")


def test_a_fee_that_cannot_be_told_before_is_not_guessed(nia: Far, core: FineractCore) -> None:
    """Some withdrawals of a month are free, and only the core knows how many were made."""
    from dirisha.core.port import KeptElsewhere

    body = said_at("staff-api/savings", "/savingsaccounts/3").body
    charges = [charge | {"isFreeWithdrawal": True} for charge in last_picture("fees")["charges"]]
    nia.get("/savingsaccounts/3", body | {"withdrawalFeeForTransfers": True, "charges": charges})
    reader = core.reader(NIA, patience_s=5)
    account = reader.savings(SavingsId(3))
    assert account is not None

    with pytest.raises(KeptElsewhere):
        reader.fee("transfers.own", Channel.PORTAL, account, usd("50"))


# --- loans ------------------------------------------------------------------------------------------------------------


def test_a_loan_as_recorded(nia: Far, core: FineractCore) -> None:
    loan = core.reader(NIA, patience_s=5).loan(LoanId(3))

    assert loan is not None
    assert (loan.number, loan.client, loan.office, loan.status) == ("000000003", 4, 1, AccountStatus.ACTIVE)
    assert (loan.principal, loan.rate_percent, loan.disbursed_on) == (usd("3000"), "18.00", date(2026, 2, 3))
    assert loan.outstanding == usd("2937.42")
    assert len(loan.installments) == 12
    assert loan.installments[:2] == (
        Installment(
            number=1, from_date=date(2026, 2, 3), due_date=date(2026, 3, 3), due=Parts(23004, 4500),
            paid=Parts(23004, 4500), met_on=date(2026, 3, 3),
        ),
        Installment(
            number=2, from_date=date(2026, 3, 3), due_date=date(2026, 4, 3), due=Parts(23349, 4155),
            paid=Parts(5845, 4155), paid_late_minor=10000,
        ),
    )  # fmt: skip


def test_fees_and_penalties_count_as_interest_so_that_nothing_is_forgotten(nia: Far, core: FineractCore) -> None:
    """Installment 3 bears 38.05 of interest and a fee of 12.00."""
    loan = core.reader(NIA, patience_s=5).loan(LoanId(3))

    assert loan is not None
    assert loan.installments[2].due.interest == 5005


def test_what_is_wanted_besides_the_schedule_is_due_with_the_last_installment(facts: Facts) -> None:
    body = said_at("staff-api/loans", "/loans/3?associations=all").body
    body["summary"]["totalOutstanding"] = Decimal("2940.425")

    loan = facts.loan(body)

    assert loan is not None
    assert loan.outstanding == usd("2940.43")
    assert not loan.installments[-1].is_met


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (300, AccountStatus.ACTIVE), (600, AccountStatus.CLOSED), (601, AccountStatus.CLOSED), (602, AccountStatus.CLOSED),
        (700, AccountStatus.CLOSED), (303, AccountStatus.BLOCKED), (100, None), (200, None), (400, None), (500, None), (12345, None),
    ],
)  # fmt: skip
def test_the_state_of_a_loan(facts: Facts, status: int, ours: AccountStatus | None) -> None:
    body = said_at("staff-api/loans", "/loans/3?associations=all").body
    body["status"] |= {"id": status}

    loan = facts.loan(body)

    assert (loan.status if loan is not None else None) is ours


def test_the_transactions_of_a_loan(nia: Far, core: FineractCore) -> None:
    """Accruals, waivers and what was reversed are left out."""
    told = core.reader(NIA, patience_s=5).loan_transactions(LoanId(3))

    assert [(each.number, each.kind, each.amount, each.principal, each.interest) for each in told[:2]] == [
        (4, "disbursement", usd("3000"), usd("3000"), usd("0")),
        (7, "repayment", usd("275.04"), usd("230.04"), usd("45")),
    ]
    assert told[1].outstanding_principal == usd("2769.96")


def test_one_read_of_a_loan_brings_its_transactions(nia: Far, core: FineractCore) -> None:
    reader = core.reader(NIA, patience_s=5)

    reader.loan(LoanId(3))
    reader.loan_transactions(LoanId(3))

    assert nia.paths() == ["/loans/3?associations=repaymentSchedule,transactions"]


def test_now_is_a_moment(core: FineractCore, far: Far) -> None:
    far.get("/configurations/name/enable-business-date", Said(404))

    with pytest.raises(CoreAway):
        core.business_date(NOW)
