"""The records of a run's steps in the store: what was begun, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter

from planners.journal import Attempt, StepOutcome, StepRecord
from service.store import plans
from service.store.plans import StepRow
from service.store.store import Store

_OUTCOME: Final = TypeAdapter(StepOutcome)


class StoredPlanJournal:
    """One run's; see `planners.journal.PlanJournal`."""

    def __init__(self, store: Store, tenant: str, run_id: str) -> None:
        """Keep the records of a run in `store`."""
        self._store = store
        self._tenant = tenant
        self._run_id = run_id

    async def load(self) -> Mapping[str, StepRecord]:
        """Return the records by step."""
        rows = await self._store.read(lambda connection: plans.get_steps(connection, self._tenant, self._run_id))
        return {row.step: _record(row) for row in rows}

    async def step_started(self, step: str, attempt: Attempt) -> None:
        """Keep that the step is about to be called."""
        tenant, run_id = self._tenant, self._run_id
        await self._store.write(
            lambda connection: plans.begin_step(connection, tenant, run_id, step, attempt.number, attempt.key)
        )

    async def step_finished(self, step: str, outcome: StepOutcome) -> None:
        """Keep how the step ended."""
        data = _OUTCOME.dump_json(outcome)
        await self._store.write(lambda connection: plans.end_step(connection, self._tenant, self._run_id, step, data))


def _record(row: StepRow) -> StepRecord:
    return StepRecord(
        None if row.attempt is None else Attempt(row.attempt, row.key or ""),
        None if row.outcome is None else _OUTCOME.validate_json(row.outcome),
    )
