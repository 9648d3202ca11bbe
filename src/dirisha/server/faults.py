"""Errors that are no fault of ours, in words for the person at the terminal."""

from __future__ import annotations

import errno

import psycopg

from dirisha.server.refused import Refused
from dirisha.tenants.institution import BadInstitution


def in_words(error: BaseException) -> str | None:
    """Why it can't be done and what to do; None where the error is a fault of ours and wants its traceback."""
    if isinstance(error, Refused | BadInstitution):
        return str(error)
    if isinstance(error, OSError):
        return _system_in_words(error)
    away = error if isinstance(error, psycopg.OperationalError) else error.__cause__  # Django wraps it
    if isinstance(away, psycopg.OperationalError):
        return f"The database does not answer: {str(away).strip()}"
    return None


def _system_in_words(error: OSError) -> str | None:
    if error.errno == errno.ENOSPC:
        return f"The disk is full{f': {error.filename}' if error.filename else ''}. Make space and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        return f"{error.filename}: {error.strerror}. Is it yours?"
    return None
