"""One step that calls a function: asks if it must, calls, repeats if it may, and never calls twice what writes once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import structlog

from planners.approvals import ApprovalRequest, Approvals, Decision
from planners.calling import CallContext, CallError, FunctionCaller, is_being_cancelled
from planners.facts import FunctionFacts
from planners.journal import Attempt, PlanJournal, StepOutcome, StepState, idempotency_key
from planners.plan import PlanStep
from planners.plan_events import ApprovalRequired, PlanEvent, StepFinished, StepStarted
from planners.plan_findings import PlanLimits
from plugins.output import Citation, FunctionResult, Note, TextDelta

MAX_RESULT_BYTES: Final = 1024 * 1024
"""The most that a step's text and result may take as JSON."""

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0

_log = structlog.get_logger(__name__)


def exponential(retry: int) -> float:
    """Return the seconds to wait before the `retry`-th repetition, from 1."""
    return float(min(_FIRST_PAUSE_S * 2 ** (retry - 1), _LONGEST_PAUSE_S))


@dataclass(frozen=True, slots=True)
class ExecutionPorts:
    """What an execution works with; `pause_s` gives the seconds before a repetition, `sleep` waits them."""

    caller: FunctionCaller
    approvals: Approvals
    pause_s: Callable[[int], float] = exponential
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class StepScope:
    """What the steps of one execution share. Once `stopped` is set no call begins."""

    execution: str
    ports: ExecutionPorts
    journal: PlanJournal
    limits: PlanLimits
    slots: asyncio.Semaphore
    emit: Callable[[PlanEvent], Awaitable[None]]
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    causes: dict[str, BaseException] = field(default_factory=dict)

    async def finish(self, step: str, outcome: StepOutcome, cause: BaseException | None = None) -> StepOutcome:
        """Keep and tell how a step ended; a step that did not do its work stops the plan."""
        if outcome.state is not StepState.DONE:
            self.stopped.set()
        if cause is not None:
            self.causes[step] = cause
        await self.journal.step_finished(step, outcome)
        await self.emit(StepFinished(step, outcome))
        return outcome


@dataclass(frozen=True, slots=True)
class _Failure:
    """A call that came to no result."""

    code: str
    message: str
    retryable: bool = False
    happened: Literal["no", "unknown"] = "unknown"
    cause: BaseException | None = None


_LOST: Final = _Failure("OUTCOME_UNKNOWN", "A call was begun before a restart; nobody knows whether it had its effect.")
_SPENT: Final = _Failure("ATTEMPTS_EXHAUSTED", "The step was begun as often as is allowed and never came to an end.")


