"""How the choice of a function is laid out for the model; the embedded model is trained on exactly these texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_INSTRUCTION = "Choose the function for the request and fill its arguments. Answer in JSON."

_PLAN_INSTRUCTION = (
    "Plan the request in one to {most} steps. Each step calls one function. Steps are named s1, s2 and so on in their "
    'order. An argument may come from an earlier step: {{"from":"steps.s1.text"}}. Use no more steps than the request '
    "needs. Answer in JSON."
)

_CRITIC_INSTRUCTION = (
    "Hold the draft against each question. A question passes if its answer is yes; else advise in one sentence what to "
    "change. Answer in JSON."
)

LOOP_SYSTEM = (
    "Answer the request with the functions that you have. Call one only where it helps, and give it what the request "
    "says and nothing made up. When you know enough, answer in words."
)
"""What a model is told that calls functions until it answers."""

_HEAD_CHARACTERS = 700
_TAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class FunctionLine:
    """What the model sees of a function: its full name, the arguments that a model fills, and one short sentence.

    `arguments` is empty where only the function is chosen, which needs no more than name and description.
    """

    name: str
    arguments: tuple[str, ...]
    description: str
    results: tuple[str, ...] = ()
    """The names in its result; shown only where a plan may refer to them."""


def choice_system(functions: Sequence[FunctionLine]) -> str:
    """Return the system text that lists `functions`, one a line; the request itself is the user's message.

    The description comes first: when a model reads a name, it then knows what the function is for.
    """
    listed = (f"{f.description.rstrip('.')}: {f.name}{_in_brackets(f.arguments)}" for f in functions)
    return "\n".join([_INSTRUCTION, *listed])


def _in_brackets(arguments: Sequence[str]) -> str:
    return f"({', '.join(arguments)})" if arguments else ""


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


def plan_system(functions: Sequence[FunctionLine], most: int) -> str:
    """Return the system text of a plan of at most `most` steps; the embedded model was not trained on it."""
    lines = [
        f"{f.name}({', '.join(f.arguments)}) -> {', '.join(('text', *f.results))}: {f.description}" for f in functions
    ]
    return "\n".join([_PLAN_INSTRUCTION.format(most=most), "Functions:", *lines])


def plan_repair(request: str, draft: Mapping[str, Any], wrong: Sequence[str]) -> str:
    """Return the user's message that asks to mend a plan, in the validator's words."""
    written = json.dumps(draft, ensure_ascii=False, separators=(",", ":"))
    return "\n".join([request, "", "Your plan was:", written, "It is wrong:", *wrong, "Write the whole plan again."])


def critic_system(checklist: Mapping[str, str]) -> str:
    """Return the system text that asks for a verdict on each question of `checklist`, by name."""
    questions = [f"{name}: {question}" for name, question in checklist.items()]
    return "\n".join([_CRITIC_INSTRUCTION, *questions])


def critic_user(request: str, draft: str) -> str:
    """Return the user's message of a criticism: what was asked for, and the draft."""
    return f"Request:\n{request}\n\nDraft:\n{draft}"
