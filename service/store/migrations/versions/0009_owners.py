"""Who works on runs and operations, and for whom money is set aside, among the processes on the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the owners, what is asked of them, and the index by which a session has one run at a time.

    Nobody works on anything while this is done. What waited with a process, and was not put aside, was running as far
    as the next process is concerned, which takes over what runs and has no owner.
    """
    op.add_column("runs", sa.Column("owner", sa.Text()))
    op.add_column("runs", sa.Column("cancel_reason", sa.Text()))
    op.add_column("operations", sa.Column("owner", sa.Text()))
    op.add_column("operations", sa.Column("cancel_requested", sa.Integer()))
    op.add_column("reservations", sa.Column("owner", sa.Text()))
    op.create_index(
        "ix_runs_at_work",
        "runs",
        ["tenant", "session_id"],
        unique=True,
        sqlite_where=sa.text("owner IS NOT NULL AND session_id IS NOT NULL"),
    )
    op.execute(
        "UPDATE runs SET state = 'RUNNING' WHERE state = 'WAITING' AND ("
        "NOT EXISTS (SELECT 1 FROM plan_runs p WHERE p.tenant = runs.tenant AND p.run_id = runs.id) "
        "OR EXISTS (SELECT 1 FROM plan_steps s WHERE s.tenant = runs.tenant AND s.run_id = runs.id "
        "AND s.attempt IS NOT NULL AND s.outcome IS NULL))"
    )