class StepCall:
    """Brings one step to its outcome."""

    def __init__(
        self, scope: StepScope, step: PlanStep, facts: FunctionFacts, arguments: dict[str, Any], *, answers: bool
    ) -> None:
        self._scope = scope
        self._step = step
        self._facts = facts
        self._arguments = arguments
        self._answers = answers
        self._number = 0

    async def outcome(self, last: Attempt | None) -> StepOutcome | None:
        """Return how the step ended; `last` is the attempt that an earlier process began. None: it may not begin.

        Raises:
            Exception: what the journal or the approvals raised.
        """
        self._number = 0 if last is None else last.number
        if last is None and self._step.needs_approval(self._facts):
            decision = await self._ask("needed")
            if decision.verdict != "approved":
                return await self._decided(decision, StepState.WAITING, "REJECTED", "A person refused the call.")
        repeatable = self._step.repeatable(self._facts)
        result = _LOST if last is not None and not repeatable else await self._attempts(self._scope.limits.max_attempts)
        while isinstance(result, _Failure):
            if not self._is_uncertain(result):
                return await self._scope.finish(self._step.id, failed(result.code, result.message), result.cause)
            await self._scope.emit(StepFinished(self._step.id, _uncertain(result)))
            decision = await self._ask("uncertain")
            if decision.verdict != "approved":
                return await self._decided(decision, StepState.UNCERTAIN, result.code, result.message)
            again = await self._attempts(self._number + self._scope.limits.max_attempts)
            if again is None:
                return _uncertain(result)
            result = again
        return result

    async def _ask(self, why: Literal["needed", "uncertain"]) -> Decision:
        request = ApprovalRequest(
            self._scope.execution, self._step.id, self._facts.name, self._facts.effect, self._arguments, why
        )
        await self._scope.emit(ApprovalRequired(request))
        return await self._scope.ports.approvals.ask(request)

    async def _decided(self, decision: Decision, open_state: StepState, code: str, message: str) -> StepOutcome:
        """Return what a decision other than to call makes of the step."""
        said = f"{message} {decision.reason}".strip()
        if decision.verdict == "postponed":
            return StepOutcome(open_state, code=code, message=said)
        if decision.verdict == "done":
            outcome = StepOutcome(StepState.DONE, decision.text, decision.data)
        else:
            refused = open_state is StepState.WAITING
            outcome = StepOutcome(StepState.REJECTED if refused else StepState.FAILED, code=code, message=said)
        return await self._scope.finish(self._step.id, outcome)

    def _is_uncertain(self, failure: _Failure) -> bool:
        """Return whether only a person can tell what to do: the call may have changed something."""
        once = self._facts.writes or self._step.idempotent is False
        return once and failure.happened == "unknown"

    async def _attempts(self, most: int) -> StepOutcome | _Failure | None:
        """Call until it succeeds or may not be repeated, up to attempt number `most`."""
        scope, repeatable = self._scope, self._step.repeatable(self._facts)
        failure = _SPENT
        async with scope.slots:
            end = asyncio.get_running_loop().time() + self._step.bound_s(self._facts)
            for retry in range(1, most - self._number + 1):
                if scope.stopped.is_set():
                    return None if failure is _SPENT else failure
                result = await self._attempt(end)
                if isinstance(result, StepOutcome):
                    return await scope.finish(self._step.id, result)
                failure, pause = result, scope.ports.pause_s(retry)
                late = asyncio.get_running_loop().time() + pause >= end
                if late or not (repeatable and failure.retryable) or self._number >= most:
                    break
                await scope.ports.sleep(pause)
        return failure

    async def _attempt(self, end: float) -> StepOutcome | _Failure:
        self._number += 1
        attempt = Attempt(self._number, idempotency_key(self._scope.execution, self._step.id))
        await self._scope.journal.step_started(self._step.id, attempt)
        started = StepStarted(self._step.id, self._facts.name, self._arguments, attempt, self._answers)
        await self._scope.emit(started)
        results: list[FunctionResult] = []
        limit = asyncio.timeout_at(end)
        try:
            async with limit:
                await self._take(attempt, end, results)
        except CallError as error:
            return _Failure(error.code, error.message, error.retryable, error.happened, error)
        except TimeoutError as error:
            if not limit.expired():
                return self._broken(error)
            if not results:
                return _Failure("DEADLINE_EXCEEDED", "The step took longer than it may.", retryable=True, cause=error)
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            return self._broken(error)
        except Exception as error:  # noqa: BLE001 - whatever a function does, the plan ends in words
            return self._broken(error)
        return self._result(results)

    async def _take(self, attempt: Attempt, end: float, results: list[FunctionResult]) -> None:
        remaining = end - asyncio.get_running_loop().time()
        context = CallContext(self._scope.execution, self._step.id, attempt.number, attempt.key, remaining)
        async with aclosing(self._scope.ports.caller.call(self._facts.name, self._arguments, context)) as pieces:
            async for piece in pieces:
                match piece:
                    case FunctionResult():
                        results.append(piece)
                    case Note():
                        await self._scope.emit(piece)
                    case TextDelta() | Citation() if self._answers:
                        await self._scope.emit(piece)

    def _result(self, results: list[FunctionResult]) -> StepOutcome | _Failure:
        if not results:
            return _Failure("PLUGIN_BROKEN", f"{self._facts.name} ended without a result.")
        text, data = results[-1].text, results[-1].data
        try:
            size = len(json.dumps([text, data]).encode())
        except (TypeError, ValueError):
            return failed("PLUGIN_BROKEN", f"{self._facts.name} gave a result that is no JSON.")
        if size > MAX_RESULT_BYTES:
            return failed("RESULT_TOO_LARGE", f"{self._facts.name} did its work, but gave more than can be kept.")
        return StepOutcome(StepState.DONE, text, data)

    def _broken(self, error: BaseException) -> _Failure:
        _log.error("step_failed", execution=self._scope.execution, function=self._facts.name, exc_info=error)
        return _Failure("FUNCTION_FAILED", f"{self._facts.name} failed.", cause=error)


def failed(code: str, message: str) -> StepOutcome:
    """Return the outcome of a step that did not do its work."""
    return StepOutcome(StepState.FAILED, code=code, message=message)


def _uncertain(failure: _Failure) -> StepOutcome:
    return StepOutcome(StepState.UNCERTAIN, code=failure.code, message=failure.message)
