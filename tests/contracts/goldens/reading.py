"""Reading recordings: numbers by value, dates as written by clients and by the server."""

from __future__ import annotations

import json
from calendar import month_name
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dirisha.kit.money import Currency

Recording = dict[str, Any]

RECORDINGS = Path(__file__).parents[1] / "recordings"

_MONTHS = list(month_name)


def read(path: Path) -> Recording:
    """Numbers with a point become `Decimal`, so that no digit of the recording is lost."""
    recording: Recording = json.loads(path.read_bytes(), parse_float=Decimal)
    return recording


def day(written: str | list[int]) -> date:
    """`05 March 2024` as clients write it, `[2024, 3, 5]` and `2024-03-05` as the server does."""
    if isinstance(written, list):
        return date(*written)
    if "-" in written:
        return date.fromisoformat(written)
    number, month, year = written.split()
    return date(int(year), _MONTHS.index(month), int(number))


def minor(amount: Decimal | int | None, currency: Currency) -> int:
    """A recorded amount in minor units; left out means nothing. Raises `ValueError` where a digit would be lost."""
    scaled = Decimal(amount or 0).scaleb(currency.scale)
    if scaled != int(scaled):
        raise ValueError(f"{amount} has more decimals than {currency.code}")
    return int(scaled)
