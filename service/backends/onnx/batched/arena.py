"""The key-value memory of the requests that are being worked on: one row each, all in one piece that never grows."""

from __future__ import annotations

import numpy as np

from service.backends.onnx.batched.session import Floats, KvShape

LENGTH_STEP = 256
"""Rows are made for a power of two times so many tokens."""


class Arena:
    """Rows of equal length, side by side, so that the first of them are one tensor for the graph.

    The memory is for `capacity` tokens. A few long rows or many short ones fit: `fit` changes the length, moving what
    is there. The system gives pages only when they are first written.
    """

    def __init__(self, kv: KvShape, capacity: int, most_rows: int, most_tokens: int) -> None:
        """Take memory for `capacity` tokens in at most `most_rows` rows of at most `most_tokens` tokens."""
        self._kv = kv
        self._capacity = capacity
        self._most_rows = most_rows
        self._most_tokens = most_tokens
        self._memory: Floats = np.zeros((2 * kv.layers, capacity * kv.heads * kv.head_size), np.float32)
        self.row_tokens = 0
        self.version = 0
        self._rows: Floats = self._memory
        self._lay(most_tokens if most_rows * most_tokens <= capacity else self.length_for(1))

    @property
    def rows(self) -> int:
        """Return how many rows of the present length there are."""
        return self._count(self.row_tokens)

    def length_for(self, tokens: int) -> int:
        """Return the length of rows that hold `tokens`."""
        length = LENGTH_STEP
        while length < tokens:
            length *= 2
        return min(length, self._most_tokens)

    def fits(self, rows: int, tokens: int) -> bool:
        """Tell whether `rows` rows of which the longest has `tokens` tokens can be held."""
        return rows <= self._count(self.length_for(tokens))

    def fit(self, rows: int, tokens: int, used: int, used_tokens: int) -> None:
        """Make room for `rows` rows of up to `tokens`; the first `used` keep their first `used_tokens` tokens.

        `fits` said that it can be done.
        """
        if tokens <= self.row_tokens and rows <= self.rows:
            return
        before = self._rows
        self._lay(self.length_for(tokens))
        for old, new in zip(before, self._rows, strict=True):
            new[:used, :, :used_tokens] = old[:used, :, :used_tokens].copy()

    def addresses(self, row: int) -> list[int]:
        """Return where `row` begins, for keys and values of each layer in turn."""
        first = self._rows.ctypes.data + row * self._rows.strides[1]
        return [first + cache * self._rows.strides[0] for cache in range(len(self._rows))]

    def move(self, source: int, target: int, tokens: int) -> None:
        """Copy the first `tokens` tokens of row `source` to row `target`."""
        self._rows[:, target, :, :tokens] = self._rows[:, source, :, :tokens]

    def read(self, row: int, start: int, end: int) -> Floats:
        """Return tokens `start` to `end` of `row` as they are now: (caches, heads, tokens, head size)."""
        return self._rows[:, row, :, start:end]

    def write(self, row: int, start: int, block: Floats) -> None:
        """Put what `read` gave at token `start` of `row`."""
        self._rows[:, row, :, start : start + block.shape[2]] = block

    def _count(self, length: int) -> int:
        return min(self._most_rows, self._capacity // length)

    def _lay(self, length: int) -> None:
        self.row_tokens = length
        self.version += 1
        values = self._kv.heads * length * self._kv.head_size
        rows = self._count(length)
        shape = (2 * self._kv.layers, rows, self._kv.heads, length, self._kv.head_size)
        self._rows = self._memory[:, : rows * values].reshape(shape)
