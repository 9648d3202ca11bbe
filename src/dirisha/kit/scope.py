"""Whose data a question or an act may touch. Made by `access` from an actor; read by `core` and `db`."""

from __future__ import annotations

from dataclasses import dataclass

from dirisha.kit.ids import ClientId, OfficeId


@dataclass(frozen=True, slots=True)
class Clients:
    """The named clients, and nothing else."""

    ids: tuple[ClientId, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that belongs to one office."""

    id: OfficeId


Scope = Clients | Office
