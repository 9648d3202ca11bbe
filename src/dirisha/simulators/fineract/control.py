"""The control page, for the demo: to slow, break and heal the core, and to do by hand what its branch would do.

`/control` is for people and works without JavaScript; `/control/state` is the same as JSON, read by GET and changed by
POST with the members that are to change, all others staying as they are:

    {"faults": {"reads": {"delay": 100, "delay_ms": 2000}, "money": {"cut_after": 30}, "seed": 7},
     "business_date": "2026-11-26", "checked": ["CREATE_ACCOUNTTRANSFER"], "phones": {"12": "+254700000999"},
     "blocked": {"1001": "block"}, "closed_clients": [3], "closed_savings": [1002], "closed_loans": [1003]}

`POST /control/commands/<number>` with `{"command": "approve"}` or `"reject"` decides on a command that waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from django.template import Context, Engine, Template

from dirisha.simulators.fineract import makercheckers
from dirisha.simulators.fineract.bodies import read_object
from dirisha.simulators.fineract.calls import Answer, Call
from dirisha.simulators.fineract.commands import number_of
from dirisha.simulators.fineract.desk import Block, Branch, Desk
from dirisha.simulators.fineract.errors import Refusal
from dirisha.simulators.fineract.faults import INSTEAD, Chances, Fault
from dirisha.simulators.fineract.users import SUPER_USER
from dirisha.wire.written import Json

PAGE = "/control"
STATE = f"{PAGE}/state"
COMMAND = re.compile(rf"{PAGE}/commands/([0-9]{{1,18}})")
MONEY = "CREATE_ACCOUNTTRANSFER"
CLOSED = ("closed_clients", "closed_savings", "closed_loans")

SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Preset:
    title: str
    text: str
    reads: Chances
    money: Chances


def _all(title: str, text: str, chances: Chances) -> Preset:
    return Preset(title, text, chances, chances)


WELL = Chances()
ALWAYS = 100
PRESETS = {
    "heal": _all("Heal", "Answers at once, and always", WELL),
    "slow": _all("Slow", "Each answer takes 2 seconds", Chances({Fault.DELAY: ALWAYS}, 2_000)),
    "asleep": _all("Half asleep", "Each answer takes 15 seconds", Chances({Fault.DELAY: ALWAYS}, 15_000)),
    "forgetful": Preset("Forgets", "Moves the money, then hangs up", WELL, Chances({Fault.CUT_AFTER: ALWAYS})),
    "deaf": _all("Hangs up", "Does nothing, and hangs up", Chances({Fault.CUT_BEFORE: ALWAYS})),
    "maintenance": _all("Shut", "Says 503 to everything", Chances({Fault.MAINTENANCE: ALWAYS})),
    "moody": Preset(
        "Moody",
        "A bit of everything",
        Chances({Fault.DELAY: 20, Fault.CUT_BEFORE: 5, Fault.TRUNCATED: 5, Fault.WRONG_TYPE: 5}, 1_500),
        Chances({Fault.DELAY: 20, **dict.fromkeys(INSTEAD, 8)}, 1_500),
    ),
}
NOTHING = Answer.of({"error": "nothing is here"}, status=404)


def is_for(call: Call) -> bool:
    return call.path == PAGE or call.path.startswith(f"{PAGE}/")


def answer(desk: Desk, call: Call) -> Answer:
    if not _is_here(call):
        return NOTHING
    command = COMMAND.fullmatch(call.path)
    try:
        match call.method, call.path:
            case "GET", "/control":
                return _page(desk, call)
            case "GET", "/control/state":
                return Answer.of(state(desk))
            case "POST", "/control" if _is_from_page(call):
                _press(desk, call, dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)))
                return Answer(303, b"", {"Location": PAGE})
            case "POST", "/control/state" if _is_json(call):
                change(desk, read_object(call.body))
                return Answer.of(state(desk))
            case "POST", _ if command and _is_json(call):
                return _decide(desk, call, int(command[1]), str(read_object(call.body).get("command")))
    except Refusal as refusal:
        return Answer.of(refusal.body, status=refusal.status)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Answer.of({"error": f"{type(error).__name__}: {error}"}, status=400)
    return NOTHING


def _is_json(call: Call) -> bool:
    """Another site's page can't send it without asking first."""
    return call.headers.get("content-type", "").split(";")[0] == "application/json"


def _is_from_page(call: Call) -> bool:
    """Pressed on this very page, or sent by no page at all."""
    origin = call.headers.get("origin")
    return origin is None or origin == f"http://{call.headers.get('host')}"


def _is_here(call: Call) -> bool:
    """Asked by an address of this machine: a name of somebody's choice may be theirs, and lead here all the same."""
    host = urlsplit(f"//{call.headers.get('host', '')}").hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True


