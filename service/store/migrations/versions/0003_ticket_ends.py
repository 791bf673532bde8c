"""When tickets were closed, and with what words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the end of a ticket, and what lists them by their state."""
    op.add_column("tickets", sa.Column("close_time", sa.BigInteger()))
    op.add_column("tickets", sa.Column("resolution", sa.Text()))
    op.create_index("ix_tickets_tenant_state_id", "tickets", ["tenant", "state", "id"])
