"""All tasks of the corpus, and how often each is drawn."""

from __future__ import annotations

import random
from collections.abc import Iterator

from models.colibri.corpus import chat, code, email, functions, support
from models.colibri.corpus.example import Example, Message, Split, Task

TASKS: tuple[Task, ...] = (*email.TASKS, *code.TASKS, *support.TASKS, *functions.TASKS, *chat.TASKS)

RECITATION_SYSTEM = "Repeat the text."
_RECITED_CHARACTERS = 240


def task(name: str) -> Task:
    """Return the task of that name.

    Raises:
        KeyError: There is none.
    """
    for candidate in TASKS:
        if candidate.name == name:
            return candidate
    raise KeyError(f"no task named {name!r}; there are: {', '.join(t.name for t in TASKS)}")


def examples(rng: random.Random, split: Split, recitation: float = 0.0) -> Iterator[Example]:
    """Yield examples without end, tasks drawn by weight.

    `recitation` (0–1) is the share of examples that only ask for the user's text back. Copying what was just read is
    the skill that all tasks build on, and it forms in a fraction of the time when it is asked for alone.
    """
    weights = [t.weight for t in TASKS]
    while True:
        drawn = rng.choices(TASKS, weights)[0].draw(rng, split)
        yield _recite(rng, drawn) if rng.random() < recitation else drawn


def _recite(rng: random.Random, example: Example) -> Example:
    text = example.prompt[-1].content
    start = rng.randrange(max(1, len(text) - _RECITED_CHARACTERS))
    piece = text[start : start + rng.randrange(20, _RECITED_CHARACTERS)].strip()
    return Example("recitation", (Message("system", RECITATION_SYSTEM), Message("user", piece)), piece)
