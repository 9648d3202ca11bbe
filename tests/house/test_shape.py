"""The shape of the house: what each room may import, read, write and know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import BELOW_A_DOOR, ROOT, modules, sql_texts


def test_rooms_import_downwards_only() -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Rooms import downwards only KEPT" in ran.stdout, ran.stdout


def test_no_float_near_money() -> None:
    """But for seconds that something may take: their name ends in `_s`, or is Python's own for them, `timeout`."""
    near_money = (
        "kit", "ledger", "core", "limits", "engine", "acts", "queries", "messaging", "payments", "access", "audit",
    )  # fmt: skip
    found = [
        module.where(node)
        for module in modules(*near_money)
        if module.name != "core/native/doubles.py"
        for node in _floats(module.tree)
    ]
    assert found == []


def _floats(tree: ast.AST) -> Iterator[ast.AST]:
    """Every float in the tree that is not part of something called seconds."""
    for node in ast.iter_child_nodes(tree):
        if _is_seconds(node):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node
        if isinstance(node, ast.Name) and node.id == "float":
            yield node
        yield from _floats(node)


def _is_seconds(node: ast.AST) -> bool:
    match node:
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name.endswith("_s") or name == "timeout"
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            return name.lower().endswith("_s")
        case ast.FunctionDef(name=name):
            return name.endswith("_s")
    return False


def test_no_sql_reads_the_clock() -> None:
    clock = re.compile(
        r"\b(now\s*\(|current_date|current_time|current_timestamp|localtime|localtimestamp|clock_timestamp|"
        r"statement_timestamp|transaction_timestamp|timeofday)",
        re.IGNORECASE,
    )
    assert [place for place, sql in sql_texts() if clock.search(sql)] == []


def test_no_clock_below_a_door() -> None:
    """`time.monotonic` measures how long something took, and says nothing of when."""
    clocks = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
              ("timezone", "now")}  # fmt: skip
    found = [
        module.where(node)
        for module in modules(*BELOW_A_DOOR)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in clocks
    ]
    assert found == []


def test_transactions_are_opened_in_db_only() -> None:
    """Elsewhere `with transaction(name, role)` of `db.transactions`; never Django's, never a connection of one's own."""
    allowed = ("db/", "server/postgres.py", "server/databases.py", "server/health.py")
    names = {"atomic", "connect", "begin", "commit", "set_autocommit"}
    found = [
        module.where(node)
        for module in modules()
        if not module.name.startswith(allowed)
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
            and isinstance(node.func.value, ast.Name) and node.func.value.id in {"transaction", "psycopg", "connection"})
        or (isinstance(node, ast.Attribute) and node.attr == "cursor" and isinstance(node.value, ast.Name)
            and node.value.id == "connection")
    ]  # fmt: skip
    assert found == []


def test_sql_on_accounts_is_in_the_ledger_and_the_native_core_only() -> None:
    tables = "account|balance|journal|movement|control_balance|client|savings|loan|installment|loan_transaction"
    touches = re.compile(rf"\b(from|join|into|update|table)\s+({tables})\b", re.IGNORECASE)
    theirs = ("ledger/", "core/native/")
    assert [place for place, sql in sql_texts() if not place.startswith(theirs) and touches.search(sql)] == []


def test_nobody_sits_in_a_drawer() -> None:
    drawers = {"utils", "helpers", "services", "common", "misc"}
    found = [module.name for module in modules() if drawers & set(module.name.removesuffix(".py").split("/"))]
    assert found == []
