"""The store: one SQLite file; each process on it writes by one thread and reads by a few."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from service.errors import FailedPreconditionError
from service.store.board import Board
from service.store.connections import reading_engine, writing_engine
from service.store.instances import Instance
from service.store.lock import StoreInUseError, StoreLock
from service.store.reader import Reader
from service.store.schema import is_current, migrate
from service.store.turns import Turns
from service.store.writer import Unit, Writer

T = TypeVar("T")


class Store:
    """Reads and writes of the whole service; the repositories are plain functions over a connection."""

    def __init__(self, path: Path, writer: Writer, reader: Reader, instance: Instance) -> None:
        """Join the ways; use `open_store`."""
        self.path = path
        self.writer = writer
        self.reader = reader
        self.instance = instance

    @property
    def owner(self) -> str:
        """Return what names this process where the store says who works on something."""
        return self.instance.id

    async def write(self, unit: Unit[T]) -> T:
        """Return the unit's result after it is on disk; see `Writer.submit`."""
        return await self.writer.submit(unit)

    def put(self, unit: Unit[T]) -> asyncio.Future[T]:
        """Return a future of the unit's result, which is there after it is on disk; see `Writer.put`."""
        return self.writer.put(unit)

    def put_late(self, make: Callable[[], Unit[T]]) -> asyncio.Future[T]:
        """As `put`, for a unit that is made as late as can be; see `Writer.put_late`."""
        return self.writer.put_late(make)

    def version(self, topic: str) -> int:
        """Return a number that is another one once a change of the topic is on disk, whichever process made it.

        See `changes.touch`.
        """
        return self.writer.board.of(topic)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what `query` returns, from one snapshot; see `Reader.run`."""
        return await self.reader.run(query)


@asynccontextmanager
async def open_store(
    path: Path, *, reader_threads: int = 4, capacity: int = 1024, shared: bool = False
) -> AsyncIterator[Store]:
    """Open the store at `path`, made and migrated as needed, for this process alone or (`shared`) beside others.

    Raises:
        StoreInUseError: Another process has it open that does not share it, or this one would have to migrate it.
        StoreTooNewError: A later version of vaiven made it.
        FailedPreconditionError: The directory or file cannot be made or read.
    """
    lock = await asyncio.to_thread(_prepare, path)
    with lock:
        await asyncio.to_thread(_enter, lock, path, shared=shared)
        write_engine, read_engine = (
            writing_engine(path),
            reading_engine(path, reader_threads),
        )
        instance = Instance(path)
        try:
            turns, board = Turns(path), Board(path.with_name(path.name + ".board"))
            writer, reader = (
                Writer(write_engine, capacity=capacity, board=board, turns=turns),
                Reader(read_engine, threads=reader_threads),
            )
            try:
                yield Store(path, writer, reader, instance)
            finally:
                await writer.close()
                await reader.close()
                turns.close()
        finally:
            instance.close()
            read_engine.dispose()
            write_engine.dispose()


def _prepare(path: Path) -> StoreLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)  # SQLite gives the files beside it the same mode
        return StoreLock(path)
    except OSError as error:
        raise _not_usable(path, str(error.strerror)) from error


def _enter(lock: StoreLock, path: Path, *, shared: bool) -> None:
    """Take the store, and bring its schema to what this version needs."""
    alone = True
    if shared:
        alone = lock.take()
    else:
        lock.take_alone()
    engine = writing_engine(path)
    try:
        with engine.begin() as connection:
            if alone:
                migrate(connection)
            elif not is_current(connection):
                raise StoreInUseError(
                    f"{path} is in use by an earlier version of vaiven, and this one has to change its tables first. "
                    "Stop all processes on it, start this version, and the others after it."
                )
    except DatabaseError as error:
        raise _not_usable(path, str(error.orig)) from error
    finally:
        engine.dispose()
    if shared and alone:
        lock.share()


def _not_usable(path: Path, why: str) -> FailedPreconditionError:
    return FailedPreconditionError(
        f"store.path: cannot use {path} ({why}). Name a file of vaiven's, or a new one, where this user may write.",
        reason="STORE_NOT_USABLE",
    )
