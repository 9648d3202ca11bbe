"""Each route with each object of somebody else, generated from the route table: refused as if it were not there.

A route is tried with every kind of object its address takes: another client's, one that does not exist, and ids that
are larger than the database can have. What comes back must be the same for all, and nothing may have moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.bank import NOW, Bank, hook_of
from tests.house.test_routes import routes
from tests.journeys.drivers.mifos import App
from tests.journeys.drivers.portal import Portal

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# No person's object: the parts of a hook's address.
NO_OBJECTS = {"secret", "gateway"}


@dataclass(frozen=True)
class Foreign:
    """For each kind of parameter: somebody else's object, one that nobody has, and ids that no database can have."""

    others: dict[str, Any]
    missing: dict[str, Any]
    too_large: tuple[dict[str, Any], ...]


def foreign(bank: Bank) -> Foreign:
    from dirisha.acts.loans.repay import repay
    from dirisha.engine.outcome import Quote
    from dirisha.engine.run import quote

    farmer = bank.someone("farmer")
    theirs = quote(
        repay, bank.actor("farmer", "portal"), at=NOW, loan_id=farmer.loans[0].id, source_id=farmer.savings[0].id,
        amount=bank.money("10"),
    )  # fmt: skip
    assert isinstance(theirs, Quote)
    reference = bank.sql(
        "select j.reference from journal j join movement m on m.journal = j.id where m.debit = %s limit 1",
        farmer.savings[0].id,
    )[0][0]
    missing = {
        "savings_id": 987654,
        "loan_id": 987654,
        "client_id": 987654,
        "quote_id": uuid4(),
        "reference": _unused_reference(),
    }
    return Foreign(
        others={
            "savings_id": farmer.savings[0].id,
            "loan_id": farmer.loans[0].id,
            "client_id": farmer.client,
            "quote_id": theirs.id,
            "reference": reference,
        },
        missing=missing,
        too_large=tuple(
            {name: number if isinstance(value, int) else value for name, value in missing.items()}
            for number in (2**63, 10**26 - 1, 10**1000)
        ),
    )


def _unused_reference() -> str:
    from dirisha.kit.ids import reference_for

    return reference_for(UUID(int=0x1234567))


