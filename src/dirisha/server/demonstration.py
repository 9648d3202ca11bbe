"""The demo institutions on this installation: their files, their databases, and a history that is written once.

With `CORE=fineract` there is a third one before a stand-in of Apache Fineract. Its history is written into the core's
books, and then its cast is enrolled through the stand-in, as it would be at a real one.

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
from dirisha.demo.cast import Troupe
from dirisha.demo.delivery import Delivery
from dirisha.demo.directory import belongings_of, directory
from dirisha.demo.enrolment import clients_of, enrol_cast
from dirisha.demo.greeting import greeting
from dirisha.demo.institutions import CORE, DEMO, FAR, DemoInstitution, Places, rest, write_file
from dirisha.kit.calendar import day_at
from dirisha.ledger.fold import fold
from dirisha.server import databases, logs
from dirisha.server.children import die_with_parent
from dirisha.server.postgres import Cluster
from dirisha.server.process import Process
from dirisha.server.refused import Refused
from dirisha.simulators.africastalking.demo import inbox_of
from dirisha.simulators.africastalking.inbox import FileInbox, MemoryInbox
from dirisha.tenants.current import use
from dirisha.tenants.institution import Carrier, Institution, read_institution

OURS = "Dirisha demo: "
LOADING = OURS + "loading"
LOADED = re.compile(OURS + r"loaded on (\d{4}-\d\d-\d\d), seed \d+")


@dataclass(frozen=True, slots=True)
class Task:
    """Whose history, up to which day, with how many people besides the cast.

    `is_heard` says whether its messages are on the demo's phones; a core bank's people hear from its institution.
    """

    institution: Institution
    troupe: Troupe
    today: date
    people: int
    carrier: Carrier
    is_heard: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one institution's history."""

    slug: str
    messages: int
    seconds: float


def write_files(process: Process, *, fineract: str | None = None) -> None:
    """Make the institutions' files where they are missing. The databases come with `migrate`, the core's with `load`.

    `fineract` is where the stand-in answers, or will: `http://127.0.0.1:8443`. Without it the third institution, where
    there was one, rests.
    """
    places = Places(process.address, fineract or "", process.fineract_password)
    for each in DEMO:
        _write_file(process, each, places)
    if fineract is None:
        rest(FAR.slug, process.institutions_folder)
        return
    process.folder.secret(process.fineract_password.name)
    process.core_folder.mkdir(mode=0o700, exist_ok=True)
    write_file(CORE.slug, process.core_folder, places, {})
    _write_file(process, FAR, places)


def _write_file(process: Process, demo: DemoInstitution, places: Places) -> None:
    folder, secret = process.institutions_folder, process.folder.secret
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = {"hook": secret(f"hook_{demo.slug}"), "key": secret(f"gateway_key_{demo.slug}")}
    write_file(demo.slug, folder, places, secrets)
    institution = _institution(demo)
    if not institution.demo:
        raise Refused(
            f"{institution.slug} is an institution of yours, and the demo brings one of that name. "
            "Choose another data folder for the demo: DIRISHA_VAR=folder"
        )


def load(process: Process, cluster: Cluster, *, anew: bool = False) -> bool:
    """Write the histories that are missing, or all of them `anew`; False when there was nothing to do.

    The databases are at this release's schema. One with people in it that no load of ours brought is refused.
    """
    written = _load_histories(process, cluster, anew=anew)
    if _find(FAR) is None:
        return bool(written)
    is_core_new = CORE in written
    return _enrol(process, cluster, anew=anew or is_core_new) or bool(written)


def _load_histories(process: Process, cluster: Cluster, *, anew: bool) -> list[DemoInstitution]:
    wanted = [*DEMO]
    if _find(FAR) is not None:
        _bring_up_to_date(cluster, _core(process))
        wanted.append(CORE)
    missing = [each for each in wanted if _empty(cluster, _books_of(process, each), anew=anew)]
    if not missing:
        return []
    click.echo(f"Writing a year of history for the demo, once, by the real acts (seed {history.SEED}) …")
    tasks = [_task(process, each) for each in missing]
    for written in _write_all(tasks):
        click.echo(f"  {written.slug}: {written.messages} messages went out, {written.seconds:.0f} s")
    for task in tasks:
        _close_books(task.institution)
        put_remark(cluster.need_owner(), task.institution.database, _loaded_remark(task.today))
    return missing


