"""`make bench [ONLY=transfers,hot,ussd,pages,far,demo]`: all tables, as ratios and figures of one run."""

from __future__ import annotations

import os
import platform
from typing import Any

from bench import demo, far, pages, transfers, ussd
from bench.world import CLIENTS, world

PARTS = ("transfers", "hot", "ussd", "pages", "far", "demo")


def main() -> None:
    only = os.environ.get("ONLY", ",".join(PARTS)).split(",")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {CLIENTS} clients, fsync on\n")
    print("| what | measured | goal |\n|---|---|---|")
    if set(only) - {"demo"}:
        with world() as made:
            # What has to be quick comes first: after the heavy parts the server is busy writing out and vacuuming.
            if "ussd" in only:
                _ussd(ussd.measure(made))
            if "pages" in only:
                _pages(pages.measure(made))
            if "far" in only:
                _far(far.measure(made, CLIENTS))
            if "transfers" in only:
                _transfers(transfers.compare(made))
            if "hot" in only:
                from bench import hot  # its core needs Django's settings

                _hot(hot.compare(made))
    if "demo" in only:
        _demo(demo.measure())


def _row(what: str, measured: str, goal: str) -> None:
    print(f"| {what} | {measured} | {goal} |", flush=True)


def _transfers(figures: dict[str, object]) -> None:
    _row("own-account transfer through the engine / same rows by pgbench, 32 connections",
         f"{figures['ratio']:.0%} ({figures['engine_per_s']:.0f} / {figures['raw_per_s']:.0f} a second)", "≥ 40 %")  # fmt: skip
    _row("WAL records an act / a transaction",
         f"{figures['engine_wal_records']:.1f} / {figures['raw_wal_records']:.1f}", "within 10 %")  # fmt: skip
    _row(
        "rows written an act, by table (raw: the same)",
        f"{figures['engine_rows']} / {figures['raw_rows']}",
        "within 10 %",
    )


def _hot(figures: dict[str, object]) -> None:
    _row("repayments with interest on one income account / on 64",
         f"{figures['ratio']:.0%} ({figures['one_per_s']:.0f} / {figures['spread_per_s']:.0f} a second)", "≥ 90 %")  # fmt: skip
    _row("lock waits seen meanwhile", "; ".join(figures["lock_waits"]) or "none", "the payer's own rows only")  # type: ignore[arg-type]


def _ussd(figures: dict[str, object]) -> None:
    _row(f"USSD step, open loop at {figures['per_s']} a second, one in five with a PIN",
         f"p50 {figures['p50_ms']:.1f} ms, p99 {figures['p99_ms']:.1f} ms, {figures['errors']} errors in {figures['steps']}",
         "p99 < 50 ms, no error")  # fmt: skip


def _pages(figures: dict[str, dict[str, float]]) -> None:
    for name, page in figures.items():
        _row(f"{name} summary, 8 connections",
             f"{page['per_s']:.0f} a second, p50 {page['p50_ms']:.1f} ms, p99 {page['p99_ms']:.1f} ms, "
             f"{page['statements']:.0f} statements", "statements constant")  # fmt: skip


def _far(figures: dict[str, Any]) -> None:
    for name, page in figures["pages"].items():
        _row(f"{name}, in front of a core of {far.PAGE_CORE_MS} ms: page / its slowest needed call, p50",
             f"{page['page_ms']:.1f} / {page['slowest_ms']:.1f} ms, {page['over_ms']:.1f} ms over it", "≤ 5 ms over it")  # fmt: skip
    _row(
        "calls of the core a page", ", ".join(f"{name} {calls}" for name, calls in figures["calls"].items()), "constant"
    )
    steps = figures["ussd"]
    _row(f"USSD step in front of a core of {far.USSD_CORE_MS} ms, {steps['per_s']} a second",
         f"p50 {steps['p50_ms']:.0f} ms, p99 {steps['p99_ms']:.0f} ms, {steps['errors']} errors in {steps['steps']}", "p99 < 300 ms")  # fmt: skip
    _row(
        f"instructions drained by one worker, core of {far.DRAIN_CORE_MS} ms",
        f"{figures['drained_per_s']:.0f} a second",
        "≥ 200",
    )


def _demo(figures: dict[str, float]) -> None:
    _row(
        "`make demo`, wheels cached: cold / warm",
        f"{figures['cold_s']:.1f} s / {figures['warm_s']:.1f} s",
        "warm ≤ 3 s",
    )
    _row("the whole demo at rest", f"{figures['memory_mb']:.0f} MB", "≤ 400 MB")


main()
