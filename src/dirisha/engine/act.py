"""The two kinds of act, as a file in `acts/` writes them down.

`MoneyAct`: `plan` decides and returns what the person is shown, `carry_out` writes it to the books, `tell` says which
notices follow. `Act`: one `do`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, get_type_hints

from dirisha.access.secrets import SecretKind, Subject
from dirisha.core.port import Core, NearCore, Ordered, Posted, Receipt, Touched
from dirisha.core.view import Books
from dirisha.db.transactions import Role, Tx
from dirisha.engine.plan import Plan
from dirisha.kit.actor import Factor
from dirisha.kit.ids import LoanId, SavingsId, UserId
from dirisha.kit.refusal import Refusal
from dirisha.kit.scope import Scope
from dirisha.messaging.events import Event
from dirisha.tenants.institution import Institution

P = TypeVar("P", bound=Plan)
R = TypeVar("R")


class NotAnAct(TypeError):
    """An act is not written down as an act must be: found when its module is imported."""


class Declared:
    """What every act declares: its name, the permission it needs, the refusals it can answer with, what it emits.

    `branch_work` marks acts on what a core keeps and a branch changes: in front of a far core they are done there.
    """

    def __init__(
        self,
        name: str,
        *,
        permission: str,
        refusals: Sequence[type[Refusal]],
        emits: Sequence[type[Event]],
        branch_work: bool = False,
    ) -> None:
        self.name = name
        self.branch_work = branch_work
        self.permission = permission
        self.refusals = tuple(refusals)
        self.emits = tuple(emits)
        self.inputs: dict[str, Any] = {}
        ACTS[name] = self

    def _read_inputs(self, function: Callable[..., Any]) -> None:
        hints = get_type_hints(function)
        parameters = inspect.signature(function).parameters.values()
        self.inputs = {p.name: hints[p.name] for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        self.optional = {p.name for p in parameters if p.default is not inspect.Parameter.empty}


ACTS: dict[str, Declared] = {}


class MoneyAct(Declared, Generic[P]):
    """An act that moves money. `touches` names the inputs whose accounts are locked and read before it thinks."""

    def __init__(
        self,
        name: str,
        *,
        permission: str,
        touches: Sequence[str],
        refusals: Sequence[type[Refusal]],
        emits: Sequence[type[Event]],
        branch_work: bool = False,
    ) -> None:
        super().__init__(name, permission=permission, refusals=refusals, emits=emits, branch_work=branch_work)
        self.touches = tuple(touches)

    def plan(self, function: Callable[..., P]) -> Callable[..., P]:
        """`(actor, view, *, inputs…) -> Plan`; raises the act's refusals. Under lock in front of a near core, but for a
        quote.
        """
        self._read_inputs(function)
        for name in self.touches:
            if self.inputs.get(name) not in (SavingsId, LoanId):
                raise NotAnAct(f"{self.name}: {name} is no account among the plan's inputs")
        self.planned = function
        return function

    def carry_out(self, function: Callable[[P, Books], Posted | Ordered]) -> Callable[[P, Books], Posted | Ordered]:
        self.carried_out = function
        return function

    def tell(self, function: Callable[[P, Receipt], list[Event]]) -> Callable[[P, Receipt], list[Event]]:
        self.told = function
        return function

    def touched(self, inputs: dict[str, Any]) -> Touched:
        by_type: dict[Any, list[Any]] = {SavingsId: [], LoanId: []}
        for name in self.touches:
            by_type[self.inputs[name]].append(inputs[name])
        return Touched(savings=tuple(by_type[SavingsId]), loans=tuple(by_type[LoanId]))


@dataclass(frozen=True, slots=True)
class Proven:
    """What the check of a secret left behind for `do`: whose it was, and the factor."""

    user: UserId
    factor: Factor


@dataclass(slots=True)
class Call:
    """What `do` works with: its transaction, the moment, the institution, its core, and a way to tell people."""

    tx: Tx
    at: datetime
    institution: Institution
    core: Core
    scope: Scope
    proven: Proven | None
    events: list[Event]

    @property
    def near_core(self) -> NearCore:
        """For branch work, which the engine lets through in front of a near core alone."""
        assert self.core.facts_are == "under lock"
        return self.core

    def tell(self, event: Event) -> None:
        self.events.append(event)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whose secret is about to be checked; `user` and `stored` are None for a name that nobody has."""

    subject: Subject
    user: UserId | None
    stored: str | None


class FindClaimed(Protocol):
    def __call__(self, tx: Tx, inputs: dict[str, Any]) -> Claimed: ...


class Act(Declared, Generic[R]):
    """An act that moves no money. `role` is the database role it writes under; `secret` is checked before `do`.

    `secret_inputs` are never stored or audited, only hashed under the key.
    """

    def __init__(
        self,
        name: str,
        *,
        permission: str,
        refusals: Sequence[type[Refusal]],
        emits: Sequence[type[Event]],
        role: Role = Role.APP,
        secret: SecretKind | None = None,
        secret_inputs: Sequence[str] = (),
        branch_work: bool = False,
    ) -> None:
        super().__init__(name, permission=permission, refusals=refusals, emits=emits, branch_work=branch_work)
        self.role = role
        self.secret = secret
        self.secret_inputs = frozenset(secret_inputs)
        self.found: FindClaimed | None = None
        self.looked: Callable[..., None] | None = None

    def do(self, function: Callable[..., R]) -> Callable[..., R]:
        """`(actor, call, *, inputs…) -> result`; raises the act's refusals."""
        self._read_inputs(function)
        self.done = function
        return function

    def look(self, function: Callable[..., None]) -> Callable[..., None]:
        """`(actor, view, *, inputs…)`: what must be so at the core, read before the act's transaction (a far core
        answers over a network). Raises the act's refusals.
        """
        self.looked = function
        return function

    def whose(self, function: FindClaimed) -> FindClaimed:
        """For acts with a secret: whose it must be. Read in the transaction that counts the attempt."""
        self.found = function
        return function
