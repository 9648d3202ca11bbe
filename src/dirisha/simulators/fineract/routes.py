"""Which call is what: method, address, the permission it needs, and who answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import orjson

from dirisha.simulators.fineract import catalogue, makercheckers, reads
from dirisha.simulators.fineract.bodies import Members, read_object
from dirisha.simulators.fineract.calls import API, PREFIX, Answer, Call, unsupported
from dirisha.simulators.fineract.commands import Command, perform
from dirisha.simulators.fineract.desk import Desk
from dirisha.simulators.fineract.errors import Refusal, not_authenticated, of_container
from dirisha.simulators.fineract.faults import Kind
from dirisha.simulators.fineract.money import WORK
from dirisha.simulators.fineract.users import SUPER_USER, User
from dirisha.wire.written import Json

REALM = {"WWW-Authenticate": 'Basic realm="Fineract Platform API"'}
REFRESH = {"X-Notification-Refresh": "true"}
JSON_TYPES = ("application/json", "")

Found = dict[str, str]
Answered = Callable[[Desk, Call, User, Found], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    address: re.Pattern[str]
    answer: Answered
    reads: str | None = None


def _read(address: str, entity: str | None, question: Callable[..., Answer]) -> Route:
    """A question; `entity` is what its permission is named after. Numbers in the address are its arguments."""

    def answer(desk: Desk, call: Call, user: User, found: Found) -> Answer:
        return question(desk, call, *(int(part) if part.isdigit() else part for part in found.values()))

    return Route("GET", _address(address), answer, entity)


def _money(address: str, entity: str, actions: dict[str | None, str], url: str) -> Route:
    """A command on the subject in the address; `actions` by the query's `command`."""

    def answer(desk: Desk, call: Call, user: User, found: Found) -> Answer:
        asked = call.query.get("command")
        if asked not in actions:
            raise unsupported("command", asked or "")
        subject = int(found["id"]) if "id" in found else None
        command = Command(actions[asked], entity, subject, url.format(id=subject, command=asked))
        return perform(desk, call, user, command, WORK[command.permission])

    return Route("POST", _address(address), answer)


def _decide(desk: Desk, call: Call, user: User, found: Found) -> Answer:
    return makercheckers.decide(desk, call, user, int(found["id"]))


def _address(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w*id)\}", r"(?P<\1>[0-9]+)", pattern).replace("{name}", r"(?P<name>[\w-]+)"))


ROUTES = (
    _read("/clients", "CLIENT", reads.clients),
    _read("/clients/{id}", "CLIENT", reads.client),
    _read("/clients/{id}/accounts", "CLIENT", reads.client_accounts),
    _read("/savingsaccounts/{id}", "SAVINGSACCOUNT", reads.savings),
    _read("/savingsaccounts/{id}/transactions/search", "SAVINGSACCOUNT", reads.savings_search),
    _read("/savingsaccounts/{id}/transactions/{tid}", "SAVINGSACCOUNT", reads.savings_transaction),
    _read("/loans/{id}", "LOAN", reads.loan),
    _read("/loans/{id}/transactions/{tid}", "LOAN", reads.loan_transaction),
    _read("/offices", "OFFICE", catalogue.offices),
    _read("/offices/{id}", "OFFICE", catalogue.office),
    _read("/loanproducts", "LOANPRODUCT", catalogue.loan_products),
    _read("/loanproducts/{id}", "LOANPRODUCT", catalogue.loan_product),
    _read("/savingsproducts", "SAVINGSPRODUCT", catalogue.savings_products),
    _read("/savingsproducts/{id}", "SAVINGSPRODUCT", catalogue.savings_product),
    _read("/codes/{id}/codevalues", "CODEVALUE", catalogue.code_values),
    _read("/businessdate", "BUSINESS_DATE", catalogue.business_dates),
    _read("/businessdate/{name}", "BUSINESS_DATE", catalogue.business_date),
    _read("/configurations/name/{name}", "CONFIGURATION", catalogue.configuration),
    _read("/makercheckers", None, makercheckers.waiting),
    _read("/audits/{id}", "AUDIT", makercheckers.audit),
    Route("POST", _address("/makercheckers/{id}"), _decide),
    _money("/accounttransfers", "ACCOUNTTRANSFER", {None: "CREATE"}, "/accounttransfers"),
    _money(
        "/savingsaccounts/{id}/transactions",
        "SAVINGSACCOUNT",
        {"deposit": "DEPOSIT", "withdrawal": "WITHDRAWAL"},
        "/savingsaccounts/{id}/transactions?command={command}",
    ),
    _money(
        "/loans/{id}/transactions", "LOAN", {"repayment": "REPAYMENT"}, "/loans/{id}/transactions?command={command}"
    ),
)


