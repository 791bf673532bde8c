"""Percentiles, of the standard library alone."""

from __future__ import annotations

from collections.abc import Sequence


def percentile_of(values: Sequence[float], percentile: float) -> float:
    """Return a percentile (0 to 100), between two values in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percentile / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
