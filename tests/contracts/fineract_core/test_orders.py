"""What an answer of Fineract to an order means, and how an order is found again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dirisha.core.fineract.core import FineractCore
from dirisha.core.fineract.mark import mark_of
from dirisha.core.fineract.refusals import TABLE
from dirisha.core.port import (
    AccountKind,
    AccountNotActive,
    AccountRef,
    Awaiting,
    Booked,
    CoreAway,
    LoanNotActive,
    MoreThanOutstanding,
    NoAnswer,
    NotEnoughMoney,
    NotTaken,
    Order,
    Party,
    RefusedByCore,
    Rejected,
)
from dirisha.kit.ids import ClientId, OfficeId, reference_for
from dirisha.kit.money import Currency, Money
from dirisha.tenants.institution import Institution
from tests.contracts.fineract_core.far import Far, Gone, Request, Said, recorded, refused, said_at, said_in

USD = Currency("USD", 2)
KEY = "dirisha-0193f2d4-7c1e-7a55-9f3e-5d2c8b1a6e70"
REFERENCE = reference_for(UUID(int=20261124))
SAVINGS, OTHER, LOAN = (
    Party(AccountRef(kind, id_, f"00000000{id_}", name), ClientId(4), OfficeId(1))
    for kind, id_, name in (
        (AccountKind.SAVINGS, 3, "Golden passbook"),
        (AccountKind.SAVINGS, 4, "Golden passbook"),
        (AccountKind.LOAN, 3, "Golden personal loan"),
    )
)


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), USD)


REPAYMENT = Order("loans.repay", REFERENCE, date(2026, 6, 15), SAVINGS, LOAN, usd("275.04"), usd("0"))
TRANSFER = replace(REPAYMENT, kind="transfers.own", target=OTHER, amount=usd("30"))


def loan(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = said_at("staff-api/loans", "/loans/3").body
    return body | changes


def row(order: Order, number: int = 71, **changes: Any) -> dict[str, Any]:
    """The source's transaction of an order that was booked, as `transactions/search` has it."""
    search = next(step for step in recorded("staff-api/savings") if "search" in step["request"]["path"])
    recorded_row: dict[str, Any] = search["response"]["body"]["content"][0]
    transfer = recorded_row["transfer"] | {"transferDescription": mark_of(order)}
    return recorded_row | {"id": number, "transfer": transfer} | changes


def others(count: int) -> list[dict[str, Any]]:
    search = next(step for step in recorded("staff-api/savings") if "search" in step["request"]["path"])
    recorded_row: dict[str, Any] = search["response"]["body"]["content"][0]
    return [recorded_row | {"id": 1000 + n} for n in range(count)]


