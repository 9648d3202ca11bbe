"""SQL by name: `*.sql` beside the module that uses it, each statement under a line `-- name: post`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import LiteralString

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


class Statements:
    """The statements of one file: `SQL = Statements.beside(__file__, "sql/post.sql")`, then `SQL["post"]`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        pieces = _NAME.split(path.read_text("utf-8"))
        names, bodies = pieces[1::2], pieces[2::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{path}: a name is used twice")
        # Comments are for the reader of the file; the server need not parse them again and again.
        self._by_name = {
            name: _as_literal(re.sub(r"--[^\n]*", "", body).strip().rstrip(";"))
            for name, body in zip(names, bodies, strict=True)
        }

    @classmethod
    def beside(cls, module_file: str, name: str) -> Statements:
        return cls(Path(module_file).parent / name)

    def __getitem__(self, name: str) -> LiteralString:
        return self._by_name[name]

    def names(self) -> list[str]:
        return list(self._by_name)


def _as_literal(text: str) -> LiteralString:
    # What stands in a file of the package is as much a literal as what stands in a module.
    return text  # type: ignore[return-value,unused-ignore]
