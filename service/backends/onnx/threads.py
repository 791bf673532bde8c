"""How many threads a decoding step takes."""

from __future__ import annotations

from pathlib import Path

import psutil

_MOST_THREADS = 4

_SMALL_BYTES = 32 * 1024 * 1024
"""A step of so small a model is over before a second thread has woken: with one thread the embedded model of 3.6 MB
took less time and two thirds of the CPU."""


def default_threads(model_dir: Path) -> int:
    """Return the physical cores that this process may use, at most 4; for a small model one.

    Decoding is bound by memory, not by cores.
    """
    if sum(path.stat().st_size for path in model_dir.glob("*.onnx*")) <= _SMALL_BYTES:
        return 1
    cores = psutil.cpu_count(logical=False) or 1
    allowed = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else cores
    return max(1, min(cores, allowed, _MOST_THREADS))
