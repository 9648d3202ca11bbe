"""Lives of savings accounts, fixed and recurring deposits, and shares: recorded figures against ours, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dirisha.core.native.savings import events
from dirisha.core.native.savings.application import applied
from dirisha.core.native.savings.fold import step as stepped
from dirisha.core.native.savings.premature import premature_amount_minor
from dirisha.core.native.savings.refusals import Rule, SavingsRefused
from dirisha.core.native.savings.state import State
from dirisha.core.native.savings.stored import dumped, loaded
from dirisha.core.native.savings.terms import AccountKind, SavingsTerms
from tests.contracts.goldens import shares
from tests.contracts.goldens.reading import Recording, day, minor
from tests.contracts.goldens.savings_picture import Shown, differences
from tests.contracts.goldens.savings_steps import LOOKS, Known, Step, added_charge, event_of
from tests.contracts.goldens.savings_terms import NotTold, terms_of
from tests.contracts.goldens.savings_trimmed import trimmed as trimmed_life
from tests.contracts.goldens.verdict import Different, Equal, KeptDifferent, OutOfScope, Verdict

MOST_DIFFERENCES = 20

# What the server's reasons are called with us; others are not compared.
REASONS: dict[str, frozenset[Rule]] = {
    "error.msg.savingsaccount.transaction.insufficient.account.balance": frozenset({
        Rule.INSUFFICIENT_BALANCE, Rule.BEFORE_MATURITY,
    }),
    "validation.msg.savingsaccount.insufficient.balance": frozenset({Rule.HOLD_ABOVE_BALANCE}),
    "validation.msg.savingsaccount.amount.validation.msg.amount.is.not.on.hold": frozenset({Rule.NOT_ON_HOLD}),
    "error.msg.savings.account.debit.transaction.not.allowed": frozenset({Rule.DEBITS_BLOCKED}),
    "error.msg.savings.account.credit.transaction.not.allowed": frozenset({Rule.CREDITS_BLOCKED}),
    "error.msg.saving.account.blocked.transaction.not.allowed": frozenset({Rule.BLOCKED}),
    "error.msg.savingsaccount.transaction.account.is.not.active": frozenset({Rule.NOT_ACTIVE}),
    "error.msg.savingsaccount.transaction.in.the.future": frozenset({Rule.DATE_IN_FUTURE}),
    "error.msg.savingsaccount.transaction.before.activation.date": frozenset({Rule.BEFORE_ACTIVATION}),
    "error.msg.savingsaccount.transaction.withdrawals.blocked.during.lockin.period": frozenset({Rule.LOCKED_IN}),
    "validation.msg.savingsaccount.close.results.in.balance.not.zero": frozenset({Rule.BALANCE_NOT_ZERO}),
    "validation.msg.savingsaccount.undotransaction.results.in.balance.going.negative": frozenset({
        Rule.BALANCE_BELOW_ZERO,
    }),
    "error.msg.countInterest": frozenset({Rule.BEFORE_LAST_TRANSACTION}),
    "error.msg.futureDate": frozenset({Rule.DATE_IN_FUTURE}),
    "error.msg.postInterest.notDone": frozenset({Rule.INTEREST_NOT_POSTED}),
    "validation.msg.savingsaccount.activate.not.in.approved.state": frozenset({Rule.STATUS}),
    "validation.msg.savingsaccount.delete.transaction.invalid.account.is.active": frozenset({
        Rule.CHARGE_OF_ACTIVE_ACCOUNT,
    }),
    "error.msg.saving.account.transfer.transaction.update.not.allowed": frozenset({Rule.PART_OF_TRANSFER}),
}  # fmt: skip


def judge(recording: Recording) -> Verdict:
    try:
        if recording["kind"] == "share":
            return shares.judge(recording)
        life = _Life(recording)
        found = [f"step {at} {where}" for at, where in life.differences()]
    except NotTold as why:
        return OutOfScope(str(why))
    if found:
        return Different(tuple(found[:MOST_DIFFERENCES]))
    return KeptDifferent("; ".join(sorted(life.kept))) if life.kept else Equal()


def trimmed(recording: Recording) -> Recording:
    return shares.trimmed(recording) if recording["kind"] == "share" else trimmed_life(recording)


@dataclass
class _Life:
    """One account through the steps of a recording; `kept` collects defects of the server that we do not imitate."""

    recording: Recording
    kept: set[str] = field(default_factory=set)
    shown: Shown = field(default_factory=Shown)

    def differences(self) -> Iterator[tuple[int, str]]:
        terms: SavingsTerms | None = None
        state: State | None = None
        for at, step in enumerate(self.recording["steps"]):
            if step["do"] == "submit" and (step.get("response") or {}).get("status") == 200:
                terms, state = self._applied(step, terms)
            elif terms is None or state is None:
                raise NotTold("a life that does not begin with an application")
            else:
                outcome = self._after(step, terms, state)
                if isinstance(outcome, str):
                    yield at, f"{step['do']}: {outcome}"
                    continue
                state = outcome
            for where in self._compared(step, terms, state):
                yield at, f"{step['do']}: {where}"

    def _applied(self, step: Step, before: SavingsTerms | None) -> tuple[SavingsTerms, State]:
        """A second application in one recording is another account of the same product."""
        terms = terms_of(self.recording, step["picture"], step["request"]["body"]) if before is None else before
        self.shown = Shown()
        charges = (step.get("picture") or {}).get("charges") or ()
        self.shown.charges = {charge["id"]: number for number, charge in enumerate(charges, 1)}
        return terms, applied(terms, day(step["request"]["body"]["submittedOnDate"]))

    def _after(self, step: Step, terms: SavingsTerms, state: State) -> State | str:
        """The state after a step, or how its outcome differs; by way of the stored form, as a core would take it up."""
        if step["do"] in LOOKS:
            return state
        answer = step.get("response") or {}
        event = self._event(step, terms)
        if event is None:
            return state
        try:
            after = stepped(terms, loaded(dumped(state)), event)
        except SavingsRefused as refused:
            if self._failed(step):
                return state
            if not _refused(answer):
                return f"we refuse: {refused}"
            reasons = [REASONS[code] for code in _codes(answer) if code in REASONS]
            ours = not reasons or any(refused.rule in rules for rules in reasons)
            return state if ours else f"refused by {_codes(answer)}, by us for another reason: {refused}"
        if _refused(answer):
            return f"refused by {_codes(answer)}, not by us"
        if answer.get("status", 200) >= 500:
            self.kept.add(f"the server answers {answer['status']} to {step['do']}, which we carry out")
            return state
        if step["do"] == "calculatePrematureAmount":
            ours = premature_amount_minor(terms, state, day(step["request"]["body"]["closedOnDate"]))
            theirs = minor(answer["body"]["maturityAmount"], terms.currency)
            if ours != theirs:
                return f"premature amount {theirs}, ours {ours}"
        if self._failed(step) and any(True for _ in differences(step, terms, after, self.shown.copy(), set())):
            self.kept.add("the server's job failed, ours runs")
            return state
        return after

    def _event(self, step: Step, terms: SavingsTerms) -> events.Event | None:
        answer = step.get("response") or {}
        if step["do"] == "add-charge":
            if answer.get("status") != 200:
                return None
            number = max(self.shown.charges.values(), default=0) + 1
            self.shown.charges[answer["body"]["resourceId"]] = number
            return added_charge(step, terms.currency)
        account = self.recording["accountId"]
        return event_of(step, Known(account, terms.currency, self.shown.transactions, self.shown.charges))

    def _failed(self, step: Step) -> bool:
        return step["do"] == "job" and step.get("jobStatus") == "failed"

    def _compared(self, step: Step, terms: SavingsTerms, state: State) -> Iterator[str]:
        if step["do"] == "deposit" and terms.kind is AccountKind.RECURRING_DEPOSIT:
            self.shown.without_interest = True
        elif step["do"] in {"postInterest", "calculateInterest", "job", "close", "prematureClose"}:
            self.shown.without_interest = False
        return differences(step, terms, state, self.shown, self.kept)


def _refused(answer: dict[str, Any]) -> bool:
    """A refusal names its reason; 5xx without one is a fault."""
    return answer.get("status", 200) >= 400 and bool(_codes(answer))


def _codes(answer: dict[str, Any]) -> list[str]:
    body = answer.get("body")
    errors = body.get("errors") or () if isinstance(body, dict) else ()
    return [error["userMessageGlobalisationCode"] for error in errors]


def today_of(step: Step) -> date:
    return date.fromisoformat(step["businessDate"])
