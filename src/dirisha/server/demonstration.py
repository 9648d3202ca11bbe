"""The demo institutions on this installation: their files, their databases, and a history that is written once.

Each database carries a remark: *loading* from before the first row to after the last, *loaded* from then on. So a load
that was interrupted is seen at the next start, and begun again from an empty database.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import psycopg
from django.conf import settings as django_settings

from dirisha.access.people import anybody
from dirisha.audit.sealer import seal
from dirisha.db.engine.idle import idle
from dirisha.db.remarks import put_remark, remark_on
from dirisha.db.roles import drop_database
from dirisha.db.transactions import release
from dirisha.demo import history
from dirisha.demo.delivery import Delivery
from dirisha.demo.directory import directory
from dirisha.demo.greeting import greeting
from dirisha.demo.institutions import DEMO, DemoInstitution, write_file
from dirisha.kit.calendar import day_at
from dirisha.ledger.fold import fold
from dirisha.server import databases, logs
from dirisha.server.children import die_with_parent
from dirisha.server.postgres import Cluster
from dirisha.server.process import Process
from dirisha.server.refused import Refused
from dirisha.simulators.africastalking.demo import inbox_of
from dirisha.tenants.current import use
from dirisha.tenants.institution import Institution

OURS = "Dirisha demo: "
LOADING = OURS + "loading"
LOADED = re.compile(OURS + r"loaded on (\d{4}-\d\d-\d\d), seed \d+")

Task = tuple[DemoInstitution, date, int]  # whose history, up to which day, of how many people besides the cast


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one institution's history."""

    slug: str
    messages: int
    seconds: float


def write_files(process: Process) -> None:
    """Make the institutions' files where they are missing. The databases come with `migrate`."""
    folder = process.institutions_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in DEMO:
        write_file(each.slug, folder, address=process.address, secret=process.folder.secret)
        institution = _institution(each)
        if not institution.demo:
            raise Refused(
                f"{institution.slug} is an institution of yours, and the demo brings one of that name. "
                "Choose another data folder for the demo: DIRISHA_VAR=folder"
            )


def load(process: Process, cluster: Cluster, *, anew: bool = False) -> bool:
    """Write the histories that are missing, or all of them `anew`; False when there was nothing to do.

    The databases are at this release's schema. One with people in it that no load of ours brought is refused.
    """
    missing = [each for each in DEMO if _empty(cluster, _institution(each), anew=anew)]
    if not missing:
        return False
    click.echo(f"Writing a year of history for the demo, once, by the real acts (seed {history.SEED}) …")
    today = {each.slug: day_at(datetime.now(UTC), _institution(each).zone) for each in missing}
    for written in _write_all([(each, today[each.slug], process.demo_people) for each in missing]):
        click.echo(f"  {written.slug}: {written.messages} messages went out, {written.seconds:.0f} s")
    for each in missing:
        institution = _institution(each)
        _close_books(institution)
        remark = f"{OURS}loaded on {today[each.slug]}, seed {history.SEED}"
        put_remark(cluster.need_owner(), institution.database, remark)
    return True


def _empty(cluster: Cluster, institution: Institution, *, anew: bool) -> bool:
    """Have an empty database, marked as being loaded; False where the history stands already."""
    remark = remark_on(cluster.need_owner(), institution.database)
    if LOADED.fullmatch(remark) and not anew:
        return False
    if remark.startswith(OURS):
        idle.close_all(institution.database)
        drop_database(cluster.need_admin(), institution.database)
        databases.add(cluster, institution)
    with use(institution):
        has_people = anybody()
        release()
    if has_people:
        raise Refused(
            f"The database {institution.database} has people in it that the demo did not bring. Nothing was touched. "
            "Use another data folder (DIRISHA_VAR) or another server."
        )
    put_remark(cluster.need_owner(), institution.database, LOADING)
    return True


def _write_all(missing: list[Task]) -> Iterator[Written]:
    """Side by side, a process each: most of it is work of ours, and one interpreter does one thing at a time."""
    idle.close_all()  # a connection can't be shared with a copy of this process
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(missing), context, _become_a_writer, (os.getpid(),)) as writers:
        yield from writers.map(_write, missing)


def _become_a_writer(parent: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to hear
    die_with_parent(signal.SIGTERM, parent)
    # Nobody waits for these commits one by one: the remark that ends the load is written after them, and waited for.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    logs.configure("demo", "warning")  # a message sent a year ago is no news


def _write(task: Task) -> Written:
    demo, today, people = task
    began = time.monotonic()
    institution = _institution(demo)
    assert institution.carrier is not None
    phones = inbox_of(institution)
    for path in (phones.path, phones.old):
        path.unlink(missing_ok=True)
    with use(institution):
        messages = history.write(today, demo.troupe, deliver=Delivery(institution.carrier, phones), people=people)
        release()
    return Written(institution.slug, messages, time.monotonic() - began)


def _close_books(institution: Institution) -> None:
    """Two loads side by side hold up each other's horizon: what they left open is closed now."""
    with use(institution):
        seal(datetime.now(UTC))
        fold()
        release()


def _institution(demo: DemoInstitution) -> Institution:
    institution: Institution | None = django_settings.DIRISHA_REGISTRY.by_slug(demo.slug)
    assert institution is not None
    return institution


# ------------------------------------------------------------------------------------------------- who is in the demo


def directories(process: Process) -> list[dict[str, Any]]:
    """The institutions with their cast, the first one first. Raises `Refused` where there is no demo."""
    found = []
    for demo in DEMO:
        institution = django_settings.DIRISHA_REGISTRY.by_slug(demo.slug)
        if institution is None or not institution.demo or _loaded_on(process, institution) is None:
            raise Refused(f"There is no demo in {process.var}. `make demo` or `dirisha demo load` makes one.")
        with use(institution):
            found.append(directory(demo.troupe, address=_address(process, institution), at=datetime.now(UTC)))
            release()
    return found


def words(process: Process) -> str:
    """What the demo says once all is up."""
    first, second = directories(process)
    institution = _institution(DEMO[0])
    today = day_at(datetime.now(UTC), institution.zone)
    return greeting(
        first,
        second,
        data=str(process.var),
        program=str(Path(sys.executable).with_name("dirisha")),
        loaded_on=_loaded_on(process, institution) or today,
        today=today,
    )


def _loaded_on(process: Process, institution: Institution) -> date | None:
    try:
        found = LOADED.fullmatch(remark_on(process.cluster.login, institution.database))
    except psycopg.OperationalError:
        return None
    return date.fromisoformat(found[1]) if found else None


def _address(process: Process, institution: Institution) -> str:
    server = urlsplit(process.address)
    host = server.hostname if server.hostname in institution.hosts else f"{institution.slug}.localhost"
    return f"{server.scheme}://{host}:{server.port}"
