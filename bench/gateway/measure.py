"""Load on the ways to the model by turns, and what of it is kept: rates, times, CPU, memory."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import psutil

from bench.gateway.answers import CALL, PACED, STREAM, Asked
from bench.gateway.callers import Caller, Timed
from bench.gateway.places import cpu_s, memory_bytes

DIRECT: Final = "direct"
CALLERS: Final = (1, 16, 64)
PACED_STREAMS: Final = 64
SPREAD_S: Final = 1.0
"""Paced streams begin over this time: callers do not all come at one moment."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the model, under its name; `process` None: none stands between."""

    name: str
    caller: Caller
    process: psutil.Process | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One measurement of one way: answers a second, milliseconds of an answer, CPU of the process between.

    `clients_busy` is the share of a core that asking took, of the measuring process only.
    """

    per_s: float
    p50_ms: float
    p99_ms: float
    first_p50_ms: float
    cpu_ms: float
    clients_busy: float


@dataclass(frozen=True, slots=True)
class PacedWindow:
    """One measurement of paced streams: how much longer than paced they were, as shares, and the process's cores."""

    stretch_p50: float
    stretch_max: float
    cores: float


@dataclass(slots=True)
class Results:
    """All windows, by way: those of calls and streams also by what was asked and by the number of callers."""

    windows: dict[tuple[Asked, int, str], list[Window]] = field(default_factory=dict)
    paced: dict[str, list[PacedWindow]] = field(default_factory=dict)
    memory_bytes: dict[str, int] = field(default_factory=dict)

    def median(self, asked: Asked, callers: int, way: str, value: Callable[[Window], float]) -> float:
        """Return the median of the rounds."""
        return statistics.median(value(window) for window in self.windows[asked, callers, way])

    def added(self, asked: Asked, callers: int, way: str, value: Callable[[Window], float]) -> float:
        """Return the median of what each round's value is above the same round's value of the direct way."""
        pairs = zip(self.windows[asked, callers, way], self.windows[asked, callers, DIRECT], strict=True)
        return statistics.median(value(window) - value(direct) for window, direct in pairs)


async def measure(ways: Sequence[Way], rounds: int, seconds: float, told: Callable[[str], None]) -> Results:
    """Let all ways take turns in `rounds`, each time another one first, after one short turn that does not count."""
    results = Results()
    for way in ways:
        told(f"warming up {way.name}")
        for asked in (CALL, STREAM):
            for callers in CALLERS:
                await _window(way, asked, callers, seconds / 3)
    for number in range(rounds):
        turn = [*ways[number % len(ways) :], *ways[: number % len(ways)]]
        for asked in (CALL, STREAM):
            for callers in CALLERS:
                told(f"round {number + 1} of {rounds}: {callers} at once, {asked.tokens} tokens")
                for way in turn:
                    window = await _window(way, asked, callers, seconds)
                    results.windows.setdefault((asked, callers, way.name), []).append(window)
        told(f"round {number + 1} of {rounds}: {PACED_STREAMS} paced streams")
        for way in turn:
            results.paced.setdefault(way.name, []).append(await _paced(way))
            if way.process is not None:
                seen = results.memory_bytes.get(way.name, 0)
                results.memory_bytes[way.name] = max(seen, memory_bytes(way.process))
    return results


async def _window(way: Way, asked: Asked, callers: int, seconds: float) -> Window:
    """Keep `callers` asking for `seconds`; what has begun by then is read to its end and counts."""
    answers: list[Timed] = []
    own, cpu, began = time.process_time(), _cpu_s(way), time.perf_counter()

    async def go_on() -> None:
        while True:
            answers.append(await way.caller.ask(asked))
            if time.perf_counter() - began >= seconds:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(go_on())
    elapsed = max(answer.ended for answer in answers) - began
    cpu, own = _cpu_s(way) - cpu, time.process_time() - own
    times = sorted(answer.ended - answer.asked for answer in answers)
    return Window(
        per_s=len(answers) / elapsed,
        p50_ms=_at(times, 0.5) * 1000,
        p99_ms=_at(times, 0.99) * 1000,
        first_p50_ms=statistics.median(answer.first_text - answer.asked for answer in answers) * 1000,
        cpu_ms=cpu / len(answers) * 1000,
        clients_busy=own / elapsed,
    )


async def _paced(way: Way) -> PacedWindow:
    cpu, began = _cpu_s(way), time.perf_counter()

    async def one(number: int) -> Timed:
        await asyncio.sleep(number / PACED_STREAMS * SPREAD_S)
        return await way.caller.ask(PACED)

    answers = await asyncio.gather(*(one(number) for number in range(PACED_STREAMS)))
    cores = (_cpu_s(way) - cpu) / (time.perf_counter() - began)
    paced_s = PACED.pace_s * (PACED.tokens - 1)
    stretched = sorted((answer.last_text - answer.asked) / paced_s - 1 for answer in answers)
    return PacedWindow(_at(stretched, 0.5), stretched[-1], cores)


def _cpu_s(way: Way) -> float:
    return 0.0 if way.process is None else cpu_s(way.process)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
