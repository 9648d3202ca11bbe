"""Schema in SQL, carried by Django's migrations: `RunSqlFile("sql/schema.sql")` beside the room that owns it."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations


def run_sql_file(migration_file: str, name: str) -> migrations.RunSQL:
    """`name` relative to the room's folder (the parent of `migrations/`). Not reversible: schemas go forward."""
    return migrations.RunSQL((Path(migration_file).parent.parent / name).read_text("utf-8"))
