"""One person's wish to perform an act, on its way through the engine: what it is, and the ways in which it can end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dirisha.audit import trail
from dirisha.audit.events import Outcome as Audited
from dirisha.db.transactions import Tx
from dirisha.engine import commands
from dirisha.engine.act import Declared
from dirisha.engine.commands import Finished, Key
from dirisha.engine.inputs import as_json, hashed
from dirisha.engine.outcome import Done, MoneyOutcome, Pending, Refused
from dirisha.engine.plan import Quoted
from dirisha.engine.refusals import KeyConflict
from dirisha.kit.actor import Actor
from dirisha.kit.refusal import Refusal
from dirisha.payments.instructions import Instruction, promised
from dirisha.payments.states import State
from dirisha.tenants.institution import Institution


def outcome_of(instruction: Instruction, *, replayed: bool) -> MoneyOutcome:
    """How an instruction stands, as an outcome of the act that made it, under the reference that the audit has."""
    match instruction.state:
        case State.POSTED:
            return Done(instruction.receipt, instruction.command, replayed)
        case State.REFUSED:
            assert instruction.refusal is not None
            return Refused(instruction.refusal, instruction.correlation, replayed)
    return Pending(instruction, replayed)


@dataclass(frozen=True, slots=True)
class Wish:
    """`key` is None for an act that may be done again and again; `is_quoted` where a row waits for how it ends."""

    act: Declared
    actor: Actor
    key: Key | None
    inputs: dict[str, Any]
    at: datetime
    institution: Institution
    is_quoted: bool = False

    @property
    def inputs_hash(self) -> bytes:
        return hashed(self.act, self.inputs)

    def digest(self, quoted: Quoted) -> bytes:
        """What a proof over these terms is bound to."""
        return quoted.digest(tenant=self.actor.tenant, actor=self.actor.name, act=self.act.name)

    def done(self, tx: Tx, command: UUID, result: Any, *, detail: dict[str, object] | None = None) -> Done[Any]:
        """Audited, and the result stored under the key."""
        self._audit(tx, Audited.DONE, None, command if self.key else None, detail)
        if self.key is not None:
            self._finish(tx, command, self.key, Finished.done(result))
        return Done(result, command, replayed=False)

    def ordered(self, tx: Tx, command: UUID, instruction: UUID, *, detail: dict[str, object]) -> None:
        """Audited as accepted, and the instruction stored under the key: its end is audited when it comes."""
        assert self.key is not None
        self._audit(tx, Audited.ACCEPTED, None, command, detail)
        self._finish(tx, command, self.key, Finished.ordered(instruction))

    def refused(self, tx: Tx, command: UUID, refusal: Refusal, *, replaced_by: UUID | None = None) -> Refused:
        """For good: audited, and the refusal stored under the key."""
        self._audit(tx, Audited.REFUSED, refusal.code, command if self.key else None)
        if self.key is not None:
            self._finish(tx, command, self.key, Finished.refused(refusal, replaced_by))
        return Refused(refusal, self.actor.correlation)

    def asked(self, tx: Tx, refusal: Refusal, command: UUID | None = None) -> Refused:
        """Audited; the key stays open, or was never claimed."""
        self._audit(tx, Audited.REFUSED if refusal.final else Audited.ASKED, refusal.code, command)
        return Refused(refusal, self.actor.correlation)

    def replayed(self, tx: Tx, row: Any) -> Any:
        """What is stored under the key: nothing happens, and nothing is audited again.

        Another wish under the key is a denial of its own.
        """
        if bytes(row.inputs_hash) != self.inputs_hash:
            return self.asked(tx, KeyConflict())
        if (instruction := commands.instruction_of(row)) is not None:
            return outcome_of(promised(tx, instruction), replayed=True)
        result = commands.stored_result(row)
        if isinstance(result, Refusal):
            return Refused(result, self.actor.correlation, replayed=True)
        return Done(result, row.id, replayed=True)

    def _audit(
        self, tx: Tx, outcome: Audited, code: str | None, command: UUID | None, detail: dict[str, object] | None = None
    ) -> None:
        trail.write(tx, self.actor, self.act.name, outcome, at=self.at, code=code, command=command, detail=detail)

    def _finish(self, tx: Tx, command: UUID, key: Key, finished: Finished) -> None:
        commands.finish(
            tx,
            command,
            key,
            self.actor,
            finished,
            is_open=self.is_quoted,
            inputs=as_json(self.act, self.inputs),
            inputs_hash=self.inputs_hash,
            at=self.at,
        )
