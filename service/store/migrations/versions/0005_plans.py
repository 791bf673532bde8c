"""Plans, the runs that execute them, and approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of plans."""
    op.create_table(
        "plans",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("planner", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("allowed", sa.LargeBinary(), nullable=False),
        sa.Column("collections", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("last_run_id", sa.Text()),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_plans"),
    )
    op.create_table(
        "plan_runs",
        *_run_columns(),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("spec", sa.LargeBinary(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("remaining_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "run_id", name="pk_plan_runs"),
        _of_run("plan_runs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "plan_steps",
        *_run_columns(),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer()),
        sa.Column("key", sa.Text()),
        sa.Column("outcome", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant", "run_id", "step", name="pk_plan_steps"),
        _of_run("plan_steps"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "approvals",
        *_run_columns(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("ask_time", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.LargeBinary()),
        sa.Column("subject", sa.Text()),
        sa.Column("decide_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "run_id", "id", name="pk_approvals"),
        _of_run("approvals"),
        sqlite_with_rowid=False,
    )


def _run_columns() -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column("tenant", sa.Text(), nullable=False), sa.Column("run_id", sa.Text(), nullable=False)


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", "run_id"], ["runs.tenant", "runs.id"], ondelete="CASCADE", name=f"fk_{table}_tenant_run_id_runs"
    )
