"""Plugins and their functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vaiven.v1 import plugin_pb2

from service.rpc.convert.values import struct_to_proto

if TYPE_CHECKING:
    from service.runs.plugins import FunctionRecord, PluginRecord


_EFFECTS: Final = {
    "none": plugin_pb2.EFFECT_NONE,
    "read": plugin_pb2.EFFECT_READ,
    "write": plugin_pb2.EFFECT_WRITE,
}


def plugin_to_proto(plugin: PluginRecord) -> plugin_pb2.Plugin:
    """Return a plugin."""
    return plugin_pb2.Plugin(
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        owners=plugin.owners,
        kind=plugin.kind,
        functions=plugin.functions,
    )


def function_to_proto(function: FunctionRecord) -> plugin_pb2.Function:
    """Return a function with its schemas."""
    return plugin_pb2.Function(
        name=function.name,
        description=function.description,
        input_schema=struct_to_proto(function.input_schema),
        output_schema=struct_to_proto(function.output_schema),
        effect=_EFFECTS[function.effect],
    )
