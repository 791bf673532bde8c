"""The table of policies, on the same metadata as all others."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

routing_policies = Table(
    "routing_policies",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("update_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "subject"),
)
"""`subject` is a plugin's or function's name, or empty for all requests of the tenant; `policy` is JSON."""
