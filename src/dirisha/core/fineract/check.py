"""Whether an institution's Fineract can be worked with: address, TLS, tenant, user, permissions, clock, business date.

Nothing is written there, and nothing is asked that the service user is not meant to ask.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, NoReturn

import orjson

from dirisha.core.fineract import calls
from dirisha.core.fineract.calls import PERMISSIONS, Call
from dirisha.core.fineract.deadline import Deadline
from dirisha.core.fineract.facts import Facts
from dirisha.core.fineract.http import NotReached, Reply, Unanswered, Unreadable, Wire
from dirisha.kit.calendar import day_at
from dirisha.tenants.institution import BadInstitution, Fineract, Institution

PATIENCE_S = 20.0
CLOCKS_APART_S = 60
EVERYTHING, EVERYTHING_READ = "ALL_FUNCTIONS", "ALL_FUNCTIONS_READ"


class Level(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"  # it works, and somebody should look at it
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` has its words in the console's texts, for what was found and, where it is not good, how to mend it."""

    key: str
    level: Level
    facts: dict[str, str] = field(default_factory=dict)


class _NoUseGoingOn(Exception):
    pass


def check(institution: Institution, at: datetime) -> list[Finding]:
    """All findings as of `at`, in the order in which they are to be mended."""
    assert institution.fineract is not None, institution.slug
    visit = _Visit(institution, institution.fineract, at)
    try:
        visit.walk()
    except _NoUseGoingOn:
        pass
    finally:
        visit.end()
    return visit.findings


