"""One institution's way to its Fineract, shared by all threads of a process: lanes, breaker, requests under way."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import structlog

from dirisha.core.fineract.breaker import Breaker
from dirisha.core.fineract.calls import Call, Kind
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.http import NoTime, NotReached, Reply, TooSlow, Unanswered, Unreadable, Wire
from dirisha.core.fineract.lanes import Full, lanes
from dirisha.core.fineract.shared import Kept, UnderWay
from dirisha.core.port import CoreAway
from dirisha.tenants.institution import BadInstitution, Fineract, Institution

T = TypeVar("T")

# Reads that got no answer are asked again after a pause of this order, twice as long each time, while time is left.
TRIES = 3
PAUSE_S = 0.05
ASK_AGAIN = frozenset({502, 503, 504})
# A core that did not answer within less than this is not called slow for it.
FAIR_S = 1.0

OFFICES_AGE_S = 300.0
BUSINESS_DATE_AGE_S = 15.0
CLOSED_LOANS_AGE_S = 600.0
OPEN_ACCOUNTS_AGE_S = 600.0

NOT_FOUND = "error.msg.resource.not.found"
NOT_PERMITTED = "error.msg.not.authorized"

log = structlog.get_logger()


class BreakerOpen(NotReached):
    """The core has not answered for a while, and is left in peace."""


class Asked:
    """A request that reads, under way."""

    def __init__(self, link: Link, call: Call, deadline: Deadline) -> None:
        self._link, self._call, self._deadline = link, call, deadline
        self._flight, self._is_joined = link.begin(call, deadline)

    def answer(self) -> Any:
        """The JSON; None where Fineract says that there is no such thing. Raises `CoreAway`."""
        while True:
            try:
                reply = self._flight.result(timeout=self._deadline.left_s)
                with self._link.understanding(self._call.path):
                    return self._link.read(self._call, reply)
            except TimeoutError:
                raise CoreAway(f"{self._call.kind}: no answer in time") from None
            except (NotReached, Unanswered) as error:
                # Whose request it was had less time left than we have.
                if not self._is_joined or self._deadline.is_over:
                    raise CoreAway(f"{self._call.kind}: {error}") from None
                self._flight, self._is_joined = self._link.begin(self._call, self._deadline)


class Link:
    """Reads are asked again and shared; what moves money is sent once, and its sender told what is known."""

    def __init__(self, slug: str, settings: Fineract) -> None:
        self.slug, self.settings = slug, settings
        self.url = settings.url
        self.wire = Wire(settings)
        self.breaker = Breaker()
        self.offices: Kept[Any] = Kept(OFFICES_AGE_S)
        self.business_date: Kept[Any] = Kept(BUSINESS_DATE_AGE_S)
        self.closed_loans: Kept[Any] = Kept(CLOSED_LOANS_AGE_S)
        self.open_accounts: Kept[Any] = Kept(OPEN_ACCOUNTS_AGE_S, most=20_000)
        self._lanes = lanes(settings.connections)
        self._under_way: UnderWay[Reply] = UnderWay()

    # --- reading ------------------------------------------------------------------------------------------------------

    def ask(self, call: Call, deadline: Deadline) -> Any:
        return Asked(self, call, deadline).answer()

    def ask_all(self, calls: Iterable[Call], deadline: Deadline) -> list[Any]:
        """Side by side; the answers in the order of the calls."""
        under_way = [Asked(self, call, deadline) for call in calls]
        return [each.answer() for each in under_way]

    def begin(self, call: Call, deadline: Deadline) -> tuple[Future[Reply], bool]:
        """Raises `CoreAway` when it can't even begin."""
        if self.breaker.is_open:
            raise CoreAway("the core is left in peace for a while")
        return self._under_way.join(
            call.path, lambda: self._in_lane(call.kind, self._read_with_patience, call, deadline)
        )

    def read(self, call: Call, reply: Reply) -> Any:
        """What an answer to a question says. Raises `CoreAway`, `Unreadable`."""
        if reply.status == 200:
            return reply.json()
        codes = reply.error_codes()
        if reply.status == 404 and NOT_FOUND in codes:
            return None
        log.error(
            "fineract.not_answered", institution=self.slug, url=self.url, path=call.path, status=reply.status,
            codes=codes, mend=_how_to_mend(call, reply, codes),
        )  # fmt: skip
        raise CoreAway(f"{call.kind}: HTTP {reply.status}")

    @contextmanager
    def understanding(self, what: str) -> Iterator[None]:
        """Turns `Unreadable` into `CoreAway`, with a line for whoever can find out why."""
        try:
            yield
        except Unreadable as error:
            log.error("fineract.unreadable", institution=self.slug, url=self.url, what=what, why=str(error))
            raise CoreAway(f"{what}: an answer that can't be read") from None

    def _read_with_patience(self, call: Call, deadline: Deadline) -> Reply:
        """Reads may be asked again: no answer, or one from before the core, may be a passing trouble."""
        tries = 0
        while True:
            tries += 1
            pause_s = PAUSE_S * 2**tries * random.uniform(0.5, 1.0)
            is_last = tries == TRIES
            try:
                reply = self.exchange("GET", call.path, deadline)
                if is_last or reply.status not in ASK_AGAIN or deadline.left_s < pause_s:
                    return reply
            except BreakerOpen:
                raise
            except (NotReached, Unanswered):
                if is_last or deadline.left_s < pause_s:
                    raise
            time.sleep(pause_s)

    # --- sending ------------------------------------------------------------------------------------------------------

    def post(
        self, path: str, body: bytes, deadline: Deadline, *, key: str | None = None, kind: Kind = Kind.MONEY
    ) -> Reply:
        """Once. Raises `NotReached` when it surely did not get there, else `Unanswered`."""
        if self.breaker.is_open:
            raise BreakerOpen("the core is left in peace for a while")
        try:
            sent = self._in_lane(kind, self._send, path, body, key, deadline)
        except CoreAway as error:
            raise NotReached(str(error)) from None
        try:
            return sent.result(timeout=deadline.left_s)
        except TimeoutError:
            if sent.cancel():
                raise NotReached("its turn did not come in time") from None
            raise TooSlow("no answer in time") from None
        finally:
            # Who reads from now on must see what it has changed.
            self._under_way.forget()

    def _send(self, path: str, body: bytes, key: str | None, deadline: Deadline) -> Reply:
        try:
            return self.exchange("POST", path, deadline, body=body, key=key)
        finally:
            self._under_way.forget()

    def exchange(
        self, method: str, path: str, deadline: Deadline, *, body: bytes | None = None, key: str | None = None
    ) -> Reply:
        """One exchange through the breaker; after a 401, once more if there is another password now."""
        reply = self._through_breaker(method, path, deadline, body, key)
        if reply.status == 401 and self._has_new_password():
            return self._through_breaker(method, path, deadline, body, key)
        return reply

    def _through_breaker(
        self, method: str, path: str, deadline: Deadline, body: bytes | None, key: str | None
    ) -> Reply:
        if deadline.is_over:
            raise NoTime("its turn did not come in time")
        if not self.breaker.enter(deadline):
            raise BreakerOpen("the core is left in peace for a while")
        answered: bool | None = False
        has_time = deadline.left_s >= FAIR_S
        try:
            reply = self.wire.exchange(method, path, deadline, body=body, key=key)
            answered = reply.status not in ASK_AGAIN
            return reply
        except (TooSlow, NoTime):
            answered = False if has_time else None
            raise
        finally:
            if self.breaker.ended(answered=answered):
                log.error("fineract.left_in_peace", institution=self.slug, url=self.url)

    def _has_new_password(self) -> bool:
        with suppress(BadInstitution):
            return self.wire.credentials.have_changed()
        return False

    def _in_lane(self, kind: Kind, work: Callable[..., T], *args: Any) -> Future[T]:
        try:
            return self._lanes[kind].begin(work, *args)
        except Full:
            log.warning("fineract.lane_full", institution=self.slug, kind=kind)
            raise CoreAway(f"{kind}: too many calls under way") from None
        except RuntimeError:
            raise CoreAway("the settings have changed meanwhile") from None

    def retire(self) -> None:
        """Begin nothing more; connections close when what is under way has ended."""
        for lane in self._lanes.values():
            lane.close()

        def close_when_done() -> None:
            for lane in self._lanes.values():
                lane.join()
            self.wire.close()

        threading.Thread(target=close_when_done, name="fineract-retiring", daemon=True).start()


def _how_to_mend(call: Call, reply: Reply, codes: list[str]) -> str:
    if reply.status == 401:
        return "the core does not know the service user's name or password (see `dirisha fineract check`)"
    if NOT_PERMITTED in codes:
        return f"give the service user the permission {call.permission} (see `dirisha fineract check`)"
    if not codes and 300 <= reply.status < 500:
        return "check url and tenant in the institution's file (see `dirisha fineract check`)"
    return "see the core's own log"


# --- links of this process --------------------------------------------------------------------------------------------

_lock = threading.Lock()
_links: dict[tuple[int, str], Link] = {}


def link_of(institution: Institution) -> Link:
    """The institution's link in this process; another takes its place when the settings change."""
    settings = institution.fineract
    assert settings is not None, institution.slug
    place = (os.getpid(), institution.slug)
    with _lock:
        link = _links.get(place)
        if link is not None and link.settings == settings:
            return link
        _links[place] = fresh = Link(institution.slug, settings)
    if link is not None:
        link.retire()
    return fresh


def drop(slug: str) -> None:
    """Let go of an institution's link; who asks next makes another."""
    with _lock:
        link = _links.pop((os.getpid(), slug), None)
    if link is not None:
        link.retire()
