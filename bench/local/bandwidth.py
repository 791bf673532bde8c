"""How fast this machine reads memory: the bound of decoding, which reads all weights for each token."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

_PART_BYTES: Final = 256 * 1024 * 1024
"""For each thread: far more than any cache holds."""
_TIMES: Final = 5


def read_bytes_per_s(threads: int) -> float:
    """Return the most bytes a second that `threads` threads together read, of several tries."""
    parts = [np.ones(_PART_BYTES // 4, np.float32) for _ in range(threads)]
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_TIMES):
            start = time.perf_counter()
            # A product of a vector with itself reads it once, and is done by BLAS outside Python's lock.
            list(pool.map(lambda part: np.dot(part, part), parts))
            best = max(best, threads * _PART_BYTES / (time.perf_counter() - start))
    return best
