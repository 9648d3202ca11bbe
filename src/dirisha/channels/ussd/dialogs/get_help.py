"""Whom to call, and what nobody will ask for."""

from __future__ import annotations

from dirisha.channels.ussd.dialog import Dialog, End, show
from dirisha.channels.ussd.words import say


def get_help() -> Dialog[End]:
    return (yield from show("help", [say("help")]))
