"""The service as a gateway: calls and streams a second on one core, and what it adds to asking the model directly.

`python -m bench.gateway` runs the service on one core, once as it is and once with callers who show a key, and an
upstream on the others, asks all by turns with 1, 16 and 64 callers at once, and lets LiteLLM's proxy take part, on the
same core, where it is installed (`--litellm`).
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import aiohttp
import grpc.aio
import psutil
from rich.console import Console

from bench.child import child
from bench.gateway.callers import HttpCaller, ServiceCaller
from bench.gateway.measure import DIRECT, Way, measure
from bench.gateway.places import cores, litellm, on_cores, sync_ms
from bench.gateway.report import BUSY_CLIENT, VAIVEN, WITH_KEYS, tables
from bench.machine import console
from service.auth.key_file import change_keys
from service.auth.keys import new_key
from service.permissions import ALL_PERMISSIONS

ROUNDS, SECONDS = 3, 1.5
QUICK_ROUNDS, QUICK_SECONDS = 1, 0.7

KEPT_S = 1.0
"""How long an idle connection is used again: less than the 5 s after which a peer's server closes it.

Source: uvicorn, settings, `--timeout-keep-alive`.
"""

ANSWER_TIMEOUT_S = 300.0
"""The longest that an answer may take."""


async def run(given: argparse.Namespace, screen: Console) -> None:
    """Start all that takes part, measure, print."""
    at_hand = cores()
    core = given.core if given.core is not None else (at_hand or [0])[-1]
    others = {one for one in at_hand if one != core}
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=given.store, prefix="vaiven-bench-")))
        stack.enter_context(on_cores(others))
        upstream = await stack.enter_async_context(child("bench.gateway.upstream"))
        url = await upstream.line()
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S))
        )
        ways = [Way(DIRECT, HttpCaller(session, url))]
        with on_cores({core} if others else set()):
            ways += [await _service(stack, url, directory, VAIVEN), await _service(stack, url, directory, WITH_KEYS)]
            if given.litellm is not None:
                address, process = await stack.enter_async_context(litellm(given.litellm, url, directory))
                ways.append(Way("LiteLLM", HttpCaller(session, address), process))
        _describe(screen, given, core if others else None, directory)
        with screen.status("") as status:
            results = await measure(ways, given.rounds, given.seconds, lambda text: status.update(text))
        for table in tables(results, ways):
            screen.print(table)
        screen.print(f"* those who ask took {BUSY_CLIENT:.0%} of a core or more: they are the limit, not who answers")


async def _service(stack: AsyncExitStack, url: str, directory: Path, name: str) -> Way:
    """Return the way through a service of its own, with budgets; callers of the one with keys show one."""
    place, key, arguments = directory / name.replace(", ", "-"), None, []
    place.mkdir()
    if name == WITH_KEYS:
        key, record = new_key("bench", "bench", ALL_PERMISSIONS, datetime.now(UTC), None)
        change_keys(place / "keys.json", lambda keys: ((*keys, record), None))
        arguments = ["--keys-file", str(place / "keys.json")]
    served = await stack.enter_async_context(child("bench.gateway.served", url, str(place), *arguments))
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{await served.line()}"))
    caller = ServiceCaller(channel, key)
    await caller.set_budgets()
    return Way(name, caller, psutil.Process(served.pid))


def _describe(screen: Console, given: argparse.Namespace, core: int | None, directory: Path) -> None:
    where = "wherever there is room: there is no second core" if core is None else f"core {core}, nothing else there"
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("grpcio", "aiohttp", "semantic-kernel"))
    screen.print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {packages}")
    screen.print(f"who answers: {where}; those who ask and the upstream: the other cores; load before: {load}")
    screen.print(f"store: {directory}, whose disk takes {sync_ms(directory):.2f} ms to make 4 KiB durable")
    screen.print(f"{given.rounds} rounds of {given.seconds:g} s; medians of the rounds")
    if given.litellm is None:
        screen.print("LiteLLM does not take part: it is not installed (docs/benchmarks.md), or name it with --litellm")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs")
    parser.add_argument("--rounds", type=int, help=f"rounds of which the medians are taken (default {ROUNDS})")
    parser.add_argument("--seconds", type=float, help=f"seconds of a measurement (default {SECONDS})")
    parser.add_argument("--core", type=int, help="the core of who answers (default: the last)")
    parser.add_argument("--store", type=Path, help="directory on the disk of the store (default: the temporary one)")
    found = shutil.which("litellm")
    parser.add_argument(
        "--litellm", type=Path, default=found and Path(found), help="LiteLLM's command (default: the one on the path)"
    )
    given = parser.parse_args()
    given.rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    given.seconds = given.seconds or (QUICK_SECONDS if given.quick else SECONDS)
    asyncio.run(run(given, console()))


if __name__ == "__main__":
    main()
