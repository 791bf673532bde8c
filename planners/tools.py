"""Functions as a model that calls functions is told of them, and its calls as ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from planners.facts import FunctionFacts
from plugins.manifest import FILL

MAX_NAME_CHARACTERS: Final = 64
"""Source: https://platform.openai.com/docs/api-reference/chat/create, `tools[].function.name`."""

_COPIED: Final = {
    "request": "Leave it out to take what the user says as it is.",
    "last_answer": "Leave it out to take the last answer as it is.",
}
"""What is told of a property that would be filled with a copy."""


class CallFormError(ValueError):
    """The arguments of a call are no JSON object; the message is for the model."""


def tool_name(function: str) -> str:
    """Return the name of `plugin.function` as models know it: without a dot, and not longer than is allowed."""
    name = function.replace(".", "-", 1)
    if len(name) <= MAX_NAME_CHARACTERS:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_NAME_CHARACTERS - 9]}_{digest}"


def tool_schema(input_schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema that a model fills: without what it must not give; what would be copied may be left out."""
    properties = {}
    for name, prop in input_schema.get("properties", {}).items():
        fill = prop.get(FILL, "") if isinstance(prop, Mapping) else ""
        if fill in _COPIED:
            said = f"{prop.get('description', '')} {_COPIED[fill]}".strip()
            properties[name] = {key: value for key, value in prop.items() if key != FILL} | {"description": said}
        elif not fill:
            properties[name] = prop
    required = [
        name
        for name in input_schema.get("required", ())
        if name in properties and FILL not in input_schema["properties"][name]
    ]
    return {**input_schema, "properties": properties, "required": required}


def tool_declarations(functions: Sequence[FunctionFacts]) -> list[dict[str, Any]]:
    """Return the functions in the words of the OpenAI API, which Semantic Kernel's settings take."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool_name(one.name),
                "description": one.description,
                "parameters": tool_schema(one.input_schema),
            },
        }
        for one in functions
    ]


def call_arguments(arguments: str | Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments that a model wrote.

    Raises:
        CallFormError: they are no JSON object.
    """
    if isinstance(arguments, Mapping):
        return dict(arguments)
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        raise CallFormError("The arguments are not valid JSON.") from None
    if not isinstance(parsed, dict):
        raise CallFormError("The arguments are not a JSON object.")
    return parsed
