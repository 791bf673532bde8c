"""`PluginService`: the functions that can be called, and calling one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import plugin_service_pb2 as pb
from vaiven.v1 import plugin_service_pb2_grpc, run_event_pb2

from service.rpc.convert.plugins import function_to_proto, plugin_to_proto
from service.rpc.convert.runs import invocation_from_proto
from service.rpc.convert.values import optional_text
from service.rpc.interceptors.chain import current_call, current_principal
from service.rpc.ports import Plugins
from service.rpc.servicers.run_stream import RunStreams

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PluginServicer(plugin_service_pb2_grpc.PluginServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, plugins: Plugins, streams: RunStreams) -> None:
        """Keep the domain side and what streams runs."""
        self._plugins = plugins
        self._streams = streams

    async def ListPlugins(self, request: pb.ListPluginsRequest, context: Context) -> pb.ListPluginsResponse:
        """Return a page of plugins."""
        page = await self._plugins.list(current_principal(), request.page_size, request.page_token)
        return pb.ListPluginsResponse(
            plugins=[plugin_to_proto(plugin) for plugin in page.items], next_page_token=page.next_page_token
        )

    async def GetPlugin(self, request: pb.GetPluginRequest, context: Context) -> pb.GetPluginResponse:
        """Return a plugin."""
        plugin = await self._plugins.get(current_principal(), request.name)
        return pb.GetPluginResponse(plugin=plugin_to_proto(plugin))

    async def ListFunctions(self, request: pb.ListFunctionsRequest, context: Context) -> pb.ListFunctionsResponse:
        """Return a page of functions."""
        page = await self._plugins.functions(
            current_principal(), optional_text(request.parent), request.page_size, request.page_token
        )
        return pb.ListFunctionsResponse(
            functions=[function_to_proto(function) for function in page.items], next_page_token=page.next_page_token
        )

    async def InvokeFunction(
        self, request: pb.InvokeFunctionRequest, context: Context
    ) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Call a function and stream the run's events."""
        spec = invocation_from_proto(request, current_call().deadline)
        async with aclosing(self._streams.start(current_principal(), spec)) as events:
            async for event in events:
                yield event
