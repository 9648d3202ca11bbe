"""What surrounds each request, whatever door it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import structlog

from tests.bank import SLUGS

pytestmark = pytest.mark.usefixtures("house")

LIMIT = 256 * 1024


@pytest.fixture
def client(house: Any) -> Any:
    from django.test import Client

    return Client(raise_request_exception=False, SERVER_NAME=f"{SLUGS[0]}.localhost")


@pytest.fixture
def through(house: Any) -> Callable[..., Any]:
    """One middleware around a handler, given the headers of a request."""

    def call(middleware: Any, handler: Callable[[Any], Any] | None = None, **meta: str) -> Any:
        from django.http import HttpResponse
        from django.test import RequestFactory

        request = RequestFactory().get("/")
        request.META |= meta
        return middleware(handler or (lambda request: HttpResponse()))(request)

    return call


def test_a_plain_correlation_id_is_taken_over(client: Any) -> None:
    assert client.get("/nowhere", headers={"X-Correlation-ID": "app-1234.5"})["X-Correlation-ID"] == "app-1234.5"


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "has space 123", "line\nbreak-123", "<script>alert", "é" * 10, ""]
)
def test_any_other_is_replaced(client: Any, given: str) -> None:
    answered = client.get("/nowhere", headers={"X-Correlation-ID": given})["X-Correlation-ID"]

    assert answered != given
    assert len(answered) == 36


def test_the_id_is_bound_for_the_request_alone(through: Any) -> None:
    from django.http import HttpResponse

    from dirisha.server.middleware import Correlation

    seen = []

    def handler(request: Any) -> HttpResponse:
        seen.append((request.correlation, structlog.contextvars.get_contextvars()["correlation"]))
        return HttpResponse()

    through(Correlation, handler, HTTP_X_CORRELATION_ID="first-0001")
    through(Correlation, handler, HTTP_X_CORRELATION_ID="second-0002")

    assert seen == [("first-0001", "first-0001"), ("second-0002", "second-0002")]
    assert "correlation" not in structlog.contextvars.get_contextvars()


def test_each_answer_says_what_a_browser_may_do_with_it(client: Any) -> None:
    answer = client.get("/nowhere")

    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("came_from", "forwarded", "taken"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger's header is not believed
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what the client itself claimed is further left
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_behind_a_proxy_the_clients_address_counts(
    through: Any, settings_of: Any, came_from: str, forwarded: str, taken: str
) -> None:
    from dirisha.server.middleware import ClientAddress

    settings_of(DIRISHA_PROXIES=[ip_network("10.0.0.0/8")])
    seen = []
    through(
        ClientAddress,
        lambda request: seen.append(request.META["REMOTE_ADDR"]),
        REMOTE_ADDR=came_from,
        HTTP_X_FORWARDED_FOR=forwarded,
    )

    assert seen == [taken]


@pytest.fixture
def settings_of(house: Any) -> Iterator[Any]:
    from django.test import override_settings

    overrides = []

    def override(**values: Any) -> None:
        changed = override_settings(**values)
        changed.enable()
        overrides.append(changed)

    yield override
    for changed in overrides:
        changed.disable()


def test_a_large_body_is_refused_in_words(client: Any, settings_of: Any) -> None:
    settings_of(ROOT_URLCONF="tests.server.echo_urls")
    fits = client.post("/echo", b"x" * LIMIT, content_type="application/octet-stream")
    larger = client.post("/echo", b"x" * (LIMIT + 1), content_type="application/octet-stream")

    assert (fits.status_code, fits.content) == (200, str(LIMIT).encode())
    assert larger.status_code == 413
    assert larger.content == b"This request is too large: at most 256 kB are taken. Nothing was done.\n"


@pytest.mark.parametrize(
    ("meta", "is_insider"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "LOCALHOST:8000"}, True),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"}, True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "evil.example"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "evil.example:8000"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost.evil.example"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": ""}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "evil.example", "HTTP_AUTHORIZATION": "Bearer right"}, True),
        ({"REMOTE_ADDR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right"}, True),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, False),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}, False),
    ],
)
def test_figures_are_for_insiders(
    client: Any, settings_of: Any, tmp_path: Any, monkeypatch: Any, meta: dict[str, str], is_insider: bool
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    settings_of(DIRISHA_METRICS_TOKEN="right")
    meta = {"HTTP_HOST": "127.0.0.1:8000", **meta}

    assert client.get("/metrics", **meta).status_code == (200 if is_insider else 404)
    assert ("institutions" in client.get("/readyz", **meta).json()) == is_insider


@pytest.mark.parametrize("token", ["", "right"])
def test_no_token_is_no_way_in(client: Any, settings_of: Any, token: str) -> None:
    settings_of(DIRISHA_METRICS_TOKEN=token)

    for given in ("", "Bearer", "Bearer ", "Basic right"):
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION=given).status_code == 404


def test_liveness_needs_neither_host_nor_database(client: Any) -> None:
    assert client.get("/livez", HTTP_HOST="10.1.2.3:9999").content == b"alive\n"


def test_a_host_that_nobody_named_is_refused(client: Any) -> None:
    assert client.get("/nowhere", HTTP_HOST="evil.example").status_code in (400, 404)
