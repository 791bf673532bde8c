"""The tables of registered plugins; on the same metadata as all others."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

plugin_registrations = Table(
    "plugin_registrations",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("owners", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    Column("update_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)
"""`source` and `owners` are JSON, without any secret. `revision` is the tenant's when the row was written last."""

plugin_revisions = Table(
    "plugin_revisions",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
)
"""Counts the changes of a tenant's registrations, so that each replica sees with one read whether it is up to date."""
