"""The registry of the institutions that this installation serves: one a process, over the folder of their files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dirisha.server.process import Process
from dirisha.tenants.registry import Registry


def registry_of(process: Process) -> Registry:
    return _registry(process.institutions_folder)


@cache
def _registry(folder: Path) -> Registry:
    return Registry(folder, os.environ)


class AllowedHosts(list[str]):
    """Django's list of host names: those of the process, and at each look those that institutions name by now."""

    def __init__(self, own: Iterable[str], registry: Registry) -> None:
        super().__init__(own)
        self._registry = registry

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        for institution in self._registry.all():
            yield from institution.hosts
