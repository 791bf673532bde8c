"""What one training or evaluation example is, whatever task it comes from."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Split = Literal["train", "heldout"]
"""`heldout` draws names, companies, topics, facts, identifiers and phrasings that `train` never shows."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat; `role` is `system`, `user`, `assistant` or `tool`.

    `notes` are taught and never shown: at the token that holds the character of that index in `content`, the model is
    to say how `text` begins. What a piece of a request means for the answer is learned in far fewer steps where it
    stands than from the answer alone, which depends on all pieces at once.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    notes: tuple[tuple[int, str], ...] = ()


def line_notes(content: str, verdict: Callable[[str], str]) -> tuple[tuple[int, str], ...]:
    """Return a note at the end of each line of `content` of which `verdict` has something to say."""
    notes, start = [], 0
    for line in content.split("\n"):
        if line and (said := verdict(line)):
            notes.append((start + len(line) - 1, said))
        start += len(line) + 1
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the messages before the answer, the answer, and what a scorer needs to judge another answer.

    The loss is taken on `answer` and the notes of the messages, and, if `turns_taught`, on the assistant's earlier
    messages. `facts` is task-specific and never shown to the model.
    """

    task: str
    prompt: tuple[Message, ...]
    answer: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    turns_taught: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A family of examples: how to draw one, how to judge an answer, and its share of the corpus.

    `score` returns named verdicts (`{"facts_kept": True, "nothing_invented": False}`); an answer counts as right
    when all are true. It must return all-true for the example's own `answer`.
    """

    name: str
    weight: float
    draw: Callable[[random.Random, Split], Example]
    score: Callable[[Example, str], dict[str, bool]]
