"""Constraints on an answer, worded for llguidance, the grammar engine inside onnxruntime-genai."""

from __future__ import annotations

import json
from typing import Any

from service.backends.base import Guidance
from service.errors import InvalidArgumentError

# With forcing, onnxruntime-genai 0.18 encodes the bytes that a grammar forces as text; half of a character becomes
# U+FFFD there and the generation fails ("€" as a constant is enough). Without it the mask alone decides.
_HEADER = '%llguidance {"no_forcing": true}\n'
_COMBINATIONS = ("anyOf", "oneOf", "allOf", "$ref", "if", "dependentSchemas")
_SCHEMA_MAPS = ("properties", "$defs", "definitions", "patternProperties")


def lark_grammar(guidance: Guidance) -> str:
    """Return `guidance` as one Lark grammar for `set_guidance("lark_grammar", ...)`.

    Raises:
        InvalidArgumentError: It is empty, or not JSON where it must be. Other faults show when it is compiled.
    """
    if not guidance.value.strip():
        raise InvalidArgumentError("The guidance is empty.")
    if guidance.kind == "lark_grammar":
        return _HEADER + guidance.value
    if guidance.kind == "regex":
        return f"{_HEADER}start: /{_escape_slashes(guidance.value)}/"
    try:
        schema = json.loads(guidance.value)
    except ValueError as error:
        raise InvalidArgumentError(f"The guidance is not JSON: {error}.") from error
    if not isinstance(schema, dict):
        raise InvalidArgumentError("The JSON Schema of the guidance must be an object.")
    # A weak model would otherwise fill the answer with the spaces that JSON allows.
    closed = {**close_objects(schema), "x-guidance": {**schema.get("x-guidance", {}), "whitespace_flexible": False}}
    return f"{_HEADER}start: %json {json.dumps(closed, ensure_ascii=False)}"


def close_objects(schema: Any) -> Any:
    """Return `schema` with `additionalProperties: false` wherever an object lists properties and does not say.

    Objects that are put together of several schemas stay open: the parts would forbid each other's properties.
    """
    if not isinstance(schema, dict):
        return schema
    closed = dict(schema)
    properties = closed.get("properties")
    alone = properties is not None and not any(key in closed for key in _COMBINATIONS)
    if alone and set(closed.get("required", ())) <= set(properties or ()):
        closed.setdefault("additionalProperties", False)
    for key in _SCHEMA_MAPS:
        if isinstance(closed.get(key), dict):
            closed[key] = {name: close_objects(part) for name, part in closed[key].items()}
    for key in ("anyOf", "oneOf") if properties is None else ():
        if isinstance(closed.get(key), list):
            closed[key] = [close_objects(part) for part in closed[key]]
    if "items" in closed:
        closed["items"] = close_objects(closed["items"])
    return closed


def _escape_slashes(regex: str) -> str:
    """Return `regex` so that no `/` ends it early."""
    parts: list[str] = []
    escaped = False
    for character in regex:
        parts.append("\\/" if character == "/" and not escaped else character)
        escaped = character == "\\" and not escaped
    return "".join(parts)