def addresses(objects: dict[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """(name, address, parameters) of each route, its parameters filled in from `objects`."""
    for address, pattern in routes():
        names = {a or b for a, b in PARAMETER.findall(address)}
        if not names - NO_OBJECTS or pattern.name.startswith("demo."):
            continue
        filled = PARAMETER.sub(lambda match: str(objects[match[1] or match[2]]), address)
        yield pattern.name, "/" + filled.replace("^", "").replace("/?$", "").replace("$", ""), names


@pytest.mark.security("A-01")
@pytest.mark.security("A-02")
def test_every_route_with_every_foreign_object(bank: Bank) -> None:
    objects = foreign(bank)
    portal, app = Portal(bank), App.of(bank, "trader")
    portal.log_in(bank.someone("trader"))
    before, tried = _everything(bank), 0
    kinds = (objects.others, objects.missing, *objects.too_large)
    for same in zip(*map(addresses, kinds), strict=True):
        name, _, parameters = same[0]
        for method in ("GET", "POST"):
            answers = [_answer(portal, app, method, address, objects) for _, address, _ in same]
            assert answers[0] == answers[1], f"{method} {name} tells {parameters} of others from none: {answers}"
            for too_large in answers[2:]:
                # What can be nobody's id is no address: for any method, and at the API with its container's code.
                is_no_address = answers[1][0] == 405 or name.startswith("mifos.")
                expected = answers[1:2] if not is_no_address else [answers[1], (404, too_large[1])]
                assert too_large in expected, f"{method} {name}: {answers}"
            assert answers[0][0] in (403, 404, 405), f"{method} {name}: {answers[0]}"
            tried += 1
    assert tried > 15
    assert _everything(bank) == before


@pytest.mark.security("A-01")
def test_every_foreign_account_in_a_body(bank: Bank) -> None:
    """Where the object is in the form or the body instead of the address."""
    objects, trader = foreign(bank), bank.someone("trader")
    own = {"savings": trader.savings[0].id, "second": trader.savings[1].id, "loan": trader.loans[0].id}
    app = App.of(bank, "trader")
    before = _everything(bank)
    for side, account_type, kind in (("from", 2, "savings_id"), ("to", 2, "savings_id"), ("to", 1, "loan_id")):
        answers = []
        for found in (objects.others, objects.missing):
            body = {
                "fromOfficeId": 1, "fromClientId": trader.client, "fromAccountId": own["savings"], "fromAccountType": 2,
                "toOfficeId": 1, "toClientId": trader.client, "toAccountId": own["second"], "toAccountType": 2,
                "transferAmount": "10", "transferDate": f"{NOW:%d %B %Y}", "transferDescription": "x",
                "locale": "en", "dateFormat": "dd MMMM yyyy",
            }  # fmt: skip
            body |= {f"{side}AccountId": found[kind], f"{side}AccountType": account_type}
            answers.append(_scrubbed(app.post("/accounttransfers", body), found))
        assert answers[0] == answers[1]
        assert answers[0][0] in (400, 404)
    portal = Portal(bank)
    portal.log_in(trader)
    for start, fields in (
        (f"/loans/{own['loan']}/pay", ("source_id",)),
        ("/move", ("source_id", "target_id")),
    ):
        for field in fields:
            seen = []
            for found in (objects.others, objects.missing):
                portal.open(start)
                form = portal.page.form(start)
                filled = {"source_id": str(own["savings"]), "target_id": str(own["second"]), "amount": "10"}
                given = {name: value for name, value in filled.items() if name in form.accepts}
                page = portal.post(form.action, form.fields | given | {field: str(found["savings_id"])})
                seen.append((page.status, page.code))
            assert seen[0] == seen[1]
            assert seen[0][1] or seen[0][0] >= 400, (start, field, seen)
    assert _everything(bank) == before


@pytest.mark.security("A-05")
def test_what_one_institution_gave_opens_nothing_at_the_other(bank: Bank) -> None:
    """A session, a password's key, a hook's secret and a quote of one institution, shown to the other."""
    from dirisha.tenants.current import use

    trader = bank.someone("trader")
    portal = Portal(bank)
    portal.log_in(trader)
    cookies = dict(portal.client.cookies)
    stranger = Portal(bank, slug="jirani")
    for name, morsel in cookies.items():
        stranger.client.cookies[name] = morsel.value
    for _, address, _ in addresses(foreign(bank).others):
        if address.startswith("/fineract-provider"):
            continue
        page = stranger.open(address)
        assert page.address.startswith("/login") or page.status in (403, 404, 405), (address, page.status)
        assert trader.character.name not in page.text

    # The same name and another password there: our key is nobody's.
    jirani = bank.house.institution("jirani")
    with use(jirani):
        bank.sql("update secret set hash = 'none' where kind = 'password'")
    app = App.of(bank, "trader", tenant="jirani")
    assert app.get("/clients").status == 401

    with use(jirani):
        before = _everything(bank)
    from tests.journeys.drivers.ussd import Phone

    ours = Phone(trader.character.msisdn, "tumaini")
    assert hook_of("tumaini") != hook_of("jirani")
    ours.dial()
    with use(jirani):
        assert _everything(bank) == before


def _answer(portal: Portal, app: App, method: str, address: str, objects: Foreign) -> tuple[int, str]:
    found = objects.others | objects.missing
    if address.startswith("/fineract-provider"):
        return _scrubbed(app.call(method, address, body=b"" if method == "GET" else "{}"), found)
    if method == "GET":
        page = portal.open(address)
    else:
        token = portal.client.cookies["csrf"].value
        filled = {"csrfmiddlewaretoken": token, "amount": "10", "source_id": "1", "code": "123456"}
        page = portal.post(address, filled)
    return page.status, page.code or page.title


def _scrubbed(reply: Any, found: dict[str, Any]) -> tuple[int, str]:
    """An answer without the ids that were asked for, its reference and its time."""
    body = reply.body or {}
    items = body.get("errors", [{}])[0] if isinstance(body, dict) else {}
    return reply.status, f"{items.get('userMessageGlobalisationCode')} {items.get('code')}"


def _everything(bank: Bank) -> list[Any]:
    """What would show that something happened: money, limits, users, phones, quotes done. Not the trail of refusals."""
    return [
        bank.sql("select count(*), coalesce(sum(amount_minor), 0) from movement"),
        bank.sql("select sum(minor), sum(lines) from balance"),
        bank.sql("select count(*) from limit_use"),
        bank.sql("select count(*) from command where state = 'done'"),
        bank.sql("select id, language, closed_at from app_user order by id"),
        bank.sql("select id, sms_on, ussd_on, ended_at from phone_link order by id"),
        bank.sql("select count(*) from outbox where kind <> 'notice' or event not in ('access_locked')"),
    ]
