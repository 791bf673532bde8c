"""On what something was measured, in a few lines that belong beside every figure."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

_PACKAGES = ("onnxruntime", "onnxruntime-genai", "grpcio", "semantic-kernel")


_FILE_WIDTH = 110


def console() -> Console:
    """Return where figures are printed: as wide as the terminal, or wide enough for a file."""
    found = Console()
    return found if found.is_terminal else Console(width=_FILE_WIDTH)


def describe(model: Path) -> Table:
    """Return the machine, the versions and the model as a table; ask before the work begins, for the load."""
    size_mb = sum(path.stat().st_size for path in model.iterdir()) / 1e6
    table = Table.grid(padding=(0, 2))
    table.add_row("processor", f"{_processor()}, {_cores()} cores")
    table.add_row("memory", f"{psutil.virtual_memory().total / 2**30:.0f} GiB")
    table.add_row("system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}")
    table.add_row("packages", ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES))
    table.add_row("model", f"{model.name if model.name != 'weights' else model.parent.name}, {size_mb:.1f} MB")
    table.add_row("load before", " ".join(f"{load:.1f}" for load in _load()))
    return table


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load() -> Sequence[float]:
    return psutil.getloadavg()