class _Visit:
    def __init__(self, institution: Institution, settings: Fineract, at: datetime) -> None:
        self._institution, self._settings, self._at = institution, settings, at
        self._facts = Facts(institution)
        self._wire: Wire | None = None
        self.findings: list[Finding] = []

    def walk(self) -> None:
        self._wire = self._open()
        login, reply = self._log_in(self._wire)
        self._look_at_login(login)
        self._look_at_permissions(frozenset(login.get("permissions") or ()))
        self._look_at_offices(login)
        self._look_at_clock(reply)
        self._look_at_business_date()
        self._look_at_maker_checker()

    def end(self) -> None:
        if self._wire is not None:
            self._wire.close()

    # --- the way there ------------------------------------------------------------------------------------------------

    def _open(self) -> Wire:
        wire = Wire(self._settings)
        try:
            wire.credentials.header()
            wire.trusted()
        except BadInstitution as error:
            self._stop("secret", why=str(error))
        except (OSError, ssl.SSLError) as error:
            self._stop("ca_file", file=str(self._settings.ca_file), why=str(error))
        return wire

    def _log_in(self, wire: Wire) -> tuple[dict[str, Any], Reply]:
        """`POST /authentication` needs no permission and tells all about the user."""
        body = orjson.dumps({"username": self._settings.user, "password": self._settings.password()})
        try:
            reply = wire.exchange("POST", calls.AUTHENTICATION, Deadline(PATIENCE_S), body=body, is_anonymous=True)
        except NotReached as error:
            self._stop("tls" if _is_about_tls(error) else "address", url=self._settings.url, why=str(error))
        except Unanswered as error:
            self._stop("slow", url=self._settings.url, why=str(error))
        self._good("address", url=self._settings.url)
        self._look_at_tls()
        if reply.status == 400 and not reply.error_codes():
            self._stop("tenant", tenant=self._settings.tenant)
        if reply.status == 401:
            self._stop("credentials", user=self._settings.user)
        try:
            login = reply.json()
        except Unreadable:
            login = None
        if reply.status != 200 or not isinstance(login, dict) or "permissions" not in login:
            self._stop("not_fineract", url=self._settings.url, status=str(reply.status))
        self._good("tenant", tenant=self._settings.tenant)
        self._good("credentials", user=self._settings.user)
        return login, reply

    def _look_at_tls(self) -> None:
        if self._settings.url.startswith("http:"):
            self._good("tls_not_needed")
        else:
            self._good("tls")

    # --- the user -----------------------------------------------------------------------------------------------------

    def _look_at_login(self, login: dict[str, Any]) -> None:
        if login.get("isTwoFactorAuthenticationRequired"):
            self._add("two_factor", Level.BAD, user=self._settings.user)
        if login.get("shouldRenewPassword"):
            self._add("password_old", Level.DOUBTFUL, user=self._settings.user)

    def _look_at_permissions(self, granted: frozenset[str]) -> None:
        for permission in PERMISSIONS:
            reads = permission.startswith("READ_") and EVERYTHING_READ in granted
            has_it = permission in granted or EVERYTHING in granted or reads
            self._add("permission", Level.GOOD if has_it else Level.BAD, permission=permission)
        surplus = sorted(granted - {*PERMISSIONS, calls.READ_AUDIT})
        if EVERYTHING in granted:
            self._add("everything", Level.DOUBTFUL, user=self._settings.user)
        elif surplus:
            self._add("surplus", Level.DOUBTFUL, permissions=", ".join(surplus))

    def _look_at_offices(self, login: dict[str, Any]) -> None:
        """The user's office decides whom it can see: itself and what is below."""
        for body in self._answers(calls.OFFICES):
            head = [row for row in body if isinstance(row, dict) and row.get("parentId") is None]
            is_head = login.get("officeId") in [row.get("id") for row in head]
            office = str(login.get("officeName", "?"))
            self._add("office", Level.GOOD if is_head else Level.DOUBTFUL, office=office)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _look_at_clock(self, reply: Reply) -> None:
        try:
            theirs = parsedate_to_datetime(reply.date)
        except (TypeError, ValueError):
            self._add("clock_unknown", Level.DOUBTFUL)
            return
        apart = abs((theirs - self._at).total_seconds()) if theirs.tzinfo else CLOCKS_APART_S + 1
        level = Level.GOOD if apart <= CLOCKS_APART_S else Level.DOUBTFUL
        self._add("clock", level, seconds=f"{apart:.0f}", theirs=str(theirs), ours=str(self._at.astimezone(UTC)))

    def _look_at_business_date(self) -> None:
        ours = day_at(self._at, self._institution.zone)
        for has_one in self._answers(calls.HAS_BUSINESS_DATE):
            for today in self._answers(calls.BUSINESS_DATE):
                self._compare(self._read_date(has_one, today), ours)

    def _read_date(self, has_one: Any, today: Any) -> date | None:
        try:
            return self._facts.business_date(has_one, today)
        except Unreadable as error:
            self._stop("not_understood", what="business date", why=str(error))

    def _compare(self, theirs: date | None, ours: date) -> None:
        if theirs is None:
            self._good("no_business_date", zone=self._institution.time_zone, today=str(ours))
        else:
            level = Level.GOOD if theirs == ours else Level.DOUBTFUL
            self._add("business_date", level, theirs=str(theirs), ours=str(ours))

    def _look_at_maker_checker(self) -> None:
        for body in self._answers(calls.MAKER_CHECKER):
            is_on = isinstance(body, dict) and body.get("enabled") is True
            self._add("maker_checker", Level.DOUBTFUL if is_on else Level.GOOD)

    # --- asking -------------------------------------------------------------------------------------------------------

    def _answers(self, call: Call) -> Iterator[Any]:
        """The answer, or a finding in its place; nothing where a permission is missing or there is no such call."""
        assert self._wire is not None
        try:
            reply = self._wire.exchange("GET", call.path, Deadline(PATIENCE_S))
            if reply.status == 200:
                yield reply.json()
            elif reply.status not in (403, 404):
                self._add("call", Level.BAD, path=call.path, status=str(reply.status))
        except (NotReached, Unanswered, Unreadable) as error:
            self._add("call", Level.BAD, path=call.path, status=str(error))

    def _good(self, key: str, **facts: str) -> None:
        self._add(key, Level.GOOD, **facts)

    def _add(self, key: str, level: Level, **facts: str) -> None:
        self.findings.append(Finding(key, level, facts))

    def _stop(self, key: str, **facts: str) -> NoReturn:
        self._add(key, Level.BAD, **facts)
        raise _NoUseGoingOn


def _is_about_tls(error: BaseException) -> bool:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(isinstance(each, ssl.SSLError) for each in causes)
