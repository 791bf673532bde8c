"""`vaiven mcp` as a desktop agent starts it: a process that speaks on its standard input and output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import mcp.types as types
import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client

from service.backends.base import GenerationRequest
from service.backends.fake import FakeAnswer
from service.testing.app import scripted_app

ROOT = Path(__file__).resolve().parents[2]


def _script(_request: GenerationRequest) -> FakeAnswer | str:
    return "Hello to you."


@pytest.mark.timeout(120)
async def test_an_agent_calls_a_function_of_a_running_service(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, _script) as app:
        program = StdioServerParameters(
            command=sys.executable,
            args=["-m", "service.cli", "--address", f"127.0.0.1:{app.port}", "mcp", "--allow", "chat"],
            env={"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos" / "gen")])},
            cwd=tmp_path,
        )
        async with stdio_client(program) as streams, ClientSession(*streams) as session:
            opened = await session.initialize()
            tools = (await session.list_tools()).tools
            result = await session.call_tool("chat__reply", {"message": "hello"})

    assert opened.serverInfo.name == "vaiven"
    assert {tool.name.partition("__")[0] for tool in tools} == {"chat"}
    assert result.content == [types.TextContent(type="text", text="Hello to you.")]
    assert not result.isError
