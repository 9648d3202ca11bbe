"""One-time codes for a quote: six digits, ten minutes, one payment, bound to the digest of what was quoted.

One that was right is right again as long as its payment has no end: the books may have been away meanwhile.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dirisha.access.keys import keyed_hash
from dirisha.access.secrets import SQL
from dirisha.db.transactions import Tx
from dirisha.kit.refusal import Asking

LIFE = timedelta(minutes=10)
MOST_WRONG = 5
MOST_SENT = 3


class WrongCode(Asking):
    """Not the code of this payment, or expired, or tried too often. Facts: `left` (tries; 0 is over)."""

    code = "access.wrong_code"


class TooManyCodes(Asking):
    """Enough codes were sent, or tried, for this payment, or to this person within the hour."""

    code = "access.too_many_codes"


@dataclass(frozen=True, slots=True)
class CodeMade:
    """A fact for the act that sends it; nothing below an act sends."""

    code: str = field(repr=False)
    expires_at: datetime


def make(tx: Tx, command: UUID, digest: bytes, at: datetime) -> CodeMade:
    """A new code for the command; a former one is void. Raises `TooManyCodes`."""
    code = f"{secrets.randbelow(10**6):06d}"
    kept = tx.run(
        SQL["keep_code"],
        {
            "command": command,
            "hash": _hash(command, digest, code),
            "expires_at": at + LIFE,
            "most": MOST_SENT,
            "most_wrong": MOST_WRONG,
        },
    ).first()
    if kept is None:
        raise TooManyCodes()
    return CodeMade(code, at + LIFE)


@dataclass(frozen=True, slots=True)
class CodeTried:
    right: bool
    left: int


def try_code(tx: Tx, command: UUID, digest: bytes, code: str, at: datetime) -> CodeTried:
    """Count, compare, and note the use of a right one: in the caller's transaction, which must commit in any case."""
    row = tx.run(SQL["try_code"], {"command": command, "at": at, "most": MOST_WRONG}).first()
    if row is None:
        return CodeTried(right=False, left=0)
    if hmac.compare_digest(bytes(row.hash), _hash(command, digest, code)):
        tx.run(SQL["use_code"], {"command": command, "at": at})
        return CodeTried(right=True, left=MOST_WRONG)
    return CodeTried(right=False, left=MOST_WRONG - int(row.wrong))


def _hash(command: UUID, digest: bytes, code: str) -> bytes:
    return keyed_hash("code", f"{command}:{digest.hex()}:{code}")
