"""Who passes the Mifos door, what that costs, and what it tells those who don't."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.bank import Bank
from tests.journeys.drivers.mifos import App, Reply
from tests.parallel import at_once

NAME, PASSWORD = "amina", "maize-and-beans"


def log_in(name: str, password: str, **changes: Any) -> Reply:
    return App(**changes).post("/authentication", {"username": name, "password": password})


def logins(bank: Bank) -> list[tuple[Any, ...]]:
    return bank.sql("select outcome, code from audit_event where act = 'access.login' order by xid, id")


def wrong_attempts(bank: Bank) -> list[int]:
    return [wrong for (wrong,) in bank.sql("select wrong from attempt where wrong > 0 order by wrong")]


def told(reply: Reply) -> tuple[Any, ...]:
    """All that an answer says, but for its reference."""
    body = {name: value for name, value in reply.body.items() if name not in ("reference", "timestamp")}
    headers = {name: value for name, value in reply.headers.items() if name != "X-Correlation-ID"}
    return reply.status, body, headers


def test_the_answer_has_what_the_apps_read(bank: Bank) -> None:
    body = log_in(NAME, PASSWORD).body
    trader = bank.someone("trader")
    assert base64.b64decode(body["base64EncodedAuthenticationKey"]) == b"amina:maize-and-beans"
    assert (body["authenticated"], body["userId"], body["clients"]) == (True, trader.user, [trader.client])
    assert [role["id"] for role in body["roles"]] == [2]
    assert "CREATE_ACCOUNTTRANSFER" in body["permissions"]
    assert (body["officeName"], body["shouldRenewPassword"]) == ("Town office", False)


def test_the_key_that_was_given_opens_the_door(bank: Bank) -> None:
    key = log_in(NAME, PASSWORD).body["base64EncodedAuthenticationKey"]
    assert App().get("/clients", Authorization=f"Basic {key}").status == 200


@pytest.mark.security("I-04")
def test_a_refusal_does_not_say_what_was_wrong(bank: Bank) -> None:
    """Wrong password, nobody's name, and a member of staff with the right password of staff: one answer."""
    answers = [log_in(NAME, "wrong-one"), log_in("nobody.here", PASSWORD), log_in("grace", "counter-number-4")]
    assert told(answers[0]) == told(answers[1]) == told(answers[2])
    assert answers[0].status == 401
    assert answers[0].item["code"] == "access.wrong_secret"
    behind = [
        App(login=name, password=password).get("/clients")
        for name, password in ((NAME, "wrong-one"), ("nobody.here", PASSWORD), ("grace", "counter-number-4"))
    ]
    assert told(behind[0]) == told(behind[1]) == told(behind[2])
    assert behind[0].status == 401
    assert behind[0].headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.security("I-03")
def test_five_wrong_passwords_lock_before_any_hash(bank: Bank) -> None:
    for _ in range(5):
        log_in(NAME, "wrong-one")
    locked = log_in(NAME, PASSWORD)
    assert (locked.status, locked.item["code"]) == (401, "access.locked_out")
    assert "+254 20 123 4567" in locked.item["defaultUserMessage"]
    assert App(login=NAME, password=PASSWORD).get("/clients").item["code"] == "access.locked_out"
    assert bank.sql("select count(*) from outbox where event = 'access_locked'") == [(1,)]


@pytest.mark.security("I-02")
def test_a_name_that_nobody_has_is_locked_alike(bank: Bank) -> None:
    answers = {}
    for name in (NAME, "nobody.here"):
        answers[name] = [told(log_in(name, "wrong-one")) for _ in range(7)]
    assert answers[NAME] == answers["nobody.here"]
    assert answers[NAME][-1][1]["errors"][0]["code"] == "access.locked_out"


def test_guesses_under_one_correlation_id_are_counted_one_by_one(bank: Bank) -> None:
    for number in range(5):
        App(login=NAME, password=f"guess-{number}").get("/clients", X_Correlation_ID="always-the-same-one")
    assert log_in(NAME, PASSWORD).item["code"] == "access.locked_out"


