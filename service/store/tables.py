"""All tables. Each has `tenant` first in its key, and every query names it; the migrations must say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S: Final = 24 * 60 * 60
_MICROSECONDS: Final = 1_000_000


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, stored as microseconds since 1970, so that it sorts and compares as a number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the stored number.

        Raises:
            ValueError: The time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        since = value - _EPOCH
        return (since.days * _DAY_S + since.seconds) * _MICROSECONDS + since.microseconds

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        return None if value is None else time_of(value)


def time_of(stored: int) -> datetime:
    """Return the time in UTC that `UtcTime` stored as a number."""
    return _EPOCH + timedelta(microseconds=stored)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("session_id", Text),
    Column("function", Text),
    Column("model", Text),
    Column("create_time", UtcTime, nullable=False),
    Column("end_time", UtcTime),
    Column("terminal_kind", Text),
    Column("terminal", LargeBinary),
    Column("owner", Text),
    Column("cancel_reason", Text),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "session_id", "id"),
    Index(None, "state"),
    Index(
        "ix_runs_at_work",
        "tenant",
        "session_id",
        unique=True,
        sqlite_where=text("owner IS NOT NULL AND session_id IS NOT NULL"),
    ),
)
"""`id` sorts by time of creation; `terminal` repeats the payload of the terminal event, for lists without a join.

`owner` is the process that works on the run, NULL where none does; of a session at most one run has one. With
`cancel_reason` the owner is asked to cancel it.
"""

run_events = Table(
    "run_events",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "run_id", "sequence"),
    ForeignKeyConstraint(["tenant", "run_id"], ["runs.tenant", "runs.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    Column("update_time", UtcTime, nullable=False),
    Column("message_count", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "session_id", "position"),
    ForeignKeyConstraint(["tenant", "session_id"], ["sessions.tenant", "sessions.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
"""`position` counts from 1 in its session and is the message's id."""

tickets = Table(
    "tickets",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    Column("close_time", UtcTime),
    Column("resolution", Text),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "state", "id"),
)
"""`close_time` and `resolution` are there once a person has closed it."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "method", "request_id"),
    Index(None, "create_time"),
)
"""`result` is what the first call gave, as the method chooses to write it (a resource name, JSON)."""
