"""The local engine beside its peers: the same weights, the same requests, one run, everyone by turns.

`python -m bench.local` takes about 25 minutes for the embedded model and one of 600 million random weights, which is
made once; `--quick` is one short round of the embedded model. Peers that need an environment of their own are found
there (`--peers`, requirements in bench/local/peers/requirements.txt); one that is not installed is a row that says so.
`--soak 10000` asks only the service, again and again, and tells whether its memory grows.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Final

# Before the first import of onnxruntime: its telemetry is on otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import psutil
from rich.console import Console

from bench import mails
from bench.local import soak
from bench.local.bandwidth import read_bytes_per_s
from bench.local.measure import LARGE, QUICK, SMALL, Plan, measure
from bench.local.prompts import Prompts
from bench.local.report import Found, absent, aims, tables
from bench.local.systems import Environment, open_systems, random_model
from bench.machine import describe
from service.backends.onnx.threads import default_threads

WIDTH: Final = 160
CACHE_BYTES: Final = 64 * 1024 * 1024
"""Weights smaller than this may stay in the processor's caches: memory does not bound them."""
SMALL_LIMIT_S: Final = 600.0
LARGE_LIMIT_S: Final = 1000.0
"""No repetition is begun after this, so that the whole ends; a slower machine has fewer of them, and it is said."""


async def compare(
    model: Path, plan: Plan, limit_s: float, given: argparse.Namespace, screen: Console, *, random: bool = False
) -> None:
    """Measure one model and print what was found."""
    threads = default_threads(model)
    weights = _weights(model)
    bandwidth = read_bytes_per_s(threads) if weights > CACHE_BYTES else None
    screen.print(describe(model))
    start = time.monotonic()
    async with AsyncExitStack() as stack:
        tell = stack.enter_context(progress(screen))
        # Random weights repeat themselves, which guessing would make much of.
        systems = await open_systems(
            stack, model, Environment(given.python), given.cache, threads, tell, guesses=not random
        )
        prompts = Prompts(model, brief=random)
        end = start + limit_s
        results = await measure(systems.running, prompts, plan, end, tell)
    found = Found(results, systems.missing, weights if bandwidth else None, bandwidth)
    for table in tables(found):
        screen.print(table)
    done = max(map(len, results.readings.values()))
    screen.print(
        f"medians of {done} repetitions (* of fewer: not half as fast as the fastest), threads for each: {threads};"
    )
    screen.print(f"of the loop's lags the worst level; load after: {psutil.getloadavg()[0]:.1f}")
    for line in (*absent(found), *aims(found)):
        screen.print(line)
    screen.print(f"{time.monotonic() - start:.0f} s\n")


@contextmanager
def progress(screen: Console) -> Iterator[Callable[[str], None]]:
    """Give what tells how far it is: on a terminal in one line, else on the error output, with the seconds."""
    if screen.is_terminal:
        with screen.status("") as status:
            yield status.update
    else:
        start = time.monotonic()
        yield lambda text: print(f"{time.monotonic() - start:6.0f} s  {text}", file=sys.stderr, flush=True)


def _weights(model: Path) -> int:
    return sum(path.stat().st_size for path in model.glob("*.onnx*"))


async def run(given: argparse.Namespace, screen: Console) -> None:
    """Measure what was asked for."""
    if given.soak:
        with tempfile.TemporaryDirectory(prefix="vaiven-bench-") as directory, progress(screen) as tell:
            found = await soak.soak(given.model, Path(directory), given.soak, tell)
        screen.print(soak.table(found))
        grown = soak.growth(found)
        word = "no growth" if grown <= soak.MOST_GROWTH else "it grows"
        screen.print(f"from the second quarter to the last: {grown:+.1%}, {word}")
        return
    only = given.only
    if only != "random":
        await compare(given.model, QUICK if given.quick else SMALL, SMALL_LIMIT_S, given, screen)
    if only == "random" or (only is None and not given.quick):
        with progress(screen) as tell:
            tell("the random model is made where it is not there yet")
            model, lacking = await random_model(Environment(given.python), given.model, given.cache)
        if lacking:
            screen.print(f"no random model: {lacking}")
            return
        await compare(model, QUICK if given.quick else LARGE, LARGE_LIMIT_S, given, screen, random=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=mails.default_model(), help="directory of the first model")
    parser.add_argument("--peers", type=Path, help="environment in which peers are installed")
    parser.add_argument("--cache", type=Path, default=Path("build/bench-local"), help="where models are made, once")
    parser.add_argument("--quick", action="store_true", help="one short round of the first model")
    parser.add_argument("--only", choices=("model", "random"), help="one of the two models")
    parser.add_argument("--soak", type=int, metavar="REQUESTS", help="only ask the service, and watch its memory")
    given = parser.parse_args()
    given.model, given.cache = given.model.resolve(), given.cache.resolve()
    given.python = given.peers and given.peers.absolute() / "bin" / "python"
    found = Console()
    asyncio.run(run(given, found if found.is_terminal else Console(width=WIDTH)))


if __name__ == "__main__":
    main()
