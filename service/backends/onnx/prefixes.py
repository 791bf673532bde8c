"""Finished sequences kept for requests that begin alike, so that a system prompt is computed once."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from service.backends.onnx.model import TokenSequence

LEAST_PREFIX_TOKENS = 16
"""A shorter common beginning is worth less than the sequence that it would overwrite."""


@dataclass(slots=True, eq=False)
class Idle:
    """A sequence at rest: what it holds and what it can take.

    Its grammar and the key of its adapter cannot be changed.
    """

    sequence: TokenSequence
    tokens: list[int]
    max_length: int
    grammar: str
    adapter: str = ""


class PrefixPool:
    """At most `capacity` idle sequences; the one that was used longest ago goes first."""

    def __init__(self, capacity: int) -> None:
        """Start empty."""
        self._capacity = capacity
        self._idle: deque[Idle] = deque()

    def __len__(self) -> int:
        """Return how many sequences rest here."""
        return len(self._idle)

    @property
    def held_tokens(self) -> int:
        """Return for how many tokens the idle sequences hold memory."""
        return sum(idle.max_length for idle in self._idle)

    def take(self, prompt: Sequence[int], max_length: int, grammar: str, adapter: str = "") -> tuple[Idle, int] | None:
        """Remove and return the idle sequence that shares the longest beginning with `prompt`, rewound to it.

        The number is how many tokens are shared; at least one token of the prompt is left to compute, since the
        logits come from there.
        """
        best: Idle | None = None
        shared = LEAST_PREFIX_TOKENS - 1
        for idle in self._idle:
            fits = (idle.grammar, idle.adapter) == (grammar, adapter) and idle.max_length >= max_length
            if fits:
                # The last token was generated, but its keys and values were never computed.
                length = common_length(idle.tokens, prompt, min(len(idle.tokens), len(prompt)) - 1)
                if length > shared:
                    best, shared = idle, length
        if best is None:
            return None
        self._idle.remove(best)
        best.sequence.rewind(shared)
        return best, shared

    def put(self, idle: Idle) -> None:
        """Keep `idle` for later."""
        self._idle.append(idle)
        while len(self._idle) > self._capacity:
            self._idle.popleft()

    def drop_adapter(self, adapter: str) -> None:
        """Free the sequences of an adapter."""
        self._idle = deque(idle for idle in self._idle if idle.adapter != adapter)

    def drop_oldest(self) -> None:
        """Free the memory of the sequence that was used longest ago; there is one."""
        self._idle.popleft()


def common_length(left: Sequence[int], right: Sequence[int], most: int) -> int:
    """Return how many tokens the two begin with alike, `most` at most."""
    for at in range(most):
        if left[at] != right[at]:
            return at
    return max(most, 0)
