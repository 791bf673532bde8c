"""One variant in a fresh worker process: how long it takes to load, how fast it answers, what it takes and does."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from service.backends.base import ChatMessage, Finished, GenerationRequest, Sampling, TextPiece
from service.backends.onnx.client import OnnxModel
from service.errors import ContextTooLongError, InternalError
from service.models.comparison.records import TaskScore
from service.models.comparison.tasks import Assignment

AT_ONCE: Final = 4
"""Tasks that are done at the same time; the speed is measured with one."""

PROMPTS: Final = 4
"""Requests by which the speed is measured, one after the other."""

_TOPICS: Final = ("the weather in spring", "how bread is made", "a journey by train", "why the sea is salty")
_ASKED: Final = (
    "Write a long text about {topic}. Say what one sees first, what happens then, who takes part and what it costs; "
    "give three examples, and end with a question to the reader. Number {number}."
)


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds and bytes of one run of one process; `memory_bytes` is the most that it took, 0: not known."""

    load_s: float
    first_token_s: float
    output_tokens_per_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    end: Finished


async def speed_of(model: OnnxModel, output_tokens: int) -> Speed:
    """Load the model, which was not started, and ask it one thing after the other.

    Raises:
        ModelLoadError: It does not load.
        VaivenError: It does not answer.
    """
    began = time.perf_counter()
    model.start()
    await model.ready()
    load_s = time.perf_counter() - began
    tokens, seconds, firsts = 0, 0.0, []
    # The first request is for warming up.
    for number in range(-1, PROMPTS):
        prompt = _ASKED.format(topic=_TOPICS[number % len(_TOPICS)], number=number + 1)
        answer = await _ask(
            model, (ChatMessage("user", prompt),), output_tokens, Sampling(temperature=1.0, seed=number + 1)
        )
        if number >= 0:
            tokens += answer.end.usage.output_tokens - 1
            seconds += answer.end.total_s - answer.end.first_token_s
            firsts.append(answer.end.first_token_s)
    return Speed(load_s, sorted(firsts)[len(firsts) // 2], tokens / seconds if seconds else 0.0, peak_bytes(model))


async def scores_of(model: OnnxModel, assignments: Sequence[Assignment]) -> tuple[TaskScore, ...]:
    """Let a loaded model do the tasks, and return how many of each kind it did right."""
    right: Counter[str] = Counter()
    turns = asyncio.Semaphore(AT_ONCE)

    async def do(assignment: Assignment) -> None:
        async with turns:
            try:
                answer = await _ask(model, assignment.messages, assignment.max_output_tokens, Sampling())
            except ContextTooLongError:
                return  # what does not fit is not done
            right[assignment.kind] += await asyncio.to_thread(assignment.is_right, answer.text)

    async with asyncio.TaskGroup() as group:
        for assignment in assignments:
            group.create_task(do(assignment))
    totals = Counter(assignment.kind for assignment in assignments)
    return tuple(TaskScore(kind, right[kind], total) for kind, total in totals.items())


async def _ask(model: OnnxModel, messages: tuple[ChatMessage, ...], output_tokens: int, sampling: Sampling) -> _Answer:
    card = model.card
    room = min(output_tokens, card.max_output_tokens, card.context_tokens - await model.count_tokens(messages))
    if room < 1:
        raise ContextTooLongError("The model's context leaves no room for an answer.")
    request = GenerationRequest(messages, room, sampling)
    text: list[str] = []
    async for piece in model.generate(request):
        if isinstance(piece, TextPiece):
            text.append(piece.text)
        elif isinstance(piece, Finished):
            return _Answer("".join(text), piece)
    raise InternalError("A generation ended without its last piece.")


def peak_bytes(model: OnnxModel) -> int:
    """Return the most resident memory that the model's process has taken, where that is told, or what it takes now."""
    pid = model.worker_pid
    if pid is None:
        return 0
    try:
        if sys.platform == "linux":
            return _high_water(Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace"))
        info = psutil.Process(pid).memory_info()
        return int(getattr(info, "peak_wset", info.rss))
    except (OSError, psutil.Error):
        return 0


def _high_water(status: str) -> int:
    # Source: proc_pid_status(5), "VmHWM: Peak resident set size", in kB.
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024
