"""An MCP server as a source: its tools as functions, called on the library's own server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from pydantic import SecretStr
from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments

from plugins.output import FunctionResult
from plugins.sources.base import CallContext, ImportedFunction, ImportedPlugin, PluginSource, SourceError, SourceLimits
from plugins.sources.kernel_plugin import to_kernel_plugin
from plugins.sources.mcp import McpRegistration, McpSource, StdioServer, ToolRule, connection
from plugins.sources.network import AddressGuard
from tests.unit.sources.mcp.servers import ToolServer, serving_mcp, text, tool
from tests.unit.sources.servers import LOOPBACK

CONTEXT = CallContext(tenant="t", run="r")
LIMITS = SourceLimits(call_timeout_s=5.0, read_timeout_s=5.0, max_functions=50, max_response_bytes=100_000)


async def echo(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    return text(f"{name} {arguments}")


class Opened:
    """Sources that are closed at the end."""

    def __init__(self) -> None:
        self.sources: list[McpSource] = []

    def __call__(self, url: str = "", limits: SourceLimits = LIMITS, **given: Any) -> McpSource:
        beside = {name: given.pop(name) for name in ("programs", "on_changed") if name in given}
        self.sources.append(McpSource(McpRegistration("tools", url=url, **given), LOOPBACK, limits, **beside))
        return self.sources[-1]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    made = Opened()
    yield made
    for source in made.sources:
        await source.aclose()


def named(plugin: ImportedPlugin, name: str) -> ImportedFunction:
    return next(function for function in plugin.functions if function.name == name)


@pytest.mark.parametrize("json", [False, True], ids=["events", "json"])
async def test_tools_are_functions_that_can_be_called(opened: Opened, json: bool) -> None:
    tools = ToolServer(
        [tool("getOrder", {"number": {"type": "integer"}}, description="Find an order."), tool("ping")],
        echo,
        instructions="Orders of the shop.",
        page_size=1,
    )
    async with serving_mcp(tools, json=json) as url:
        source: PluginSource = opened(url, bearer=SecretStr("tok"), headers={"X-Team": SecretStr("a")})
        plugin = await source.read()
        kernel_plugin = to_kernel_plugin(plugin)
        result = await kernel_plugin["get_order"].invoke(Kernel(), KernelArguments(number=7))
        await source.aclose()

    assert (plugin.name, plugin.version, plugin.description, plugin.kind) == (
        "tools",
        "2.1",
        "Orders of the shop.",
        "mcp",
    )
    assert named(plugin, "get_order").description == "Find an order."
    assert [f.name for f in plugin.functions] == ["get_order", "ping"]
    assert result is not None
    assert result.value == [FunctionResult("getOrder {'number': 7}", {"text": "getOrder {'number': 7}"})]
    assert tools.requests[0]["authorization"] == "Bearer tok"
    assert tools.requests[0]["x-team"] == "a"
    assert tools.requests[-1]["method"] == "DELETE"


async def test_effects(opened: Opened) -> None:
    hints = types.ToolAnnotations
    tools = ToolServer(
        [
            tool("read", annotations=hints(readOnlyHint=True)),
            tool("again", annotations=hints(idempotentHint=True)),
            tool("plain"),
            tool("ruled", annotations=hints(readOnlyHint=True)),
        ],
        echo,
    )
    rules = {"ruled": ToolRule(effect="write", idempotent=False, description="Ruled")}
    async with serving_mcp(tools) as url:
        trusted = await opened(url, rules=rules).read()
        doubted = await opened(url, rules={"read": ToolRule(effect="read")}, trust_annotations=False).read()

    assert {f.name: (f.effect, f.idempotent) for f in trusted.functions} == {
        "read": ("read", True),
        "again": ("write", True),
        "plain": ("write", False),
        "ruled": ("write", False),
    }
    assert named(trusted, "ruled").description == "Ruled"
    assert {f.name: (f.effect, f.idempotent) for f in doubted.functions} == {
        "read": ("read", False),
        "again": ("write", False),
        "plain": ("write", False),
        "ruled": ("write", False),
    }


SCHEMAS: list[tuple[Any, dict[str, Any]]] = [
    (
        {"type": "object", "properties": {"a": {"type": "string", "title": "A"}}, "required": ["a"], "$schema": "x"},
        {"properties": {"a": {"type": "string", "description": "A"}}, "required": ["a"]},
    ),
    ({"type": "object"}, {"properties": {}}),
    ({}, {"properties": {}}),
    (
        {
            "type": "object",
            "properties": {"n": {"$ref": "#/$defs/Node"}},
            "$defs": {"Node": {"items": {"$ref": "#/$defs/Node"}}},
        },
        {"properties": {"n": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": {"items": {"$ref": "#/$defs/Node"}}}},
    ),
    (
        {
            "properties": {"n": {"$ref": "#/definitions/Old"}},
            "definitions": {"Old": {"exclusiveMinimum": True, "minimum": 1}},
        },
        {"properties": {"n": {"$ref": "#/$defs/Old"}}, "$defs": {"Old": {"exclusiveMinimum": 1}}},
    ),
    (
        {"properties": {"file.path": {"type": "string"}}},
        {
            "properties": {"arguments": {"type": "object", "properties": {"file.path": {"type": "string"}}}},
            "required": ["arguments"],
        },
    ),
    (
        {"anyOf": [{"required": ["a"]}], "properties": {"a": {}}},
        {
            "properties": {"arguments": {"type": "object", "anyOf": [{"required": ["a"]}], "properties": {"a": {}}}},
            "required": ["arguments"],
        },
    ),
    (
        {"additionalProperties": {"type": "string"}},
        {
            "properties": {"arguments": {"type": "object", "additionalProperties": {"type": "string"}}},
            "required": ["arguments"],
        },
    ),
]


async def test_arguments(opened: Opened) -> None:
    tools = ToolServer([tool(f"t{i}", inputSchema=schema) for i, (schema, _) in enumerate(SCHEMAS)], echo)
    async with serving_mcp(tools) as url:
        plugin = await opened(url).read()
        await named(plugin, "t5").invoke({"arguments": {"file.path": "/a"}}, CONTEXT)
        await named(plugin, "t0").invoke({"a": "x"}, CONTEXT)

    for i, (_, expected) in enumerate(SCHEMAS):
        assert named(plugin, f"t{i}").input_schema == {"type": "object", "additionalProperties": False, **expected}
    assert tools.calls == [("t5", {"file.path": "/a"}), ("t0", {"a": "x"})]


async def test_what_is_left_out(opened: Opened) -> None:
    remote = {"properties": {"a": {"$ref": "https://other.example/a.json"}}}
    long = {"properties": {f"p{i}": {"description": "x" * 250} for i in range(2_000)}}
    tools = ToolServer(
        [
            tool("ok"),
            tool("a-b"),
            tool("a_b"),
            tool("注文"),
            tool("remote", inputSchema=remote),
            tool("long", inputSchema=long),
        ],
        echo,
    )
    async with serving_mcp(tools) as url:
        plugin = await opened(url).read()
        with pytest.raises(SourceError) as empty:
            await opened(url, tools=("remote",)).read()
        chosen = await opened(url, tools=("o*",)).read()

    assert {left.subject: left.reason for left in plugin.left_out} == {
        "a_b": "another function is already called a_b",
        "注文": "its name has no letter or digit of ASCII",
        "remote": "refers to another document, https://other.example/a.json",
        "long": "its schema is longer than 262,144 characters",
    }
    assert [f.name for f in plugin.functions] == ["ok", "a_b"]
    assert [f.name for f in chosen.functions] == ["ok"]
    assert empty.value.code == "SOURCE_EMPTY"


RESULTS: list[tuple[types.CallToolResult, FunctionResult]] = [
    (text("a", structuredContent={"n": 1}), FunctionResult("a", {"text": "a", "structured": {"n": 1}})),
    (
        types.CallToolResult(content=[], structuredContent={"n": 1, "more": None}),
        FunctionResult("", {"text": "", "structured": {"n": 1, "more": None}}),
    ),
    (
        text("a", structuredContent={"n": "one"}),
        FunctionResult(
            "a", {"text": "a", "note": "The structured answer is not what the server says of it at structured.n."}
        ),
    ),
    (
        types.CallToolResult(
            content=[
                types.TextContent(type="text", text="a"),
                types.ImageContent(type="image", data="aGk=", mimeType="image/png"),
                types.ImageContent(type="image", data="aGk=", mimeType="image/png"),
                types.AudioContent(type="audio", data="aGk=", mimeType="audio/wav"),
                types.ResourceLink.model_validate({"type": "resource_link", "uri": "file:///a", "name": "a"}),
                types.EmbeddedResource.model_validate(
                    {"type": "resource", "resource": {"uri": "file:///a", "text": "b"}}
                ),
                types.EmbeddedResource.model_validate(
                    {"type": "resource", "resource": {"uri": "file:///a", "blob": "aGk="}}
                ),
            ]
        ),
        FunctionResult(
            "a\nb",
            {
                "text": "a\nb",
                "note": "Left out: 1 of kind audio, 2 of kind image, 1 of kind resource, 1 of kind resource link.",
            },
        ),
    ),
]


@pytest.mark.parametrize(("answer", "result"), RESULTS)
async def test_results(opened: Opened, answer: types.CallToolResult, result: FunctionResult) -> None:
    async def call(_name: str, _arguments: dict[str, Any]) -> types.CallToolResult:
        return answer

    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    async with serving_mcp(ToolServer([tool("t", outputSchema=schema)], call)) as url:
        plugin = await opened(url).read()
        assert await plugin.functions[0].invoke({}, CONTEXT) == result

    structured = plugin.functions[0].output_schema["properties"]["structured"]
    assert structured == {"type": ["object", "null"], "properties": {"n": {"type": ["integer", "null"]}}}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (text("no such order, s3cret", isError=True), "CALL_REFUSED", "The tool failed: no such order, ***"),
        (types.CallToolResult(content=[], isError=True), "CALL_REFUSED", "The tool failed."),
        (text("x" * 99_000), "RESPONSE_TOO_LARGE", "larger"),
        (text("x" * 200_000), "RESPONSE_TOO_LARGE", "larger"),
    ],
)
@pytest.mark.parametrize("json", [False, True], ids=["events", "json"])
async def test_results_that_are_errors(
    opened: Opened, answer: types.CallToolResult, code: str, words: str, json: bool
) -> None:
    async def call(_name: str, _arguments: dict[str, Any]) -> types.CallToolResult:
        return answer

    limits = SourceLimits(max_response_bytes=98_000, call_timeout_s=5.0)
    async with serving_mcp(ToolServer([tool("t")], call), json=json) as url:
        plugin = await opened(url, limits, bearer=SecretStr("s3cret")).read()
        with pytest.raises(SourceError) as failed:
            await plugin.functions[0].invoke({}, CONTEXT)
        # The session goes on.
        assert await opened.sources[-1].read() is not None

    assert failed.value.code == code
    assert words in failed.value.message


async def test_a_call_that_takes_too_long_is_cancelled_at_the_server(opened: Opened) -> None:
    hang = asyncio.Event()

    async def call(name: str, _arguments: dict[str, Any]) -> types.CallToolResult:
        if name == "slow":
            await hang.wait()
        return text("done")

    tools = ToolServer([tool("slow"), tool("quick")], call)
    async with serving_mcp(tools) as url:
        plugin = await opened(url).read()
        with pytest.raises(SourceError) as late:
            await named(plugin, "slow").invoke({}, CallContext("t", "r", deadline_s=0.1))
        await tools.cancelled.wait()
        tools.cancelled.clear()
        tools.called.clear()
        task = asyncio.ensure_future(named(plugin, "slow").invoke({}, CONTEXT))
        await tools.called["slow"].wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await tools.cancelled.wait()
        assert (await named(plugin, "quick").invoke({}, CONTEXT)).text == "done"

    assert late.value.code == "CALL_TIMEOUT"
    assert late.value.retryable


async def test_many_calls_at_once(opened: Opened) -> None:
    async with serving_mcp(ToolServer([tool("t", {"n": {"type": "integer"}})], echo)) as url:
        plugin = await opened(url).read()
        results = await asyncio.gather(*(plugin.functions[0].invoke({"n": n}, CONTEXT) for n in range(20)))

    assert [result.text for result in results] == [f"t {{'n': {n}}}" for n in range(20)]


async def test_a_server_says_that_its_tools_changed(opened: Opened) -> None:
    tools = ToolServer([tool("a")], echo)
    changed = asyncio.Event()
    async with serving_mcp(tools) as url:
        source = opened(url, on_changed=changed.set, on_drift="reread")
        refusing = opened(url)
        first = await source.read()
        await refusing.read()
        await first.functions[0].invoke({}, CONTEXT)
        tools.tools.append(tool("b"))
        for _ in range(10_000):
            # The stream for notices is opened beside all else, and what is said before goes nowhere.
            await tools.say_that_tools_changed()
            await asyncio.sleep(0)
            if changed.is_set():
                break
        second = await source.refresh(first.fingerprint)
        with pytest.raises(SourceError) as drifted:
            await refusing.refresh(first.fingerprint)
        tools.tools.pop()
        assert (await refusing.refresh(first.fingerprint)).fingerprint == first.fingerprint

    assert [f.name for f in second.functions] == ["a", "b"]
    assert drifted.value.code == "PLUGIN_DRIFTED"


@pytest.mark.parametrize("count", [51, 10_000])
async def test_more_tools_than_the_limit(opened: Opened, count: int) -> None:
    tools = ToolServer([tool(f"t{i}") for i in range(count)], echo, page_size=20)
    async with serving_mcp(tools) as url:
        with pytest.raises(SourceError) as many:
            await opened(url).read()

    assert many.value.code == "SOURCE_TOO_LARGE"


# Programs.

PROGRAM = StdioServer(sys.executable, (str(Path(__file__).with_name("program.py")),), {"SHOP_KEY": SecretStr("k")})


async def test_a_program_of_the_operator(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    monkeypatch.setattr(connection, "_FIRST_PAUSE_S", 0.0)
    source = opened(stdio="shop", programs={"shop": PROGRAM}, limits=SourceLimits())
    plugin = await source.read()
    environment = (await named(plugin, "environment").invoke({}, CONTEXT)).text.split()
    first = await named(plugin, "say").invoke({"word": "hello"}, CONTEXT)
    with pytest.raises(SourceError) as gone:
        await named(plugin, "end").invoke({}, CONTEXT)
    second = await eventually(named(plugin, "say"))

    assert first.text.startswith("{'word': 'hello'} of ")
    assert "SHOP_KEY" in environment
    assert "SECRET_OF_OURS" not in environment
    assert gone.value.code == "TARGET_UNREACHABLE"
    assert second.text.split()[-1] != first.text.split()[-1]


async def eventually(function: ImportedFunction) -> FunctionResult:
    """Call until a new session is open, or the test's time is up; meanwhile it is unreachable and nothing else."""
    while True:
        try:
            return await function.invoke({}, CONTEXT)
        except SourceError as error:
            assert (error.code, error.retryable) == ("TARGET_UNREACHABLE", True)  # noqa: PT017
        await asyncio.sleep(0)


