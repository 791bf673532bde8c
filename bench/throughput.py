"""Tokens a second and time to the first text: the service through gRPC beside the bare engine.

python -m bench.throughput [--model DIRECTORY]

Everyone drafts the same e-mails with the same model, greedily, on the same threads. The service is a process of its own
with its default settings and an empty store; every event is on disk before it is sent. The bare engine is
onnxruntime-genai in a process of its own, one request after the other or one thread for each. Nothing but loopback is
used. Each figure is the median of the repetitions, in which everyone takes turns.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc.aio
from rich.table import Table
from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

from bench import mails
from bench.child import Child, child
from bench.load import all_of
from bench.machine import console, describe
from bench.percentiles import percentile_of

if TYPE_CHECKING:
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceAsyncStub

AT_ONCE: Final = (1, 4, 16)
REPETITIONS: Final = 5
REQUESTS: Final = 16
BUDGET_S: Final = 140.0
"""Nothing further is begun after this, once everyone was measured once."""
LIMIT_S: Final = 175.0

SERVICE: Final = "vaiven"
SEQUENTIAL: Final = "bare, in turn"
THREADED: Final = "bare, threads"


@dataclass(frozen=True, slots=True)
class Reading:
    """One repetition: tokens a second, seconds to the first text of each request, and what was said."""

    tokens_per_s: float
    first_text_s: Sequence[float]
    texts: Sequence[str]


@dataclass(slots=True)
class Readings:
    """All repetitions of one system at one number of requests at once."""

    of: list[Reading] = field(default_factory=list)

    @property
    def tokens_per_s(self) -> float:
        """Return the median."""
        return statistics.median(reading.tokens_per_s for reading in self.of)

    @property
    def spread(self) -> tuple[float, float]:
        """Return the least and the most tokens a second."""
        rates = [reading.tokens_per_s for reading in self.of]
        return min(rates), max(rates)

    def first_text_s(self, percentile: float) -> float:
        """Return the median of the repetitions' percentile, in seconds."""
        return statistics.median(percentile_of(reading.first_text_s, percentile) for reading in self.of)


Results = dict[tuple[int, str], Readings]


async def measure(model: Path, repetitions: int, requests: int) -> Results:
    """Measure everyone in turns; fewer repetitions where the budget is used up."""
    results: Results = {}
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        async with (
            child("bench.served", str(model), directory) as served,
            child("bench.bare_engine", str(model)) as bare,
        ):
            await bare.line()
            async with grpc.aio.insecure_channel(f"127.0.0.1:{await served.line()}") as channel:
                systems = _Systems(PluginServiceStub(channel), bare, requests)
                await systems.warm_up()
                for repetition, at_once in itertools.product(range(repetitions), AT_ONCE):
                    if repetition and time.perf_counter() - begun > BUDGET_S:
                        break
                    for name in _turned(systems.at(at_once), repetition):
                        reading = await systems.read(name, at_once)
                        results.setdefault((at_once, name), Readings()).of.append(reading)
    return results


def _turned(names: Sequence[str], by: int) -> Sequence[str]:
    """Let another one begin each time."""
    by %= len(names)
    return [*names[by:], *names[:by]]


class _Systems:
    """Who is measured."""

    def __init__(self, stub: PluginServiceAsyncStub, bare: Child, requests: int) -> None:
        self._stub = stub
        self._bare = bare
        self._requests = requests

    def at(self, at_once: int) -> Sequence[str]:
        """Return who is measured with so many requests at once; one thread is one by one."""
        return (SERVICE, SEQUENTIAL) if at_once == 1 else (SERVICE, SEQUENTIAL, THREADED)

    async def warm_up(self) -> None:
        """Do once what is slow the first time."""
        await all_of(self._stub, 2, 2)
        await self._ask_bare(2, 2, 2)

    async def read(self, name: str, at_once: int) -> Reading:
        """Measure one system once."""
        if name != SERVICE:
            return await self._ask_bare(self._requests, at_once, at_once if name == THREADED else 1)
        start = time.perf_counter()
        answers = await all_of(self._stub, self._requests, at_once)
        seconds = time.perf_counter() - start
        tokens = sum(answer.tokens for answer in answers)
        return Reading(tokens / seconds, [a.first_text_s for a in answers], [a.text for a in answers])

    async def _ask_bare(self, requests: int, at_once: int, turns: int) -> Reading:
        asked = {
            "requests": [mails.messages(number) for number in range(requests)],
            "at_once": at_once,
            "turns": turns,
            "max_tokens": mails.MAX_OUTPUT_TOKENS,
        }
        await self._bare.tell(json.dumps(asked))
        answer = json.loads(await self._bare.line())
        tokens = sum(a["tokens"] for a in answer["answers"])
        first = [a["first_text_s"] for a in answer["answers"]]
        return Reading(tokens / answer["seconds"], first, [a["text"] for a in answer["answers"]])


def table(results: Results, requests: int) -> Table:
    """Return the figures, each row with its ratio to the faster way of using the bare engine."""
    repetitions = max(len(readings.of) for readings in results.values())
    shown = Table(title=f"{requests} e-mails of at most {mails.MAX_OUTPUT_TOKENS} tokens, medians of {repetitions}")
    for title in ("at once", "who", "tokens/s", "least–most", "first text p50", "p99", "tokens/s ÷ bare", "p50 ÷ bare"):
        shown.add_column(title, justify="left" if title == "who" else "right")
    for at_once in AT_ONCE:
        rows = {name: readings for (level, name), readings in results.items() if level == at_once}
        best = max((r for name, r in rows.items() if name != SERVICE), key=lambda readings: readings.tokens_per_s)
        for name in (SERVICE, SEQUENTIAL, THREADED):
            if name in rows:
                shown.add_row(str(at_once), name, *_figures(rows[name], best), end_section=name == list(rows)[-1])
    return shown


def _figures(readings: Readings, best: Readings) -> Sequence[str]:
    least, most = readings.spread
    p50, p99 = readings.first_text_s(50), readings.first_text_s(99)
    return (
        f"{readings.tokens_per_s:,.0f}",
        f"{least:,.0f}–{most:,.0f}",
        f"{p50 * 1000:,.0f} ms",
        f"{p99 * 1000:,.0f} ms",
        f"{readings.tokens_per_s / best.tokens_per_s:.2f}",
        f"{p50 / best.first_text_s(50):.2f}",
    )


def equal_answers(results: Results) -> tuple[int, int]:
    """Return how many answers of the service are word for word those of the bare engine, and of how many."""
    theirs = results[1, SEQUENTIAL].of[0].texts
    pairs = [
        (text.strip(), their.strip())
        for (_, name), readings in results.items()
        if name == SERVICE
        for reading in readings.of
        for text, their in zip(reading.texts, theirs, strict=True)
    ]
    return sum(ours == their for ours, their in pairs), len(pairs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=mails.default_model(), help="directory of the model")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="requests of each repetition")
    given = parser.parse_args()
    screen = console()
    screen.print(describe(given.model.resolve()))
    limited = asyncio.wait_for(measure(given.model.resolve(), given.repetitions, given.requests), LIMIT_S)
    try:
        results = asyncio.run(limited)
    except TimeoutError:
        raise SystemExit(f"This machine is too slow or too busy for {LIMIT_S:.0f} s; try --requests 4.") from None
    screen.print(table(results, given.requests))
    same, total = equal_answers(results)
    screen.print(f"{same} of {total} answers of the service are word for word those of the bare engine.")


if __name__ == "__main__":
    main()
