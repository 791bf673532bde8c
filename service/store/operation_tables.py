"""The table of long operations; on the same metadata as all others."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

operations = Table(
    "operations",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("progress", LargeBinary, nullable=False),
    Column("outcome", LargeBinary),
    Column("create_time", UtcTime, nullable=False),
    Column("end_time", UtcTime),
    Column("owner", Text),
    Column("cancel_requested", Integer),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "state"),
)
"""`id` sorts by time of creation. `progress` and `outcome` are JSON, whose meaning is `service.models`' business.

`owner` is the process that works on it; with `cancel_requested` it is asked to stop.
"""
