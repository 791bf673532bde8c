"""How the choice of a function is laid out for the model; the embedded model is trained on exactly these texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_INSTRUCTION = "Choose the function for the request and fill its arguments. Answer in JSON."

_HEAD_CHARACTERS = 700
_TAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class FunctionLine:
    """What the model sees of a function: its full name, the arguments that a model fills, and one short sentence."""

    name: str
    arguments: tuple[str, ...]
    description: str


def choice_system(functions: Sequence[FunctionLine]) -> str:
    """Return the system text that lists `functions`, one a line; the request itself is the user's message."""
    lines = [f"{f.name}({', '.join(f.arguments)}): {f.description}" for f in functions]
    return "\n".join([_INSTRUCTION, "Functions:", *lines])


def choice_user(request: str) -> str:
    """Return `request` as the choice of a function needs it: what is pasted into the middle of a long one is cut.

    Which function is meant is said at the start or at the end, while a thread of mails would fill a small context.
    """
    if len(request) <= _HEAD_CHARACTERS + _TAIL_CHARACTERS:
        return request
    return f"{request[:_HEAD_CHARACTERS]}\n…\n{request[-_TAIL_CHARACTERS:]}"


def choice_answer(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the answer as compact JSON; `arguments` are in the order of the schema's properties."""
    return json.dumps({"name": name, "arguments": dict(arguments)}, ensure_ascii=False, separators=(",", ":"))
