"""The functions and requests of the measurement, and which functions stand beside the right one."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from planners.facts import FunctionFacts
from plugins.manifest import Effect, load_installed

ABSTAIN: Final = "chat.reply"
"""The function that a planner of one call is left with where no other fits."""

_FOLDER: Final = Path(__file__).resolve().parent
_ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `function` None: no function fits. `accepted` has, by argument, every value that is right."""

    number: int
    say: str
    function: str | None
    near: tuple[str, ...]
    accepted: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    language: str = "en"

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the right arguments; where several values are right, the first of them."""
        return {name: values[0] for name, values in self.accepted.items()}


@cache
def functions() -> Mapping[str, FunctionFacts]:
    """Return the forty functions by name, their schemas as a registration would bring them."""
    listed = yaml.safe_load((_FOLDER / "functions.yaml").read_text(encoding="utf-8"))
    facts = [
        FunctionFacts(
            name=one["name"],
            description=one["description"],
            input_schema={
                "type": "object",
                "additionalProperties": False,
                "required": one["required"],
                "properties": one["arguments"],
            },
            output_schema={"type": "object"},
            effect=_effect(one["effect"]),
            approval=False,
            outside=True,
        )
        for one in listed
    ]
    return {one.name: one for one in facts}


@cache
def abstention() -> FunctionFacts:
    """Return the installed function for requests that no other can do."""
    plugin, _, name = ABSTAIN.partition(".")
    (manifest,) = (one for one in load_installed() if one.name == plugin)
    reply = manifest.function(name)
    return FunctionFacts(ABSTAIN, reply.description, reply.input_schema, reply.output_schema, reply.effect)


@cache
def requests() -> tuple[Asked, ...]:
    """Return the two hundred requests in the order of their file."""
    groups = yaml.safe_load((_FOLDER / "requests.yaml").read_text(encoding="utf-8"))
    listed = [(group, one) for group in groups for one in group["asked"]]
    return tuple(
        Asked(
            number=number,
            say=one["say"],
            function=group["function"],
            near=tuple(group["near"]),
            accepted={name: _accepted(value) for name, value in one.get("arguments", {}).items()},
            language=one.get("language", "en"),
        )
        for number, (group, one) in enumerate(listed)
    )


def offered(asked: Asked, count: int) -> Sequence[FunctionFacts]:
    """Return `count` functions to choose from, by name as the service lists them.

    They are the right one, those near to it, and others drawn by the number of the request. Never fewer than the file
    names for the request, and never more than all forty.
    """
    first = [*([asked.function] if asked.function else []), *asked.near]
    others = [name for name in functions() if name not in first]
    drawn = random.Random(f"offered {asked.number}").sample(others, max(0, min(count, len(functions())) - len(first)))
    return [functions()[name] for name in sorted([*first, *drawn])]


def _accepted(value: Any) -> tuple[Any, ...]:
    return tuple(value[_ANY]) if isinstance(value, dict) else (value,)


def _effect(word: str) -> Effect:
    match word:
        case "none" | "read" | "write":
            return word
    raise ValueError(f"{word} is no effect")