class Books:
    """`transactions/search` over these rows, newest first."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __call__(self, request: Request) -> Said:
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        return Said(body={"total": len(self.rows), "content": self.rows[offset : offset + limit]})


@pytest.fixture
def open_loan(far: Far) -> Far:
    """The loan can be repaid, and the books are without our mark."""
    far.get("/loans/3", loan())
    far.get("/savingsaccounts/3/transactions/search", Books(others(3)))
    far.get("/savingsaccounts/3", said_at("staff-api/savings", "/savingsaccounts/3"))
    far.get("/savingsaccounts/4", said_at("staff-api/savings", "/savingsaccounts/3").body | {"id": 4})
    return far


BOOKED = Said(body={"savingsId": 3, "resourceId": 13})


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_repayment_is_one_transfer_as_recorded(open_loan: Far, core: FineractCore) -> None:
    open_loan.post("/accounttransfers", BOOKED)

    assert core.send(REPAYMENT, KEY, patience_s=5) == Booked("13")

    (sent,) = [request for request in open_loan.asked if request.method == "POST"]
    assert sent.headers["idempotency-key"] == KEY
    assert sent.json() == {
        "fromOfficeId": 1, "fromClientId": 4, "fromAccountId": 3, "fromAccountType": 2,
        "toOfficeId": 1, "toClientId": 4, "toAccountId": 3, "toAccountType": 1,
        "transferAmount": Decimal("275.04"), "transferDate": "15 June 2026",
        "transferDescription": f"Dirisha {REFERENCE} loans.repay", "locale": "en", "dateFormat": "dd MMMM yyyy",
    }  # fmt: skip


def test_a_transfer_has_the_members_of_the_recorded_one(open_loan: Far, core: FineractCore) -> None:
    open_loan.post("/accounttransfers", BOOKED)
    as_recorded = next(s for s in recorded("staff-api/accepted-anyway") if s["request"]["path"] == "/accounttransfers")

    core.send(TRANSFER, KEY, patience_s=5)

    (sent,) = [request for request in open_loan.asked if request.method == "POST"]
    assert list(sent.json()) == list(as_recorded["request"]["body"])


def test_an_order_is_sent_in_the_same_bytes_each_time(open_loan: Far, core: FineractCore) -> None:
    open_loan.post("/accounttransfers", Said(502, b"bad gateway", {"content-type": "text/html"}))

    core.send(TRANSFER, KEY, patience_s=5)
    core.trace(TRANSFER, KEY, patience_s=5)

    sent = [(r.body, r.headers["idempotency-key"]) for r in open_loan.asked if r.method == "POST"]
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_an_order_is_sent_once_for_each_asking(open_loan: Far, core: FineractCore) -> None:
    """Reads are asked again by themselves; what moves money is not."""
    open_loan.post("/accounttransfers", Said(503, b"", {"content-type": "text/html"}))

    core.send(TRANSFER, KEY, patience_s=5)

    assert open_loan.paths("POST") == ["/accounttransfers"]


@pytest.mark.parametrize("key", ["", "k" * 51])
def test_a_key_that_fineract_cannot_keep_is_a_fault_of_ours(open_loan: Far, core: FineractCore, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        core.send(TRANSFER, key, patience_s=5)


# --- what an answer means ---------------------------------------------------------------------------------------------

HTML = {"content-type": "text/html"}
STORED = {"x-served-from-cache": "true"}
WAITING = {"commandId": 331, "rollbackTransaction": True, "resourceExternalId": {}, "subResourceExternalId": {}}


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (BOOKED, Booked("13")),
        (Said(body={"savingsId": 3, "resourceId": 13}, headers=STORED), Booked("13")),
        (Said(body=WAITING), Awaiting("331")),
        (Said(body=WAITING | {"resourceId": 5}), Awaiting("331")),
        (Said(425, {"transferAmount": 30}, STORED), NoAnswer),
        (Said(200, b"", {}), NoAnswer),
        (Said(200, b"<html>", HTML), NoAnswer),
        (Said(200, b'{"resourceId": 1', {}), NoAnswer),
        (Said(200, {"resourceId": 13}, HTML), NoAnswer),
        (Said(200, [13], {}), NoAnswer),
        (Said(200, {"changes": {}}, {}), NoAnswer),
        (Said(200, {"resourceId": 13, "filler": "x" * 500}, cut=60), NoAnswer),
        (Said(204, b""), NoAnswer),
        (Said(500, {"timestamp": "-", "status": 500, "error": "-", "path": "-"}), NoAnswer),
        (Said(500, {"timestamp": "-", "status": 500, "error": "-", "path": "-"}, STORED), NoAnswer),
        (Said(502, b"", HTML), NoAnswer),
        (Said(504, b"", HTML), NoAnswer),
        (Said(408, b"", HTML), NoAnswer),
        (Said(503, b"", HTML), NoAnswer),
        (Said(429, b"", HTML), NoAnswer),
        (said_at("errors/l-locked", "/loans/3/transactions?command=repayment"), NotTaken),
        (said_at("errors/a-none", "/clients"), NoAnswer),
        (said_at("errors/a-tenant-unknown", "/clients"), NoAnswer),
        (said_at("errors/a-forbidden-write", "/loans/4?command=approve"), NotTaken),
        (Said(302, b"", {"location": "https://elsewhere.example/"}), NoAnswer),
        (Said(404, b"<html>", HTML), NoAnswer),
        (Said(413, b"<html>", HTML), NoAnswer),
    ],
    ids=lambda value: None if isinstance(value, Said) else str(value),
)
def test_answers(open_loan: Far, core: FineractCore, answer: Said, meaning: Any) -> None:
    open_loan.post("/accounttransfers", answer)

    found = core.send(TRANSFER, KEY, patience_s=5)

    assert found == meaning if not isinstance(meaning, type) else isinstance(found, meaning)


def test_cut_before_it_answered(open_loan: Far, core: FineractCore) -> None:
    def hang_up(_: Request) -> Said:
        raise Gone

    open_loan.post("/accounttransfers", hang_up)

    assert isinstance(core.send(TRANSFER, KEY, patience_s=5), NoAnswer)


def test_too_slow(open_loan: Far, core: FineractCore) -> None:
    done = threading.Event()
    open_loan.post("/accounttransfers", lambda _: Said(body={"resourceId": done.wait(20)}))

    try:
        assert isinstance(core.send(TRANSFER, KEY, patience_s=0.2), NoAnswer)
    finally:
        done.set()


def test_not_reached(institution: Callable[..., Institution]) -> None:
    core = FineractCore(institution(url="http://127.0.0.1:9/fineract-provider"))

    assert isinstance(core.send(TRANSFER, KEY, patience_s=5), NotTaken)
    assert isinstance(core.trace(TRANSFER, KEY, patience_s=5), NoAnswer)


def test_no_time_left(open_loan: Far, core: FineractCore) -> None:
    assert isinstance(core.send(TRANSFER, KEY, patience_s=0), NotTaken)
    assert open_loan.asked == []


# --- the loan, looked at before ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (loan(status={"id": 600, "code": "loanStatusType.closed.obligations.met"}), LoanNotActive(loan="...0003")),
        (loan(status={"id": 700, "code": "loanStatusType.overpaid"}), LoanNotActive(loan="...0003")),
        (loan(status={"id": 601, "code": "loanStatusType.closed.written.off"}), LoanNotActive(loan="...0003")),
        (loan(summary={"totalOutstanding": Decimal("275.03")}), MoreThanOutstanding(outstanding=usd("275.03"))),
    ],
)
def test_a_repayment_that_fineract_would_overbook_is_not_sent(
    open_loan: Far, core: FineractCore, body: dict[str, Any], refusal: Any
) -> None:
    open_loan.get("/loans/3", body)

    answer = core.send(REPAYMENT, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert (answer.refusal, answer.by_look) == (refusal, True)
    assert open_loan.paths("POST") == []


def test_all_that_is_shown_as_owed_may_be_paid(open_loan: Far, core: FineractCore) -> None:
    """What is owed is shown rounded up; the fraction of a cent is no reason to refuse."""
    open_loan.get("/loans/3", loan(summary={"totalOutstanding": Decimal("275.039999")}))
    open_loan.post("/accounttransfers", BOOKED)

    assert core.send(REPAYMENT, KEY, patience_s=5) == Booked("13")


def test_a_loan_that_is_not_there_is_not_repaid(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/loans/3", said_at("staff-api/loans", "/loans/99999"))

    answer = core.send(REPAYMENT, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert answer.refusal == LoanNotActive(loan="...0003")


def test_a_loan_that_cannot_be_looked_at_is_not_repaid_now(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/loans/3", Said(500, b"", HTML))

    assert isinstance(core.send(REPAYMENT, KEY, patience_s=5), NotTaken)
    assert isinstance(core.trace(REPAYMENT, KEY, patience_s=5), NoAnswer)
    assert open_loan.paths("POST") == []


# --- finding out ------------------------------------------------------------------------------------------------------


def test_what_bears_our_mark_was_booked(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/savingsaccounts/3/transactions/search", Books([*others(2), row(REPAYMENT), *others(2)]))

    assert core.trace(REPAYMENT, KEY, patience_s=5) == Booked("71")
    assert open_loan.paths("POST") == []


def test_the_mark_is_found_far_down_the_day(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/savingsaccounts/3/transactions/search", Books([*others(430), row(TRANSFER)]))

    assert core.trace(TRANSFER, KEY, patience_s=5) == Booked("71")
    assert {request.query["fromDate"] for request in open_loan.asked} == {"2026-06-15"}


def test_what_staff_reversed_since_was_booked_all_the_same(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/savingsaccounts/3/transactions/search", Books([row(TRANSFER, reversed=True, runningBalance=0)]))

    assert core.trace(TRANSFER, KEY, patience_s=5) == Booked("71")


def test_the_mark_of_another_is_not_ours(open_loan: Far, core: FineractCore) -> None:
    another = replace(TRANSFER, reference=reference_for(UUID(int=1)))
    open_loan.get("/savingsaccounts/3/transactions/search", Books([row(another)]))
    open_loan.post("/accounttransfers", BOOKED)

    assert core.trace(TRANSFER, KEY, patience_s=5) == Booked("13")


def test_where_there_is_no_mark_the_same_key_goes_again(open_loan: Far, core: FineractCore) -> None:
    open_loan.post("/accounttransfers", Said(body={"savingsId": 3, "resourceId": 13}, headers=STORED))

    assert core.trace(REPAYMENT, KEY, patience_s=5) == Booked("13")


@pytest.mark.parametrize("answer", [Said(503, b"", HTML), Said(429, b"", HTML), said_at("errors/a-none", "/clients")])
def test_a_second_sending_that_was_not_taken_says_nothing_of_the_first(
    open_loan: Far, core: FineractCore, answer: Said
) -> None:
    open_loan.post("/accounttransfers", answer)

    assert isinstance(core.trace(TRANSFER, KEY, patience_s=5), NoAnswer)


def test_in_progress_stays_open(open_loan: Far, core: FineractCore) -> None:
    recorded_425 = next(s for s in recorded("staff-api/idempotency") if s.get("response", {}).get("status") == 425)
    open_loan.post("/accounttransfers", said_in(recorded_425))

    assert core.trace(TRANSFER, KEY, patience_s=5) == NoAnswer("in progress")


@pytest.mark.parametrize("status", [500, 503])
def test_a_stored_failure_without_a_mark_is_a_refusal(open_loan: Far, core: FineractCore, status: int) -> None:
    open_loan.post("/accounttransfers", Said(status, {"status": status, "error": "-"}, STORED))

    answer = core.trace(TRANSFER, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert answer.refusal == RefusedByCore(reference=REFERENCE)


def test_books_that_cannot_be_read_leave_it_open(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/savingsaccounts/3/transactions/search", Said(500, b"", HTML))

    assert isinstance(core.trace(TRANSFER, KEY, patience_s=5), NoAnswer)
    assert open_loan.paths("POST") == []


# --- a repayment that may be on its way while its loan is no longer fit -------------------------------------------------

CLOSED = loan(status={"id": 600, "code": "loanStatusType.closed.obligations.met"})
ZERO = refused("validation.msg.accounttransfer.transferAmount.not.greater.than.zero", status=400)


def test_booked_between_the_look_and_the_search(open_loan: Far, core: FineractCore) -> None:
    """The loan is looked at first: what closed it stands in the books that are searched after."""
    open_loan.get("/loans/3", CLOSED)
    open_loan.get("/savingsaccounts/3/transactions/search", Books([row(REPAYMENT)]))

    assert core.trace(REPAYMENT, KEY, patience_s=5) == Booked("71")
    assert [request.bare for request in open_loan.asked] == ["/loans/3", "/savingsaccounts/3/transactions/search"]


def test_its_key_is_used_up_before_it_is_given_up(open_loan: Far, core: FineractCore) -> None:
    """By a transfer of nothing, which Fineract refuses and remembers under the key."""
    open_loan.get("/loans/3", CLOSED)
    open_loan.post("/accounttransfers", ZERO)

    answer = core.trace(REPAYMENT, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert (answer.refusal, answer.by_look) == (LoanNotActive(loan="...0003"), False)
    (sent,) = [request for request in open_loan.asked if request.method == "POST"]
    assert sent.headers["idempotency-key"] == KEY
    assert sent.json()["transferAmount"] == 0


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (Said(body={"savingsId": 3, "resourceId": 13}, headers=STORED), Booked),
        (Said(425, {}, STORED), NoAnswer),
        (Said(502, b"", HTML), NoAnswer),
        (Said(503, b"", HTML), NoAnswer),
        (Said(body=WAITING, headers=STORED), Awaiting),
    ],
)
def test_what_was_on_its_way_is_heard_of_instead(
    open_loan: Far, core: FineractCore, answer: Said, meaning: type
) -> None:
    open_loan.get("/loans/3", CLOSED)
    open_loan.post("/accounttransfers", answer)

    assert isinstance(core.trace(REPAYMENT, KEY, patience_s=5), meaning)


# --- a no in our words ------------------------------------------------------------------------------------------------

INSUFFICIENT = "error.msg.savingsaccount.transaction.insufficient.account.balance"
NOT_ACTIVE = "error.msg.savingsaccount.transaction.account.is.not.active"
BLOCKED = "error.msg.saving.account.blocked.transaction.not.allowed"


def account(**sub_status: bool) -> dict[str, Any]:
    body: dict[str, Any] = said_at("staff-api/savings", "/savingsaccounts/3").body
    return body | {"subStatus": body["subStatus"] | sub_status}


REFUSALS = [
    (INSUFFICIENT, NotEnoughMoney(available=usd("871.35"))),
    ("validation.msg.savingsaccount.insufficient.balance", NotEnoughMoney(available=usd("871.35"))),
    ("error.msg.savings.account.debit.transaction.not.allowed", AccountNotActive(account="...0003")),
    ("error.msg.savings.account.credit.transaction.not.allowed", AccountNotActive(account="...0004")),
    (
        "error.msg.savingsaccount.transaction.withdrawals.blocked.during.lockin.period",
        AccountNotActive(account="...0003"),
    ),
    (BLOCKED, AccountNotActive(account="...0004")),
    (NOT_ACTIVE, AccountNotActive(account="...0004")),
    ("error.msg.saving.account.id.invalid", AccountNotActive(account="...0004")),
    ("error.msg.client.not.active.exception", AccountNotActive(account="...0004")),
    ("error.msg.client.id.invalid", AccountNotActive(account="...0004")),
    ("error.msg.client.not.found.with.client.id", AccountNotActive(account="...0004")),
    ("error.msg.loan.must.be.active.fully.paid.or.overpaid", LoanNotActive(loan="...0004")),
    ("error.msg.loan.id.invalid", LoanNotActive(loan="...0004")),
    ("error.msg.savingsaccount.transaction.in.the.future", RefusedByCore(reference=REFERENCE)),
    ("error.msg.of.tomorrow", RefusedByCore(reference=REFERENCE)),
]


@pytest.mark.parametrize(("code", "refusal"), REFUSALS)
def test_refusals_of_a_transfer(open_loan: Far, core: FineractCore, code: str, refusal: Any) -> None:
    open_loan.post("/accounttransfers", refused(code))

    answer = core.send(TRANSFER, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert (answer.refusal, answer.by_look) == (refusal, False)
    assert code in answer.said


def test_every_row_of_the_table_is_among_them() -> None:
    assert set(TABLE) <= {code for code, _ in REFUSALS}


@pytest.mark.parametrize("code", [BLOCKED, NOT_ACTIVE])
def test_which_of_two_accounts_is_shut_is_found_out(open_loan: Far, core: FineractCore, code: str) -> None:
    open_loan.get("/savingsaccounts/3", account(block=True))
    open_loan.post("/accounttransfers", refused(code))

    answer = core.send(TRANSFER, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert answer.refusal == AccountNotActive(account="...0003")


def test_what_is_available_is_never_made_up(open_loan: Far, core: FineractCore) -> None:
    open_loan.get("/savingsaccounts/3", Said(500, b"", HTML))
    open_loan.post("/accounttransfers", refused(INSUFFICIENT))

    answer = core.send(TRANSFER, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert answer.refusal == RefusedByCore(reference=REFERENCE)


@pytest.mark.parametrize(
    ("recording", "refusal"),
    [
        ("savings-lives/transfer", NotEnoughMoney),
        ("savings-lives/lockin", AccountNotActive),
        ("savings-lives/min-required", NotEnoughMoney),
        ("savings-lives/block", AccountNotActive),
        ("savings-lives/dormant-escheat", AccountNotActive),
        ("errors/d-withdraw-over", NotEnoughMoney),
        ("errors/d-deposit-pending", AccountNotActive),
        ("errors/d-repay-pending", LoanNotActive),
        ("errors/d-repay-future", RefusedByCore),
        ("errors/d-deposit-future", RefusedByCore),
        ("errors/d-loan-inactive-client", AccountNotActive),
        ("errors/v-transfer-empty", RefusedByCore),
    ],
)
def test_recorded_refusals(open_loan: Far, core: FineractCore, recording: str, refusal: type) -> None:
    """The whole envelope, as a running Fineract sends it."""
    said = [said_in(s) for s in recorded(recording) if "response" in s and 400 <= s["response"]["status"] < 500]
    money = [s for s in said if "accounttransfer.id.invalid" not in str(s.body)]
    assert money
    for answer in money:
        open_loan.post("/accounttransfers", answer)

        found = core.send(TRANSFER, KEY, patience_s=5)

        assert isinstance(found, Rejected), answer
        assert isinstance(found.refusal, refusal), answer


def test_a_stored_refusal_is_the_refusal_that_it_was(open_loan: Far, core: FineractCore) -> None:
    stored = [
        s
        for s in recorded("staff-api/idempotency")
        if "x-served-from-cache" in s.get("response", {}).get("headers", {})
    ]
    open_loan.post("/accounttransfers", next(said_in(s) for s in stored if s["response"]["status"] == 403))

    answer = core.trace(TRANSFER, KEY, patience_s=5)

    assert isinstance(answer, Rejected)
    assert answer.refusal == NotEnoughMoney(available=usd("871.35"))


# --- what the receipt and the notice need -----------------------------------------------------------------------------


def test_what_a_booked_transfer_left(open_loan: Far, core: FineractCore) -> None:
    """The fee is a row of its own, after ours."""
    open_loan.get(
        "/savingsaccounts/3/transactions/search", Books([*others(40), row(TRANSFER, runningBalance=Decimal("921.35"))])
    )

    told = core.particulars(replace(TRANSFER, fee=usd("1.25")), "13", patience_s=5)

    assert told.balance_after == usd("920.10")
    assert (told.principal, told.interest, told.outstanding) == (None, None, None)


def test_where_a_booked_repayment_went(open_loan: Far, core: FineractCore) -> None:
    body = said_at("staff-api/loans", "/loans/3?associations=all").body
    repayment = next(each for each in body["transactions"] if each["type"]["repayment"])
    repayment |= {"transfer": {"transferDescription": mark_of(REPAYMENT)}, "feeChargesPortion": Decimal("2.5")}
    open_loan.get("/loans/3", body)
    open_loan.get("/savingsaccounts/3/transactions/search", Books([row(REPAYMENT)]))

    told = core.particulars(REPAYMENT, "13", patience_s=5)

    assert (told.principal, told.interest, told.outstanding) == (usd("230.04"), usd("47.50"), usd("2937.42"))


def test_what_was_reversed_since_is_told_with_the_balance_of_now(open_loan: Far, core: FineractCore) -> None:
    """It was booked; staff have undone it, and Fineract gives its row no balance any more."""
    open_loan.get("/savingsaccounts/3/transactions/search", Books([row(TRANSFER, reversed=True, runningBalance=0)]))

    assert core.particulars(TRANSFER, "13", patience_s=5).balance_after == usd("921.35")


def test_what_the_books_do_not_show_yet_is_not_told(open_loan: Far, core: FineractCore) -> None:
    with pytest.raises(CoreAway):
        core.particulars(TRANSFER, "13", patience_s=5)
