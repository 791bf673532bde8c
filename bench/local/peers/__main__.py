"""One peer in a process of its own: it says `{}` when its model is loaded, and answers each load with a reading.

python -m bench.local.peers KIND MODEL --threads N [--most N]
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.lag import watch
from bench.local.asks import Load, Reading, lag_figures, load_of
from bench.local.callers import Answerer, Callers
from bench.local.peers.threaded import StepEngine, Threaded

KINDS: Final = ("own", "turns", "batches", "engine", "kernel", "llama", "torch")
ROW_TOKENS: Final = 384
"""What prompt and answer of one request may be together, where memory is taken for all beforehand."""


def engine_of(kind: str, model: Path, threads: int, most: int, *, guesses: bool = True) -> StepEngine:
    """Load `model` for the engine of that kind; each needs its own library."""
    match kind:
        case "own":
            from bench.local.own_engine import OwnEngine

            return OwnEngine(model, threads, most, guesses=guesses)
        case "turns" | "batches":
            from bench.local.peers import genai

            return genai.Batches(model, threads, 1 if kind == "turns" else most)
        case "engine":
            from bench.local.peers import genai

            return genai.Engine(model, threads)
        case "llama":
            from bench.local.peers.llama import ContinuousBatch

            return ContinuousBatch(model, threads, most, ROW_TOKENS)
        case _:
            from bench.local.peers.torch_model import Batches

            return Batches(model, threads, most)


async def measured(answerer: Answerer, load: Load) -> Reading:
    """Return what was found, with the lag of this loop meanwhile."""
    stop = asyncio.Event()
    watching = asyncio.create_task(watch(stop=stop))
    try:
        reading = await Callers(answerer, load).measure()
    finally:
        stop.set()
    found = await watching
    return dataclasses.replace(reading, lags_s=lag_figures(found), core_wait_s=found.core_wait_s)


async def serve(given: argparse.Namespace, directory: Path) -> None:
    """Load the model and answer until the input ends."""
    answerer: Answerer
    if given.kind == "kernel":
        from bench.local.peers.kernel import Connector

        answerer = Connector(given.model, directory, given.threads)
    else:
        guesses = not given.no_guesses
        answerer = Threaded(lambda: engine_of(given.kind, given.model, given.threads, given.most, guesses=guesses))
        await answerer.start()
    print("{}", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print((await measured(answerer, load_of(line))).line(), flush=True)


def main() -> None:
    """Answer until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--most", type=int, default=32, help="answers at once")
    parser.add_argument("--no-guesses", action="store_true", help="of this project's own engine")
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(serve(parser.parse_args(), Path(directory)))


if __name__ == "__main__":
    main()
