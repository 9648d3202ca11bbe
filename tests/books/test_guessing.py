"""Guesses at once are no more than guesses in a row: a secret is looked at three times, however many come."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from dirisha.access import secrets
from dirisha.access.people import visitor
from dirisha.access.secrets import Secret, SecretKind
from dirisha.acts.access.enter_pin import enter_pin
from dirisha.acts.access.login import login
from dirisha.engine.outcome import Done
from dirisha.engine.run import run
from dirisha.kit.actor import Channel
from tests.bank import NOW, Bank
from tests.parallel import at_once


def tries(bank: Bank, pin: str, attempt: str, at: Any = NOW) -> Any:
    someone = bank.someone("shared_a")
    actor = visitor(Channel.USSD, device=someone.character.msisdn)
    secret = Secret(SecretKind.PIN, pin, attempt)
    return run(enter_pin, actor, at=at, secret=secret, user_id=someone.user)


def told(outcomes: list[Any]) -> Counter[str]:
    return Counter("in" if isinstance(each, Done) else getattr(each, "code", repr(each)) for each in outcomes)


@pytest.mark.security("I-03")
@pytest.mark.security("U-01")
def test_twenty_wrong_pins_at_once_are_looked_at_three_times_and_lock(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    really = secrets.is_right

    def counting(*given: Any) -> bool:
        looked.append(given)
        return really(*given)

    monkeypatch.setattr(secrets, "is_right", counting)
    right = bank.someone("shared_a").character.pin
    outcomes = at_once(lambda n=n: tries(bank, f"{4000 + n}", f"g{n}") for n in range(20))
    assert len(looked) == 3
    assert told(outcomes)["access.locked_out"] >= 17
    assert told(outcomes)["in"] == 0
    # Locked is locked: the right one is refused as well, until the time is over.
    assert told([tries(bank, right, "after")]) == {"access.locked_out": 1}
    assert told([tries(bank, right, "later", NOW + timedelta(minutes=31))]) == {"in": 1}
    assert bank.sql("select count(*) from outbox where event = 'access_locked'") == [(1,)]


@pytest.mark.security("I-03")
def test_a_right_one_among_many_at_once_does_not_undo_the_lock(bank: Bank) -> None:
    right = bank.someone("shared_a").character.pin
    for round_number in range(6):
        bank.sql("delete from attempt")
        pins = [f"{5000 + n}" for n in range(9)] + [right]
        outcomes = at_once(lambda n=f"r{round_number}-{n}", pin=pin: tries(bank, pin, n) for n, pin in enumerate(pins))
        found = told(outcomes)
        assert set(found) <= {"in", "access.wrong_secret", "access.locked_out"}, found
        if found["access.locked_out"]:
            assert told([tries(bank, right, f"after{round_number}")]) == {"access.locked_out": 1}, found


@pytest.mark.security("I-03")
def test_right_and_wrong_passwords_from_one_address_never_wait_in_a_ring(bank: Bank) -> None:
    people = [bank.someone(key).character for key in ("trader", "farmer", "newcomer")]

    def try_in(n: int) -> Any:
        who = people[n % 3]
        password = who.password if n % 2 else "not-this-one"
        actor = visitor(Channel.PORTAL, device="192.0.2.9")
        return run(login, actor, at=NOW, secret=Secret(SecretKind.PASSWORD, password, f"a{n}"), login_name=who.login)

    outcomes = at_once(lambda n=n: try_in(n) for n in range(24))
    assert set(told(outcomes)) <= {"in", "access.wrong_secret", "access.locked_out"}
