"""`PluginService`: the functions that can be called, adding to them, and calling one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import plugin_pb2, plugin_service_pb2_grpc, run_event_pb2
from vaiven.v1 import plugin_service_pb2 as pb

from service.registrations.live import Held
from service.rpc.convert.plugins import function_to_proto, plugin_to_proto
from service.rpc.convert.registrations import change_from_proto, registration_from_proto
from service.rpc.convert.runs import invocation_from_proto
from service.rpc.convert.values import optional_text, request_id_from_proto
from service.rpc.interceptors.chain import current_call, current_principal
from service.rpc.ports import Plugins, Registrations
from service.rpc.servicers.run_stream import RunStreams
from service.runs.names import id_in
from service.runs.plugin_records import FunctionRecord, function_records, plugin_record

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PluginServicer(plugin_service_pb2_grpc.PluginServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, plugins: Plugins, registrations: Registrations, streams: RunStreams) -> None:
        """Keep the domain side and what streams runs."""
        self._plugins = plugins
        self._registrations = registrations
        self._streams = streams

    async def RegisterPlugin(self, request: pb.RegisterPluginRequest, context: Context) -> pb.RegisterPluginResponse:
        """Add a plugin."""
        held = await self._registrations.register(
            current_principal().tenant,
            registration_from_proto(request.plugin_id, request.plugin),
            request_id=request_id_from_proto(request.request_id),
            validate_only=request.validate_only,
        )
        return pb.RegisterPluginResponse(**_answer(held))

    async def UpdatePlugin(self, request: pb.UpdatePluginRequest, context: Context) -> pb.UpdatePluginResponse:
        """Change a plugin."""
        held = await self._registrations.update(
            current_principal().tenant,
            id_in(request.plugin.name, "plugins", "plugin.name"),
            change_from_proto(request.plugin, list(request.update_mask.paths)),
            etag=request.plugin.etag,
            request_id=request_id_from_proto(request.request_id),
            validate_only=request.validate_only,
        )
        return pb.UpdatePluginResponse(**_answer(held))

    async def DeletePlugin(self, request: pb.DeletePluginRequest, context: Context) -> pb.DeletePluginResponse:
        """Remove a plugin."""
        await self._registrations.delete(
            current_principal().tenant,
            id_in(request.name, "plugins"),
            etag=request.etag,
            request_id=request_id_from_proto(request.request_id),
        )
        return pb.DeletePluginResponse()

    async def RefreshPlugin(self, request: pb.RefreshPluginRequest, context: Context) -> pb.RefreshPluginResponse:
        """Read a plugin's source again."""
        held = await self._registrations.refresh(
            current_principal().tenant,
            id_in(request.name, "plugins"),
            accept_changes=request.accept_changes,
            request_id=request_id_from_proto(request.request_id),
            validate_only=request.validate_only,
        )
        return pb.RefreshPluginResponse(**_answer(held))

    async def ListPlugins(self, request: pb.ListPluginsRequest, context: Context) -> pb.ListPluginsResponse:
        """Return a page of plugins."""
        page = await self._plugins.list(current_principal(), request.page_size, request.page_token)
        return pb.ListPluginsResponse(
            plugins=[plugin_to_proto(plugin, max_left_out=0) for plugin in page.items],
            next_page_token=page.next_page_token,
        )

    async def GetPlugin(self, request: pb.GetPluginRequest, context: Context) -> pb.GetPluginResponse:
        """Return a plugin."""
        plugin = await self._plugins.get(current_principal(), request.name)
        return pb.GetPluginResponse(plugin=plugin_to_proto(plugin))

    async def ListFunctions(self, request: pb.ListFunctionsRequest, context: Context) -> pb.ListFunctionsResponse:
        """Return a page of functions."""
        sent: dict[str, plugin_pb2.Function] = {}

        def size_of(function: FunctionRecord) -> int:
            sent[function.name] = message = function_to_proto(function)
            return message.ByteSize()

        page = await self._plugins.functions(
            current_principal(), optional_text(request.parent), request.page_size, request.page_token, size_of
        )
        functions = [sent.get(function.name) or function_to_proto(function) for function in page.items]
        return pb.ListFunctionsResponse(functions=functions, next_page_token=page.next_page_token)

    def InvokeFunction(
        self, request: pb.InvokeFunctionRequest, context: Context
    ) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Call a function and stream the run's events."""
        spec = invocation_from_proto(request, current_call().deadline)
        return self._streams.start(current_principal(), spec)


def _answer(held: Held) -> dict[str, Any]:
    """Return the fields that the responses share; schemas, which may be many megabytes, are asked for by themselves."""
    functions = [function_to_proto(function, with_schemas=False) for function in function_records(held)]
    return {"plugin": plugin_to_proto(plugin_record(held)), "functions": functions}
