"""Adapters in onnxruntime-genai, which keeps them by key; imported by the worker alone."""

from __future__ import annotations

from pathlib import Path

import onnxruntime_genai.onnxruntime_genai as og

from service.backends.onnx.adapter_desk import too_much
from service.backends.onnx.adapters import read_layout, verified_adapter
from service.backends.onnx.words import first_line
from service.errors import ModelFilesError, ModelMemoryError


class GenaiRack:
    """A `Rack` of keys, within `memory_bytes`."""

    def __init__(self, model: og.Model, model_dir: Path, memory_bytes: int) -> None:
        """Start empty; adapters are read from the folder beside the model."""
        self._model = model
        self._model_dir = model_dir
        self._memory_bytes = memory_bytes
        self._adapters: og.Adapters | None = None
        self._keys: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._made = 0

    @property
    def names(self) -> list[str]:
        """Return the names of those that are loaded."""
        return sorted(self._keys)

    def get(self, name: str) -> str | None:
        """Return the key of a loaded adapter; see `Rack`, also for the next two."""
        return self._keys.get(name)

    def load(self, name: str) -> None:
        """Load an adapter."""
        if name in self._keys:
            return
        read_layout(self._model_dir)
        path = verified_adapter(self._model_dir, name)
        size = path.stat().st_size
        need = size + sum(self._sizes.values())
        if need > self._memory_bytes:
            raise ModelMemoryError(too_much(name, self._model_dir.name, need, self._memory_bytes))
        self._made += 1
        key = f"{name}#{self._made}"
        try:
            adapters = og.Adapters(self._model) if self._adapters is None else self._adapters
            self._adapters = adapters
            adapters.load(str(path), key)
        except RuntimeError as error:
            raise ModelFilesError(f"{path.name} cannot be loaded: {first_line(error)}.") from error
        self._keys[name], self._sizes[name] = key, size

    def unload(self, name: str) -> None:
        """Let go of an adapter, which no generator has any more."""
        key = self._keys.pop(name, None)
        if key is not None and self._adapters is not None:
            del self._sizes[name]
            self._adapters.unload(key)

    def activate(self, generator: og.Generator, key: str) -> None:
        """Let `generator`, which computed nothing yet, have the adapter of `key`, if there is a key."""
        if key:
            generator.set_active_adapter(self._adapters, key)
