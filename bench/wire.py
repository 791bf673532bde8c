"""CPU of a call and of a 100-token stream: vaiven's wire client beside the openai SDK, on the loopback upstream.

`python -m bench.wire` starts the upstream in a process of its own, lets both ask it by turns, and takes the CPU time of
this process only. A paced stream has each token in a packet of its own, as a model sends them; an unpaced one comes as
fast as it goes, so that many tokens share a packet.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import Final, TypeAlias

import psutil
from openai import AsyncOpenAI
from rich.table import Table

from bench.machine import console
from service.backends.base import ChatMessage, Finished, GenerationRequest, TextPiece
from service.backends.openai import OpenAIOptions, openai_model
from service.backends.openai_protocol import PriceOptions, ProtocolModel

TOKENS: Final = 100
PACE_S: Final = 0.002
AT_ONCE: Final = 8
PROMPT: Final = "Write to Ana that the meeting is on Monday at ten."

Ask: TypeAlias = Callable[[], Awaitable[None]]


class WrongAnswerError(RuntimeError):
    """An answer was not what the upstream says; then there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to ask for, `count` times a round."""

    name: str
    count: int
    vaiven: Ask
    sdk: Ask


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of the rounds: milliseconds of CPU of one call, and how many times vaiven's the SDK's is."""

    name: str
    vaiven_ms: float
    sdk_ms: float
    ratio: float


async def measure(cases: list[Case], rounds: int) -> list[Result]:
    """Run all cases in each round, each time another client first, after one round that does not count."""
    seen: dict[str, list[tuple[float, float]]] = {case.name: [] for case in cases}
    for number in range(rounds + 1):
        for case in cases:
            vaiven_first = number % 2 == 0
            first = await _cpu_ms(case.vaiven if vaiven_first else case.sdk, case.count)
            second = await _cpu_ms(case.sdk if vaiven_first else case.vaiven, case.count)
            if number:
                seen[case.name].append((first, second) if vaiven_first else (second, first))
    return [_result(name, pairs) for name, pairs in seen.items()]


def _result(name: str, pairs: list[tuple[float, float]]) -> Result:
    ours, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(sdk / vaiven for vaiven, sdk in pairs)
    return Result(name, statistics.median(ours), statistics.median(theirs), ratio)


async def _cpu_ms(ask: Ask, count: int) -> float:
    places = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with places:
            await ask()

    began = time.process_time()
    await asyncio.gather(*(one() for _ in range(count)))
    return (time.process_time() - began) / count * 1000


def ask_vaiven(model: ProtocolModel, *, streamed: bool) -> Ask:
    """Return a call of the wire client that reads its answer to the end."""
    request = GenerationRequest([ChatMessage("user", PROMPT)], TOKENS, streamed=streamed)

    async def ask() -> None:
        length, reason = 0, ""
        async for piece in model.generate(request):
            match piece:
                case TextPiece(text):
                    length += len(text)
                case Finished(reason):
                    pass
        _check(length, reason)

    return ask


def ask_sdk(client: AsyncOpenAI, *, streamed: bool) -> Ask:
    """Return the same call of the SDK."""

    async def whole() -> None:
        answer = await client.chat.completions.create(
            model="gpt", messages=[{"role": "user", "content": PROMPT}], max_completion_tokens=TOKENS, temperature=0
        )
        (choice,) = answer.choices
        _check(len(choice.message.content or ""), choice.finish_reason)

    async def stream() -> None:
        length, reason = 0, ""
        async with await client.chat.completions.create(
            model="gpt",
            messages=[{"role": "user", "content": PROMPT}],
            max_completion_tokens=TOKENS,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        ) as chunks:
            async for chunk in chunks:
                for choice in chunk.choices:
                    length += len(choice.delta.content or "")
                    reason = choice.finish_reason or reason
        _check(length, reason)

    return stream if streamed else whole


def _check(length: int, reason: str) -> None:
    expected = sum(len(f" word{number}") for number in range(TOKENS))
    if (length, reason) != (expected, "stop"):
        raise WrongAnswerError(f"an answer of {length} characters that ended with {reason!r}")


@asynccontextmanager
async def upstream(pace_s: float) -> AsyncIterator[str]:
    """Start the loopback upstream in a process of its own and give its address."""
    arguments = ["--tokens", str(TOKENS), "--pace-s", str(pace_s)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.testing.upstream", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


def model_at(url: str) -> ProtocolModel:
    """Return the wire client for the upstream at `url`."""
    price = PriceOptions(currency="EUR", input_per_mtok=0.0, output_per_mtok=0.0)
    options = OpenAIOptions(
        model_id="loopback", model="gpt", base_url=url, context_tokens=8000, max_output_tokens=1000, price=price
    )
    return openai_model(options)


async def run(rounds: int, calls: int, streams: int) -> list[Result]:
    """Measure all cases; `calls` and `streams` are how many a round."""
    async with AsyncExitStack() as stack:
        quick = await stack.enter_async_context(upstream(0.0))
        paced = await stack.enter_async_context(upstream(PACE_S))
        clients = [await stack.enter_async_context(AsyncOpenAI(api_key="x", base_url=url)) for url in (quick, paced)]
        models = [model_at(url) for url in (quick, paced)]
        for model in models:
            stack.push_async_callback(model.close)
        (ours, ours_paced), (theirs, theirs_paced) = models, clients
        cases = [
            Case("call", calls, ask_vaiven(ours, streamed=False), ask_sdk(theirs, streamed=False)),
            Case("stream, unpaced", streams, ask_vaiven(ours, streamed=True), ask_sdk(theirs, streamed=True)),
            Case("stream, paced", streams, ask_vaiven(ours_paced, streamed=True), ask_sdk(theirs_paced, streamed=True)),
        ]
        return await measure(cases, rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which the medians are taken")
    parser.add_argument("--calls", type=int, default=200, help="calls a round of each client")
    parser.add_argument("--streams", type=int, default=40, help="streams a round of each client")
    asked = parser.parse_args()
    screen = console()
    load = psutil.getloadavg()[0]
    results = asyncio.run(run(asked.rounds, asked.calls, asked.streams))
    table = Table(title=f"CPU of a call or of a stream of {TOKENS} tokens, medians of {asked.rounds} rounds")
    for column in ("", "vaiven ms", "openai SDK ms", "SDK / vaiven"):
        table.add_column(column, justify="left" if not column else "right")
    for result in results:
        table.add_row(result.name, f"{result.vaiven_ms:.2f}", f"{result.sdk_ms:.2f}", f"{result.ratio:.1f}")
    screen.print(table)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("aiohttp", "orjson", "openai", "httpx2"))
    screen.print(f"Python {platform.python_version()}, {versions}; load before: {load:.1f}")


if __name__ == "__main__":
    main()
