"""Own-account transfers through the engine against the same rows by pgbench, statement by statement."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import CONNECTIONS, acts
from bench.world import CLIENTS, World

SECONDS = 8
ROUNDS = 3
TABLES = ("command", "journal", "movement", "limit_use", "audit_event", "outbox", "balance")

# One statement per row that the engine reads or writes, in its order.
RAW = """
\\set n random(1, {clients})
\\set k random(1, 1000000000000)
\\set a 1001 + (:n - 1) * 2
\\set b :a + 1
begin;
select id, state, result from command where actor = 'user:' || :n and key = 'k' || :k;
select client from payer where client = :n for no key update;
select account from balance where account = :a for no key update;
select account from balance where account = :b for no key update;
select id, product, client, status, opened_on from savings where id = :a;
select id, product, client, status, opened_on from savings where id = :b;
select id, number, name, office from account where id = :a;
select id, number, name, office from account where id = :b;
select account, minor from balance where account = :a;
select account, minor from balance where account = :b;
select id, first_name, last_name from client where id = :n;
select coalesce(sum(amount_minor), 0) from limit_use where payer = :n and rule = 'day' and period = '2026-11-24' and state = 'used';
select coalesce(sum(amount_minor), 0) from limit_use where payer = :n and rule = 'day.mifos' and period = '2026-11-24' and state = 'used';
insert into journal (id, kind, business_date, booked_at, command, reference) values (md5('j' || :k)::uuid, 'transfers.own', '2026-11-24', '2026-11-24 09:00+00', md5('c' || :k)::uuid, 'R' || :k);
update balance set minor = minor - 1, lines = lines + 1 where account = :a returning minor, lines;
update balance set minor = minor + 1, lines = lines + 1 where account = :b returning minor, lines;
insert into movement (journal, seq, debit, credit, amount_minor, debit_line, debit_balance, credit_line, credit_balance) select md5('j' || :k)::uuid, 1, :a, :b, 1, d.lines, d.minor, c.lines, c.minor from balance d, balance c where d.account = :a and c.account = :b;
insert into limit_use (payer, rule, period, amount_minor, command) values (:n, 'day', '2026-11-24', 1, md5('c' || :k)::uuid);
insert into limit_use (payer, rule, period, amount_minor, command) values (:n, 'day.mifos', '2026-11-24', 1, md5('c' || :k)::uuid);
insert into audit_event (id, at, actor, channel, act, outcome, command, correlation, detail) values (md5('e' || :k)::uuid, '2026-11-24 09:00+00', 'user:' || :n, 'mifos', 'transfers.own', 'done', md5('c' || :k)::uuid, 'bench', {detail});
select user_id from user_client where client = :n and ended_at is null;
select id, language from app_user where id = :n;
select msisdn from phone_link where user_id = :n and ended_at is null;
insert into outbox (id, kind, event, user_id, language, msisdn, variables, due_at, made_at, command, correlation) values (md5('o' || :k)::uuid, 'notice', 'transferred', :n, 'en', '+254700000000', {variables}, '2026-11-24 09:00+00', '2026-11-24 09:00+00', md5('c' || :k)::uuid, 'bench');
insert into command (id, actor, act, key, channel, state, inputs, inputs_hash, result, made_at, finished_at) values (md5('c' || :k)::uuid, 'user:' || :n, 'transfers.own', 'k' || :k, 'mifos', 'done', {inputs}, {hash}, {result}, '2026-11-24 09:00+00', '2026-11-24 09:00+00');
commit;
"""


def compare(world: World) -> dict[str, Any]:
    """Medians of interleaved rounds: acts and transactions a second, their ratio, rows and WAL records of each."""
    engine_acts(world, seconds=2)  # warm: prepared, cached, files extended
    script = _raw_script(world)
    raw, engine = [], []
    for _ in range(ROUNDS):
        world.checkpoint()
        raw.append(_measured(world, lambda: raw_transactions(world, script)))
        world.checkpoint()
        engine.append(_measured(world, lambda: engine_acts(world, seconds=SECONDS)))
    return {
        "raw_per_s": median(each["per_s"] for each in raw),
        "engine_per_s": median(each["per_s"] for each in engine),
        "ratio": median(each["per_s"] for each in engine) / median(each["per_s"] for each in raw),
        "raw_wal_records": median(each["wal_records"] for each in raw),
        "engine_wal_records": median(each["wal_records"] for each in engine),
        "raw_rows": raw[-1]["rows"],
        "engine_rows": engine[-1]["rows"],
    }


def _measured(world: World, work: Any) -> dict[str, Any]:
    """Work done a second, and what one unit of it wrote."""
    before = _written(world)
    done, took_s = work()
    after = _written(world)
    return {
        "per_s": done / took_s,
        "wal_records": (after["wal"] - before["wal"]) / done,
        "rows": {table: round((after[table] - before[table]) / done, 2) for table in TABLES},
    }


def _written(world: World) -> dict[str, int]:
    time.sleep(1.2)  # the server's statistics are flushed once a second
    written = {"wal": int(world.sql("select wal_records from pg_stat_wal")[0][0])}
    for table, count in world.sql("select relname, n_tup_ins + n_tup_upd from pg_stat_user_tables"):
        written[table] = int(count)
    return written


def raw_transactions(world: World, script: Path) -> tuple[int, float]:
    from psycopg.conninfo import conninfo_to_dict

    from dirisha.server.postgres import find_binaries

    # As the administrator, since the login may not write: less work for the raw side, no row-level security.
    given = conninfo_to_dict(world.cluster.admin)
    ran = subprocess.run(
        [find_binaries()["pgbench"], "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS),
         "-f", str(script), "-h", str(given["host"]), "-U", str(given["user"]), world.institution.database],
        env=os.environ | {"PGPASSWORD": str(given.get("password", ""))}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures = dict(
        line.split(":", 1) if ":" in line else line.split(" = ", 1)
        for line in ran.stdout.splitlines()
        if ":" in line or " = " in line
    )
    done = int(figures["number of transactions actually processed"].split("/")[0])
    return done, done / float(figures["tps"].split()[0])


def _raw_script(world: World) -> Path:
    """The same sizes as the engine's rows: its own last ones, quoted."""
    (detail,) = world.sql("select detail::text from audit_event where outcome = 'done' limit 1")[0]
    (variables,) = world.sql("select variables::text from outbox limit 1")[0]
    inputs, result = world.sql("select inputs::text, result::text from command where state = 'done' limit 1")[0]

    def quote(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    text = RAW.format(
        clients=CLIENTS, detail=quote(detail), variables=quote(variables), inputs=quote(inputs), result=quote(result),
        hash="'\\x" + "ab" * 32 + "'",
    )  # fmt: skip
    path = Path(tempfile.mkstemp(prefix="dirisha-raw-", suffix=".sql")[1])
    path.write_text(text)
    return path


def engine_acts(world: World, *, seconds: int) -> tuple[int, float]:
    return acts(world, "transfer", seconds=seconds)
