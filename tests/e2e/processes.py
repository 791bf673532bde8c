"""Services in processes of their own, to be killed, told to stop and started again.

They are forked from one process that has imported everything, so that a test that needs five of them does not import
Semantic Kernel five times. What runs in them is what runs behind the commands: `service.testing` and `vaiven serve`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHONPATH: Final = os.pathsep.join((str(ROOT), str(ROOT / "protos" / "gen")))
TINY_MODEL: Final = {
    "VAIVEN_ONNX__EMBEDDED": "false",
    "VAIVEN_ONNX__MODELS": json.dumps({"tiny": str(ROOT / "tests" / "data" / "tiny-model")}),
}
"""Settings that serve the small random model and no other."""

_CONTEXT: Final = get_context("forkserver")
_PRELOADED: Final = ["service.testing.__main__", "service.cli.tree", "tests.e2e.entries"]


def start_fork_server() -> None:
    """Start the process from which the services are forked, and wait until it has imported what they need.

    It ends with this process.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", PYTHONPATH)
        for name in [name for name in os.environ if name.startswith(("VAIVEN_", "ORT_"))]:
            patch.delenv(name)
        _CONTEXT.set_forkserver_preload(_PRELOADED)
        forkserver.ensure_running()
    first = _CONTEXT.Process(target=_nothing)
    first.start()
    first.join()


def _nothing() -> None:
    """Be the first process that is forked."""


class StartError(Exception):
    """The service ended instead of answering, with `status` and what it had written in `log`."""

    def __init__(self, status: int, log: str) -> None:
        """Keep both."""
        super().__init__(f"ended with {status}: {log}")
        self.status = status
        self.log = log


@dataclass
class Service:
    """A service that has said that it answers; `announced` is what it said."""

    process: ForkServerProcess
    announced: Mapping[str, Any]
    log_file: Path
    control: Connection

    @property
    def pid(self) -> int:
        """Return the process id."""
        assert self.process.pid is not None
        return self.process.pid

    @property
    def address(self) -> str:
        """Return where it listens."""
        return str(self.announced.get("address") or f"127.0.0.1:{self.announced['port']}")

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def tell(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def allow(self, words: int) -> None:
        """Let the model of a stepped service say so many words of each answer; see `tests.e2e.entries.stepped`."""
        self.control.send(words)

    async def ended(self) -> int:
        """Wait for its end and return the exit status, negative for a signal."""
        await asyncio.to_thread(self.process.join)
        assert self.process.exitcode is not None
        return self.process.exitcode

    def log(self) -> str:
        """Return what it has written to its standard error."""
        return self.log_file.read_text(encoding="utf-8")


class Throttle:
    """Lets a model's worker compute a few hundredths of the time, so that it is not done before its test has looked.

    Pauses it from outside; that throttles the worker and waits for nothing.
    """

    def __init__(self, worker: int) -> None:
        """Throttle the process `worker` until it is gone."""
        self._worker = worker
        self._lock = threading.Lock()
        self._halted = False
        threading.Thread(target=self._run, daemon=True).start()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Let the worker stand still until the end of the block."""
        with self._lock:
            self._halted = True
            os.kill(self._worker, signal.SIGSTOP)
        try:
            yield
        finally:
            self._halted = False

    def _run(self) -> None:
        with suppress(ProcessLookupError):
            while True:
                os.kill(self._worker, signal.SIGSTOP)
                time.sleep(0.05)
                with self._lock:
                    if not self._halted:
                        os.kill(self._worker, signal.SIGCONT)
                time.sleep(0.002)


@asynccontextmanager
async def serving(
    directory: Path, entry: Callable[..., None], *arguments: object, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Service]:
    """Run `entry(control, *arguments)` in a process, with its log in `directory`; it is killed at the end.

    Raises:
        StartError: It ended before it announced itself.
    """
    said, sayer = _CONTEXT.Pipe(duplex=False)
    hearer, control = _CONTEXT.Pipe(duplex=False)
    log_file = directory / "service.log"
    # Wide, so that no path is broken over two lines in what it says.
    environment = {"VAIVEN_STORE__PATH": str(directory / "vaiven.db"), "COLUMNS": "1000", **(environment or {})}
    process = _CONTEXT.Process(
        target=_run, args=(sayer, hearer, str(log_file), environment, entry, arguments), daemon=True
    )
    await asyncio.to_thread(process.start)
    try:
        sayer.close()
        hearer.close()
        line = await asyncio.to_thread(_first_line, said)
        if not line:
            await asyncio.to_thread(process.join)
            raise StartError(process.exitcode or 0, log_file.read_text(encoding="utf-8"))
        yield Service(process, json.loads(line), log_file, control)
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()
        said.close()
        control.close()


async def refused_start(
    directory: Path, entry: Callable[..., None], *arguments: object, environment: Mapping[str, str]
) -> str:
    """Return what a service says, its spaces joined, that ends instead of starting; a traceback is no way to say it."""
    with pytest.raises(StartError) as refused:
        async with serving(directory, entry, *arguments, environment=environment):
            pass
    assert refused.value.status > 0
    assert "Traceback" not in refused.value.log
    return " ".join(refused.value.log.split())


def _first_line(said: Connection) -> bytes:
    """Return the first line of its standard output, empty when it ended without one."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(said.fileno(), 65_536)
        if not part:
            return b""
        line += part
    return line


def _run(
    sayer: Connection,
    hearer: Connection,
    log_file: str,
    environment: Mapping[str, str],
    entry: Callable[..., None],
    arguments: tuple[object, ...],
) -> None:
    """Be the service: output to the pipe, log to the file, settings from the environment."""
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(sayer.fileno(), 1)
    os.dup2(log, 2)
    sayer.close()
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115 - to the end
    os.environ.update(environment)
    entry(hearer, *arguments)
