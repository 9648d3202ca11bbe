"""What a person is shown before money moves: the quoted terms, which a proof covers, and the plan around them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from dirisha.core.port import AccountRef
from dirisha.kit.ids import ClientId
from dirisha.kit.money import Money
from dirisha.kit.packed import pack, unpack


@dataclass(frozen=True, slots=True)
class Quoted:
    """Exactly what is shown: from, to, payee's name, amount, fee, currency. Change one digit and the proof is dead."""

    source: AccountRef | None
    target: AccountRef
    payee: str
    amount: Money
    fee: Money

    def packed(self) -> dict[str, Any]:
        return {
            "source": self.source.packed() if self.source else None,
            "target": self.target.packed(),
            "payee": self.payee,
            "amount": pack(self.amount),
            "fee": pack(self.fee),
        }

    @classmethod
    def unpacked(cls, stored: dict[str, Any]) -> Quoted:
        return cls(
            source=AccountRef.unpacked(stored["source"]) if stored["source"] else None,
            target=AccountRef.unpacked(stored["target"]),
            payee=stored["payee"],
            amount=unpack(stored["amount"]),
            fee=unpack(stored["fee"]),
        )

    def digest(self, *, tenant: str, actor: str, act: str) -> bytes:
        """SHA-256 over the terms, the act, who and where: what a proof is bound to (RTS art. 5, dynamic linking)."""
        whole = [tenant, actor, act, self.packed()]
        return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Plan:
    """A decided act. `payer` is the client who owns the source; None where the institution pays out or takes in.

    `balance_after` is the source account's (the target's where there is no source): shown, but not part of the terms.
    """

    quoted: Quoted
    payer: ClientId | None
    balance_after: Money

    @property
    def parts(self) -> tuple[Money, Money] | None:
        """Principal and interest, for acts that pay a loan."""
        return None
