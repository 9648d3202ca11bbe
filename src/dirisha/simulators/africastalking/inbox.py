"""The messages on the simulated phones."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson

MOST_IN_MEMORY = 20_000
MOST_BYTES_IN_FILE = 8 * 1024 * 1024
PAGE = 50


@dataclass(frozen=True, slots=True)
class SimulatedSms:
    """One message as a phone shows it. `reference` is the sender's own, where its request had one."""

    carrier_id: str
    to: str
    sender: str
    text: str
    reference: str | None
    at: datetime


class Inbox(Protocol):
    def deliver(self, messages: Sequence[SimulatedSms]) -> None: ...

    def of(self, msisdn: str, *, newest: int = PAGE) -> list[SimulatedSms]:
        """The newest first."""
        ...


class MemoryInbox:
    """Bounded: the oldest messages go first."""

    def __init__(self, most: int = MOST_IN_MEMORY) -> None:
        self._lock = threading.Lock()
        self._messages: deque[SimulatedSms] = deque(maxlen=most)

    def deliver(self, messages: Sequence[SimulatedSms]) -> None:
        with self._lock:
            self._messages.extend(messages)

    def of(self, msisdn: str, *, newest: int = PAGE) -> list[SimulatedSms]:
        return [message for message in reversed(self.all()) if message.to == msisdn][:newest]

    def all(self) -> list[SimulatedSms]:
        with self._lock:
            return list(self._messages)


class FileInbox:
    """One line a message, seen by all processes and kept over a restart. A full file replaces the last full one.

    It stands beside the institution's database and not in it: what a phone shows is no data of the institution.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.old = path.with_name(path.name + ".old")

    def deliver(self, messages: Sequence[SimulatedSms]) -> None:
        if not messages:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = b"".join(orjson.dumps(asdict(message)) + b"\n" for message in messages)
        # One write at the end of the file: lines of several processes don't mix.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, lines)
            is_full = os.fstat(file).st_size > MOST_BYTES_IN_FILE
        finally:
            os.close(file)
        if is_full:
            os.replace(self.path, self.old)

    def of(self, msisdn: str, *, newest: int = PAGE) -> list[SimulatedSms]:
        found: list[SimulatedSms] = []
        for message in self._newest_first(msisdn):
            found.append(message)
            if len(found) == newest:
                break
        return found

    def _newest_first(self, msisdn: str) -> Iterator[SimulatedSms]:
        for path in (self.path, self.old):
            lines = path.read_bytes().split(b"\n") if path.exists() else []
            for line in reversed(lines):
                message = _read(line) if msisdn.encode() in line else None
                if message is not None and message.to == msisdn:
                    yield message


def _read(line: bytes) -> SimulatedSms | None:
    try:
        stored = orjson.loads(line)
        return SimulatedSms(**(stored | {"at": datetime.fromisoformat(stored["at"])}))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None  # cut short by a crash
