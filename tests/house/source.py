"""The source tree as the house tests read it: rooms, modules with their syntax trees, SQL with its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "dirisha"

# Where who and when are arguments: nothing here reads a clock.
BELOW_A_DOOR = (
    "kit", "tenants", "db", "ledger", "core", "audit", "access", "limits", "messaging", "payments", "queries", "engine", "acts",
)  # fmt: skip


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    def where(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


def modules(*rooms: str) -> Iterator[Module]:
    """All modules of the named rooms, or of the whole package."""
    for folder in [PACKAGE / room for room in rooms] or [PACKAGE]:
        for path in sorted(folder.rglob("*.py")):
            yield Module(path, ast.parse(path.read_text("utf-8")))


def sql_files() -> Iterator[Path]:
    yield from sorted(PACKAGE.rglob("*.sql"))


def without_comments(sql: str) -> str:
    return "\n".join(line.split("--", 1)[0] for line in sql.splitlines())


def sql_texts() -> Iterator[tuple[str, str]]:
    """(place, SQL) of every file and of every string in the code that reads like a statement."""
    for path in sql_files():
        yield path.relative_to(PACKAGE).as_posix(), without_comments(path.read_text("utf-8"))
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.strip().lower()
                if text.startswith(("select ", "insert ", "update ", "delete ", "with ")) and " " in text:
                    yield module.where(node), node.value
