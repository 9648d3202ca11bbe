"""What surrounds every call: institution, browsers of other origins, methods, types, sizes, faults, languages."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest

from tests.bank import Bank
from tests.journeys.drivers.mifos import ROOT, App, basic


def test_without_a_known_institution_nothing_is_served(bank: Bank) -> None:
    for tenant in (None, "", "nobody", "TUMAINI", "../tumaini"):
        for path in ("/authentication", "/clients", "/nothing"):
            reply = App(tenant=tenant, login="amina", password="maize-and-beans").get(path)
            assert (reply.status, reply.codes) == (400, ["error.msg.invalid.tenant.identifier"]), (tenant, path)
            assert {"timestamp", "status", "error", "path"} <= reply.body.keys()
            assert reply.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_institution_may_stand_in_the_query(bank: Bank) -> None:
    someone = App(tenant=None, login="amina", password="maize-and-beans")
    assert someone.get("/clients?tenantIdentifier=tumaini").status == 200
    assert someone.get("/clients?tenantIdentifier=tumaini", Fineract_Platform_TenantId="nobody").status == 400


def test_a_preflight_needs_neither_institution_nor_credentials(bank: Bank) -> None:
    reply = App(tenant=None).call(
        "OPTIONS", "/accounttransfers", Origin="https://app.example.org", Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type,fineract-platform-tenantid",
    )  # fmt: skip
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert reply.headers["Access-Control-Allow-Headers"] == "authorization,content-type,fineract-platform-tenantid"
    assert "Access-Control-Allow-Credentials" not in reply.headers


def test_a_preflight_repeats_nothing_but_header_names(bank: Bank) -> None:
    reply = App(tenant=None).call("OPTIONS", "/clients", Access_Control_Request_Headers="x;y\tz<script>")
    assert "Access-Control-Allow-Headers" not in reply.headers


def test_errors_can_be_read_by_pages_of_other_origins(bank: Bank, app: App) -> None:
    replies = [
        App(tenant=None).get("/clients"), App().get("/clients"), app.get("/loans/999999"), app.get("/nothing"),
        app.call("DELETE", "/clients"), app.post("/accounttransfers", "{"),
        app.post("/accounttransfers", "x" * 10_000_000),
    ]  # fmt: skip
    assert [reply.status for reply in replies] == [400, 401, 404, 404, 405, 400, 413]
    for reply in replies:
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.item["defaultUserMessage"]
        assert reply.body["developerMessage"]
        assert reply.body["httpStatusCode"] == str(reply.status)
        assert reply.body["reference"] == reply.headers["X-Correlation-ID"]


def test_answers_are_kept_by_nobody(app: App) -> None:
    assert app.get("/clients").headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in app.get("/clients").headers


def test_a_browsers_cookies_mean_nothing_here(bank: Bank, app: App) -> None:
    """Neither to let somebody in, nor to be looked up: a session of the portal on the same host is left alone.

    Without an institution chosen around the call, as in the server: looking a session up would end in a fault.
    """
    from django.test import Client

    browser = Client()
    browser.cookies["session"] = "a-session-of-the-portal"
    headers = {"Fineract-Platform-TenantId": "tumaini"}
    for authorization, status in (({}, 401), ({"Authorization": basic(app.login or "", app.password)}, 200)):
        answer = in_no_institution(lambda sent=authorization: browser.get(f"{ROOT}/clients", headers=headers | sent))
        assert (answer.status_code, dict(answer.cookies)) == (status, {})


def test_the_institution_is_chosen_for_the_call_and_no_longer(bank: Bank, app: App) -> None:
    from dirisha.tenants.current import chosen

    def call_and_look() -> tuple[int, object]:
        return app.get("/clients").status, chosen()

    assert in_no_institution(call_and_look) == (200, None)


def in_no_institution(work: Callable[[], Any]) -> Any:
    """In an empty context, as a server's thread has it."""
    from dirisha.db.transactions import release

    def work_and_release() -> Any:
        try:
            return work()
        finally:
            release()

    return Context().run(work_and_release)


