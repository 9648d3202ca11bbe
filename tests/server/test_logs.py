"""What is logged, and what never is."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import orjson
import psycopg
import pytest
import structlog

from dirisha.server import logs

CANARY = "canary-7391"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[object]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("test", "debug")
    yield lambda: [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()


@pytest.mark.security("A-08")
@pytest.mark.parametrize("name", ["password", "pin", "code", "hook_secret", "api_key", "Authorization", "set_cookie"])
def test_values_with_a_secret_name_are_blanked_at_any_depth(lines, name: str) -> None:  # type: ignore[no-untyped-def]
    structlog.get_logger().info("tried", **{name: CANARY}, nested={"list": [{name: CANARY}]}, other="kept")

    (line,) = lines()
    assert line[name] == line["nested"]["list"][0][name] == "[removed]"
    assert line["other"] == "kept"
    assert CANARY not in str(line)


def test_the_exit_code_of_a_process_is_no_secret(lines) -> None:  # type: ignore[no-untyped-def]
    structlog.get_logger().error("up.child_died", child="web", exit_code=-9)

    (line,) = lines()
    assert line["exit_code"] == -9


@pytest.mark.security("A-08")
def test_an_exception_is_its_kind_and_place_never_its_words(lines) -> None:  # type: ignore[no-untyped-def]
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise psycopg.errors.UniqueViolation(f"Key (pin)=({CANARY}) already exists") from error
    except psycopg.Error:
        structlog.get_logger().error("act.fault", exc_info=True)
        logging.getLogger("django.request").error("Internal Server Error: %s", f"/hooks/{CANARY}", exc_info=True)

    ours, djangos = lines()
    assert [fault["kind"] for fault in ours["fault"]] == ["UniqueViolation", "KeyError"]
    assert ours["fault"][0]["sqlstate"] == "23505"
    assert "test_logs.py" in ours["fault"][0]["at"][0]
    assert djangos["fault"] == ours["fault"]
    assert djangos["event"] == "Internal Server Error: %s"
    assert CANARY not in str([ours, djangos])


def test_each_line_carries_the_correlation_id(lines) -> None:  # type: ignore[no-untyped-def]
    with structlog.contextvars.bound_contextvars(correlation="c-1"):
        structlog.get_logger().info("ours")
        logging.getLogger("library").warning("theirs")
    structlog.get_logger().info("after")

    first, second, after = lines()
    assert first["correlation"] == second["correlation"] == "c-1"
    assert first["process"] == second["process"] == "test"
    assert "correlation" not in after
