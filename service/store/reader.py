"""Reads on a few threads of their own, each with its own connection, so that they never wait for a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


class Reader:
    """Runs queries off the event loop, each in one snapshot of the store."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        """Use `threads` threads; `engine` must allow as many connections."""
        self._engine = engine
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="store-reader")

    async def run(self, query: Callable[[Connection], T]) -> T:
        """Return what `query` returns; all that it reads is of one moment."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, query)

    def _run(self, query: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return query(connection)

    async def close(self) -> None:
        """Let running queries end and free the threads."""
        await asyncio.to_thread(self._pool.shutdown)