def test_one_slash_at_the_end_is_tolerated(bank: Bank, app: App) -> None:
    loan = bank.someone("trader").loans[0].id
    for path in ("/clients", f"/loans/{loan}", "/accounttransfers/template"):
        assert app.get(path + "/").body == app.get(path).body


def test_other_methods_are_told_what_is_possible(app: App) -> None:
    reply = app.call("PUT", "/clients", body={})
    assert (reply.status, reply.headers["Allow"]) == (405, "GET,OPTIONS")
    assert app.call("HEAD", "/clients").status == 200


def test_bodies_are_json(app: App) -> None:
    for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
        for path in ("/authentication", "/accounttransfers"):
            assert app.call("POST", path, body={}, content_type=content_type).status == 415, (content_type, path)


def test_a_charset_beside_the_type_and_a_type_on_a_get_do_no_harm(app: App) -> None:
    reply = app.call("POST", "/accounttransfers", body={}, content_type="application/json; charset=utf-8")
    assert reply.status == 400
    assert app.get("/clients", Content_Type="application/json").status == 200


def test_pretty_is_indented_and_the_same(app: App) -> None:
    plain, pretty = app.get("/clients"), app.get("/clients?pretty=true")
    assert plain.body == pretty.body
    assert "\n" not in plain.text
    assert "\n  " in pretty.text


def test_every_answer_to_somebody_known_says_whether_there_is_news(app: App) -> None:
    assert app.get("/clients").headers["X-Notification-Refresh"] == "false"
    assert app.get("/loans/999999").headers["X-Notification-Refresh"] == "false"
    assert "X-Notification-Refresh" not in App().get("/clients").headers


@pytest.mark.security("P-03")
def test_a_person_is_told_in_the_language_that_it_chose(bank: Bank) -> None:
    """The farmer has chosen Swahili; who has not logged in is asked by the header."""
    farmer = App.of(bank, "farmer")
    assert farmer.get("/loans/999999", Accept_Language="en").item["defaultUserMessage"].startswith("Huna mkopo")
    stranger = App().get("/clients", Accept_Language="fr, sw-KE;q=0.8, en;q=0.5")
    assert stranger.body["defaultUserMessage"].startswith("Hujaingia")
    assert App().get("/clients", Accept_Language="xx").body["defaultUserMessage"].startswith("Not logged in")


@pytest.mark.security("P-03")
def test_a_fault_of_ours_shows_a_reference_and_nothing_else(
    bank: Bank, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core that the institution names does not exist: every question ends in an exception."""
    assert app.get("/clients").status == 200
    bank.change(**{"native.core:NativeCore": "native.core:NoSuchCore"})
    reply = app.get("/clients")
    assert (reply.status, reply.codes) == (500, ["error.msg.platform.server.side.error"])
    assert reply.body["reference"] == reply.headers["X-Correlation-ID"]
    for word in ("NoSuchCore", "Traceback", "attribute", ".py", "select"):
        assert word not in reply.text


def test_with_the_database_away_it_says_try_later(bank: Bank, app: App) -> None:
    assert app.get("/clients").status == 200
    with bank_closed(bank):
        for reply in (app.get("/clients"), app.post("/accounttransfers", {})):
            assert (reply.status, reply.codes) == (503, ["error.msg.platform.service.unavailable"])
            assert reply.item["code"] == "system.try_later"
            assert "Nothing was moved. Try again in a minute." in reply.item["defaultUserMessage"]
            assert reply.headers["Retry-After"] == "5"
    assert app.get("/clients").status == 200


class bank_closed:
    """The institution's database takes no connections, and those that it had are cut."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def _admin(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.bank.house.cluster.admin, dbname="postgres", autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement)  # type: ignore[call-overload]

    def __enter__(self) -> None:
        name = self.bank.institution.database
        self._admin(
            f'alter database "{name}" allow_connections false',
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )

    def __exit__(self, *_: Any) -> None:
        self._admin(f'alter database "{self.bank.institution.database}" allow_connections true')
