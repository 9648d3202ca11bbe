"""A loan's life as a fold: each event takes the state before it to the state after it.

What an event does is registered by `@handles(EventClass)`; it changes the book in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from dirisha.core.native.loans.life.book import Book
from dirisha.core.native.loans.life.events import Event
from dirisha.core.native.loans.life.refusals import EventRefused, EventRule
from dirisha.core.native.loans.life.state import State, Status
from dirisha.core.native.loans.life.terms import LifeTerms

E = TypeVar("E", bound=Event)

HANDLERS: dict[type[Event], Callable[[Book, Any], None]] = {}


def handles(kind: type[E]) -> Callable[[Callable[[Book, E], None]], Callable[[Book, E], None]]:
    """Registers what an event of this class does to the book of a loan."""

    def register(handler: Callable[[Book, E], None]) -> Callable[[Book, E], None]:
        HANDLERS[kind] = handler
        return handler

    return register


def replay(terms: LifeTerms, events: Iterable[Event], *, on: date | None = None) -> State:
    """The state after all events, in entry order, as it is seen on the day `on` (None: that of the last event).

    The first event is `Submit`. Raises `EventRefused`, and `TermsRefused` for terms that cannot be honoured.
    """
    state: State | None = None
    for event in events:
        state = step(state or _before(terms, event), event)
    if state is None:
        raise ValueError("a life begins with an event")
    return state if on is None else seen_on(state, on)


def step(state: State, event: Event) -> State:
    """The state after one more event; the given one is untouched. Raises `EventRefused`."""
    if event.booked < state.on:
        raise EventRefused(EventRule.ORDER_OF_BOOKING, limit=state.on, given=event.booked)
    if event.on > event.booked:
        raise EventRefused(EventRule.NOT_IN_THE_FUTURE, limit=event.booked, given=event.on)
    book = Book(state)
    book.on = event.booked
    HANDLERS[type(event)](book, event)
    return book.closed()


def preview(state: State, event: Event) -> State:
    """What the state would be after the event: nothing else than `step`, by the name of what it is asked for."""
    return step(state, event)


def seen_on(state: State, on: date) -> State:
    """The same state on a later day. Raises `EventRefused` for an earlier one."""
    if on < state.on:
        raise EventRefused(EventRule.ORDER_OF_BOOKING, limit=state.on, given=on)
    return replace(state, on=on)


def _before(terms: LifeTerms, event: Event) -> State:
    return State(terms=terms, status=Status.SUBMITTED, on=event.booked)
