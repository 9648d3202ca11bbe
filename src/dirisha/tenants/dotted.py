"""Cores, carriers and the like are named in an institution's file by dotted path, as Django names its backends."""

from __future__ import annotations

import importlib
from typing import Any

from dirisha.tenants.institution import BadInstitution


def named_by(path: str) -> Any:
    """What `module.sub:Name` names. Raises `BadInstitution` where it names nothing."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInstitution(f"{path}: names nothing that can be imported; it must read package.module:Name") from error
