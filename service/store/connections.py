"""Engines on one SQLite file, with the pragmas that the promises rest on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from service.store.prepared import driver

BEGIN_WRITING = "BEGIN IMMEDIATE"

BUSY_TIMEOUT_MS = 5_000
"""How long a connection waits for another's lock; only a backup or a shell can hold one, the service has one writer."""


def writing_engine(path: Path) -> Engine:
    """Return an engine with one connection that may write.

    WAL lets readers go on during a commit; `synchronous=FULL` makes a commit survive a loss of power.
    Source: https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    return _engine(
        path,
        1,
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        begin=BEGIN_WRITING,
    )


def reading_engine(path: Path, connections: int) -> Engine:
    """Return an engine with at most `connections` that cannot write."""
    return _engine(
        path,
        connections,
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        "PRAGMA query_only=ON",
        begin="BEGIN",
    )


def _engine(path: Path, connections: int, *pragmas: str, begin: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", pool_size=connections, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling begins late and not for reads; ours is explicit, below.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        sqlite = driver(connection)
        if not sqlite.in_transaction:
            sqlite.execute(begin)

    return engine


@contextmanager
def writing(connection: Connection) -> Iterator[sqlite3.Connection]:
    """Begin a transaction that may write, and commit it, or roll it back where something raises.

    SQLAlchemy's own bookkeeping takes longer than the statements of a small one; it begins where a unit of work uses
    it, which finds the transaction begun.
    """
    sqlite = driver(connection)
    sqlite.execute(BEGIN_WRITING)
    try:
        yield sqlite
        if connection.in_transaction():
            connection.commit()
        else:
            sqlite.commit()
    except BaseException:
        connection.rollback()
        sqlite.rollback()
        raise


def is_storage_failure(error: BaseException) -> bool:
    """Return whether the disk or the file is at fault (full, read-only, broken, locked), not what was asked."""
    cause = getattr(error, "orig", error)
    return isinstance(cause, sqlite3.OperationalError | sqlite3.DatabaseError) and not isinstance(
        cause, sqlite3.IntegrityError | sqlite3.ProgrammingError
    )
