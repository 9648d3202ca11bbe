"""What the command line says instead of a traceback."""

from __future__ import annotations


class Refused(Exception):
    """It can't be done as things stand. The text says why, and what the reader can do about it."""
