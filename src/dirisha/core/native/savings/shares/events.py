"""What can happen to a share account; each on its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ApproveShares:
    on: date


@dataclass(frozen=True, slots=True)
class UndoShareApproval:
    on: date


@dataclass(frozen=True, slots=True)
class RejectShares:
    on: date


@dataclass(frozen=True, slots=True)
class ActivateShares:
    on: date


@dataclass(frozen=True, slots=True)
class RequestMore:
    on: date
    shares: int


@dataclass(frozen=True, slots=True)
class ApproveMore:
    on: date
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RejectMore:
    on: date
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Redeem:
    on: date
    shares: int


@dataclass(frozen=True, slots=True)
class CloseShares:
    """All shares are redeemed."""

    on: date


ShareEvent = (
    ApproveShares | UndoShareApproval | RejectShares | ActivateShares | RequestMore | ApproveMore | RejectMore | Redeem
    | CloseShares
)  # fmt: skip
