"""The rows that are computed together: what each holds, and the steps over all or one of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from service.backends.onnx.batched.adapters import Adapter, AdapterRack
from service.backends.onnx.batched.arena import Arena
from service.backends.onnx.batched.session import Binding, Floats, Integers, ModelSession

MOST_TOGETHER = 16
"""So many tokens of one row are computed together where guesses are looked at, at most."""

_KEPT_BINDINGS = 64
"""Of several tokens of one row: to bind takes a third of what such a step of the embedded model takes."""

_WIDTH_STEP = 128
"""Masks are made for a multiple of so many tokens, so that one serves many steps."""


class Batch:
    """Rows 0 to n; `lengths` are the tokens whose keys and values each of them holds."""

    def __init__(
        self, session: ModelSession, arena: Arena, adapters: AdapterRack, most_rows: int, most_tokens: int
    ) -> None:
        """Take the memory that every step writes to."""
        self._session = session
        self._arena = arena
        self._adapters = adapters
        self.lengths: Integers = np.zeros(most_rows, np.int64)
        self._tokens: Integers = np.zeros((most_rows, 1), np.int64)
        self._positions: Integers = np.zeros((most_rows, 1), np.int64)
        self._logits: Floats = np.zeros((most_rows, 1, session.vocabulary), np.float32)
        self._marks: Integers = np.zeros(most_rows * (most_tokens + _WIDTH_STEP), np.int64)
        self._numbers: Integers = np.arange(max(most_rows, most_tokens + _WIDTH_STEP), dtype=np.int64)
        self._bindings: dict[tuple[int, int, int], Binding] = {}
        self._version = (arena.version, adapters.version)
        self._mask: Integers = self._marks[:0].reshape(0, 0)
        self._only: Integers = np.zeros(1, np.int64)
        self._together: OrderedDict[tuple[int, int, int, Adapter | None], Binding] = OrderedDict()
        self._row_tokens: Integers = np.zeros((1, MOST_TOGETHER), np.int64)
        self._row_positions: Integers = np.zeros((1, MOST_TOGETHER), np.int64)
        self._row_marks: Integers = np.zeros((1, most_tokens + _WIDTH_STEP), np.int64)
        self._row_logits: Floats = np.zeros((1, MOST_TOGETHER, session.vocabulary), np.float32)
        self._run_logits: Floats = np.zeros((0, 0, session.vocabulary), np.float32)

    def step(self, tokens: Sequence[int], adapters: Sequence[Adapter | None] = ()) -> Floats:
        """Compute one more token of each of the first rows; returns their logits, (rows, vocabulary), until the next.

        `adapters` are those of the rows; empty: none has one.

        Raises:
            RuntimeError: onnxruntime refuses.
        """
        count = len(tokens)
        lengths = self.lengths[:count]
        self._tokens[:count, 0] = tokens
        self._positions[:count, 0] = lengths
        width = self._width(int(lengths.max()) + 1)
        if self._mask.shape != (count, width):
            self._mask = self._marks[: count * width].reshape(count, width)
            np.less(self._numbers[None, :width], lengths[:, None], out=self._mask, casting="unsafe")
        self._mask[self._numbers[:count], lengths] = 1
        self._binding(count, width, adapters or (None,)).run()
        lengths += 1
        return self._logits[:count, 0]

    def extend(self, row: int, tokens: Sequence[int], adapter: Adapter | None = None, *, wanted: int = 1) -> Floats:
        """Compute `tokens` of one row; returns the logits after the last `wanted` of them until the next.

        Raises:
            RuntimeError: onnxruntime refuses.
        """
        count, start = len(tokens), int(self.lengths[row])
        given = wanted if self._session.chooses else count
        if self._run_logits.shape[1] < given:
            self._run_logits = np.zeros((1, given, self._session.vocabulary), np.float32)
        binding = self._session.binding(
            tokens=(ids := np.array([tokens], np.int64)),
            mask=(mask := np.ones((1, start + count), np.int64)),
            positions=(positions := np.arange(start, start + count, dtype=np.int64)[None]),
            rows=(rows := np.arange(count - given, count, dtype=np.int64)),
            logits=self._run_logits[:, :given],
            caches=self._arena.addresses(row),
            cache_tokens=self._arena.row_tokens,
            adapters={} if adapter is None else adapter.parameters,
        )
        binding.run()
        # The graph read these by their addresses until now.
        del ids, mask, positions, rows
        self.lengths[row] = start + count
        self._forget()
        return self._run_logits[0, given - wanted : given]

    def together(self, row: int, tokens: Sequence[int], adapter: Adapter | None = None) -> Floats:
        """Compute several `tokens` of one row, at most `MOST_TOGETHER`; returns the logits after each, until the next.

        Raises:
            RuntimeError: onnxruntime refuses.
        """
        count, start = len(tokens), int(self.lengths[row])
        width = self._width(start + count)
        self._row_tokens[0, :count] = tokens
        self._row_positions[0, :count] = self._numbers[start : start + count]
        self._row_marks[0, : start + count] = 1
        self._row_marks[0, start + count : width] = 0
        self._together_binding(row, count, width, adapter).run()
        self.lengths[row] = start + count
        self._forget()
        return self._row_logits[0, :count]

    def move(self, source: int, target: int) -> None:
        """Let row `target` hold what row `source`, another one, holds, which is empty then."""
        self._arena.move(source, target, int(self.lengths[source]))
        self.lengths[target] = self.lengths[source]
        self.cut(source, 0)

    def fill(self, row: int, blocks: Sequence[Floats]) -> int:
        """Let `row` begin with copies of `blocks`; returns how many tokens they are."""
        at = 0
        for block in blocks:
            self._arena.write(row, at, block)
            at += block.shape[2]
        self.cut(row, at)
        return at

    def cut(self, row: int, tokens: int) -> None:
        """Let `row` hold its first `tokens` tokens only."""
        self.lengths[row] = tokens
        self._forget()

    def _forget(self) -> None:
        """Make the mask anew at the next step: a row's length changed otherwise than by one."""
        self._mask = self._marks[:0].reshape(0, 0)

    def _width(self, tokens: int) -> int:
        return min(-(-tokens // _WIDTH_STEP) * _WIDTH_STEP, self._arena.row_tokens)

    def _binding(self, count: int, width: int, adapters: Sequence[Adapter | None]) -> Binding:
        self._renew()
        which, parameters = self._adapters.of(adapters)
        binding = self._bindings.get((count, width, which))
        if binding is None:
            binding = self._session.binding(
                tokens=self._tokens[:count],
                mask=self._mask,
                positions=self._positions[:count],
                rows=self._only,
                logits=self._logits[:count],
                caches=self._arena.addresses(0),
                cache_tokens=self._arena.row_tokens,
                adapters=parameters,
            )
            self._bindings[count, width, which] = binding
        return binding

    def _together_binding(self, row: int, count: int, width: int, adapter: Adapter | None) -> Binding:
        self._renew()
        key = (row, count, width, adapter)
        binding = self._together.get(key)
        if binding is None:
            binding = self._together[key] = self._session.binding(
                tokens=self._row_tokens[:, :count],
                mask=self._row_marks[:, :width],
                positions=self._row_positions[:, :count],
                rows=self._numbers[:count],
                logits=self._row_logits[:, :count],
                caches=self._arena.addresses(row),
                cache_tokens=self._arena.row_tokens,
                adapters={} if adapter is None else adapter.parameters,
            )
            if len(self._together) > _KEPT_BINDINGS:
                self._together.popitem(last=False)
        self._together.move_to_end(key)
        return binding

    def _renew(self) -> None:
        """Forget steps over memory that was laid out anew since, or over adapters that are gone."""
        version = (self._arena.version, self._adapters.version)
        if self._version != version:
            self._bindings.clear()
            self._together.clear()
            self._version = version
