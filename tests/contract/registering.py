"""A whole service, and stubs of another process's services that can be registered with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc.aio
from google.protobuf import json_format, struct_pb2
from vaiven.v1 import (
    agent_service_pb2_grpc,
    plugin_pb2,
    plugin_service_pb2,
    plugin_service_pb2_grpc,
    run_event_pb2,
)

from service.backends.fake import FakeAnswer, Script
from service.bootstrap import App
from service.testing.app import scripted_app
from tests.unit.sources.grpc_reflection.loopback import Reflection, echo, echo_thrice, serving, streaming, unary
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled

GREET = """
name: greet
template: Greet {{$name}}.
template_format: semantic-kernel
input_variables:
  - name: name
    description: Whom.
    is_required: true
"""
"""A prompt that anybody may register."""

METHODS = {"/shop.v1.Orders/GetOrder": unary(echo), "/shop.v1.Orders/WatchOrder": streaming(echo_thrice)}


@dataclass(frozen=True, slots=True)
class House:
    """A service and its stubs."""

    app: App
    plugins: plugin_service_pb2_grpc.PluginServiceAsyncStub
    agents: agent_service_pb2_grpc.AgentServiceAsyncStub

    def add(self, target: str, plugin_id: str = "orders", **fields: Any) -> Any:
        """Return the call that registers the gRPC service at `target`; `fields` are of its source."""
        return self.plugins.RegisterPlugin(registering(target, plugin_id, **fields))

    async def call(self, function: str, **arguments: Any) -> run_event_pb2.RunEvent:
        """Call a function and return the terminal event."""
        given = struct_pb2.Struct()
        given.update(arguments)
        request = plugin_service_pb2.InvokeFunctionRequest(name=function, arguments=given)
        return [event async for event in self.plugins.InvokeFunction(request)][-1]

    async def names(self) -> list[str]:
        """Return the names of all plugins."""
        page = await self.plugins.ListPlugins(plugin_service_pb2.ListPluginsRequest())
        return [plugin.name for plugin in page.plugins]

    async def get(self, plugin_id: str = "orders") -> plugin_pb2.Plugin:
        """Return a plugin."""
        request = plugin_service_pb2.GetPluginRequest(name=f"plugins/{plugin_id}")
        return (await self.plugins.GetPlugin(request)).plugin


@asynccontextmanager
async def house(
    directory: Path, script: Script | FakeAnswer | str = "Hello to you.", **settings: Any
) -> AsyncIterator[House]:
    """Run a service whose model answers by `script`; `settings` are those of the area `plugins`."""
    async with (
        scripted_app(directory, script, plugins=settings) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        yield House(
            app,
            plugin_service_pb2_grpc.PluginServiceStub(channel),
            agent_service_pb2_grpc.AgentServiceStub(channel),
        )


@asynccontextmanager
async def shop(text: str = SHOP, reflection: Reflection | None = None) -> AsyncIterator[str]:
    """Serve `shop.v1.Orders`, which gives back what it is asked; yield `host:port`."""
    answering = reflection or Reflection(compiled(text), services=["shop.v1.Orders"])
    async with serving(METHODS, answering.answer) as target:
        yield address_of(target)


def address_of(target: str) -> str:
    """Return `host:port` of what gRPC dials."""
    return target.partition(":")[2]


def registering(target: str, plugin_id: str = "orders", **fields: Any) -> plugin_service_pb2.RegisterPluginRequest:
    """Return the request that registers the gRPC service at `target`."""
    source = plugin_pb2.PluginSource(grpc=plugin_pb2.GrpcSource(target=target, **fields))
    return plugin_service_pb2.RegisterPluginRequest(plugin_id=plugin_id, plugin=plugin_pb2.Plugin(source=source))


def result_of(event: run_event_pb2.RunEvent) -> Any:
    """Return the result of the run that ended with `event`, as JSON."""
    assert event.WhichOneof("payload") == "completed", event
    return json_format.MessageToDict(event.completed.result)
