"""The table of pseudonyms, on the same metadata as all others."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

privacy_vaults = Table(
    "privacy_vaults",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    Column("update_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "session_id"),
    ForeignKeyConstraint(["tenant", "session_id"], ["sessions.tenant", "sessions.id"], ondelete="CASCADE"),
)
"""`wrapped_key` is the session's own key, sealed with that of the settings; `entries` is sealed with the former."""