def kind_of(call: Call) -> Kind | None:
    """Which faults a call can suffer; the log-in and the health check suffer none."""
    if not call.path.startswith(f"{API}/") or call.path.endswith("/authentication"):
        return None
    return Kind.READ if call.method in ("GET", "HEAD") else Kind.MONEY


def answer(desk: Desk, call: Call) -> Answer:
    """Everything but what happens on the way: that is the server's."""
    path = call.path.removeprefix(API) if call.path.startswith(f"{API}/") else call.path.removeprefix(PREFIX)
    if path == "/actuator/health":
        return catalogue.health(desk, call)
    if path == "/actuator/info":
        return catalogue.info(desk, call)
    if desk.tenant not in (call.headers.get("fineract-platform-tenantid"), call.query.get("tenantIdentifier")):
        return _container(400, call, REALM)
    if path == "/authentication" and call.method == "POST":
        return _guarded(lambda: authenticate(desk, call))
    user = desk.users.by_header(call.headers.get("authorization", ""))
    if user is None:
        return _container(401, call, REALM)
    answered = _answer(desk, call, user, path)
    return Answer(answered.status, answered.body, {**answered.headers, **REFRESH}, answered.content_type)


def _answer(desk: Desk, call: Call, user: User, path: str) -> Answer:
    matching = [(route, found) for route in ROUTES if (found := route.address.fullmatch(path))]
    if not matching or not call.path.startswith(f"{API}/"):
        return _container(404, call)
    for route, found in matching:
        if route.method == call.method:
            if call.method == "POST" and call.headers.get("content-type", "").split(";")[0] not in JSON_TYPES:
                return _container(415, call)
            return _guarded(partial(_answered, route, desk, call, user, found.groupdict()))
    return _container(405, call, {"Allow": ",".join(sorted({route.method for route, _ in matching} | {"OPTIONS"}))})


def _answered(route: Route, desk: Desk, call: Call, user: User, found: Found) -> Answer:
    if route.reads is not None:
        user.must_read(route.reads)
    return route.answer(desk, call, user, found)


def _guarded(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except Refusal as refusal:
        return Answer(refusal.status, orjson.dumps(refusal.body, option=orjson.OPT_INDENT_2))


def _container(status: int, call: Call, headers: dict[str, str] | None = None) -> Answer:
    return Answer.of(of_container(status, call.path, call.at), status=status, headers=headers)


def authenticate(desk: Desk, call: Call) -> Answer:
    members = Members(read_object(call.body), "user")
    name, password = members.text("username"), members.text("password")
    members.finish()
    user = desk.users.by_password(name, password)
    if user is None:
        raise not_authenticated()
    with desk.reading(call.at) as reading:
        head = reading.reader().offices()[0]
    return Answer.of(
        {
            "username": user.name,
            "userId": user.id,
            "base64EncodedAuthenticationKey": user.key,
            "authenticated": True,
            "officeId": head.id,
            "officeName": head.name,
            "roles": [_role(user)],
            "permissions": sorted(user.permissions),
            "shouldRenewPassword": False,
            "isTwoFactorAuthenticationRequired": False,
        }
    )


def _role(user: User) -> Json:
    if user.id == SUPER_USER.id:
        text = "This role provides all application permissions."
        return {"id": 1, "name": "Super user", "description": text, "disabled": False}
    return {"id": user.id, "name": f"Role of {user.name}", "description": "What the user may do", "disabled": False}
