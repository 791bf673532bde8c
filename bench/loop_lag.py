"""How late the service's event loop is while four requests decode.

python -m bench.loop_lag [--model DIRECTORY]

The service runs in this process, with its default settings and its model in a worker, as always; the client that keeps
the requests going is a process of its own. Beside it stand the same loop with nothing to do, and a process that
generates by itself. The rounds take turns; all milliseconds of all rounds count. "No core free" is the share of the
time in which the loop was ready and the machine had no core for it. Nothing but loopback is used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.table import Table

from bench import mails
from bench.child import Child, child
from bench.lag import Watched, watch
from bench.machine import console, describe
from bench.percentiles import percentile_of
from bench.served import settings_for
from service.bootstrap import App, open_app
from service.telemetry.logging import configure_logging

AT_ONCE: Final = 4
ROUNDS: Final = 3
ROUND_S: Final = 6.0
LIMIT_S: Final = 175.0
PROMISED_P99_S: Final = 0.005

IDLE: Final = "vaiven, idle"
DECODING: Final = f"vaiven, {AT_ONCE} requests decode"
NAIVE: Final = {"in_loop": f"naive, {AT_ONCE} on the loop", "in_threads": f"naive, {AT_ONCE} in threads"}


class Found:
    """Lags of one situation and waits for a core, in seconds, and the tokens that came meanwhile."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lags: list[float] = []
        self.core_waits_s: list[float] = []
        self.tokens = 0

    def add(self, found: Watched, tokens: int = 0) -> None:
        """Add a round."""
        self.lags.extend(found.lags)
        if found.core_wait_s is not None:
            self.core_waits_s.append(found.core_wait_s)
        self.tokens += tokens


async def measure(model: Path, rounds: int, round_s: float) -> Mapping[str, Found]:
    """Return what was found in each situation."""
    found = {name: Found() for name in (IDLE, DECODING, *NAIVE.values())}
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        configure_logging("info", "json", stack.enter_context((directory / "log").open("w", encoding="utf-8")))
        app = await stack.enter_async_context(open_app(settings_for(model, directory)))
        naive = await stack.enter_async_context(child("bench.naive", str(model)))
        await naive.line()
        await _decoding(app, 1.0)
        for _ in range(rounds):
            found[IDLE].add(await watch(round_s))
            found[DECODING].add(*await _decoding(app, round_s))
            for way, name in NAIVE.items():
                found[name].add(*await _naive(naive, way, round_s))
    return found


async def _decoding(app: App, seconds: float) -> tuple[Watched, int]:
    async with child("bench.load", f"127.0.0.1:{app.port}", "--at-once", str(AT_ONCE)) as load:
        await load.line()
        found = await watch(seconds)
        return found, int(await load.last_line())


async def _naive(naive: Child, way: str, seconds: float) -> tuple[Watched, int]:
    await naive.tell(json.dumps({"way": way, "at_once": AT_ONCE, "seconds": seconds}))
    answer = json.loads(await naive.line())
    return Watched(answer["lags"], answer["core_wait_s"]), answer["tokens"]


def table(found: Mapping[str, Found], rounds: int, round_s: float) -> Table:
    """Return the lags of each situation."""
    shown = Table(title=f"lag of the event loop, {rounds} rounds of {round_s:g} s each")
    for title in ("what", "p50", "p99", "max", "no core free", "tokens"):
        shown.add_column(title, justify="left" if title == "what" else "right")
    for name, one in found.items():
        figures = (percentile_of(one.lags, 50), percentile_of(one.lags, 99), max(one.lags))
        waits_s = one.core_waits_s
        waited = f"{sum(waits_s) / (len(waits_s) * round_s):.0%}" if waits_s else "not known"
        shown.add_row(name, *(f"{figure * 1000:.2f} ms" for figure in figures), waited, f"{one.tokens:,}")
    return shown


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=mails.default_model(), help="directory of the model")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--round-s", type=float, default=ROUND_S, help="seconds of one situation in one round")
    given = parser.parse_args()
    screen = console()
    screen.print(describe(given.model.resolve()))
    limited = asyncio.wait_for(measure(given.model.resolve(), given.rounds, given.round_s), LIMIT_S)
    try:
        found = asyncio.run(limited)
    except TimeoutError:
        raise SystemExit(f"This machine is too slow or too busy for {LIMIT_S:.0f} s; try --round-s 2.") from None
    screen.print(table(found, given.rounds, given.round_s))
    p99_s = percentile_of(found[DECODING].lags, 99)
    word = "kept" if p99_s < PROMISED_P99_S else "not kept here"
    screen.print(f"p99 below {PROMISED_P99_S * 1000:.0f} ms while {AT_ONCE} requests decode: {word}.")


if __name__ == "__main__":
    main()
