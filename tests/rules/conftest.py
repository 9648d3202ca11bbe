"""One seed for all property tests of a run, printed at its end; `SEED=n` runs them again with the same examples."""

from __future__ import annotations

import os
import secrets

import hypothesis
import pytest

SEED = int(os.environ.get("SEED") or secrets.randbelow(2**32))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test = getattr(item, "obj", None)
        if hypothesis.is_hypothesis_test(test):
            hypothesis.seed(SEED)(test)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"property tests: SEED={SEED}")
