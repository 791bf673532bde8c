"""Functions as tools: which are offered, how they are described, and what a run becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import mcp.types as types
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from service.mcp.bridge import FunctionBridge, ServiceError, tool_name
from tests.unit.mcp import fakes
from tests.unit.mcp.fakes import FakePlugins, serving_plugins, stub


@pytest.fixture
def plugins() -> FakePlugins:
    return FakePlugins()


@pytest.fixture
async def bridge(plugins: FakePlugins) -> AsyncIterator[FunctionBridge]:
    async with serving_plugins(plugins) as address, stub(address) as connected:
        yield FunctionBridge(connected, address)


def said(result: types.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    return block.text


async def test_tools(plugins: FakePlugins, bridge: FunctionBridge) -> None:
    plugins.page_size = 1
    tools = await bridge.tools()

    assert [tool.name for tool in tools] == ["email__draft", "support__create_ticket", "support__find"]
    draft = tools[0]
    assert draft.description == "Does draft."
    assert draft.inputSchema == {
        "type": "object",
        "properties": {"to": {"type": "string"}, "words": {"type": "integer", "maximum": 500}},
        "additionalProperties": False,
    }
    assert draft.outputSchema is not None
    assert draft.outputSchema["properties"]["words"] == {"type": "integer"}
    assert [tool.annotations and tool.annotations.readOnlyHint for tool in tools] == [True, False, True]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"allowed": ["plugins/support"]}, ["support__create_ticket", "support__find"]),
        ({"allowed": ["plugins/email/functions/draft"]}, ["email__draft"]),
        ({"read_only": True}, ["email__draft", "support__find"]),
        ({"allowed": ["plugins/support"], "read_only": True}, ["support__find"]),
    ],
)
async def test_only_what_is_allowed_is_offered_and_can_be_called(
    plugins: FakePlugins, given: Any, names: list[str]
) -> None:
    async with serving_plugins(plugins) as address, stub(address) as connected:
        bridge = FunctionBridge(connected, address, **given)
        assert [tool.name for tool in await bridge.tools()] == names
        hidden = ({"email__draft", "support__create_ticket", "support__find"} - set(names)).pop()
        with pytest.raises(ServiceError, match="There is no tool"):
            await bridge.call(hidden, {}, None)
    assert plugins.calls == []


async def test_credentials_go_with_every_call(plugins: FakePlugins) -> None:
    async with serving_plugins(plugins) as address, stub(address) as connected:
        bridge = FunctionBridge(connected, address, metadata=(("authorization", "Bearer vvn_x"),))
        await bridge.call("email__draft", {"to": "Ana", "words": 5}, None)
    assert plugins.shown == ["Bearer vvn_x"] * 2


async def test_a_call_is_a_run_that_ends_with_its_caller(plugins: FakePlugins, bridge: FunctionBridge) -> None:
    told: list[tuple[int, str]] = []

    async def progress(characters: int, piece: str) -> None:
        told.append((characters, piece))

    result = await bridge.call("email__draft", {"to": "Ana", "words": 5}, progress)

    assert said(result) == "Dear Ana"
    assert result.structuredContent == {"subject": "Hi", "words": 2}
    assert type(result.structuredContent["words"]) is int
    assert not result.isError
    assert told == [(5, "Dear "), (8, "Ana")]
    (request,) = plugins.calls
    assert request.name == "plugins/email/functions/draft"
    assert request.cancel_on_disconnect


@pytest.mark.parametrize(
    ("terminal", "words"),
    [
        ({"failed": fakes.FAILED}, "No model may answer. (NO_ROUTE)\nmodels/a: is full"),
        ({"cancelled": fakes.CANCELLED}, "The run was stopped: SERVICE_DRAINING."),
        ({"incomplete": fakes.INCOMPLETE}, "Dear An\n\n(The answer is cut off at the token limit.)"),
        ({}, "The stream ended without saying how the run ended."),
    ],
)
async def test_runs_that_do_not_complete(
    plugins: FakePlugins, bridge: FunctionBridge, terminal: Any, words: str
) -> None:
    plugins.answer = fakes.ending(**terminal)
    result = await bridge.call("email__draft", {}, None)

    assert (said(result), result.isError, result.structuredContent) == (words, True, None)


async def test_a_refusal_says_which_field_is_wrong(plugins: FakePlugins, bridge: FunctionBridge) -> None:
    wrong = error_details_pb2.BadRequest(
        field_violations=[error_details_pb2.BadRequest.FieldViolation(field="arguments.to", description="is required")]
    )

    async def refusing(_request: Any, context: Any) -> AsyncIterator[Any]:
        packed = any_pb2.Any()
        packed.Pack(wrong)
        await context.abort_with_status(
            rpc_status.to_status(status_pb2.Status(code=3, message="The arguments do not fit.", details=[packed]))
        )
        yield

    plugins.answer = refusing
    result = await bridge.call("email__draft", {}, None)

    assert said(result) == "The arguments do not fit.\narguments.to: is required"
    assert result.isError


async def test_a_service_that_is_not_there(plugins: FakePlugins) -> None:
    async with serving_plugins(plugins) as address, stub(address) as connected:
        bridge = FunctionBridge(connected, address)
        await bridge.tools()
    async with stub(address) as connected:
        gone = FunctionBridge(connected, address)
        with pytest.raises(ServiceError, match=f"No vaiven service answers at {address}"):
            await gone.tools()


async def test_a_call_that_is_cancelled_stops_the_run(plugins: FakePlugins, bridge: FunctionBridge) -> None:
    async def hanging(_request: Any, _context: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield

    plugins.answer = hanging
    call = asyncio.create_task(bridge.call("email__draft", {}, None))
    await plugins.called.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await plugins.stopped.wait()


def test_long_names_end_in_a_hash() -> None:
    long = [tool_name(f"plugins/{'p' * 60}/functions/{'f' * 60}{i}") for i in range(2)]

    assert all(len(name) == 64 for name in long)
    assert long[0] != long[1]