def test_the_password_is_hashed_once_for_many_calls(bank: Bank, app: App) -> None:
    before = len(logins(bank))
    assert {app.get("/clients").status for _ in range(5)} == {200}
    assert logins(bank)[before:] == [("done", None)]


def test_six_calls_at_once_are_one_attempt_and_one_hash(bank: Bank, app: App) -> None:
    before = len(logins(bank))
    replies = at_once([lambda: app.get("/clients")] * 6)
    assert [getattr(reply, "status", reply) for reply in replies] == [200] * 6
    assert logins(bank)[before:] == [("done", None)]


def test_six_wrong_calls_at_once_are_one_attempt(bank: Bank) -> None:
    before = len(logins(bank))
    stranger = App(login=NAME, password="wrong-one")
    replies = at_once([lambda: stranger.get("/clients")] * 6)
    assert [getattr(reply, "status", reply) for reply in replies] == [401] * 6
    assert logins(bank)[before:] == [("asked", "access.wrong_secret")]
    assert wrong_attempts(bank) == [1, 1]  # the name's and the address's


def test_a_change_of_password_ends_it_on_the_next_call(bank: Bank, app: App) -> None:
    from dirisha.access.secrets import hash_password

    assert app.get("/clients").status == 200
    user = bank.someone("trader").user
    bank.sql(
        "update secret set hash = %s where user_id = %s and kind = 'password'", hash_password("sorghum-instead"), user
    )
    assert app.get("/clients").status == 401
    assert App(login=NAME, password="sorghum-instead").get("/clients").status == 200


def test_a_closed_user_and_an_ended_link_count_at_once(bank: Bank, app: App) -> None:
    trader = bank.someone("trader")
    assert app.get(f"/clients/{trader.client}").status == 200
    bank.sql("update user_client set ended_at = since where user_id = %s", trader.user)
    assert app.get(f"/clients/{trader.client}").status == 404
    bank.sql("update app_user set closed_at = created_at where id = %s", trader.user)
    assert app.get("/clients").status == 401


def test_what_is_remembered_ends_and_is_bounded() -> None:
    from dirisha.channels.mifos.remembered import Remembered
    from dirisha.engine.outcome import Done

    now = [0.0]
    memory = Remembered(most=2, life_s=10, clock=lambda: now[0])
    for key in (b"a", b"b", b"c"):
        memory.check(key, lambda: Done(None, None, replayed=False))  # type: ignore[arg-type,return-value]
    assert [memory.has(key) for key in (b"a", b"b", b"c")] == [False, True, True]
    now[0] = 10.0
    assert not memory.has(b"c")


@pytest.mark.security("A-05")
def test_another_institution_does_not_know_our_password(bank: Bank, app: App) -> None:
    """The other one has a client of the same name, with a password of its own since today; ours is wrong there."""
    from dirisha.access.secrets import hash_password
    from dirisha.tenants.current import use

    with use(bank.house.institution("jirani")):
        other = hash_password("a-password-of-its-own")
        bank.sql("update secret set hash = %s where kind = 'password'", other)
    assert app.get("/clients").status == 200
    there = App(tenant="jirani", login=NAME, password=PASSWORD).get("/clients")
    nobody = App(tenant="jirani", login="nobody.here", password=PASSWORD).get("/clients")
    assert told(there) == told(nobody)
    assert (there.status, there.item["code"]) == (401, "access.wrong_secret")
    assert bank.sql("select count(*) from attempt where wrong > 0") == [(0,)]


@pytest.mark.security("A-05")
def test_what_one_institution_remembers_is_nothing_in_another(bank: Bank, app: App) -> None:
    """Same name, same password, even the same stored hash: each institution checks for itself."""
    from dirisha.tenants.current import use

    (stored,) = bank.sql(
        "select hash from secret where user_id = %s and kind = 'password'", bank.someone("trader").user
    )
    with use(bank.house.institution("jirani")):
        bank.sql("update secret set hash = %s where kind = 'password'", stored[0])
        before = len(logins(bank))
    assert app.get("/clients").status == 200
    assert App(tenant="jirani", login=NAME, password=PASSWORD).get("/clients").status == 200
    with use(bank.house.institution("jirani")):
        assert logins(bank)[before:] == [("done", None)]


