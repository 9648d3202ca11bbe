"""The stand-in against recorded exchanges: status, codes, the members of every body with their types, enumerations.

The recordings are of another institution, so figures differ; members and their JSON types must not, except where a line
below says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.contracts.fineract.conftest import standing
from tests.contracts.fineract.recorded import LATE, RECORDINGS, Exchange, Stage, exchanges, read
from tests.contracts.shapes import Shape, explained

REFUSALS = (
    "a-none", "a-self-on-staff", "a-tenant-missing", "a-tenant-unknown", "n-route", "n-method", "n-not-a-number",
    "n-savings", "n-loan", "n-loan-transaction", "n-client", "n-office", "n-loan-product", "d-withdraw-over",
    "v-empty-body", "v-broken-json", "v-transfer-empty", "v-deposit-bad-date",
    "v-deposit-negative", "v-repayment-empty", "d-deposit-future", "d-repay-future",
)  # fmt: skip
SERVED = [
    *exchanges("staff-api/client", 1, 4, 6, 8),
    *exchanges("staff-api/clients-list", 1, 5),
    *exchanges("staff-api/savings", 2, 3, 5, 7, 12, 15, 16),
    *exchanges("staff-api/loans", 4, 5, 8, 9),
    *exchanges("staff-api/reference-data", 1, 3, 8, 13, 14, 15, 21, 22, 23, 24),
    *exchanges("staff-api/products"),
    *exchanges("staff-api/service-user", 3, 5, 15, 21),
    *exchanges("staff-api/accepted-anyway", 1, 4, 5, 6, 10, 11, 12, 13, 14),
    *exchanges("savings-lives/transfer", 5, 6),
    *(exchange for name in REFUSALS for exchange in exchanges(f"errors/{name}")),
]

# Members that the reference has there and the stand-in leaves out.
LEFT_OUT = {
    r"(.*\.)?externalId|(.*\.)?clientExternalId": "nothing has a number of another system here",
    r"(pageItems\[\]\.)?(dateOfBirth|mobileNo|gender\.(id|name))": "the books keep no birthday and no gender, phones of some",
    r"savingsProductName": "on a client: filled from a wrong column by the reference, meant for nobody",
    r"shareAccounts.*|guarantorAccounts\[\].*": "no shares and no guarantors",
    r"charges\[.*|overdueCharges\[.*|guarantors.*": "loans have no charges and no guarantors",
    r"transactions\[loanTransactionType\.accrual\].*": "interest is not accrued",
    r"transactions\[savingsAccountTransactionType\.interestPosting\].*": "savings bear no interest here",
    r"summary\.(totalInterestEarned|lastInterestCalculationDate|interestPostedTillDate)": "no interest on savings",
    r"onHoldFunds": "nothing is held",
    r"(transactions\[.*\]\.)?paymentDetailData.*": "repayments here came out of savings",
    r"\[\]\.(active|description|id|mandatory|name|position)": "no code has values to choose from",
    r"(advanced|credit)(PaymentAllocation|Allocation)\w*(Types|Rules).*": "choices for progressive loans, of which there are none",
}
# Members that the stand-in has and the recorded answer had not.
ADDED = {
    r"(transactions\[loanTransactionType\.\w+\]\.)?transfer.*": "they came out of savings, the recorded ones over the counter",
    r"transactions\[savingsAccountTransactionType\.deposit\]\.transfer.*": "a loan was paid out into this account",
    r"(loan|savings)Accounts\[\]\..*": "no account here is a mere application",
    r"pageItems\[\]\.mobileNo": "clients here have phones",
}

Played = list[tuple[Exchange, httpx.Response]]


@pytest.fixture(scope="module")
def played(house: Any) -> Iterator[Played]:
    """All of them played once, in their order, on one stand-in."""
    with house.fresh(9002) as bank, standing(bank, lambda: LATE) as core:
        stage = Stage(bank, core)
        yield [(exchange, stage.play(exchange)) for exchange in SERVED]


def body_of(response: httpx.Response) -> Any:
    return json.loads(response.text, parse_float=Decimal)


def test_status_and_codes_are_the_recorded_ones(played: Played) -> None:
    wrong = {}
    for exchange, response in played:
        recorded = exchange.response
        theirs = (recorded["status"], *codes(recorded.get("body")))
        ours = (response.status_code, *codes(body_of(response)))
        if ours != theirs:
            wrong[str(exchange)] = (ours, theirs, response.text[:300])
    assert wrong == {}, json.dumps(wrong, indent=1)


def codes(body: Any) -> list[str]:
    """The code of the whole, and those of its items with their parameters and texts."""
    if not isinstance(body, dict) or "userMessageGlobalisationCode" not in body:
        return []
    items = [f"{item['userMessageGlobalisationCode']} {item.get('parameterName')}" for item in body.get("errors", [])]
    return [body["userMessageGlobalisationCode"], *items]


def test_bodies_have_the_recorded_members(played: Played) -> None:
    wrong: dict[str, list[str]] = {}
    for exchange, response in played:
        recorded = exchange.response.get("body")
        if recorded is not None and (found := differences(recorded, body_of(response))):
            wrong[str(exchange)] = found
    assert wrong == {}, json.dumps(wrong, indent=1)
    assert len(played) > 60


def differences(recorded: Any, ours: Any) -> list[str]:
    theirs, mine = Shape.of(recorded), Shape.of(ours)
    found = [f"missing: {path}" for path in sorted(theirs.always - mine.always) if not explained(path, LEFT_OUT)]
    found += [
        f"added: {path}" for path in sorted(mine.types.keys() - theirs.types.keys()) if not explained(path, ADDED)
    ]
    both = sorted(mine.types.keys() & theirs.types.keys())
    found += [
        f"type of {path}: {mine.types[path]}, recorded {theirs.types[path]}"
        for path in both
        if mine.types[path] != theirs.types[path]
    ]
    return found


def enumerations(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if {"id", "code", "value"} <= value.keys():
            yield value
        for member in value.values():
            yield from enumerations(member)
    elif isinstance(value, list):
        for row in value:
            yield from enumerations(row)


def test_enumerations_are_the_recorded_ones(played: Played) -> None:
    """Id, value and flags of every code that the stand-in answers, wherever the reference was heard to say it."""
    recorded: dict[str, list[dict[str, Any]]] = {}
    for folder in ("staff-api", "savings-lives"):
        for path in (RECORDINGS / folder).glob("*.json"):
            for each in enumerations(read(path)):
                recorded.setdefault(each["code"], []).append(each)
    ours = {each["code"]: each for _, response in played for each in enumerations(body_of(response))}
    assert {code for code, each in ours.items() if each not in recorded.get(code, [])} == set()
    assert len(ours) > 25


def test_amounts_have_the_decimals_of_their_columns(played: Played) -> None:
    """`1250.000000` where it stands in a column, `1250.00` where it is summed up on the way."""
    exchange, response = next(each for each in played if each[0].request["path"] == "/loans/3?associations=all")
    body, recorded = body_of(response), exchange.response["body"]
    for path in (("principal",), ("summary", "totalOutstanding"), ("repaymentSchedule", "totalOutstanding")):
        places = [decimals(at(each, path)) for each in (body, recorded)]
        assert places[0] == places[1], path


def at(body: Any, path: tuple[str, ...]) -> Decimal:
    for name in path:
        body = body[name]
    return Decimal(body)


def decimals(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def test_every_reason_is_needed(played: Played) -> None:
    """A line of the tables that explains nothing any more is to be deleted."""
    missing, added = set(), set()
    for exchange, response in played:
        if (recorded := exchange.response.get("body")) is not None:
            theirs, mine = Shape.of(recorded), Shape.of(body_of(response))
            missing |= theirs.always - mine.always
            added |= mine.types.keys() - theirs.types.keys()
    assert [p for p in LEFT_OUT if not any(explained(path, {p: ""}) for path in missing)] == []
    assert [p for p in ADDED if not any(explained(path, {p: ""}) for path in added)] == []


def test_headers_are_the_recorded_ones(played: Played) -> None:
    for exchange, response in played:
        recorded = exchange.response["headers"]
        for name in ("content-type", "www-authenticate", "x-served-from-cache"):
            assert response.headers.get(name) == recorded.get(name), (name, str(exchange))
        # Whether there are unread notices is told to those who are known.
        known = response.status_code != 401
        assert not known or ("x-notification-refresh" in recorded) is ("x-notification-refresh" in response.headers), (
            str(exchange)
        )
        assert ("allow" in recorded) is ("allow" in response.headers), str(exchange)
