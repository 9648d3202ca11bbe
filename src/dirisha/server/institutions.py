"""The registry of the institutions that this installation serves: one a process, over the folder of their files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dirisha.server.process import Process
from dirisha.tenants.registry import Registry


def registry_of(process: Process) -> Registry:
    return _registry(process.institutions_folder)


@cache
def _registry(folder: Path) -> Registry:
    return Registry(folder)
