"""Functions of the service as tools of MCP: each call is a run, cancelled when the agent no longer waits."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import grpc
import mcp.types as types
from google.protobuf.struct_pb2 import Struct, Value
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from vaiven.v1.plugin_pb2 import EFFECT_WRITE, Function
from vaiven.v1.plugin_service_pb2 import (
    InvokeFunctionRequest,
    ListFunctionsRequest,
    ListFunctionsResponse,
)
from vaiven.v1.run_event_pb2 import RunEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

Progress = Callable[[int, str], Awaitable[None]]
"""Is told how many characters there are and the last piece of them."""

Metadata = tuple[tuple[str, str], ...]

_PAGE: Final = 1_000
_LIST_TIMEOUT_S: Final = 30.0
_NAME_CHARACTERS: Final = 64
"""The longest name of a tool that desktop agents take."""
_HASH_CHARACTERS: Final = 8
_OWN_KEYWORDS: Final = "x-vaiven-"


class Plugins(Protocol):
    """What is needed of the asynchronous stub of `PluginService`."""

    def ListFunctions(  # noqa: N802
        self, request: ListFunctionsRequest, *, timeout: float, metadata: Metadata
    ) -> Awaitable[ListFunctionsResponse]:
        """List functions."""
        ...

    def InvokeFunction(  # noqa: N802
        self, request: InvokeFunctionRequest, *, timeout: float | None, metadata: Metadata
    ) -> AsyncIterable[RunEvent]:
        """Call a function."""
        ...


class ServiceError(Exception):
    """The service cannot be reached or refuses a call; the message is for a person."""


class FunctionBridge:
    """Lists and calls functions of the service at `address`.

    `allowed` are names of plugins and functions, none: all. `read_only` leaves out what changes something. `metadata`
    goes with every call: credentials, where the service asks for them.
    """

    def __init__(
        self,
        plugins: Plugins,
        address: str,
        *,
        allowed: Iterable[str] = (),
        read_only: bool = False,
        timeout_s: float | None = None,
        metadata: Metadata = (),
    ) -> None:
        self._metadata = metadata
        self._plugins = plugins
        self._address = address
        self._allowed = frozenset(allowed)
        self._read_only = read_only
        self._timeout_s = timeout_s
        self._names: dict[str, str] = {}

    async def tools(self) -> list[types.Tool]:
        """Return the functions that may be called, as tools.

        Raises:
            ServiceError: the service cannot be asked.
        """
        named = {tool_name(function.name): function for function in await self._functions()}
        self._names = {tool: function.name for tool, function in named.items()}
        return [_tool(name, function) for name, function in named.items()]

    async def call(self, tool: str, arguments: Mapping[str, Any], progress: Progress | None) -> types.CallToolResult:
        """Call a function and return how its run ended; a run that failed is a result that says so.

        Raises:
            ServiceError: there is no such tool.
        """
        if tool not in self._names:
            await self.tools()
        if tool not in self._names:
            raise ServiceError(f"There is no tool {tool[:100]}.")
        given = Struct()
        given.update(dict(arguments))
        request = InvokeFunctionRequest(name=self._names[tool], arguments=given, cancel_on_disconnect=True)
        characters = 0
        try:
            async for event in self._plugins.InvokeFunction(request, timeout=self._timeout_s, metadata=self._metadata):
                kind = event.WhichOneof("payload")
                if kind == "text_delta" and progress is not None:
                    characters += len(event.text_delta.text)
                    await progress(characters, event.text_delta.text)
                elif kind in ("completed", "failed", "cancelled", "incomplete"):
                    return _result(event)
        except grpc.aio.AioRpcError as error:
            return _said(worded(error, self._address), is_error=True)
        return _said("The stream ended without saying how the run ended.", is_error=True)

    async def _functions(self) -> list[Function]:
        found: list[Function] = []
        token = ""
        try:
            while True:
                request = ListFunctionsRequest(page_size=_PAGE, page_token=token)
                page = await self._plugins.ListFunctions(request, timeout=_LIST_TIMEOUT_S, metadata=self._metadata)
                found.extend(function for function in page.functions if self._is_shown(function))
                token = page.next_page_token
                if not token:
                    return found
        except grpc.aio.AioRpcError as error:
            raise ServiceError(worded(error, self._address)) from error

    def _is_shown(self, function: Function) -> bool:
        if self._read_only and function.effect == EFFECT_WRITE:
            return False
        plugin = function.name.partition("/functions/")[0]
        return not self._allowed or function.name in self._allowed or plugin in self._allowed


def tool_name(function: str) -> str:
    """Return the tool's name, `email__draft` for `plugins/email/functions/draft`; a long one ends in a hash."""
    plugin, _, name = function.removeprefix("plugins/").partition("/functions/")
    full = f"{plugin}__{name}"
    if len(full) <= _NAME_CHARACTERS:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{full[: _NAME_CHARACTERS - _HASH_CHARACTERS - 1]}_{digest}"


def worded(error: grpc.aio.AioRpcError, address: str) -> str:
    """Return what a failed call says, with what was wrong in detail."""
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return f"No vaiven service answers at {address}."
    said = error.details() or f"The call failed with {error.code().name}."
    # It reads what both kinds of error have; the stub names only that of synchronous calls.
    status = rpc_status.from_call(error)  # pyright: ignore[reportArgumentType]
    wrong = error_details_pb2.BadRequest()
    if status is not None and any(detail.Unpack(wrong) for detail in status.details):
        lines = [f"{violation.field}: {violation.description}" for violation in wrong.field_violations]
        said = "\n".join([said, *(line for line in lines if line not in said)])
    return said


def _tool(name: str, function: Function) -> types.Tool:
    output_schema = plain(function.output_schema)
    writes = function.effect == EFFECT_WRITE
    return types.Tool(
        name=name,
        description=function.description,
        inputSchema=_without_own_keywords(plain(function.input_schema)) or {"type": "object"},
        outputSchema=output_schema or None,
        annotations=types.ToolAnnotations(readOnlyHint=not writes),
    )


def _result(event: RunEvent) -> types.CallToolResult:
    match event.WhichOneof("payload"):
        case "completed":
            done = event.completed
            return _said(done.text, structured=plain(done.result))
        case "incomplete":
            cut = event.incomplete
            return _said(f"{cut.text}\n\n(The answer is cut off at the token limit.)", is_error=True)
        case "cancelled":
            return _said(f"The run was stopped: {event.cancelled.reason}.", is_error=True)
        case _:
            failed = event.failed
            more = [f"{violation.subject}: {violation.description}" for violation in failed.violations]
            return _said("\n".join([f"{failed.message} ({failed.reason})", *more]), is_error=True)


def _said(text: str, *, structured: dict[str, Any] | None = None, is_error: bool = False) -> types.CallToolResult:
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
    return types.CallToolResult(content=content, structuredContent=structured or None, isError=is_error)


def plain(struct: Struct) -> dict[str, Any]:
    """Return a Struct as JSON has it, whole numbers as int."""
    return {name: _plain_value(value) for name, value in struct.fields.items()}


def _plain_value(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return plain(value.struct_value)
        case "list_value":
            return [_plain_value(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _without_own_keywords(part: Any) -> Any:
    """Return a schema without the keywords that only this service knows."""
    if isinstance(part, list):
        return [_without_own_keywords(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _without_own_keywords(item) for key, item in part.items() if not key.startswith(_OWN_KEYWORDS)}
