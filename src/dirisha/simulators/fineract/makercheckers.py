"""Commands that wait for somebody's approval, and the trail of all of them.

Whether a command was rejected is told by nothing but its row: it was checked, and has no `resourceId`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from dirisha.db.transactions import Role, transaction
from dirisha.engine import commands as engine
from dirisha.simulators.fineract.calls import Answer, Call, unsupported
from dirisha.simulators.fineract.commands import (
    SQL,
    Carrying,
    Command,
    attempt,
    ids_of,
    number_of,
    outcome_of,
    tell,
)
from dirisha.simulators.fineract.desk import Desk
from dirisha.simulators.fineract.errors import Item, missing, no_such
from dirisha.simulators.fineract.money import WORK
from dirisha.simulators.fineract.users import User
from dirisha.wire.written import Json, present

APPROVE, REJECT = "approve", "reject"


def waiting(desk: Desk, call: Call) -> Answer:
    """Those that wait, oldest first; `actionName` and `entityName` narrow the list."""
    listed = [_listed(row) for row in rows_waiting(desk, call.at)]
    return Answer.of([each for each in listed if _is_asked_for(each, call)])


def rows_waiting(desk: Desk, at: datetime) -> list[Any]:
    with desk.reading(at) as reading:
        return reading.tx.run(SQL["waiting"]).all()


def _is_asked_for(listed: Json, call: Call) -> bool:
    return all(call.query.get(name) in (None, listed[name]) for name in ("actionName", "entityName"))


def _listed(row: Any) -> Json:
    terms = orjson.loads(row.terms)
    return {
        "id": number_of(row.id),
        "actionName": terms["action"],
        "entityName": terms["entity"],
        "maker": terms["by"],
        "madeOnDate": int(row.made_at.timestamp() * 1000),
        "url": terms["url"],
    }


def audit(desk: Desk, call: Call, number: int) -> Answer:
    first, last = ids_of(number)
    with desk.reading(call.at) as reading:
        row = reading.tx.run(SQL["one"], {"first": first, "last": last}).first()
    if row is None:
        raise no_such("Audit", number, "error.msg.audit.id.invalid")
    result = orjson.loads(row.result) if row.result else {}
    answered = orjson.loads(result["text"]) if result.get("status") == 200 else {}
    checked = result.get("checked_at")
    listed = _listed(row)
    url = listed.pop("url")
    return Answer.of(
        present(
            **listed | {"resourceId": answered.get("resourceId")},
            checker=result.get("checker"),
            checkedOnDate=int(checked) if checked else None,
            commandAsJson=orjson.dumps(orjson.loads(row.terms)["body"]).decode(),
            savingsAccountId=answered.get("savingsId"),
            url=url,
        )
    )


def decide(desk: Desk, call: Call, user: User, number: int) -> Answer:
    decision = call.query.get("command", "")
    if decision not in (APPROVE, REJECT):
        raise unsupported("command", decision)
    first, last = ids_of(number)
    with transaction("fineract.check", Role.BOOKS) as tx:
        row = tx.run(SQL["one"], {"first": first, "last": last}).first()
        if row is None:
            raise no_such("Audit", number, "error.msg.audit.id.invalid")
        terms = orjson.loads(row.terms)
        command = Command(terms["action"], terms["entity"], terms["subject"], terms["url"])
        user.must_check(command.permission)
        claim, again = engine.claim(tx, command.key(row.key)), tx.run(SQL["one"], {"first": first, "last": last})
        if claim.one().claim == "taken" or again.one().state != "open":
            raise _not_waiting(number)
        carrying = Carrying(desk, tx, command, terms["body"], row.id, desk.business_date(call.at), call.at)
        answer = _approve(carrying, number) if decision == APPROVE else Answer.of({"commandId": number})
        _settle(carrying, row.id, user, answer, is_rejected=decision == REJECT)
        return answer


def _approve(carrying: Carrying, number: int) -> Answer:
    carrying.tx.savepoint()
    answer = attempt(carrying, WORK[carrying.command.permission])
    if answer.status >= 400:
        return answer
    return Answer.of({"commandId": number} | orjson.loads(answer.body))


def _settle(carrying: Carrying, row: UUID, user: User, answer: Answer, *, is_rejected: bool) -> None:
    checked = {"checker": user.name, "checked_at": str(int(carrying.at.timestamp() * 1000))}
    state, result = outcome_of(answer, **checked)
    if is_rejected:
        state, result = "refused", orjson.dumps(checked).decode()
    carrying.tx.run(SQL["finish_waiting"], {"id": row, "state": state, "result": result, "at": carrying.at})
    tell(carrying, state)


def _not_waiting(number: int) -> Exception:
    code = "error.msg.command.id.not.awaiting.approval"
    return missing(Item(code, f"Audit with identifier {number} is Not Awaiting Approval", args=(number,)))