def test_bad_bodies_are_refused_with_words(bank: Bank) -> None:
    for body, status, code in (
        ({"username": NAME}, 400, "validation.msg.user.password.cannot.be.blank"),
        ({"password": PASSWORD}, 400, "validation.msg.user.username.cannot.be.blank"),
        ({}, 400, "validation.msg.user.username.cannot.be.blank"),
        ({"username": 1, "password": PASSWORD}, 400, "validation.msg.user.username.format.is.invalid"),
        ({"username": [NAME], "password": {}}, 400, "validation.msg.user.username.format.is.invalid"),
        ({"username": None, "password": None}, 400, "validation.msg.user.username.cannot.be.blank"),
        ({"username": "x" * 500, "password": PASSWORD}, 401, "error.msg.not.authenticated"),
        ({"username": NAME, "password": "x" * 50_000}, 401, "error.msg.not.authenticated"),
        ("", 400, "error.msg.invalid.request.body"),
        ("username=x", 400, "error.msg.invalid.request.body"),
        ('"text"', 400, "error.msg.invalid.request.body"),
        ('{"username":"amina","password":"\\ud800"}', 400, "error.msg.invalid.request.body"),
        ('{"username":"a\\u0000b","password":"x"}', 400, "error.msg.invalid.request.body"),
        (b'{"username":"\xff"}', 400, "error.msg.invalid.request.body"),
        ("[" * 100_000, 400, "error.msg.invalid.request.body"),
    ):
        reply = App().post("/authentication", body)
        assert (reply.status, reply.codes[0]) == (status, code), str(body)[:80]
        assert reply.body["reference"] == reply.headers["X-Correlation-ID"]


def test_members_beside_name_and_password_are_ignored(bank: Bank) -> None:
    assert App().post("/authentication", {"username": NAME, "password": PASSWORD, "foo": 1}).status == 200


@pytest.mark.security("P-03")
def test_no_error_repeats_the_password(bank: Bank) -> None:
    """The reference's 500 prints it."""
    canary = "canary-4711-password"
    replies = [
        log_in(NAME, canary),
        App().post("/authentication", {"username": canary}),
        App().post("/authentication", {"username": [canary], "password": {"a": canary}}),
        App().post("/authentication", f'{{"password": "{canary}"'),
        App(login=NAME, password=canary).get("/clients"),
        App().get("/clients", Authorization=f"Basic {canary}"),
        App().get("/clients", Authorization=f"Bearer {canary}"),
    ]
    assert [reply.status for reply in replies] == [401, 400, 400, 400, 401, 401, 401]
    assert [canary in reply.text + str(reply.headers) for reply in replies] == [False] * len(replies)


def test_other_authorization_headers_are_no_credentials(bank: Bank) -> None:
    for header in ("", "Basic", "Basic %%%", "Bearer abc", "Basic YW1pbmE=", "Basic " + "A" * 5000):
        reply = App().get("/clients", Authorization=header)
        assert reply.status == 401, header
        assert reply.headers["WWW-Authenticate"].startswith("Basic ")
    assert bank.sql("select count(*) from attempt where wrong > 0") == [(0,)]


def test_an_empty_authorization_header_does_not_hinder_the_login(bank: Bank) -> None:
    assert App().post("/authentication", {"username": NAME, "password": PASSWORD}, Authorization="Basic ").status == 200


def test_staff_addresses_are_closed_to_clients(app: App) -> None:
    assert app.get("/fineract-provider/api/v1/clients/1").status == 401
    assert app.get("/fineract-provider/api/v1/self/userdetails").status == 404


def test_a_wrong_password_is_said_on_top_and_not_asked_for(bank: Bank) -> None:
    body = log_in(NAME, "wrong-one").body
    assert body["defaultUserMessage"] == body["errors"][0]["defaultUserMessage"]
    assert body["defaultUserMessage"].startswith("Name or password is not right.")
    assert "are needed" not in body["developerMessage"]
