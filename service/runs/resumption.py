"""What is stored of a run that another process, or a later moment, can go on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.money import Money
from service.runs.locks import refuse_if_at_work
from service.runs.spec import Principal, RunSpec
from service.store import plans, runs
from service.store.plans import PlanRunRow
from service.store.runs import RUNNING, RunRow
from service.store.usage import spent_by_run

_SPEC: Final = TypeAdapter(RunSpec)


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run as it stands: `sequence` is its last event's, `usage` and `cost` (None: not known) what it has used."""

    principal: Principal
    row: RunRow
    spec: RunSpec
    remaining_s: float
    sequence: int
    usage: Usage
    cost: Money | None


def keep(principal: Principal, run_id: str, spec: RunSpec, plan: bytes, remaining_s: float) -> PlanRunRow:
    """Return the row from which the run can be gone on with; `plan` is JSON."""
    return PlanRunRow(
        principal.tenant, run_id, principal.subject, _SPEC.dump_json(replace(spec, deadline=None)), plan, remaining_s
    )


def is_free(connection: Connection, tenant: str, run_id: str) -> bool:
    """Return whether the run is to go on, can be gone on with, and nobody works on it."""
    row = runs.get_run(connection, tenant, run_id)
    if row is None or row.state != RUNNING or row.owner is not None:
        return False
    return plans.get_plan_run(connection, tenant, run_id) is not None


def take(connection: Connection, tenant: str, run_id: str, owner: str) -> Resumption | None:
    """Let `owner` go on with the run, and return how it stands; None where it is not free, see `is_free`.

    Raises:
        SessionBusyError: Another run works on its session.
    """
    row, kept = runs.get_run(connection, tenant, run_id), plans.get_plan_run(connection, tenant, run_id)
    if row is None or kept is None or not is_free(connection, tenant, run_id):
        return None
    if row.session_id is not None:
        refuse_if_at_work(connection, tenant, row.session_id)
    runs.claim(connection, tenant, run_id, owner)
    usage, cost = spent(connection, tenant, run_id)
    return Resumption(
        principal=Principal(tenant, kept.subject),
        row=row,
        spec=_SPEC.validate_json(kept.spec),
        remaining_s=kept.remaining_s,
        sequence=runs.last_sequence(connection, tenant, run_id),
        usage=usage,
        cost=cost,
    )


def spent(connection: Connection, tenant: str, run_id: str) -> tuple[Usage, Money | None]:
    """Return what the run has used and paid until now; None: not known, or nothing."""
    sums = spent_by_run(connection, tenant, run_id)
    # A run that was paid in several currencies tells the tokens of all and the money of one.
    money = next(((one.currency, one.cost_nanos) for one in sums if one.currency), None)
    usage = sum((Usage(one.input_tokens, one.cached_input_tokens, one.output_tokens) for one in sums), Usage())
    return usage, None if money is None else Money.from_nanos(*money)
