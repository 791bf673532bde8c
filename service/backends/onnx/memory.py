"""How much memory a local model needs, before it is loaded."""

from __future__ import annotations

from typing import Final

from service.backends.onnx.catalogue import ModelEntry
from service.backends.onnx.options import OnnxEngineOptions

WORKER_BYTES: Final = 200 * 1000 * 1000
"""Resident memory of a worker on Linux before any weights."""


def kv_bytes(entry: ModelEntry, options: OnnxEngineOptions) -> int:
    """Return the most bytes that keys and values of the model's requests may take."""
    context = min(entry.context_tokens, options.context_tokens or entry.context_tokens)
    width_bytes = 4 if options.provider == "cpu" else 2
    sequences = options.max_active + options.idle_generators
    return min(options.kv_memory_bytes, sequences * context * entry.kv_values_per_token * width_bytes)


def needed_bytes(entry: ModelEntry, options: OnnxEngineOptions) -> int:
    """Return the bytes that the loaded model needs under full load."""
    adapters = options.adapter_memory_bytes if entry.supports_adapters else 0
    return WORKER_BYTES + entry.size_bytes + kv_bytes(entry, options) + adapters
