"""Every address has a name, and says which acts and questions are behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(address, pattern) of everything that the product serves."""
    from django.urls import URLPattern, get_resolver

    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern
        else:
            yield from routes(pattern, prefix + str(pattern.pattern))


@pytest.mark.security("A-02")
def test_every_route_names_its_acts_and_questions(house: object) -> None:
    from dirisha import acts
    from dirisha.engine.act import ACTS
    from dirisha.queries.ask import QUESTIONS

    acts.import_all()
    found = list(routes())  # the doors import the questions that they ask
    known = set(ACTS) | set(QUESTIONS)
    assert len(found) > 25
    for address, pattern in found:
        assert pattern.name, address
        if not pattern.name.startswith("demo."):
            assert hasattr(pattern.callback, "performs"), f"{address} does not say what it performs"
            assert set(pattern.callback.performs) <= known, address


def test_every_clients_act_is_reached_through_some_door(house: object) -> None:
    from dirisha import acts
    from dirisha.access.permissions import permitted
    from dirisha.engine.act import ACTS
    from dirisha.kit.actor import Actor, Channel, Role

    acts.import_all()
    performed = {name for _, pattern in routes() for name in getattr(pattern.callback, "performs", ())}
    doors = (Channel.PORTAL, Channel.MIFOS, Channel.USSD, Channel.SMS)
    offered = {
        act.name
        for act in ACTS.values()
        for channel in doors
        for role in (Role.VISITOR, Role.CLIENT)
        if permitted(Actor("t", channel, role), act.permission)
    }
    assert offered == performed & set(ACTS)
