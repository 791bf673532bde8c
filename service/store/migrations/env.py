"""Alembic's entry: runs on the connection that `service.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from service.store import (  # noqa: F401 - they add their tables to the metadata
    budget_tables,
    knowledge_tables,
    operation_tables,
    plan_tables,
    policy_tables,
    registration_tables,
    vault_tables,
)
from service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
    transaction_per_migration=False,
)
context.run_migrations()
