"""Many callers at once, each on a connection and in an institution of its own choosing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

R = TypeVar("R")


def at_once(calls: Iterable[Callable[[], R]], institution: object | None = None) -> list[R | BaseException]:
    """Run every call in a thread of its own, all let go at the same moment; results (or what was raised) in order."""
    from dirisha.db.transactions import release
    from dirisha.tenants.current import current, use

    chosen = institution or current()
    listed = list(calls)
    results: list[R | BaseException | None] = [None] * len(listed)
    gate = threading.Barrier(len(listed))

    def work(number: int) -> None:
        with use(chosen):  # type: ignore[arg-type]
            try:
                gate.wait(30)
                results[number] = listed[number]()
            except BaseException as error:
                results[number] = error
            finally:
                release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(listed))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [result for result in results if result is not None]
