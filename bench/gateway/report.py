"""The figures as tables, and the aims beside what was reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from bench.gateway.answers import CALL, STREAM, Asked
from bench.gateway.measure import CALLERS, DIRECT, PACED_STREAMS, Results, Way

VAIVEN: Final = "vaiven"
WITH_KEYS: Final = "vaiven, keys"
"""The service that asks for no credentials, which the aims are of, and another that does."""

BUSY_CLIENT: Final = 0.9
"""From this share of a core on, those who ask are what limits the rate."""

_CALLS_PER_S: Final = 600
_STREAMS_PER_S: Final = 60
_ADDED_MS: Final = 2.5
_STRETCH: Final = 0.1
_MEMORY_MB: Final = 200


def tables(results: Results, ways: Sequence[Way]) -> Iterator[Table]:
    """Yield the tables, the aims last."""
    names = [way.name for way in ways]
    yield _load_table("calls, answered in one piece", CALL, results, names)
    yield _load_table(f"streams of {STREAM.tokens} tokens, as fast as it goes", STREAM, results, names)
    yield _paced_table(results, names)
    yield _aims(results)


def _load_table(title: str, asked: Asked, results: Results, names: Sequence[str]) -> Table:
    table = Table(title=title)
    for column in (
        "at once",
        "who",
        "per s",
        "p50 ms",
        "p99 ms",
        "added p50",
        "added p99",
        "first text",
        "CPU ms each",
    ):
        table.add_column(column, justify="left" if column == "who" else "right")
    for callers in CALLERS:
        for name in names:
            key = asked, callers, name
            busy = results.median(*key, lambda window: window.clients_busy) > BUSY_CLIENT
            is_direct = name == DIRECT
            table.add_row(
                str(callers),
                name,
                f"{results.median(*key, lambda window: window.per_s):,.0f}{'*' if busy else ''}",
                f"{results.median(*key, lambda window: window.p50_ms):.1f}",
                f"{results.median(*key, lambda window: window.p99_ms):.1f}",
                "" if is_direct else f"{results.added(*key, lambda window: window.p50_ms):.1f}",
                "" if is_direct else f"{results.added(*key, lambda window: window.p99_ms):.1f}",
                f"{results.median(*key, lambda window: window.first_p50_ms):.1f}",
                "" if is_direct else f"{results.median(*key, lambda window: window.cpu_ms):.2f}",
            )
    return table


def _paced_table(results: Results, names: Sequence[str]) -> Table:
    table = Table(title=f"{PACED_STREAMS} streams at 50 tokens a second, and memory")
    for column in ("who", "stretched p50", "at most", "cores", "memory MB"):
        table.add_column(column, justify="left" if column == "who" else "right")
    for name in names:
        windows = results.paced[name]
        memory = results.memory_bytes.get(name)
        table.add_row(
            name,
            f"{statistics.median(window.stretch_p50 for window in windows):.1%}",
            f"{statistics.median(window.stretch_max for window in windows):.1%}",
            "" if memory is None else f"{statistics.median(window.cores for window in windows):.2f}",
            "" if memory is None else f"{memory / 1e6:.0f}",
        )
    return table


def _aims(results: Results) -> Table:
    calls, streams = (
        max(results.median(asked, callers, VAIVEN, lambda window: window.per_s) for callers in CALLERS)
        for asked in (CALL, STREAM)
    )
    added = results.added(CALL, 1, VAIVEN, lambda window: window.p50_ms)
    stretch = statistics.median(window.stretch_max for window in results.paced[VAIVEN])
    memory_mb = results.memory_bytes[VAIVEN] / 1e6
    table = Table(title="aims")
    for column in ("", "aim", "here", "kept"):
        table.add_column(column, justify="right" if column in ("aim", "here") else "left")
    for what, aim, here, kept in (
        ("calls/s, one core", f">= {_CALLS_PER_S}", f"{calls:,.0f}", calls >= _CALLS_PER_S),
        ("streams/s, one core", f">= {_STREAMS_PER_S}", f"{streams:,.0f}", streams >= _STREAMS_PER_S),
        ("added p50, one caller", f"< {_ADDED_MS} ms", f"{added:.1f} ms", added < _ADDED_MS),
        ("paced streams, at most", f"<= {_STRETCH:.0%}", f"{stretch:.1%}", stretch <= _STRETCH),
        ("memory", f"< {_MEMORY_MB} MB", f"{memory_mb:.0f} MB", memory_mb < _MEMORY_MB),
    ):
        table.add_row(what, aim, here, "yes" if kept else "no")
    return table
