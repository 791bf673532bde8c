"""Whether the service's memory grows: thousands of requests, one after the other of several callers."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import psutil
from rich import box
from rich.table import Table

from bench.gateway.places import memory_bytes
from bench.local.prompts import Prompts
from bench.local.service import service

AT_ONCE: Final = 8
MAX_TOKENS: Final = 8
SAMPLES: Final = 40
MOST_GROWTH: Final = 0.02
"""Of the memory, from the second quarter to the last: what the figure itself varies by."""


async def soak(model: Path, directory: Path, requests: int, tell: Callable[[str], None]) -> Sequence[tuple[int, int]]:
    """Return how many bytes the service and its worker hold after how many requests."""
    prompts, found = Prompts(model), []
    async with service(model, directory, AT_ONCE, guesses=True) as served:
        process, numbers = psutil.Process(served.pid), itertools.count(1)
        start = time.monotonic()

        async def caller(last: int) -> None:
            while (number := next(numbers)) <= last:
                async for _ in served.answerer.answer(prompts.ask(number, MAX_TOKENS)):
                    pass

        for sample in range(1, SAMPLES + 1):
            done = requests * sample // SAMPLES
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(caller(done))
            # Each caller took a number that it left to the next round.
            numbers = itertools.count(done + 1)
            found.append((done, memory_bytes(process)))
            tell(f"{done:,} of {requests:,} requests, {found[-1][1] / 1e6:,.1f} MB, {time.monotonic() - start:.0f} s")
    return found


def table(found: Sequence[tuple[int, int]]) -> Table:
    """Return the memory of each quarter."""
    shown = Table(title="memory of the service and its worker", title_justify="left", box=box.MARKDOWN)
    for column in ("requests", "median", "least", "most"):
        shown.add_column(column, justify="right")
    for quarter in _quarters(found):
        held = [held / 1e6 for _, held in quarter]
        figures = (f"{figure:,.1f} MB" for figure in (statistics.median(held), min(held), max(held)))
        shown.add_row(f"{quarter[0][0]:,} to {quarter[-1][0]:,}", *figures)
    return shown


def growth(found: Sequence[tuple[int, int]]) -> float:
    """Return by how much the last quarter's median is above the second's, as a share; the first fills the caches."""
    _, second, _, last = (statistics.median(held for _, held in quarter) for quarter in _quarters(found))
    return last / second - 1


def _quarters(found: Sequence[tuple[int, int]]) -> Sequence[Sequence[tuple[int, int]]]:
    size = len(found) // 4
    return [found[at * size : (at + 1) * size] for at in range(4)]
