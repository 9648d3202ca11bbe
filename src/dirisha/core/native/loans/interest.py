"""The interest of one installment."""

from __future__ import annotations

from typing import NamedTuple


class Interest(NamedTuple):
    """In minor units. `asked` falls due; `own` is what the period itself bears, be it asked for or not.

    `carries` is what has been borne and not been asked for yet, after the installment.
    """

    asked: int
    own: int
    carries: int
