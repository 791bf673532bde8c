"""One execution of a plan: a task for each step, which waits for those it needs; everything told through one queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from planners.calling import is_being_cancelled
from planners.facts import FunctionFacts
from planners.journal import Attempt, PlanJournal, StepOutcome, StepRecord, StepState, idempotency_key
from planners.plan import GATHER, Plan, PlanStep
from planners.plan_events import PlanEvent, PlanFinished, PlanUpdated, StepFinished, StepStarted
from planners.plan_findings import PlanLimits
from planners.references import BadReferenceError, Reference, follow, resolve
from planners.step_call import ExecutionPorts, StepCall, StepScope, failed
from planners.validation import violations
from plugins.output import TextDelta

_QUEUED_EVENTS: Final = 64
"""How far the steps may be ahead of whoever reads the events."""

_STOPPING: Final = (StepState.UNCERTAIN, StepState.FAILED, StepState.REJECTED, StepState.WAITING)
"""What keeps a plan from being done, what weighs most first."""


class Execution:
    """Runs a valid plan once, from where the journal says that it stands."""

    def __init__(
        self,
        plan: Plan,
        catalogue: Mapping[str, FunctionFacts],
        journal: PlanJournal,
        name: str,
        ports: ExecutionPorts,
        limits: PlanLimits,
    ) -> None:
        self._plan = plan
        self._catalogue = catalogue
        self._journal = journal
        self._name = name
        self._records: Mapping[str, StepRecord] = {}
        self._outcomes: dict[str, StepOutcome] = {}
        self._ended = {step.id: asyncio.Event() for step in plan.steps}
        self._queue: asyncio.Queue[PlanEvent | None] = asyncio.Queue(_QUEUED_EVENTS)
        self._scope = StepScope(name, ports, journal, limits, asyncio.Semaphore(limits.max_parallel), self._queue.put)
        self._broken: BaseException | None = None
        self._left = False

    async def events(self) -> AsyncGenerator[PlanEvent, None]:
        """Yield what happens; closing the generator cancels the steps and waits for them.

        Raises:
            Exception: whatever the journal or the approvals raised; all steps have ended then.
        """
        stored = await self._journal.load()
        self._records = {step.id: stored[step.id] for step in self._plan.steps if step.id in stored}
        outcomes = [record.outcome for record in self._records.values() if record.outcome is not None]
        if any(outcome.state is not StepState.DONE for outcome in outcomes):
            self._scope.stopped.set()
        work = asyncio.create_task(self._work(), name=f"plan-{self._name}")
        try:
            while (event := await self._queue.get()) is not None:
                yield event
            if self._broken is not None:
                raise self._broken
        finally:
            self._left = True
            work.cancel()
            await asyncio.wait([work])

    async def _work(self) -> None:
        try:
            await self._queue.put(PlanUpdated(self._plan, self._states()))
            async with asyncio.TaskGroup() as group:
                for step in self._plan.steps:
                    group.create_task(self._step(step), name=f"step-{self._name}-{step.id}")
            finished = self._finished()
            await self._queue.put(PlanUpdated(self._plan, self._states(finished)))
            await self._queue.put(finished)
        except* Exception as several:  # noqa: BLE001 - raised where the events are read
            self._broken = several.exceptions[0]
        if not self._left:
            await self._queue.put(None)

    async def _step(self, step: PlanStep) -> None:
        for name in step.needs:
            await self._ended[name].wait()
        try:
            outcome = await self._outcome(step)
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            # A group of tasks takes no notice of this, and the steps after this one would wait for ever.
            raise RuntimeError("the journal or the approvals were cancelled") from error
        if outcome is not None:
            self._outcomes[step.id] = outcome
        self._ended[step.id].set()

    async def _outcome(self, step: PlanStep) -> StepOutcome | None:
        """Return how the step ended, None if it may not begin."""
        record = self._records.get(step.id, StepRecord())
        if record.outcome is not None:
            await self._queue.put(StepFinished(step.id, record.outcome, replayed=True))
            return record.outcome
        if self._scope.stopped.is_set() or not all(self._is_done(name) for name in step.needs):
            return None
        try:
            arguments = resolve(step.arguments, self._lookup)
        except BadReferenceError as error:
            return await self._scope.finish(step.id, failed("REFERENCE_UNRESOLVED", f"{error}."))
        if step.gathers:
            return await self._gather(step, arguments)
        facts = self._catalogue[step.function]
        if wrong := violations(facts.input_schema, arguments, outside=facts.outside):
            message = "; ".join(f"{one.field} {one.message}".strip() for one in wrong)
            return await self._scope.finish(step.id, failed("ARGUMENT_INVALID", f"{facts.name}: {message}."))
        call = StepCall(self._scope, step, facts, arguments, answers=step.id == self._plan.answering)
        return await call.outcome(record.attempt)

    async def _gather(self, step: PlanStep, arguments: dict[str, Any]) -> StepOutcome:
        answers, text = step.id == self._plan.answering, arguments.get("text", "")
        attempt = Attempt(1, idempotency_key(self._name, step.id))
        await self._queue.put(StepStarted(step.id, GATHER, arguments, attempt, answers))
        said = text if isinstance(text, str) else ""
        if answers and said:
            await self._queue.put(TextDelta(said))
        return await self._scope.finish(step.id, StepOutcome(StepState.DONE, said, arguments))

    def _lookup(self, reference: Reference) -> Any:
        outcome = self._outcomes[reference.name]
        return outcome.text if reference.source == "text" else follow(reference, outcome.data)

    def _is_done(self, name: str) -> bool:
        return name in self._outcomes and self._outcomes[name].state is StepState.DONE

    def _states(self, finished: PlanFinished | None = None) -> Mapping[str, StepState]:
        return {step.id: self._state(step, finished) for step in self._plan.steps}

    def _state(self, step: PlanStep, finished: PlanFinished | None) -> StepState:
        if step.id in self._outcomes:
            return self._outcomes[step.id].state
        record = self._records.get(step.id, StepRecord())
        if record.outcome is not None:
            return record.outcome.state
        if record.attempt is not None and self._matters(step, resumed=finished is None):
            return StepState.UNCERTAIN
        return StepState.SKIPPED if finished is not None and finished.state is StepState.FAILED else StepState.PENDING

    def _matters(self, step: PlanStep, *, resumed: bool) -> bool:
        """Return whether it is open what the call did that an earlier process began; one that repeats it may tell."""
        facts = self._catalogue[step.function]
        once = facts.writes or step.idempotent is False
        return once and not (resumed and step.repeatable(facts))

    def _finished(self) -> PlanFinished:
        for state in _STOPPING:
            for name, outcome in self._outcomes.items():
                if outcome.state is state:
                    ending = StepState.FAILED if state is StepState.REJECTED else state
                    return PlanFinished(ending, name, outcome, self._scope.causes.get(name))
        answer = self._plan.answering
        return PlanFinished(StepState.DONE, answer, self._outcomes[answer])
