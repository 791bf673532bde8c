"""Plugins and their functions."""

from __future__ import annotations

from typing import Final

from vaiven.v1 import plugin_pb2

from service.registrations.live import PluginState
from service.rpc.convert.registrations import source_to_proto
from service.rpc.convert.values import struct_to_proto, time_to_proto
from service.runs.plugin_records import FunctionRecord, PluginRecord

_EFFECTS: Final = {
    "none": plugin_pb2.EFFECT_NONE,
    "read": plugin_pb2.EFFECT_READ,
    "write": plugin_pb2.EFFECT_WRITE,
}


_STATES: Final = {
    PluginState.READY: plugin_pb2.PLUGIN_STATE_READY,
    PluginState.LOADING: plugin_pb2.PLUGIN_STATE_LOADING,
    PluginState.UNAVAILABLE: plugin_pb2.PLUGIN_STATE_UNAVAILABLE,
    PluginState.DRIFTED: plugin_pb2.PLUGIN_STATE_DRIFTED,
}

MAX_LEFT_OUT: Final = 100
"""So many of what was left out are told; a document may hold many thousands."""


def plugin_to_proto(plugin: PluginRecord, *, max_left_out: int = MAX_LEFT_OUT) -> plugin_pb2.Plugin:
    """Return a plugin."""
    return plugin_pb2.Plugin(
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        owners=plugin.owners,
        kind=plugin.kind,
        functions=plugin.functions,
        state=_STATES[plugin.state],
        state_reason=plugin.state_reason,
        state_message=plugin.state_message,
        source=None if plugin.source is None else source_to_proto(plugin.source),
        left_out=[
            plugin_pb2.LeftOut(subject=left.subject, reason=left.reason) for left in plugin.left_out[:max_left_out]
        ],
        left_out_count=len(plugin.left_out),
        fingerprint=plugin.fingerprint,
        etag=plugin.etag,
        create_time=None if plugin.create_time is None else time_to_proto(plugin.create_time),
        update_time=None if plugin.update_time is None else time_to_proto(plugin.update_time),
    )


def function_to_proto(function: FunctionRecord, *, with_schemas: bool = True) -> plugin_pb2.Function:
    """Return a function."""
    return plugin_pb2.Function(
        name=function.name,
        description=function.description,
        input_schema=struct_to_proto(function.input_schema) if with_schemas else None,
        output_schema=struct_to_proto(function.output_schema) if with_schemas else None,
        effect=_EFFECTS[function.effect],
        idempotent=function.idempotent,
    )