def _decide(desk: Desk, call: Call, number: int, decision: str) -> Answer:
    """As the super user."""
    asked = replace(call, target=f"{call.path}?command={decision}")
    return makercheckers.decide(desk, asked, SUPER_USER, number)


# --- the state --------------------------------------------------------------------------------------------------------


def state(desk: Desk) -> Json:
    branch = desk.branch
    return {
        "faults": {
            "reads": _written(desk.faults.reads),
            "money": _written(desk.faults.money),
            "seed": desk.faults.seed,
        },
        "business_date": branch.business_date.isoformat() if branch.business_date else None,
        "checked": sorted(branch.checked),
        "blocked": {str(account): block.value for account, block in branch.blocked.items()},
        "phones": {str(client): phone for client, phone in branch.phones.items()},
        **{name: sorted(getattr(branch, name)) for name in CLOSED},
    }


def _written(chances: Chances) -> Json:
    return {fault.value: percent for fault, percent in chances.of.items() if percent} | {"delay_ms": chances.delay_ms}


def change(desk: Desk, wished: Mapping[str, Any]) -> None:
    """Raises `ValueError` and its like for what can't be; then nothing has changed."""
    faults = wished.get("faults", {})
    reads, money = (_chances(faults[kind]) if kind in faults else None for kind in ("reads", "money"))
    seed = int(faults["seed"]) if "seed" in faults else None
    branch = _changed(desk.branch, wished)
    desk.faults.set(reads=reads, money=money, seed=seed)
    desk.branch = branch


def _chances(wished: Mapping[str, Any]) -> Chances:
    of = {Fault(name): int(percent) for name, percent in wished.items() if name != "delay_ms"}
    return Chances(of, int(wished.get("delay_ms", 0)))


def _changed(branch: Branch, wished: Mapping[str, Any]) -> Branch:
    new: dict[str, Any] = {name: frozenset(map(int, wished[name])) for name in CLOSED if name in wished}
    if "business_date" in wished:
        given = wished["business_date"]
        new["business_date"] = date.fromisoformat(given) if given else None
    if "checked" in wished:
        new["checked"] = frozenset(map(str, wished["checked"]))
    if "blocked" in wished:
        new["blocked"] = {int(account): Block(block) for account, block in wished["blocked"].items() if block}
    if "phones" in wished:
        new["phones"] = {int(client): str(phone) for client, phone in wished["phones"].items() if phone}
    return replace(branch, **new)


# --- the page ---------------------------------------------------------------------------------------------------------


def _press(desk: Desk, call: Call, form: Mapping[str, str]) -> None:
    """One button: its name says what, the fields beside it say with what."""
    number = int(form["number"]) if form.get("number", "").strip() else None
    match form:
        case {"preset": preset}:
            desk.faults.set(reads=PRESETS[preset].reads, money=PRESETS[preset].money)
        case {"tune": _}:
            change(desk, {"faults": {kind: _tuned(form, kind) for kind in ("reads", "money")} | {"seed": form["seed"]}})
        case {"approve": command}:
            _decide(desk, call, int(command), makercheckers.APPROVE)
        case {"reject": command}:
            _decide(desk, call, int(command), makercheckers.REJECT)
        case {"checking": wished}:
            change(desk, {"checked": [MONEY] if wished == "on" else []})
        case {"set_date": _}:
            change(desk, {"business_date": form["business_date"]})
        case {"own_day": _}:
            change(desk, {"business_date": None})
        case {"block": block} if number:
            change(desk, {"blocked": state(desk)["blocked"] | {str(number): block}})
        case {"close": name} if number and name in CLOSED:
            change(desk, {name: [*state(desk)[name], number]})
        case {"call": _} if number:
            change(desk, {"phones": state(desk)["phones"] | {str(number): form["phone"].strip()}})
        case {"undo": "everything"}:
            desk.branch = Branch(business_date=desk.branch.business_date, checked=desk.branch.checked)


