"""The tables of plans, of the runs that execute them, and of what people are asked; on the same metadata as all others.

Plans, steps' outcomes, calls and decisions are JSON, whose meaning is the business of `service.runs.planning`.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

plans = Table(
    "plans",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("planner", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("allowed", LargeBinary, nullable=False),
    Column("collections", LargeBinary, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    Column("last_run_id", Text),
    PrimaryKeyConstraint("tenant", "id"),
)
"""`id` sorts by time of creation; `planner` and `recipe` are empty where the caller wrote the plan."""

plan_runs = Table(
    "plan_runs",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("spec", LargeBinary, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("remaining_s", Float, nullable=False),
    PrimaryKeyConstraint("tenant", "run_id"),
    ForeignKeyConstraint(["tenant", "run_id"], ["runs.tenant", "runs.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
"""What another process needs to go on with a run; `remaining_s` is what is left of its time."""

plan_steps = Table(
    "plan_steps",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("attempt", Integer),
    Column("key", Text),
    Column("outcome", LargeBinary),
    PrimaryKeyConstraint("tenant", "run_id", "step"),
    ForeignKeyConstraint(["tenant", "run_id"], ["runs.tenant", "runs.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
"""The last attempt that was begun, and the outcome of the step once it came to one."""

approvals = Table(
    "approvals",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("ask_time", UtcTime, nullable=False),
    Column("decision", LargeBinary),
    Column("subject", Text),
    Column("decide_time", UtcTime),
    PrimaryKeyConstraint("tenant", "run_id", "id"),
    ForeignKeyConstraint(["tenant", "run_id"], ["runs.tenant", "runs.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
"""`subject` is who decided."""
