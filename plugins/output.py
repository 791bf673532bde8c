"""What a plugin function yields while it works; the host turns each into an event of the run.

A function of a plugin is an async generator: any number of `TextDelta`, `Note` and `Citation`, then one
`FunctionResult`, which is always last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the text that the caller reads, in order; joined they are the function's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the caller should know that is not an error, e.g. `CODE_SYNTAX_ERROR` with its line.

    `code` is UPPER_SNAKE and stable; `message` is one English sentence for a person.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that the text refers to as `[number]`, counted from 1."""

    number: int
    document: str
    passage_id: str
    quote: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """The end of a function: its whole text, and `data` that fits the function's `output_schema`."""

    text: str
    data: dict[str, Any] = field(default_factory=dict)


FunctionOutput: TypeAlias = TextDelta | Note | Citation | FunctionResult