def _tuned(form: Mapping[str, str], kind: str) -> Json:
    given = {name.removeprefix(f"{kind}_"): value for name, value in form.items() if name.startswith(f"{kind}_")}
    return {name: int(value or 0) for name, value in given.items()}


@cache
def _template() -> Template:
    return Engine(dirs=[str(Path(__file__).parent / "templates")]).get_template("control.html")


def _page(desk: Desk, call: Call) -> Answer:
    waiting = makercheckers.rows_waiting(desk, call.at)
    page = _template().render(Context(_shown(desk, call) | {"waiting": [_waits(row) for row in waiting]}))
    return Answer(200, page.encode(), SAFE, "text/html; charset=utf-8")


def _waits(row: Any) -> Json:
    terms = orjson.loads(row.terms)
    return {"id": number_of(row.id), "by": terms["by"], "body": terms["body"], "action": row.act}


def _shown(desk: Desk, call: Call) -> Json:
    now = state(desk)
    reads, money = desk.faults.reads, desk.faults.money
    chosen = next((name for name, each in PRESETS.items() if (each.reads, each.money) == (reads, money)), None)
    return {
        "institution": desk.institution,
        "presets": PRESETS,
        "chosen": chosen,
        "is_well": not any((*reads.of.values(), *money.of.values())),
        "said": PRESETS[chosen].text if chosen else "Broken in a way of its own",
        "kinds": [("reads", "Reading", reads), ("money", "Money", money)],
        "tuning": [
            (fault.value, IN_WORDS[fault], reads.of.get(fault, 0), money.of.get(fault, 0)) for fault in IN_WORDS
        ],
        "seed": desk.faults.seed,
        "business_date": desk.business_date(call.at),
        "is_date_set": desk.branch.business_date is not None,
        "is_checking": bool(desk.branch.checked),
        "decided": _decided(now),
        "heard": [_told(each) for each in reversed(desk.heard)],
    }


IN_WORDS = {
    Fault.DELAY: "answers late",
    Fault.CUT_BEFORE: "hangs up, nothing done",
    Fault.CUT_AFTER: "hangs up, done",
    Fault.DUPLICATE: "is sent twice",
    Fault.ERROR_AFTER: "says 5xx, done",
    Fault.TRUNCATED: "answer breaks off, done",
    Fault.WRONG_TYPE: "answers a web page, done",
    Fault.MAINTENANCE: "says 503, nothing done",
    Fault.CLOCK_APART: "its clock is a day apart, for a while",
}
BLOCKED = {Block.ALL: "blocked", Block.CREDIT: "takes no money", Block.DEBIT: "gives no money"}


def _decided(now: Json) -> list[str]:
    return [
        *(f"Account {account} {BLOCKED[Block(block)]}" for account, block in now["blocked"].items()),
        *(f"Savings account {account} closed" for account in now["closed_savings"]),
        *(f"Loan {loan} closed" for loan in now["closed_loans"]),
        *(f"Client {client} closed" for client in now["closed_clients"]),
        *(f"Client {client} has the number {phone}" for client, phone in now["phones"].items()),
    ]


def _told(heard: Any) -> Json:
    suffered = IN_WORDS.get(heard.fate.fault, "")
    if heard.fate.days_apart:
        apart = f"its clock a day {'before' if heard.fate.days_apart > 0 else 'behind'}"
        suffered = f"{apart}, {suffered}" if suffered and heard.fate.fault is not Fault.CLOCK_APART else apart
    if heard.fate.delay_ms:
        late = f"{heard.fate.delay_ms} ms late"
        suffered = f"{late}, {suffered}" if suffered else late
    return {
        "at": heard.at,
        "method": heard.method,
        "path": heard.path.removeprefix("/fineract-provider").removeprefix("/api/v1"),
        "status": heard.status,
        "is_replay": heard.is_replay,
        "suffered": suffered,
    }