async def test_a_program_that_is_not_there(opened: Opened) -> None:
    source = opened(stdio="none", programs={"none": StdioServer("/nowhere/at/all")})
    with pytest.raises(SourceError) as failed:
        await source.read()
    assert failed.value.code == "TARGET_UNREACHABLE"


def test_only_the_operator_has_programs() -> None:
    with pytest.raises(SourceError) as refused:
        McpSource(McpRegistration("tools", stdio="sh"), AddressGuard(), programs={"shop": PROGRAM})
    assert (refused.value.code, refused.value.field) == ("STDIO_NOT_ALLOWED", "stdio")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://a.example", "stdio": "x"}, "url"),
        ({}, "url"),
        ({"url": "https://a.example", "call_timeout_s": 9_999.0}, "call_timeout_s"),
        ({"url": "https://a.example", "headers": {"Mcp-Session-Id": SecretStr("x")}}, "headers.Mcp-Session-Id"),
        ({"url": "https://a.example", "headers": {"X": SecretStr("a\nb")}}, "headers.X"),
        ({"url": "https://a.example", "bearer": SecretStr("a\nb")}, "bearer"),
        ({"stdio": "x", "bearer": SecretStr("a")}, "stdio"),
    ],
)
def test_a_wrong_registration_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as refused:
        McpRegistration(name="tools", **wrong)
    assert (refused.value.code, refused.value.field) == ("REGISTRATION_INVALID", field)


def test_a_url_is_judged_at_once() -> None:
    for url in ("http://a.example/mcp", "https://127.0.0.1/mcp"):
        with pytest.raises(SourceError) as refused:
            McpSource(McpRegistration("tools", url=url), AddressGuard())
        assert refused.value.code == "TARGET_NOT_ALLOWED"
