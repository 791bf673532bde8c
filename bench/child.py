"""A process of a measurement: it answers on standard output and ends when its standard input closes."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
END_TIMEOUT_S = 15.0
MAX_LINE_BYTES = 16 * 1024 * 1024
SHOWN_LINES = 20


class ChildEndedError(RuntimeError):
    """The process ended before it answered; the message holds the last that it wrote to the error output."""


class Child:
    """A running process that is talked to by lines."""

    def __init__(self, process: asyncio.subprocess.Process, name: str, log: IO[bytes]) -> None:
        """Keep the process; use `child`."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._name = name
        self._log = log
        self._stdin = process.stdin
        self._stdout = process.stdout

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    async def tell(self, line: str) -> None:
        """Send a line."""
        self._stdin.write(line.encode() + b"\n")
        await self._stdin.drain()

    async def line(self) -> str:
        """Return its next line.

        Raises:
            ChildEndedError: There is none.
        """
        line = await self._stdout.readline()
        if not line:
            self._log.seek(0)
            last = self._log.read().decode(errors="replace").splitlines()[-SHOWN_LINES:]
            raise ChildEndedError("\n".join([f"{self._name} ended without an answer", *last]))
        return line.decode().strip()

    async def last_line(self) -> str:
        """Close its input and return what it says at its end."""
        self._stdin.close()
        return await self.line()

    async def end(self) -> None:
        """Close its input and wait for its end, and do not wait long."""
        self._stdin.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def child(module: str, *arguments: str, python: Path | None = None) -> AsyncIterator[Child]:
    """Start `python -m module` and end it afterwards. Its error output is kept out of sight unless it fails.

    `python` is that of another environment, in which this project's is not looked for.
    """
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    if python is not None:
        for name in ("PYTHONPATH", "PYTHONHOME"):
            environment.pop(name, None)
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            python or sys.executable,
            "-m",
            module,
            *arguments,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=MAX_LINE_BYTES,
        )
        running = Child(process, module, log)
        try:
            yield running
        finally:
            await running.end()
