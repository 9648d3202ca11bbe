"""Every act that a person can perform, one file each: listing this folder is reading the feature list."""

from __future__ import annotations

import importlib
import pkgutil


def import_all() -> None:
    """Import every act's file, so that `engine.act.ACTS` is complete (and a misdeclared act is found at the start)."""
    for found in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        importlib.import_module(found.name)
