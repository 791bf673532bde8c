"""Adapters of models."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import adapter_pb2

from service.models.adapters import AdapterRecord

_STATES: Final = {
    "loaded": adapter_pb2.ADAPTER_STATE_LOADED,
    "unloaded": adapter_pb2.ADAPTER_STATE_UNLOADED,
}


def adapter_to_proto(record: AdapterRecord) -> adapter_pb2.Adapter:
    """Return an adapter."""
    return adapter_pb2.Adapter(name=record.name, state=_STATES[record.state], size_bytes=record.size_bytes)
