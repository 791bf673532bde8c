"""Tool calls by constrained decoding: a model under a grammar cannot write a call that does not parse."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeAlias

from planners.layout import FunctionLine, choice_answer, choice_system
from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    TextPiece,
    ToolCall,
    ToolSpec,
)
from service.errors import InternalError, InvalidArgumentError

NO_TOOL = "none"
_NO_TOOL_LINE = FunctionLine(NO_TOOL, (), "Answer in words, without a function.")

_ARGUMENTS = "properties/arguments"

Answer: TypeAlias = Callable[[GenerationRequest], AsyncGenerator[GenerationPiece, None]]
"""Answers a request without tools."""


def shown_name(name: str) -> str:
    """Return a tool's name as the model sees it: Semantic Kernel's `plugin-function` is `plugin.function` there."""
    return name.replace("-", ".", 1)


def as_words(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return `messages` with the calls of earlier turns written out, as the model would have written them."""
    return tuple(
        replace(message, content=_with_calls(message), tool_calls=()) if message.tool_calls else message
        for message in messages
    )


def with_tools(messages: Sequence[ChatMessage], lines: Sequence[FunctionLine]) -> tuple[ChatMessage, ...]:
    """Return `messages` with the list of functions at the end of the system message."""
    text = choice_system(lines)
    first, *rest = messages
    if first.role == "system":
        return (replace(first, content=f"{first.content}\n{text}" if first.content else text), *rest)
    return (ChatMessage("system", text), *messages)


def choosing_prompt(messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> tuple[ChatMessage, ...]:
    """Return the longest prompt that a model with a free choice of `tools` is shown for `messages`."""
    return with_tools(messages, [*map(_line, tools), _NO_TOOL_LINE]) if tools else tuple(messages)


def call_schema(tools: Sequence[ToolSpec], *, may_decline: bool) -> dict[str, Any]:
    """Return the JSON Schema of a call of one of `tools`, or of none of them if the model `may_decline`.

    Keywords that the grammar engine does not know are left out of the constraint: whoever makes the call checks its
    arguments against the tool's own schema.
    """
    choices = [
        _object(name={"const": shown_name(tool.name)}, arguments=_arguments_schema(tool, f"#/anyOf/{at}/{_ARGUMENTS}"))
        for at, tool in enumerate(tools)
    ]
    if may_decline:
        choices.append(_object(name={"const": NO_TOOL}))
    return {"anyOf": choices, "x-guidance": {"lenient": True}}


async def answer_with_tools(request: GenerationRequest, answer: Answer) -> AsyncGenerator[GenerationPiece, None]:
    """Yield a call, or text when the choice is free and the model declines all tools.

    Declining costs a second generation, which starts from the same request without the tools. A call that the token
    limit cut off is not yielded: the reason to finish says `length`.
    """
    names = {shown_name(tool.name): tool.name for tool in request.tools}
    if len(names) < len(request.tools) or NO_TOOL in names:
        raise InvalidArgumentError(f"Tool names must differ, and none may be {NO_TOOL!r}.")
    free = request.tool_choice == "auto"
    lines = [_line(tool) for tool in request.tools]
    choosing = replace(
        request,
        messages=with_tools(request.messages, [*lines, _NO_TOOL_LINE] if free else lines),
        guidance=Guidance("json_schema", json.dumps(call_schema(request.tools, may_decline=free), ensure_ascii=False)),
        # A stop string could cut the JSON in two.
        sampling=replace(request.sampling, stop=()),
        tools=(),
        tool_choice="none",
    )
    text, chosen = await _drain(answer(choosing))
    if chosen.finish_reason == "length":
        yield chosen
        return
    call = json.loads(text)
    if call["name"] != NO_TOOL:
        arguments = json.dumps(call["arguments"], ensure_ascii=False, separators=(",", ":"))
        yield CallPiece(ToolCall(f"call_{uuid.uuid4().hex}", names[call["name"]], arguments))
        yield replace(chosen, finish_reason="tool_calls")
        return
    async with aclosing(answer(replace(request, tools=(), tool_choice="none"))) as pieces:
        async for piece in pieces:
            yield _after(chosen, piece) if isinstance(piece, Finished) else piece


async def _drain(pieces: AsyncGenerator[GenerationPiece, None]) -> tuple[str, Finished]:
    text: list[str] = []
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, Finished):
                return "".join(text), piece
            if isinstance(piece, TextPiece):
                text.append(piece.text)
    raise InternalError("A generation ended without its last piece.")


def _after(first: Finished, second: Finished) -> Finished:
    """Return the end of two generations that were one request."""
    return Finished(
        finish_reason=second.finish_reason,
        usage=first.usage + second.usage,
        queued_s=first.queued_s + second.queued_s,
        first_token_s=first.total_s + second.first_token_s,
        total_s=first.total_s + second.total_s,
    )


def _line(tool: ToolSpec) -> FunctionLine:
    return FunctionLine(shown_name(tool.name), tuple(tool.parameters.get("properties", {})), tool.description)


def _with_calls(message: ChatMessage) -> str:
    calls = [choice_answer(shown_name(call.name), json.loads(call.arguments or "{}")) for call in message.tool_calls]
    return "\n".join(filter(None, [message.content, *calls]))


def _object(**properties: Any) -> dict[str, Any]:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _arguments_schema(tool: ToolSpec, place: str) -> dict[str, Any]:
    """Return the schema of a tool's arguments; references within it are led to `place`, where it will lie."""
    schema: dict[str, Any] = _moved({"type": "object", **tool.parameters}, place)
    return schema


def _moved(part: Any, place: str) -> Any:
    if isinstance(part, list):
        return [_moved(item, place) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: place + value[1:] if key == "$ref" and str(value).startswith("#") else _moved(value, place)
        for key, value in part.items()
    }
