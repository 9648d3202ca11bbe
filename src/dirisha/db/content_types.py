"""Django keeps content types by alias for the life of the process; we have one alias and many databases.

The ids differ from database to database, so the cache is kept by the database that the alias stands for now.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType

from dirisha.db.target import wanted


class ByDatabase(dict[str, dict[Any, Any]]):
    """What Django takes for a dictionary by alias."""

    def __init__(self) -> None:
        super().__init__()
        self._by_database: dict[str, dict[str, dict[Any, Any]]] = defaultdict(dict)

    def __getitem__(self, alias: str) -> dict[Any, Any]:
        return self._by_database[wanted().database][alias]

    def setdefault(self, alias: str, default: Any = None) -> Any:
        return self._by_database[wanted().database].setdefault(alias, default)

    def clear(self) -> None:
        self._by_database.clear()


def keep_by_database() -> None:
    ContentType.objects._cache = ByDatabase()  # type: ignore[attr-defined,unused-ignore]
