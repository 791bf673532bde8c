"""Which core a process runs on, and the peer that is installed elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import aiohttp
import psutil

_START_TIMEOUT_S: Final = 180.0
_END_TIMEOUT_S: Final = 15.0
_OK: Final = 200
_SYNCS: Final = 100


def cores() -> list[int]:
    """Return the cores that this process may use; empty where the system does not bind processes to cores."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def on_cores(wanted: set[int]) -> Iterator[None]:
    """Let this thread, and with it whatever is started meanwhile, run on those cores only; none: wherever it does."""
    if not wanted or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, wanted)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s(process: psutil.Process) -> float:
    """Return the seconds of CPU that a process and its children have used, in all their threads."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def memory_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process and its children."""
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))


def sync_ms(directory: Path) -> float:
    """Return how long the disk of `directory` takes to make 4 KiB durable, the median in milliseconds."""
    taken = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[_SYNCS // 2] * 1000


class PeerNotStartedError(RuntimeError):
    """The peer did not answer; the message holds the last that it said."""


@asynccontextmanager
async def litellm(executable: Path, upstream: str, directory: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    """Run LiteLLM's proxy with one worker before `upstream`; give its address and its process.

    It has no database and asks for no key, which it has to be told that it may. It is told to fetch nothing.
    """
    config, log = directory / "litellm.yaml", directory / "litellm.log"
    config.write_text(
        "model_list:\n  - model_name: loopback\n    litellm_params:\n"
        f"      model: openai/loopback\n      api_base: {upstream}\n      api_key: none\n"
        "      input_cost_per_token: 0.0000025\n      output_cost_per_token: 0.00001\n"
        "litellm_settings:\n  telemetry: false\n"
        "general_settings:\n  dangerously_permit_weak_or_unset_master_key: true\n",
        encoding="utf-8",
    )
    port = _free_port()
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    # What finds this project's modules must not find them from the peer's environment.
    for name in ("PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    arguments = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            executable, *arguments, cwd=directory, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        await _answering(f"http://127.0.0.1:{port}/health/liveliness", process, log)
        yield f"http://127.0.0.1:{port}/v1", psutil.Process(process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _answering(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    end = time.monotonic() + _START_TIMEOUT_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < end and process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == _OK:
                        return
            await asyncio.sleep(0.2)
    raise PeerNotStartedError("\n".join(["LiteLLM's proxy did not answer", *await asyncio.to_thread(_last_lines, log)]))


def _last_lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
