"""What variants are given to do, and how their answers are judged: the caller's tasks, or the embedded model's own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from service.backends.base import ChatMessage
from service.backends.onnx.scoring_order import Passage
from service.models.comparison.records import TaskOrder

if TYPE_CHECKING:
    from models.colibri.corpus.example import Example, Task

OWN_ANSWER_TOKENS: Final = 400
"""Source: `MAX_NEW_TOKENS` of `models/colibri/evaluate.py`."""

_TOKENIZER: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One thing to do; `is_right` judges an answer, and `answer` is a right one."""

    kind: str
    messages: tuple[ChatMessage, ...]
    max_output_tokens: int
    answer: str
    is_right: Callable[[str], bool]

    def passage(self) -> Passage:
        """Return the right answer as something to read."""
        return Passage(self.answer, tuple((message.role, message.content) for message in self.messages))


def assignment_of(order: TaskOrder) -> Assignment:
    """Return a caller's task."""
    system = (ChatMessage("system", order.system),) if order.system else ()
    judge = {"exact": _is_same, "contains": _holds, "json": _is_same_json}[order.match]
    return Assignment(
        order.kind or "tasks",
        (*system, ChatMessage("user", order.prompt)),
        order.max_output_tokens,
        order.expected[0],
        partial(judge, order.expected),
    )


def _is_same(expected: Sequence[str], answer: str) -> bool:
    return answer.strip() in {text.strip() for text in expected}


def _holds(expected: Sequence[str], answer: str) -> bool:
    return any(text.strip() in answer for text in expected)


def _is_same_json(expected: Sequence[str], answer: str) -> bool:
    try:
        said = json.loads(answer)
        return any(json.loads(text) == said for text in expected)
    except ValueError:
        return False


def is_akin(model_dir: Path, embedded: Path) -> bool:
    """Return whether a model reads with the embedded one's tokenizer, and so is one of its variants."""
    mine, theirs = model_dir / _TOKENIZER, embedded / _TOKENIZER
    return mine.is_file() and theirs.is_file() and mine.read_bytes() == theirs.read_bytes()


def own_assignments(count: int) -> list[Assignment]:
    """Return `count` of each of the embedded model's own kinds of tasks: the first that its evaluation draws too."""
    from models.colibri.corpus.mixture import TASKS

    found = []
    for task in TASKS:
        # The seed of `models/colibri/evaluate.py`: names, topics and words that the training never showed.
        dice = random.Random(f"evaluate {task.name}")
        found += [_own(task, task.draw(dice, "heldout")) for _ in range(count)]
    return found


def _own(task: Task, example: Example) -> Assignment:
    return Assignment(
        task.name,
        tuple(ChatMessage(message.role, message.content) for message in example.prompt),
        OWN_ANSWER_TOKENS,
        example.answer,
        lambda answer: all(task.score(example, answer).values()),
    )
