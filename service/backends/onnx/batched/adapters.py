"""Adapters in memory: each row of a step may have another one, and all rows are computed together.

The graph takes its matrices with the row in front. Rows of one adapter share one copy of it; where the rows differ,
each has its own part of a stack, zeros where it has none. A row's logits are the same bit for bit either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from service.backends.onnx import adapter_format
from service.backends.onnx.adapter_desk import too_much
from service.backends.onnx.adapters import read_layout, verified_adapter
from service.backends.onnx.batched.session import Floats
from service.errors import ModelMemoryError

BASE = 0
_MIXED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """`number` is never used twice, so what an adapter of the same name computed before is not taken for its."""

    name: str
    number: int
    parameters: Mapping[str, Floats] = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """Return the memory of its matrices."""
        return sum(value.nbytes for value in self.parameters.values())


class AdapterRack:
    """The adapters that are loaded, within `memory_bytes`, and the stacks for steps whose rows have different ones."""

    def __init__(self, model_dir: Path, most_rows: int, memory_bytes: int) -> None:
        """Start empty; adapters are read from the folder beside the model."""
        self._model_dir = model_dir
        self._most_rows = most_rows
        self._memory_bytes = memory_bytes
        self._adapters: dict[str, Adapter] = {}
        self._made = 0
        self._stacks: dict[str, Floats] = {}
        self._stacked: list[int] = []
        self.version = 0
        """Changes when addresses that `of` gave before must not be used any more."""

    @property
    def names(self) -> list[str]:
        """Return the names of those that are loaded."""
        return sorted(self._adapters)

    def get(self, name: str) -> Adapter | None:
        """Return a loaded adapter; see `adapter_desk.Rack`, also for the next two."""
        return self._adapters.get(name)

    def load(self, name: str) -> None:
        """Load an adapter."""
        if name in self._adapters:
            return
        layout = read_layout(self._model_dir)
        parameters = adapter_format.read(verified_adapter(self._model_dir, name), layout)
        self._made += 1
        adapter = Adapter(name, self._made, parameters)
        need = self._needed([*self._adapters.values(), adapter])
        if need > self._memory_bytes:
            raise ModelMemoryError(too_much(name, self._model_dir.name, need, self._memory_bytes))
        self._adapters[name] = adapter
        self._restack()

    def unload(self, name: str) -> None:
        """Let go of an adapter, which no row has any more."""
        if self._adapters.pop(name, None) is not None:
            self._restack()

    def of(self, rows: Sequence[Adapter | None]) -> tuple[int, Mapping[str, Floats]]:
        """Return what the graph takes for `rows`, and a number that is the same where that lies at the same place."""
        numbers = [BASE if row is None else row.number for row in rows]
        first = rows[0]
        if numbers.count(numbers[0]) == len(numbers):
            return numbers[0], {} if first is None else first.parameters
        for at, row in enumerate(rows):
            if self._stacked[at] != numbers[at]:
                self._put(at, row)
                self._stacked[at] = numbers[at]
        return _MIXED, {name: stack[: len(rows)] for name, stack in self._stacks.items()}

    def _put(self, at: int, row: Adapter | None) -> None:
        own: Mapping[str, Floats] = {} if row is None else row.parameters
        for name, stack in self._stacks.items():
            place = stack[at]
            value = own.get(name)
            if value is None:
                place[...] = 0
                continue
            rows, columns = value.shape[1:]
            place[:rows, :columns] = value[0]
            # The rank is the one of the two that differs.
            place[rows:], place[:, columns:] = 0, 0

    def _restack(self) -> None:
        self.version += 1
        shapes = self._shapes(self._adapters.values())
        # The system gives pages only when they are first written, which steps of one adapter never do.
        self._stacks = {name: np.zeros((self._most_rows, *shape), np.float32) for name, shape in shapes.items()}
        self._stacked = [BASE] * self._most_rows

    def _needed(self, adapters: Sequence[Adapter]) -> int:
        stacks = sum(rows * columns * 4 for rows, columns in self._shapes(adapters).values())
        return self._most_rows * stacks + sum(adapter.size_bytes for adapter in adapters)

    @staticmethod
    def _shapes(adapters: Iterable[Adapter]) -> dict[str, tuple[int, int]]:
        shapes: dict[str, tuple[int, int]] = {}
        for adapter in adapters:
            for name, value in adapter.parameters.items():
                rows, columns = shapes.get(name, (0, 0))
                shapes[name] = (max(rows, value.shape[1]), max(columns, value.shape[2]))
        return shapes
