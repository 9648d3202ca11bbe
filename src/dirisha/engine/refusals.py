"""What the engine itself can answer, whatever the act."""

from __future__ import annotations

from dirisha.access.codes import WrongCode
from dirisha.access.secrets import LockedOut, WrongSecret
from dirisha.core.port import KeptElsewhere, NotTakenInTime, RefusedByCore
from dirisha.engine.act import Act, Declared, MoneyAct
from dirisha.engine.policy import AboveSmsCap, NotOnThisChannel
from dirisha.kit.refusal import Asking, BadInput, Final, NotFound, NotPermitted, Refusal
from dirisha.limits.rules import OverDailyLimit, OverTransactionLimit


class InProgress(Asking):
    """Another request carries out the same command at this moment. Ask again: its result will be told."""

    code = "command.in_progress"


class KeyConflict(Asking):
    """The key was used with other inputs."""

    code = "command.conflict"


class ProofNeeded(Asking):
    """The terms need a proof that did not come. Facts: `need` (`pin`, `code`, `pressed`)."""

    code = "proof.needed"


class QuoteExpired(Final):
    """The quote is older than it may be; a new one is to be made."""

    code = "quote.expired"


class PlanChanged(Final):
    """The terms are not what was quoted. The outcome carries the new quote."""

    code = "plan.changed"


class TryLater(Asking):
    """The books can't be reached; ask again under the same key. Facts: `known` (True: nothing moved)."""

    code = "system.try_later"


def common_to(act: Declared) -> tuple[type[Refusal], ...]:
    """What the engine can answer around an act of this kind, besides the act's own refusals."""
    always: tuple[type[Refusal], ...] = (BadInput, NotPermitted, TryLater)
    if act.branch_work:
        always = (*always, KeptElsewhere)
    if isinstance(act, MoneyAct):
        return (
            *always, InProgress, KeyConflict, NotFound, QuoteExpired, PlanChanged, ProofNeeded, NotOnThisChannel,
            AboveSmsCap, OverTransactionLimit, OverDailyLimit, WrongSecret, WrongCode, LockedOut,
            *(() if act.branch_work else (RefusedByCore, NotTakenInTime)),
        )  # fmt: skip
    if isinstance(act, Act) and act.secret is not None:
        return (*always, ProofNeeded, WrongSecret, LockedOut)
    return always
