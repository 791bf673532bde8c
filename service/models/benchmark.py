"""Measures a loaded model: how fast it answers made-up requests, one and several at once."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass
from typing import Final

import psutil

from service.backends.base import (
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Generator,
    Sampling,
    TextPiece,
)
from service.backends.onnx.client import OnnxModel
from service.errors import InvalidArgumentError, Violation
from service.models.benchmark_records import BenchmarkPoint, BenchmarkReport
from service.models.operations import Reporter
from service.models.requests import BenchmarkOrder

_WORDS: Final = (
    "the order was sent on Monday and arrived with a letter from the office about prices for the new year "
    "please write back when you have read it so that we can meet again before summer"
).split()


@dataclass(frozen=True, slots=True)
class _Answer:
    first_token_s: float
    tokens: int
    prompt_tokens: int


async def measure(generator: Generator, order: BenchmarkOrder, reporter: Reporter) -> BenchmarkReport:
    """Ask the model as often as the order says and return what it did.

    Raises:
        InvalidArgumentError: Prompt and answer do not fit the model's context.
        VaivenError: The model does not answer.
    """
    prompts = _prompts(order)
    card = generator.card
    longest = await generator.count_tokens(prompts[0])
    if longest + order.output_tokens > card.context_tokens:
        raise InvalidArgumentError(
            f"A prompt of {longest} tokens and {order.output_tokens} of answer do not fit the context of "
            f"{card.context_tokens}. Ask for fewer.",
            violations=(Violation("prompt_words", "is too many for the model's context"),),
        )
    reporter.stage("warming up")
    await _ask(generator, prompts[0], order.output_tokens)
    reporter.stage("measuring", len(order.concurrency) * order.repeats, "rounds")
    points, done = [], 0
    for concurrency in order.concurrency:
        rounds = []
        for _ in range(order.repeats):
            rounds.append(await _round(generator, prompts[:concurrency], order.output_tokens))
            done += 1
            reporter.done(done)
        points.append(_point(concurrency, rounds))
    return BenchmarkReport(card.model_id, memory_of(generator), longest, tuple(points))


def memory_of(generator: Generator) -> int:
    """Return the resident memory of the model's process in bytes; 0: it is not known."""
    pid = generator.worker_pid if isinstance(generator, OnnxModel) else None
    if pid is None:
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


async def _round(
    generator: Generator, prompts: list[tuple[ChatMessage, ...]], output_tokens: int
) -> tuple[float, list[_Answer]]:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(generator, prompt, output_tokens)) for prompt in prompts]
    return time.perf_counter() - began, [task.result() for task in tasks]


async def _ask(generator: Generator, prompt: tuple[ChatMessage, ...], output_tokens: int) -> _Answer:
    request = GenerationRequest(prompt, output_tokens, Sampling(temperature=1.0, seed=1))
    began, first = time.perf_counter(), 0.0
    end: Finished | None = None
    async for piece in generator.generate(request):
        first = first or _first(piece, began)
        end = piece if isinstance(piece, Finished) else end
    if end is None:
        raise RuntimeError("a generation ended without its last piece")
    return _Answer(first or time.perf_counter() - began, end.usage.output_tokens, end.usage.input_tokens)


def _first(piece: GenerationPiece, began: float) -> float:
    return time.perf_counter() - began if isinstance(piece, TextPiece) else 0.0


def _point(concurrency: int, rounds: list[tuple[float, list[_Answer]]]) -> BenchmarkPoint:
    speeds = [sum(answer.tokens for answer in answers) / took_s for took_s, answers in rounds]
    firsts = sorted(answer.first_token_s for _, answers in rounds for answer in answers)
    return BenchmarkPoint(
        concurrency=concurrency,
        output_tokens_per_s=statistics.median(speeds),
        first_token_p50_s=statistics.median(firsts),
        first_token_p99_s=firsts[min(len(firsts) - 1, round(0.99 * (len(firsts) - 1)))],
        output_tokens=sum(answer.tokens for _, answers in rounds for answer in answers),
    )


def _prompts(order: BenchmarkOrder) -> list[tuple[ChatMessage, ...]]:
    """Return prompts that begin differently, so that nothing of one helps another."""
    dice = random.Random(20)
    count = max(order.concurrency)
    return [
        (ChatMessage("user", " ".join([str(number), *(dice.choice(_WORDS) for _ in range(order.prompt_words))])),)
        for number in range(count)
    ]
