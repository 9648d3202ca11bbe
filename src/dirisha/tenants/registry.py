"""The institutions that this process serves: the TOML files of one folder, read again when one changes."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import structlog

from dirisha.tenants.institution import BadInstitution, Institution, read_institution

Stamp = tuple[tuple[str, int, int], ...]  # name, time and size of each file

log = structlog.get_logger()


class Registry:
    """Institutions by slug, host and hook secret. Look-ups cost one `stat` of the folder and its files.

    A file that can't be read is refused at the first look (`BadInstitution`). Later a slip of somebody's editor must
    put nobody out of doors: what was read before stays in force, and the log says why.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self.folder = folder
        self._environment = environment
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._refused: Stamp | None = None
        self._by_slug: Mapping[str, Institution] = {}
        self._by_host: Mapping[str, Institution] = {}
        self._by_hook: Mapping[str, Institution] = {}

    def all(self) -> list[Institution]:
        self._refresh()
        return list(self._by_slug.values())

    def by_slug(self, slug: str) -> Institution | None:
        self._refresh()
        return self._by_slug.get(slug)

    def by_host(self, host: str) -> Institution | None:
        """By a host that its file names, or by `<slug>.localhost`; port and case don't count."""
        self._refresh()
        name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host.lower()
        if name in self._by_host:
            return self._by_host[name]
        if name.endswith(".localhost"):
            return self._by_slug.get(name.removesuffix(".localhost"))
        return None

    def by_hook(self, secret: str) -> Institution | None:
        self._refresh()
        return self._by_hook.get(secret)

    def _refresh(self) -> None:
        stamp = self._read_stamp()
        if stamp in (self._stamp, self._refused):
            return
        with self._lock:
            if stamp not in (self._stamp, self._refused):
                self._load_or_keep(stamp)

    def _load_or_keep(self, stamp: Stamp) -> None:
        try:
            self._load(stamp)
        except BadInstitution as error:
            if self._stamp is None:
                raise
            self._refused = stamp
            log.error("tenants.refused", reason=str(error))

    def _read_stamp(self) -> Stamp:
        found = []
        for path in sorted(self.folder.glob("*.toml")):
            with contextlib.suppress(FileNotFoundError):  # removed since the folder was read
                status = path.stat()
                found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)

    def _load(self, stamp: Stamp) -> None:
        institutions = [read_institution(self.folder / name, self._environment) for name, _, _ in stamp]
        by_slug: dict[str, Institution] = {}
        by_host: dict[str, Institution] = {}
        by_hook: dict[str, Institution] = {}
        for institution in institutions:
            if institution.slug in by_slug:
                raise BadInstitution(f"two files name the institution {institution.slug}")
            by_slug[institution.slug] = institution
            for host in institution.hosts:
                by_host[host.lower()] = institution
            for hook in institution.carrier.hooks if institution.carrier else ():
                if by_hook.setdefault(hook, institution) is not institution:
                    raise BadInstitution(f"{institution.slug}: a hook's secret belongs to another institution")
        self._by_slug, self._by_host, self._by_hook, self._stamp = by_slug, by_host, by_hook, stamp
