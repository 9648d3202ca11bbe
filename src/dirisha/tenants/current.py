"""The institution of the present call: the one ambient value in the house.

A context variable set in a server thread outlives its request, so `use` always puts back what was there before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dirisha.tenants.institution import Institution

_current: ContextVar[Institution | None] = ContextVar("dirisha.institution", default=None)


class NoInstitution(RuntimeError):
    """Something asked for the institution's data where none was chosen: a fault of ours, never a user's."""


def chosen() -> Institution | None:
    return _current.get()


def current() -> Institution:
    institution = _current.get()
    if institution is None:
        raise NoInstitution("no institution was chosen for this call")
    return institution


@contextmanager
def use(institution: Institution) -> Iterator[Institution]:
    token = _current.set(institution)
    try:
        yield institution
    finally:
        _current.reset(token)
