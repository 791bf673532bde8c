"""Which variant to take: of those that keep to the limits the fastest, and of equally fast ones the smallest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.models.comparison.records import Recommendation, VariantReport

ALIKE: Final = 0.05
"""Speeds that differ by less than this share are told apart by memory: a measurement is not surer than that."""


def recommend(variants: Sequence[VariantReport], *, memory_bytes: int, least_quality: float) -> Recommendation:
    """Return the variant to take, by what was measured; `memory_bytes` 0: any memory will do."""
    broken = {variant.name: _broken(variant, memory_bytes, least_quality) for variant in variants}
    fitting = [variant for variant in variants if not broken[variant.name]]
    limits = _limits(memory_bytes, least_quality)
    if not fitting:
        return Recommendation(
            "", f"None keeps to the limits ({limits}). {_nearest(variants, memory_bytes)}", _told(broken)
        )
    fastest = max(variant.output_tokens_per_s for variant in fitting)
    alike = [variant for variant in fitting if variant.output_tokens_per_s >= (1 - ALIKE) * fastest]
    best = min(alike, key=lambda variant: (variant.memory_bytes, variant.size_bytes))
    for variant in fitting:
        if variant is not best:
            broken[variant.name] = _beaten(variant, best, alike=variant in alike)
    return Recommendation(best.name, _why(best, len(fitting), limits), _told(broken))


def _broken(variant: VariantReport, memory_bytes: int, least_quality: float) -> str:
    """Return which limit the variant breaks; empty: none."""
    if not variant.output_tokens_per_s:
        return f"it was not measured: {variant.problem}"
    if variant.quality is None:
        return f"how good it is could not be measured: {variant.problem}"
    reasons = []
    if memory_bytes and variant.memory_bytes > memory_bytes:
        reasons.append(f"it takes {_size(variant.memory_bytes)} of memory")
    if variant.quality < least_quality:
        reasons.append(f"it keeps {_percent(variant.quality)} of the quality")
    return " and ".join(reasons)


def _beaten(variant: VariantReport, best: VariantReport, *, alike: bool) -> str:
    if alike:
        return f"it is as fast and takes {_size(variant.memory_bytes)} of memory instead of {_size(best.memory_bytes)}"
    return f"it is slower, with {variant.output_tokens_per_s:,.0f} tokens/s"


def _why(best: VariantReport, fitting: int, limits: str) -> str:
    assert best.quality is not None
    among = "the only one that keeps" if fitting == 1 else f"the fastest of the {fitting} that keep"
    return (
        f"It is {among} to the limits ({limits}): {best.output_tokens_per_s:,.0f} tokens/s in "
        f"{_size(best.memory_bytes)} of memory, with {_percent(best.quality)} of the reference's quality."
    )


def _nearest(variants: Sequence[VariantReport], memory_bytes: int) -> str:
    measured = [variant for variant in variants if variant.quality is not None and variant.output_tokens_per_s]
    if not measured:
        return "None was measured."
    small = [variant for variant in measured if not memory_bytes or variant.memory_bytes <= memory_bytes]
    if small:
        best = max(small, key=lambda variant: variant.quality or 0.0)
        return f"Of those that fit into the memory {best.name} keeps most, {_percent(best.quality or 0.0)}."
    least = min(measured, key=lambda variant: variant.memory_bytes)
    return f"The smallest, {least.name}, takes {_size(least.memory_bytes)}."


def _limits(memory_bytes: int, least_quality: float) -> str:
    memory = f"at most {_size(memory_bytes)} of memory" if memory_bytes else "any memory"
    return f"{memory}, at least {_percent(least_quality)} of the quality"


def _told(reasons: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}: {reason}." for name, reason in reasons.items() if reason)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
