"""Tools of an MCP server as functions: their arguments, their effects, and what their results become."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mcp.types import (
    CallToolResult,
    EmbeddedResource,
    TextContent,
    TextResourceContents,
    Tool,
)

from plugins.manifest import Effect
from plugins.output import FunctionResult
from plugins.sources.arguments import ArgumentCheck
from plugins.sources.base import RESERVED_ARGUMENTS, SourceError, SourceLimits
from plugins.sources.guarded_http import masked
from plugins.sources.mcp.registration import McpRegistration, ToolRule
from plugins.sources.openapi.keywords import shortened
from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.schemas import Definition, Direction, Schemas, check_size

WHOLE: Final = "arguments"
"""The one argument of a function whose tool takes what is no plain object."""

_ARGUMENT: Final = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_PLAIN: Final = frozenset({"type", "properties", "required", "description", "additionalProperties"})
_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class ToolFunction:
    """A tool as a function. `whole`: its arguments come as the one argument `arguments`."""

    tool: str
    description: str
    effect: Effect
    idempotent: bool
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    whole: bool

    def sent_arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments as the tool takes them."""
        return dict(arguments.get(WHOLE) or {}) if self.whole else dict(arguments)


def tool_function(tool: Tool, registration: McpRegistration, limits: SourceLimits) -> ToolFunction:
    """Return the function of a tool.

    Raises:
        UnusableError: its schema cannot be used.
    """
    rule = registration.rules.get(tool.name, ToolRule())
    hints = tool.annotations if registration.trust_annotations else None
    reads = hints is not None and hints.readOnlyHint is True
    again = reads or (hints is not None and hints.idempotentHint is True)
    input_schema, whole = _input_schema(tool.inputSchema, limits)
    said = rule.description or tool.description or tool.title or (hints and hints.title) or tool.name
    return ToolFunction(
        tool=tool.name,
        description=shortened(said, limits.max_description_characters),
        effect=rule.effect or ("read" if reads else "write"),
        idempotent=again if rule.idempotent is None else rule.idempotent,
        input_schema=input_schema,
        output_schema=_output_schema(tool.outputSchema, limits),
        whole=whole,
    )


def _input_schema(schema: Mapping[str, Any], limits: SourceLimits) -> tuple[dict[str, Any], bool]:
    made, definitions = _converted(schema, "request", limits)
    problem = next((part.problem for part in (made, *definitions.values()) if part.problem), "")
    if problem:
        raise UnusableError(problem)
    check_size([made], definitions, limits)
    # A list of types or none at all is not said to be an object, but a tool's arguments are one.
    found = {**made.schema, "type": "object"}
    beside = {"$defs": {name: part.schema for name, part in definitions.items()}} if definitions else {}
    properties = found.get("properties", {})
    plain = found.keys() <= _PLAIN and all(_is_argument(name, part) for name, part in properties.items())
    # What else may come is not said there, so a closed object loses nothing that a model could know of.
    if not plain or isinstance(found.get("additionalProperties"), dict):
        holder = {"type": "object", "properties": {WHOLE: found}, "required": [WHOLE], "additionalProperties": False}
        return holder | beside, True
    kept = {key: found[key] for key in ("type", "required") if key in found}
    return kept | {"properties": properties, "additionalProperties": False} | beside, False


def _is_argument(name: str, part: Any) -> bool:
    return isinstance(part, dict) and name not in RESERVED_ARGUMENTS and _ARGUMENT.fullmatch(name) is not None


def _output_schema(schema: Mapping[str, Any] | None, limits: SourceLimits) -> dict[str, Any]:
    structured: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    if schema is not None:
        made, definitions = _converted(schema, "response", limits)
        try:
            check_size([made], definitions, limits)
            structured = made.schema
            beside = {"$defs": {name: part.schema for name, part in definitions.items()}} if definitions else {}
        except UnusableError:
            structured = {}
    properties = {"text": {"type": "string"}, "structured": structured, "note": {"type": "string"}}
    return {"type": "object", "properties": properties, "required": ["text"], "additionalProperties": False} | beside


def _converted(
    schema: Mapping[str, Any], direction: Direction, limits: SourceLimits
) -> tuple[Definition, Mapping[str, Definition]]:
    schemas = Schemas(References(schema), direction, limits)
    made = schemas.convert(schema)
    return made, schemas.closure([made])


def result_of(
    answer: CallToolResult, check: ArgumentCheck, limits: SourceLimits, secrets: Sequence[str]
) -> FunctionResult:
    """Return what a tool answers: its texts, its structured content, and a note of what was left out.

    Raises:
        SourceError: the tool says that it failed, or its answer is too large.
    """
    texts: list[str] = []
    left_out: Counter[str] = Counter()
    for block in answer.content:
        if isinstance(block, TextContent):
            texts.append(block.text)
        elif isinstance(block, EmbeddedResource) and isinstance(block.resource, TextResourceContents):
            texts.append(block.resource.text)
        else:
            left_out[block.type.replace("_", " ")] += 1
    text = "\n".join(texts)
    if len(text) > limits.max_response_bytes:
        raise SourceError(
            "RESPONSE_TOO_LARGE", f"The tool's answer is larger than {limits.max_response_bytes:,} bytes."
        )
    if answer.isError:
        said = masked(shortened(text, _WORDS), secrets)
        raise SourceError("CALL_REFUSED", f"The tool failed: {said}" if said else "The tool failed.")
    data: dict[str, Any] = {"text": text}
    notes = [f"{count} of kind {kind}" for kind, count in sorted(left_out.items())]
    if notes:
        data["note"] = f"Left out: {', '.join(notes)}."
    if answer.structuredContent is not None:
        data["structured"] = answer.structuredContent
        _hold_to_schema(data, check)
    return FunctionResult(text or str(data.get("note", "")), data)


def _hold_to_schema(data: dict[str, Any], check: ArgumentCheck) -> None:
    """Drop structured content that is not what the server says: the tool has run all the same, so it is no error."""
    try:
        check.check(data)
    except SourceError as error:
        del data["structured"]
        place = f" at {error.field}" if error.field else ""
        said = f"The structured answer is not what the server says of it{place}."
        data["note"] = f"{data['note']} {said}" if "note" in data else said
