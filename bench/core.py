"""A far core for the far parts: `python -m bench.core PORT DELAY_MS` stands in for Fineract over the bench's books."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

PASSWORD = "a service user of the bench"
USER = "dirisha"


def main(port: int, delay_ms: int) -> None:
    import django

    django.setup()
    from django.conf import settings

    from dirisha.core.fineract.calls import PERMISSIONS
    from dirisha.simulators.fineract.faults import Chances, Fault, Faults
    from dirisha.simulators.fineract.server import standing_in
    from dirisha.simulators.fineract.users import User

    late = Chances({Fault.DELAY: 100}, delay_ms) if delay_ms else Chances()
    faults = Faults(reads=late, money=late)
    ours = User(2, USER, PASSWORD, frozenset(PERMISSIONS))
    books = settings.DIRISHA_REGISTRY.by_slug("bench")
    with standing_in(books, ours, faults=faults, port=port, clock=lambda: datetime.now(UTC)):
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
