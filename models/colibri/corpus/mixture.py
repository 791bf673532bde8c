"""All tasks of the corpus, and how often each is drawn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from models.colibri.corpus import chat, code, email, functions, support
from models.colibri.corpus.example import Example, Message, Split, Task
from models.colibri.corpus.functions import further_choices

TASKS: tuple[Task, ...] = (*email.TASKS, *code.TASKS, *support.TASKS, *functions.TASKS, *chat.TASKS)

TURNS = {"functions.choose": 8, "functions.arguments": 4, "support.classify": 5, "chat.reply": 4}
"""How many requests a row of the training holds at most, of the tasks whose rows hold more than one."""

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


def rows_to_learn(rng: random.Random, recitation: float) -> Iterator[Example]:
    """Yield what the training reads: `examples` of `train`, of some tasks several requests under one system text.

    Where the answer is a decision of a few tokens, most of the time would go into reading the list before it.
    """
    for example in examples(rng, "train", recitation):
        yield _with_more_turns(rng, example) if example.task in TURNS else example


def _with_more_turns(rng: random.Random, example: Example) -> Example:
    turns = list(example.prompt)
    answer = example.answer
    for more in _more_requests(rng, example, TURNS[example.task] - 1):
        turns += [Message("assistant", answer), *more.prompt[1:]]
        answer = more.answer
    return replace(example, prompt=tuple(turns), answer=answer, turns_taught=True)


def _more_requests(rng: random.Random, example: Example, count: int) -> list[Example]:
    if example.task == "functions.choose":
        return further_choices(rng, example, count)
    drawn = [task(example.task).draw(rng, "train") for _ in range(count)]
    return [more for more in drawn if more.prompt[0] == example.prompt[0]]


def _recite(rng: random.Random, example: Example) -> Example:
    text = example.prompt[-1].content
    start = rng.randrange(max(1, len(text) - _RECITED_CHARACTERS))
    piece = text[start : start + rng.randrange(20, _RECITED_CHARACTERS)].strip()
    return Example("recitation", (Message("system", RECITATION_SYSTEM), Message("user", piece)), piece)
