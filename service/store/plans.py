"""Plans, and the runs that execute them step by step, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from service.store.plan_tables import plan_runs, plan_steps, plans


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of `plans`, field by field; `plan`, `allowed` and `collections` are JSON."""

    tenant: str
    id: str
    planner: str
    recipe: str
    plan: bytes
    allowed: bytes
    collections: bytes
    create_time: datetime
    last_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlanRunRow:
    """A row of `plan_runs`, field by field; `spec` and `plan` are JSON, `remaining_s` is in seconds."""

    tenant: str
    run_id: str
    subject: str
    spec: bytes
    plan: bytes
    remaining_s: float


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row of `plan_steps`, field by field; `outcome` is JSON."""

    tenant: str
    run_id: str
    step: str
    attempt: int | None = None
    key: str | None = None
    outcome: bytes | None = None


def insert_plan(connection: Connection, row: PlanRow) -> None:
    """Add a plan."""
    connection.execute(insert(plans), asdict(row))


def get_plan(connection: Connection, tenant: str, plan_id: str) -> PlanRow | None:
    """Return the plan, or None where the tenant has none of that id."""
    found = connection.execute(select(plans).where(plans.c.tenant == tenant, plans.c.id == plan_id)).mappings().first()
    return None if found is None else PlanRow(**found)


def list_plans(connection: Connection, tenant: str, *, before_id: str | None, limit: int) -> list[PlanRow]:
    """Return at most `limit` plans, newest first, that are older than `before_id` (None: from the newest)."""
    query = select(plans).where(plans.c.tenant == tenant)
    if before_id is not None:
        query = query.where(plans.c.id < before_id)
    return [PlanRow(**row) for row in connection.execute(query.order_by(plans.c.id.desc()).limit(limit)).mappings()]


def set_last_run(connection: Connection, tenant: str, plan_id: str, run_id: str) -> None:
    """Note which run executed the plan last."""
    connection.execute(update(plans).where(plans.c.tenant == tenant, plans.c.id == plan_id).values(last_run_id=run_id))


def insert_plan_run(connection: Connection, row: PlanRunRow) -> None:
    """Add what another process needs to go on with a run."""
    connection.execute(insert(plan_runs), asdict(row))


def get_plan_run(connection: Connection, tenant: str, run_id: str) -> PlanRunRow | None:
    """Return what is needed to go on with the run, or None where it executes no plan."""
    query = select(plan_runs).where(plan_runs.c.tenant == tenant, plan_runs.c.run_id == run_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else PlanRunRow(**found)


def set_remaining(connection: Connection, tenant: str, run_id: str, remaining_s: float) -> None:
    """Note how many seconds the run has left."""
    connection.execute(
        update(plan_runs)
        .where(plan_runs.c.tenant == tenant, plan_runs.c.run_id == run_id)
        .values(remaining_s=remaining_s)
    )


def get_steps(connection: Connection, tenant: str, run_id: str) -> list[StepRow]:
    """Return what is known of the run's steps; those that have not begun are missing."""
    query = select(plan_steps).where(plan_steps.c.tenant == tenant, plan_steps.c.run_id == run_id)
    return [StepRow(**row) for row in connection.execute(query).mappings()]


def has_open_call(connection: Connection, tenant: str, run_id: str) -> bool:
    """Return whether a step of the run was begun and has no outcome."""
    query = select(plan_steps.c.step).where(
        plan_steps.c.tenant == tenant,
        plan_steps.c.run_id == run_id,
        plan_steps.c.attempt.is_not(None),
        plan_steps.c.outcome.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def begin_step(connection: Connection, tenant: str, run_id: str, step: str, attempt: int, key: str) -> None:
    """Note that an attempt at a step is about to be made."""
    _put_step(connection, StepRow(tenant, run_id, step), {"attempt": attempt, "key": key})


def end_step(connection: Connection, tenant: str, run_id: str, step: str, outcome: bytes) -> None:
    """Note how a step ended."""
    _put_step(connection, StepRow(tenant, run_id, step), {"outcome": outcome})


def _put_step(connection: Connection, row: StepRow, values: dict[str, Any]) -> None:
    made = upsert(plan_steps).values(asdict(row) | values)
    connection.execute(made.on_conflict_do_update(index_elements=["tenant", "run_id", "step"], set_=values))
