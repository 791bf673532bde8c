"""How many threads a decoding step takes."""

from __future__ import annotations

import psutil

_MOST_THREADS = 4


def default_threads() -> int:
    """Return the physical cores that this process may use, at most 4: decoding is bound by memory, not by cores."""
    cores = psutil.cpu_count(logical=False) or 1
    allowed = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else cores
    return max(1, min(cores, allowed, _MOST_THREADS))
