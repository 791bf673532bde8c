"""A `PluginService` on a loopback port that answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.struct_pb2 import Struct
from vaiven.v1.plugin_pb2 import EFFECT_READ, EFFECT_WRITE, Effect, Function
from vaiven.v1.plugin_service_pb2 import InvokeFunctionRequest, ListFunctionsRequest, ListFunctionsResponse
from vaiven.v1.plugin_service_pb2_grpc import (
    PluginServiceServicer,
    PluginServiceStub,
    add_PluginServiceServicer_to_server,
)
from vaiven.v1.run_event_pb2 import Cancelled, Completed, ErrorViolation, Failed, Incomplete, RunEvent, TextDelta

if TYPE_CHECKING:
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceAsyncStub

Answer = Callable[[InvokeFunctionRequest, Any], AsyncIterator[RunEvent]]


def struct(**fields: Any) -> Struct:
    made = Struct()
    made.update(fields)
    return made


def function(name: str, effect: Effect.ValueType = EFFECT_READ, properties: Any = None, **more: Any) -> Function:
    plugin, _, short = name.partition(".")
    schema = struct(type="object", properties=properties or {}, additionalProperties=False)
    return Function(
        name=f"plugins/{plugin}/functions/{short}",
        description=f"Does {short}.",
        input_schema=schema,
        effect=effect,
        **more,
    )


FUNCTIONS = [
    function(
        "email.draft",
        EFFECT_READ,
        {"to": {"type": "string", "x-vaiven-fill": "request"}, "words": {"type": "integer", "maximum": 500}},
        output_schema=struct(type="object", properties={"subject": {"type": "string"}, "words": {"type": "integer"}}),
    ),
    function("support.create_ticket", EFFECT_WRITE),
    function("support.find", EFFECT_READ),
]


async def completing(request: InvokeFunctionRequest, _context: Any) -> AsyncIterator[RunEvent]:
    yield RunEvent(run="runs/1", sequence=1, text_delta=TextDelta(text="Dear "))
    yield RunEvent(run="runs/1", sequence=2, text_delta=TextDelta(text=f"{request.arguments['to']}"))
    done = Completed(text=f"Dear {request.arguments['to']}", result=struct(subject="Hi", words=2))
    yield RunEvent(run="runs/1", sequence=3, completed=done)


def ending(**terminal: Any) -> Answer:
    async def answer(_request: InvokeFunctionRequest, _context: Any) -> AsyncIterator[RunEvent]:
        yield RunEvent(run="runs/1", sequence=1, text_delta=TextDelta(text="x"))
        if terminal:
            yield RunEvent(run="runs/1", sequence=2, **terminal)

    return answer


FAILED = Failed(
    code=3,
    reason="NO_ROUTE",
    message="No model may answer.",
    violations=[ErrorViolation(subject="models/a", description="is full")],
)
CANCELLED = Cancelled(reason="SERVICE_DRAINING")
INCOMPLETE = Incomplete(text="Dear An")


class FakePlugins(PluginServiceServicer):
    """Lists `functions` a page at a time and answers calls by `answer`."""

    def __init__(self) -> None:
        self.functions = list(FUNCTIONS)
        self.answer: Answer = completing
        self.page_size = 1_000
        self.calls: list[InvokeFunctionRequest] = []
        self.shown: list[str] = []
        self.called = asyncio.Event()
        self.stopped = asyncio.Event()

    async def ListPlugins(self, request: Any, context: Any) -> Any:
        raise AssertionError("is not asked for")

    GetPlugin = RegisterPlugin = UpdatePlugin = DeletePlugin = RefreshPlugin = ListPlugins

    async def ListFunctions(self, request: ListFunctionsRequest, context: Any) -> ListFunctionsResponse:
        self.shown += [value for key, value in context.invocation_metadata() if key == "authorization"]
        start = int(request.page_token or 0)
        page = self.functions[start : start + self.page_size]
        more = start + self.page_size < len(self.functions)
        return ListFunctionsResponse(functions=page, next_page_token=str(start + self.page_size) if more else "")

    async def InvokeFunction(self, request: InvokeFunctionRequest, context: Any) -> AsyncIterator[RunEvent]:
        self.calls.append(request)
        self.shown += [value for key, value in context.invocation_metadata() if key == "authorization"]
        self.called.set()
        try:
            async for event in self.answer(request, context):
                yield event
        except asyncio.CancelledError:
            self.stopped.set()
            raise


@asynccontextmanager
async def serving_plugins(plugins: FakePlugins) -> AsyncIterator[str]:
    """Run the service on a free port and yield its address."""
    server = grpc.aio.server()
    add_PluginServiceServicer_to_server(plugins, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def stub(address: str) -> AsyncIterator[PluginServiceAsyncStub]:
    async with grpc.aio.insecure_channel(address) as channel:
        yield PluginServiceStub(channel)
