"""What an import of a source takes in a fresh process: time, processor, memory, and how late the event loop came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from statistics import median

import psutil
from rich.table import Table

from bench.lag import INTERVAL_S
from plugins.sources.base import PluginSource
from plugins.sources.kernel_plugin import to_kernel_plugin

_PARTS = ("read", "kernel")


async def measure(source: PluginSource) -> dict[str, float]:
    """Return what the import of `source` took, in seconds and bytes; it is closed afterwards.

    `read_…` is up to the functions with their schemas, `kernel_…` from there to a plugin of Semantic Kernel.
    """
    process = psutil.Process()
    before = process.memory_info().rss
    late = [0.0]
    watch = asyncio.create_task(_watch(late))
    begun, processor_begun = time.perf_counter(), time.process_time()
    plugin = await source.read()
    read_s, read_processor_s = time.perf_counter() - begun, time.process_time() - processor_begun
    watch.cancel()
    read_bytes = process.memory_info().rss - before
    begun, processor_begun = time.perf_counter(), time.process_time()
    kernel_plugin = to_kernel_plugin(plugin)
    kernel_s, kernel_processor_s = time.perf_counter() - begun, time.process_time() - processor_begun
    kernel_bytes = process.memory_info().rss - before - read_bytes
    await source.aclose()
    return {
        "functions": len(kernel_plugin.functions),
        "left_out": len(plugin.left_out),
        "read_s": read_s,
        "read_processor_s": read_processor_s,
        "read_bytes": read_bytes,
        "lag_s": max(late),
        "kernel_s": kernel_s,
        "kernel_processor_s": kernel_processor_s,
        "kernel_bytes": kernel_bytes,
    }


def table(imported: Sequence[Mapping[str, float]], title: str, reading: str) -> Table:
    """Return the medians of some imports; `reading` says what the first part does."""
    shown = Table(title=f"{title} (median of {len(imported)})")
    for heading in ("", "time", "processor", "memory"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for words, part in zip((reading, "as a kernel plugin"), _PARTS, strict=True):
        shown.add_row(
            words,
            f"{_median(imported, f'{part}_s'):.2f} s",
            f"{_median(imported, f'{part}_processor_s'):.2f} s",
            f"{_median(imported, f'{part}_bytes') / 1e6:.1f} MB",
        )
    # A full collection of garbage stops every thread; it is in here, since a service has it too.
    shown.add_row("longest the event loop was late", f"{_median(imported, 'lag_s') * 1000:.0f} ms", "", "")
    return shown


def _median(found: Sequence[Mapping[str, float]], key: str) -> float:
    return median(one[key] for one in found)


async def _watch(late: list[float]) -> None:
    """Note each time how late the event loop came to what was due; ends by being cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL_S
        await asyncio.sleep(INTERVAL_S)
        late.append(loop.time() - due)
