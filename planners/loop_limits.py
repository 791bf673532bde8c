"""What a loop of function calls may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoopLimits:
    """What a loop may take.

    The last of `max_turns` turns is without functions, so that the model has to answer. `max_s` are seconds, waiting
    for people not counted. A result is cut at `max_result_characters`.
    """

    max_turns: int = 8
    max_calls: int = 16
    max_parallel: int = 4
    max_s: float = 120.0
    max_result_characters: int = 8_000
    max_argument_characters: int = 64_000
