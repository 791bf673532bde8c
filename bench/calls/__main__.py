"""Function-calling accuracy: 200 requests over 40 functions, on the local model and by way of a scripted cloud model.

`python -m bench.calls` asks for each request which of 8 functions to call (7 and the one for what none can do), and its
arguments. `--offered 8 41` asks so, and then with all of them offered. The local model is asked with and without
constrained decoding, once for function and arguments and once for the arguments alone. The scripted model is asked
through a loopback upstream: it shows the way that a call takes, not how clever a model is. `--failures FILE` writes
what was wrong.

It takes minutes; the error output says how far it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.table import Table

from bench.calls.dataset import Asked, requests
from bench.calls.scoring import Judged, Score, score
from bench.calls.scripted import Script
from bench.calls.ways import DirectWay, FreeTools, ToolWay, Way, chooser
from bench.machine import console, describe
from bench.mails import default_model
from bench.wire import model_at
from service.backends.base import Price
from service.backends.connector import GeneratorChatCompletion
from service.backends.onnx.catalogue import read_entry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.testing.upstream import Upstream

AT_ONCE: Final = 4
OFFERED: Final = 8
ERR_EACH: Final = 10
"""Of the second scripted model, so that the figures can be seen to fall when answers are wrong."""

ALONE: Final = "arguments alone"
"""The right function is given; what is asked for is its arguments."""

_FREE: Final = Price("EUR", 0.0, 0.0, 0.0)


async def judge(way: Way, asked: list[Asked]) -> list[Judged]:
    """Return what came of each request, some asked at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(request: Asked) -> Judged:
        async with places:
            return Judged(request, await way.ask(request))

    return await asyncio.gather(*(one(request) for request in asked))


@asynccontextmanager
async def local_ways(folder: Path, count: int) -> AsyncIterator[Mapping[str, Way]]:
    """Load the model of `folder` and give the ways to ask it, by what they are called."""
    model = OnnxModel(
        read_entry(folder),
        OnnxEngineOptions(allow_unverified=True),
        price=_FREE,
        inherited_environment=dict(os.environ),
    )
    model.start()
    try:
        await model.ready()
        chat = GeneratorChatCompletion(model)
        held, free = chooser(chat, constrained=True), chooser(chat, constrained=False)
        yield {
            "local, one call, narrowed": DirectWay(held, count - 1, small=True),
            "local, one call, constrained": DirectWay(held, count - 1),
            "local, one call, free": DirectWay(free, count - 1),
            f"local, {ALONE}, narrowed": DirectWay(held, 0, small=True),
            f"local, {ALONE}, constrained": DirectWay(held, 0),
            f"local, {ALONE}, free": DirectWay(free, 0),
            "local, tools, constrained": ToolWay(chat, count - 1),
            "local, tools, free": ToolWay(GeneratorChatCompletion(FreeTools(model)), count - 1),
        }
    finally:
        await model.close()


@asynccontextmanager
async def scripted_ways(count: int) -> AsyncIterator[Mapping[str, Way]]:
    """Serve the scripted models and give the ways to ask them, by what they are called."""
    async with AsyncExitStack() as stack:
        ways: dict[str, Way] = {}
        for title, err_each in (("scripted", 0), (f"scripted, errs in 1 of {ERR_EACH}", ERR_EACH)):
            upstream = await stack.enter_async_context(Upstream(Script(err_each)))
            model = model_at(f"{upstream.url}/v1")
            stack.push_async_callback(model.close)
            chat = GeneratorChatCompletion(model)
            ways[f"{title}, one call"] = DirectWay(chooser(chat, constrained=True), count - 1)
            ways[f"{title}, tools"] = ToolWay(chat, count - 1)
        yield ways


async def run(folder: Path, count: int, only: str = "") -> dict[str, list[Judged]]:
    """Ask in every way that has `only` in what it is called, and return what came of it.

    `count` functions are offered, the one for what none can do among them.
    """
    found: dict[str, list[Judged]] = {}
    for ways in (local_ways(folder, count), scripted_ways(count)):
        async with ways as named:
            for title, way in ((title, way) for title, way in named.items() if only in title):
                alone = ALONE in title
                asked = [one for one in requests() if one.function is not None or not alone]
                found[title] = await judge(way, asked)
                print(f"{title}: {score(found[title]).called} called rightly", file=sys.stderr, flush=True)
    return found


def table(scores: Mapping[str, Score]) -> Table:
    """Return the figures, a row for each way to ask."""
    shown = Table(box=box.MARKDOWN)
    headings = ("", "function", "arguments", "call", "abstained", "withheld", "fault")
    for heading in headings:
        shown.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for title, one in scores.items():
        if ALONE in title:
            shown.add_row(title, "", "", str(one.called), "", "", str(one.faults))
            continue
        arguments = f"{one.arguments} of {one.arguments.of}"
        figures = (one.selected, arguments, one.called, one.abstained, one.withheld, one.faults)
        shown.add_row(title, *map(str, figures))
    return shown


def failures(found: Mapping[str, list[Judged]]) -> dict[str, list[dict[str, Any]]]:
    """Return what was wrong, by way to ask."""
    return {
        title: [
            {
                "say": one.asked.say,
                "right": {"function": one.asked.function, "arguments": one.asked.arguments},
                "got": asdict(one.outcome),
            }
            for one in judged
            if not one.right
        ]
        for title, judged in found.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=default_model(), help="the local model's folder")
    parser.add_argument("--offered", type=int, nargs="+", default=[OFFERED], choices=range(6, 42), metavar="6..41")
    parser.add_argument("--only", default="", help="ask only in ways that have this in their name, e.g. local")
    parser.add_argument("--failures", type=Path, help="write what was wrong here, as JSON")
    given = parser.parse_args()
    out = console()
    out.print(describe(given.model))
    fitting = sum(one.function is not None for one in requests())
    out.print(f"{fitting} requests that a function fits, {len(requests()) - fitting} that none does")
    wrong = {}
    for count in given.offered:
        found = asyncio.run(run(given.model, count, given.only))
        out.print(f"\nof {count} functions that are offered\n")
        out.print(table({title: score(judged) for title, judged in found.items()}))
        wrong[count] = failures(found)
    if given.failures:
        given.failures.write_text(json.dumps(wrong, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
