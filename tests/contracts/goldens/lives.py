"""Recorded lives of loans, compared after each step: schedule, splits, summary, status, charges, arrears."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dirisha.core.native.loans.life import replay, step
from dirisha.core.native.loans.life.changes import changes
from dirisha.core.native.loans.life.fold import seen_on
from dirisha.core.native.loans.life.foreclosing import payoff
from dirisha.core.native.loans.life.refusals import EventRefused
from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.life.summary import summary
from dirisha.core.native.loans.life.transactions import Transaction, TransactionKind
from dirisha.core.native.loans.refusals import TermsRefused
from tests.contracts.goldens import life_pictures
from tests.contracts.goldens.life_events import NotAnEvent, Reader, booked, life_terms, valued
from tests.contracts.goldens.life_pictures import compared
from tests.contracts.goldens.reading import Recording, day
from tests.contracts.goldens.terms_as_recorded import Unknown
from tests.contracts.goldens.trimming import copy_trimmed
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent, OutOfScope, Verdict

# Fineract cannot tell which charges of a replayed payment are whose, and refuses the whole request.
MELTDOWN = "Meltdown in advanced accounting"

# The strategies whose processors add the split of an interest waiver to the transaction a second time.
COUNTS_WAIVERS_TWICE = ("creocore-strategy", "heavensfamily-strategy")

LEAVES_CHARGES_OUT = "the reference leaves charges out of the last accrual where earlier ones carried other income too"


def judge(recording: Recording, *, stored: Callable[[State], State] = lambda state: state) -> Verdict:
    """Until the first step that differs; where the reference fails, the comparison ends.

    `stored` is what becomes of the state between two events.
    """
    reader = Reader(recording)
    state: State | None = None
    for number, recorded in enumerate(recording["steps"], 1):
        where = f"step {number} ({recorded['do']})"
        if _status(recorded) >= 500:
            return KeptDifferent(f"{where}: the reference fails: {_status(recorded)}")
        if _melts_down(recorded):
            # Refused, it has not happened: what follows is compared without it.
            reader.kept.add(f"{where}: the reference refuses what it should take: {MELTDOWN}")
            continue
        try:
            before, state = state, _after(reader, recorded, state and stored(state))
        except Unknown as unknown:
            return OutOfScope(f"{where}: {unknown}")
        except (EventRefused, TermsRefused, NotAnEvent) as refused:
            if _is_refused(recorded):
                continue
            return Different((f"{where}: theirs done, ours {refused}",))
        if _is_refused(recorded):
            return Different((f"{where}: theirs refused, ours done",))
        assert state is not None
        if recorded["do"] in PAYOFFS and (differences := list(_payoff(reader, recorded, state))):
            return Different(tuple(f"{where} {difference}" for difference in differences))
        picture = recorded.get("picture")
        if picture and (differences := list(_differences(reader, picture, before, state))):
            if _keeps_old_arrears(recorded, differences, reader):
                # What follows goes out on a tranche that it no longer knows: its books never close again.
                return KeptDifferent(f"{where}: the reference shows as overdue what no installment of its own owes")
            return Different(tuple(f"{where} {difference}" for difference in differences))
    return KeptDifferent("; ".join(sorted(reader.kept))) if reader.kept else Equal()


def _keeps_old_arrears(recorded: Recording, differences: list[str], reader: Reader) -> bool:
    """Undoing a tranche leaves the arrears as they were, though the schedule is another: nothing else may differ."""
    if recorded["do"] != "undolastdisbursal":
        return False
    picture = recorded["picture"]
    overdue = sum(reader.minor(row.get("totalOverdue") or 0) for row in picture["repaymentSchedule"]["periods"])
    claims = reader.minor(picture["summary"].get("totalOverdue") or 0)
    return claims != overdue and all("verdue" in one or "inArrears" in one for one in differences)


def _status(recorded: Recording) -> int:
    return int((recorded.get("response") or {}).get("status") or 200)


def _is_refused(recorded: Recording) -> bool:
    return 400 <= _status(recorded) < 500


def _melts_down(recorded: Recording) -> bool:
    code = ((recorded.get("response") or {}).get("body") or {}).get("userMessageGlobalisationCode", "")
    return str(code).startswith(MELTDOWN)


def _after(reader: Reader, recorded: Recording, state: State | None) -> State | None:
    events = reader.events(recorded, state)
    for event in events:
        state = step(state, event) if state else replay(life_terms(reader.recording, _application(recorded)), [event])
        reader.state = state
    assert state is not None
    return seen_on(state, booked(recorded))


def _application(recorded: Recording) -> Recording:
    application: Recording = recorded["request"]["body"]
    return application


PAYOFFS = {"prepay-template", "foreclosure-template"}


def _payoff(reader: Reader, recorded: Recording, state: State) -> Iterator[str]:
    """What repays the loan in full: without recalculation, all that is outstanding, unless it is foreclosed."""
    on = valued(recorded)
    owed = payoff(state, on) if recorded["do"] == "foreclosure-template" else summary(state).outstanding
    ours = {f"{member}Portion": getattr(owed, part) for member, part in life_pictures.PORTIONS.items()}
    yield from compared("payoff", recorded["response"]["body"], ours | {"amount": owed.total}, reader.currency)


def _differences(reader: Reader, picture: Recording, before: State | None, state: State) -> Iterator[str]:
    currency = reader.currency
    if picture["status"]["id"] != state.status:
        yield f"status: theirs {picture['status']['code']}, ours {state.status.name}"
    yield from compared("loan", picture, life_pictures.loan(state), currency)
    if "timeline" in picture:
        yield from compared("timeline", picture["timeline"], life_pictures.timeline(state), currency)
    if "summary" in picture:
        yield from compared("summary", picture["summary"], life_pictures.of_summary(state), currency)
    if state.status in life_pictures.DISBURSED:
        yield from compared("delinquent", picture["delinquent"], life_pictures.delinquent(state), currency)
        yield from _counted("delinquent", picture["delinquent"], life_pictures.days_behind(state))
    yield from _schedule(picture["repaymentSchedule"], state, reader)
    yield from _charges(reader, picture.get("charges") or [], state)
    yield from _transactions(reader, picture["transactions"], before, state)


def _counted(where: str, theirs: Recording, ours: dict[str, int]) -> Iterator[str]:
    for member, mine in ours.items():
        if theirs.get(member, 0) != mine:
            yield f"{where} {member}: theirs {theirs.get(member)}, ours {mine}"


def _schedule(theirs: Recording, state: State, reader: Reader) -> Iterator[str]:
    yield from compared("schedule", theirs, life_pictures.schedule_totals(state), reader.currency)
    yield from _counted("schedule", theirs, {"loanTermInDays": life_pictures.days(state)})
    for member, ours_minor in life_pictures.at_disbursement(state).items():
        shown = sum(reader.minor(row.get(member, 0)) for row in theirs["periods"] if "period" not in row)
        if shown != ours_minor:
            yield f"disbursements {member}: theirs {shown}, ours {ours_minor}"
    rows = [row for row in theirs["periods"] if "period" in row]
    ours = life_pictures.periods(state)
    if len(rows) != len(ours):
        yield f"periods: theirs {len(rows)}, ours {len(ours)}"
    for row, (figures, counts) in zip(rows, ours, strict=False):
        where = f"period {row['period']}"
        yield from compared(where, row, figures, reader.currency)
        yield from _counted(where, row, counts)


def _charges(reader: Reader, theirs: list[Recording], state: State) -> Iterator[str]:
    """New ones are known by what they ask for."""
    if len(theirs) != len(state.charges):
        yield f"charges: theirs {len(theirs)}, ours {len(state.charges)}"
    for shown in theirs:
        if shown["id"] not in reader.charges:
            known = set(reader.charges.values())
            found = [c for c in state.charges if c.number not in known and _is_same_charge(reader, shown, c)]
            if not found:
                yield f"charge {shown['id']}: none of ours is for {shown['amountOrPercentage']} on {shown.get('dueDate')}"
                continue
            reader.charges[shown["id"]] = found[0].number
        ours = state.charges[reader.charges[shown["id"]] - 1]
        yield from compared(f"charge {ours.number}", shown, life_pictures.charge(ours), reader.currency)


def _is_same_charge(reader: Reader, shown: Recording, ours: Any) -> bool:
    due = day(shown["dueDate"]) if "dueDate" in shown else None
    return (
        ours.terms.amount == shown["amountOrPercentage"]
        and ours.terms.time == shown["chargeTimeType"]["id"]
        and ours.terms.calculation == shown["chargeCalculationType"]["id"]
        and ours.due_on == due
    )


def _transactions(reader: Reader, theirs: list[Recording], before: State | None, state: State) -> Iterator[str]:
    """Each that is shown; the ones that were reversed and re-created are told by their relations."""
    moved = {*_learn(reader, theirs, state)}
    shown_numbers = set()
    for shown in theirs:
        number = reader.transactions.get(shown["id"])
        if number is None:
            yield f"transaction {shown['type']['code']} of {shown['date']}, {shown['amount']}: none of ours"
            continue
        ours = state.transactions[number - 1]
        shown_numbers.add(number)
        where = f"transaction {number} ({ours.kind.name})"
        yield from compared(where, shown, _as_we_keep_it(reader, shown, ours, state), reader.currency)
        yield from _settled(reader, where, shown, ours)
        if ours.stands is bool(shown["manuallyReversed"]):
            yield f"{where} reversed: theirs {shown['manuallyReversed']}, ours {not ours.stands}"
    hidden = [one for one in state.transactions if one.number not in shown_numbers and one.stands]
    for ours in hidden:
        if ours.kind is TransactionKind.ACCRUAL and state.status is not Status.ACTIVE and not ours.split.interest:
            reader.kept.add(LEAVES_CHARGES_OUT)
            continue
        yield f"transaction {ours.number} ({ours.kind.name}) of {ours.on}, {ours.amount_minor}: none of theirs"
    if before is not None:
        posted_again = {change.reverse.number for change in changes(before, state) if change.reverse and change.post}
        if posted_again != moved:
            yield f"reversed and re-created: theirs {sorted(moved)}, ours {sorted(posted_again)}"


def _as_we_keep_it(reader: Reader, shown: Recording, ours: Transaction, state: State) -> dict[str, Any]:
    """Our figures, but those that the reference has wrong by a known defect: they are told, not compared."""
    figures = life_pictures.transaction(ours)
    waived = ours.kind is TransactionKind.WAIVE_INTEREST and state.terms.allocation.code in COUNTS_WAIVERS_TWICE
    if waived and reader.minor(shown.get("interestPortion", 0)) == 2 * ours.split.interest:
        reader.kept.add("the reference counts the interest of a waiver twice, so that the split is above the amount")
        del figures["interestPortion"]
    refunded = [one for one in state.transactions if one.kind is TransactionKind.REFUND_BY_CASH and one.stands]
    whole = sum(share.amount_minor for share in ours.charges)
    if (
        ours.kind is TransactionKind.ACCRUAL
        and state.status is not Status.ACTIVE
        and whole > sum(_costs(shown, reader))
    ):
        reader.kept.add(
            "the reference leaves charges out of the last accrual where earlier ones carried other income too"
        )
        for member in ("amount", "feeChargesPortion", "penaltyChargesPortion"):
            del figures[member]
    taken_twice = 2 * sum(one.split.principal for one in refunded if one.on <= ours.on)
    if taken_twice and figures["outstandingLoanBalance"] - taken_twice == reader.minor(
        shown.get("outstandingLoanBalance", 0)
    ):
        reader.kept.add("the reference takes a refund's principal off the balance that is owed, instead of adding it")
        del figures["outstandingLoanBalance"]
    return figures


def _costs(shown: Recording, reader: Reader) -> tuple[int, int]:
    return reader.minor(shown.get("feeChargesPortion", 0)), reader.minor(shown.get("penaltyChargesPortion", 0))


def _learn(reader: Reader, theirs: list[Recording], state: State) -> Iterator[int]:
    """Our numbers of transactions that are shown for the first time; of those re-created for another, told."""
    fresh = [shown for shown in theirs if shown["id"] not in reader.transactions]
    for shown in fresh:
        replaced = [
            reader.transactions[relation["toLoanTransaction"]]
            for relation in shown["transactionRelations"]
            if relation["relationType"] == "REPLAYED" and relation["toLoanTransaction"] in reader.transactions
        ]
        if replaced:
            reader.transactions[shown["id"]] = replaced[-1]
            yield replaced[-1]
    taken = set(reader.transactions.values())
    for shown in fresh:
        if shown["id"] not in reader.transactions:
            for ours in state.transactions:
                if ours.number not in taken and _is_same_transaction(reader, shown, ours):
                    reader.transactions[shown["id"]] = ours.number
                    taken.add(ours.number)
                    break


def _is_same_transaction(reader: Reader, shown: Recording, ours: Transaction) -> bool:
    """Several accruals may be of one day: they are told apart by what they are of."""
    if ours.kind != shown["type"]["id"] or ours.on != day(shown["date"]):
        return False
    if ours.kind is not TransactionKind.ACCRUAL:
        return ours.amount_minor == reader.minor(shown.get("amount", 0))
    theirs, shares = _their_shares(reader, shown), [(one.charge, one.amount_minor) for one in ours.charges]
    return ours.split.interest == reader.minor(shown.get("interestPortion", 0)) and sorted(theirs) == sorted(shares)


def _their_shares(reader: Reader, shown: Recording) -> list[tuple[int, int]]:
    return [
        (reader.charges.get(share["chargeId"], 0), reader.minor(share["amount"]))
        for share in shown["loanChargePaidByList"]
    ]


def _settled(reader: Reader, where: str, shown: Recording, ours: Transaction) -> Iterator[str]:
    theirs = sorted(_their_shares(reader, shown))
    mine = sorted((share.charge, share.amount_minor) for share in ours.charges)
    if theirs != mine:
        yield f"{where} charges: theirs {theirs}, ours {mine}"


# --- trimming ---------------------------------------------------------------------------------------------------------

PICTURE = (
    "status", "principal", "summary", "inArrears", "isNPA", "chargedOff", "totalOverpaid", "timeline", "delinquent",
    "repaymentSchedule", "charges", "transactions",
)  # fmt: skip
SAYS_NOTHING = {
    "emiAmountVariations", "paymentDetailData", "submittedByUsername", "currency", "loanId", "chargePayable", "name",
    "chargePaymentMode", "officeId", "officeName", "principalOriginalDue", "interestOriginalDue",
    "totalOriginalDueForPeriod", "totalAccruedInterest", "delinquencyPausePeriods", "paymentTypeOptions",
}  # fmt: skip


def trimmed(recording: Recording) -> Recording:
    """The members that are read, figures as recorded; an amount of nothing is left out, as its absence says so."""
    kept = {member: recording[member] for member in ("what", "tags", "clientId", "loanId") if member in recording}
    kept["product"] = {"request": recording["product"]["request"]}
    return kept | {"steps": [_trimmed_step(step) for step in recording["steps"]]}


def _trimmed_step(step: Recording) -> Recording:
    kept = {member: step[member] for member in ("n", "do", "businessDate", "overdueCharge") if member in step}
    if "request" in step:
        kept["request"] = {member: step["request"].get(member) for member in ("method", "path", "body")}
    if "response" in step:
        body = step["response"].get("body")
        kept["response"] = {"status": step["response"]["status"], "body": _without_nothing(body)}
    if step.get("picture"):
        shown = {member: step["picture"][member] for member in PICTURE if member in step["picture"]}
        kept["picture"] = _without_nothing(shown)
    return kept


def _without_nothing(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nothing(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        member: _without_nothing(part)
        for member, part in value.items()
        if member not in SAYS_NOTHING and (isinstance(part, bool) or part != 0)
    }


if __name__ == "__main__":
    print(copy_trimmed(Path(sys.argv[1]), "loan-lives", "*.json", trimmed))
