"""What a benchmark found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BenchmarkPoint:
    """With `concurrency` requests at once: tokens a second of all together, and seconds to the first token."""

    concurrency: int
    output_tokens_per_s: float
    first_token_p50_s: float
    first_token_p99_s: float
    output_tokens: int


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """What one model did; `memory_bytes` is the resident memory of its process, 0: not known."""

    model_id: str
    memory_bytes: int
    prompt_tokens: int
    points: tuple[BenchmarkPoint, ...]
