"""Days of an institution, as against instants: the business date depends on its time zone, not on the server's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def day_at(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware instant in a time zone."""
    return as_utc(moment).astimezone(zone).date()


def as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return moment.astimezone(UTC)
