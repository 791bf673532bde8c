"""MCP servers registered over the RPC: one of the operator's programs, and one of streamable HTTP on loopback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import grpc
import grpc.aio
import mcp.types as types
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from vaiven.v1 import plugin_pb2, plugin_service_pb2

from service.rpc.convert.values import struct_to_proto
from tests.contract.edge import refusal
from tests.contract.registering import House, house, result_of
from tests.unit.sources.mcp import program
from tests.unit.sources.mcp.servers import ToolServer, serving_mcp, text, tool

SAY: Final = "plugins/desk/functions/say"
GET_ORDER: Final = "plugins/desk/functions/get_order"
PROGRAMS: Final[dict[str, Any]] = {
    "mcp_programs": {
        "desk": {"command": sys.executable, "arguments": (str(program.__file__),), "env": {"DESK_KEY": "desk-key"}}
    }
}
LOOPBACK: Final[dict[str, Any]] = {
    "allowed_hosts": ("127.0.0.1",),
    "allow_http": True,
    "secrets": {"token": {"value": "token-is-secret", "hosts": ("127.0.0.1",)}},
}
NOT_ALLOWED: Final = grpc.StatusCode.PERMISSION_DENIED


def register(service: House, **source: Any) -> Any:
    """Return the call that registers the MCP server as the plugin `desk`; `source` are fields of its source."""
    plugin = plugin_pb2.Plugin(source=plugin_pb2.PluginSource(mcp=plugin_pb2.McpSource(**source)))
    return service.plugins.RegisterPlugin(plugin_service_pb2.RegisterPluginRequest(plugin_id="desk", plugin=plugin))


async def test_a_program_of_the_operator_becomes_functions_that_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    async with house(tmp_path, **PROGRAMS) as service:
        answer = await register(service, program="desk", tools=["say", "environment"])
        assert (answer.plugin.name, answer.plugin.kind) == ("plugins/desk", "mcp")
        assert answer.plugin.state == plugin_pb2.PLUGIN_STATE_READY
        assert answer.plugin.source.mcp.program == "desk"
        assert {one.name for one in answer.functions} == {SAY, "plugins/desk/functions/environment"}

        said = result_of(await service.call(SAY, word="hello"))["text"]
        assert said.startswith("{'word': 'hello'} of ")
        # The same program answers again: it is started once, not for each call.
        assert result_of(await service.call(SAY, word="hello"))["text"] == said
        variables = result_of(await service.call("plugins/desk/functions/environment"))["text"].split()
        assert "DESK_KEY" in variables
        assert "SECRET_OF_OURS" not in variables
        assert "desk-key" not in str(await service.get("desk"))


async def test_a_program_that_the_operator_does_not_list_is_refused_by_its_field(tmp_path: Path) -> None:
    async with house(tmp_path, **PROGRAMS) as service:
        call = register(service, program="sh")
        assert await refusal(call) == (NOT_ALLOWED, "STDIO_NOT_ALLOWED")
        assert await fields(call) == ["program"]
        assert "plugins/desk" not in await service.names()


async def test_a_server_by_url_becomes_functions_that_are_called(tmp_path: Path) -> None:
    async def answering(_name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        return text(f"Order {arguments['number']} was sent.", structuredContent={"state": "sent"})

    state = {"type": "object", "properties": {"state": {"type": "string"}}, "required": ["state"]}
    order = tool(
        "getOrder",
        {"number": {"type": "integer"}},
        annotations=types.ToolAnnotations(readOnlyHint=True),
        outputSchema=state,
    )
    tools = ToolServer([order], answering)
    async with serving_mcp(tools) as url, house(tmp_path, **LOOPBACK) as service:
        answer = await register(service, url=url, bearer_secret="secrets/token", trust_annotations=True)
        assert answer.plugin.source.mcp.url == url
        assert [(one.name, one.effect) for one in answer.functions] == [(GET_ORDER, plugin_pb2.EFFECT_READ)]

        result = result_of(await service.call(GET_ORDER, number=1042))
        assert result == {"text": "Order 1042 was sent.", "structured": {"state": "sent"}}
        assert tools.calls == [("getOrder", {"number": 1042})]
        assert {seen["authorization"] for seen in tools.requests} == {"Bearer token-is-secret"}
        assert "token-is-secret" not in str(await service.get("desk"))

        # Arguments that do not fit never reach the server.
        given = struct_to_proto({"number": "none"})
        wrong = service.plugins.InvokeFunction(
            plugin_service_pb2.InvokeFunctionRequest(name=GET_ORDER, arguments=given)
        )
        assert await refusal(wrong) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        assert len(tools.calls) == 1


@pytest.mark.parametrize("missing", ["allowed_hosts", "allow_http"])
async def test_a_url_that_the_operator_does_not_allow_is_not_called(tmp_path: Path, missing: str) -> None:
    tools = ToolServer([tool("ping")], lambda *_: pytest.fail("It was called."))
    settings = {name: value for name, value in LOOPBACK.items() if name != missing}
    async with serving_mcp(tools) as url, house(tmp_path, **settings) as service:
        assert await refusal(register(service, url=url)) == (NOT_ALLOWED, "TARGET_NOT_ALLOWED")
        assert not tools.requests


async def fields(call: Any) -> list[str]:
    """Return what the refusal of `call` is about."""
    status = await rpc_status.aio.from_call(call)
    assert status is not None
    found = error_details_pb2.PreconditionFailure()
    for detail in status.details:
        if detail.Is(found.DESCRIPTOR):
            detail.Unpack(found)
    return [violation.subject for violation in found.violations]