def _enrol(process: Process, cluster: Cluster, *, anew: bool) -> bool:
    """The third institution's cast, through the stand-in, which answers for as long as this takes."""
    # Only here: a demo without a far core does not load it.
    from dirisha.simulators.fineract.server import standing_in
    from dirisha.simulators.fineract.users import service_user

    institution, core = _institution(FAR), _core(process)
    if not _empty(cluster, institution, anew=anew):
        return False
    began, at = time.monotonic(), datetime.now(UTC)
    _silent_phones(institution)
    with use(core):
        clients = clients_of(FAR.troupe)
        release()
    assert institution.fineract is not None
    user = service_user(institution.fineract.password())
    with standing_in(core, user, port=urlsplit(institution.fineract.url).port or 0), use(institution):
        enrol_cast(FAR.troupe, clients, at=at)
        release()
    put_remark(cluster.need_owner(), institution.database, _loaded_remark(day_at(at, institution.zone)))
    click.echo(f"  {institution.slug}: its people are enrolled through Fineract, {time.monotonic() - began:.0f} s")
    return True


def _bring_up_to_date(cluster: Cluster, core: Institution) -> None:
    for outcome in databases.bring_up_to_date(cluster, [core]):
        if outcome.error is not None:
            raise Refused(f"The books of {core.slug} could not be brought to this release's schema: {outcome.error}")


def _loaded_remark(on: date) -> str:
    return f"{OURS}loaded on {on}, seed {history.SEED}"


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


def _task(process: Process, demo: DemoInstitution) -> Task:
    institution = _books_of(process, demo)
    carrier = (_institution(FAR) if demo is CORE else institution).carrier
    assert carrier is not None
    today = day_at(datetime.now(UTC), institution.zone)
    people = process.demo_people // demo.crowd
    return Task(institution, demo.troupe, today, people, carrier, is_heard=demo is not CORE)


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
    began = time.monotonic()
    phones = _silent_phones(task.institution) if task.is_heard else MemoryInbox(1)
    with use(task.institution):
        deliver = Delivery(task.carrier, phones)
        messages = history.write(task.today, task.troupe, deliver=deliver, people=task.people)
        release()
    return Written(task.institution.slug, messages, time.monotonic() - began)


def _silent_phones(institution: Institution) -> FileInbox:
    """The demo's phones at that institution, with no message on them yet."""
    phones = inbox_of(institution)
    for path in (phones.path, phones.old):
        path.unlink(missing_ok=True)
    return phones


def _close_books(institution: Institution) -> None:
    """Two loads side by side hold up each other's horizon: what they left open is closed now."""
    with use(institution):
        seal(datetime.now(UTC))
        fold()
        release()


def _find(demo: DemoInstitution) -> Institution | None:
    found: Institution | None = django_settings.DIRISHA_REGISTRY.by_slug(demo.slug)
    return found


def _institution(demo: DemoInstitution) -> Institution:
    institution = _find(demo)
    assert institution is not None
    return institution


def _core(process: Process) -> Institution:
    return read_institution(process.core_folder / f"{CORE.slug}.toml")


def _books_of(process: Process, demo: DemoInstitution) -> Institution:
    """The institution in whose database its history stands."""
    return _core(process) if demo in (CORE, FAR) else _institution(demo)


# ------------------------------------------------------------------------------------------------- who is in the demo


def directories(process: Process) -> list[dict[str, Any]]:
    """The institutions with their cast, the first one first. Raises `Refused` where there is no demo."""
    found = []
    for demo in DEMO if _find(FAR) is None else (*DEMO, FAR):
        institution = _find(demo)
        if institution is None or not institution.demo or _loaded_on(process, institution) is None:
            raise Refused(f"There is no demo in {process.var}. `make demo` or `dirisha demo load` makes one.")
        with use(_books_of(process, demo)):
            belongings = belongings_of(demo.troupe, at=datetime.now(UTC))
            release()
        with use(institution):
            found.append(directory(demo.troupe, belongings, address=_address(process, institution)))
            release()
    return found


def words(process: Process) -> str:
    """What the demo says once all is up."""
    institution = _institution(DEMO[0])
    today = day_at(datetime.now(UTC), institution.zone)
    return greeting(
        directories(process),
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
