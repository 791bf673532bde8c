"""Runs a plan: independent steps at once, each within its time, nothing twice that changes something."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from planners.execution import Execution
from planners.facts import FunctionFacts
from planners.journal import PlanJournal
from planners.plan import Plan
from planners.plan_events import PlanEvent
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.step_call import ExecutionPorts

__all__ = ["ExecutionPorts", "PlanExecutor"]


class PlanExecutor:
    """Executes plans; it keeps nothing between them."""

    def __init__(self, ports: ExecutionPorts, limits: PlanLimits | None = None) -> None:
        self._ports = ports
        self._limits = limits or PlanLimits()

    async def execute(
        self, plan: Plan, catalogue: Mapping[str, FunctionFacts], journal: PlanJournal, execution: str
    ) -> AsyncGenerator[PlanEvent, None]:
        """Yield what happens, a `PlanFinished` last. Closing the generator cancels the plan and waits for its steps.

        Args:
            plan: what to do; it is checked again, since the functions may have changed since it was made.
            catalogue: the functions there are, by full name.
            journal: this execution's own; with one that has records, the execution goes on from them: a step that has
                finished is not called again. One that was begun and not finished is called again only if a second
                call changes nothing more; else a person is asked.
            execution: its name, the same when it is resumed; the idempotency keys follow from it.

        Raises:
            InvalidPlanError: the plan may not run; nothing has happened.
            Exception: what the journal or the approvals raised; all steps have ended then.
        """
        if wrong := plan.validate(catalogue, self._limits):
            raise InvalidPlanError(wrong)
        work = Execution(plan, catalogue, journal, execution, self._ports, self._limits)
        async with aclosing(work.events()) as events:
            async for event in events:
                yield event
