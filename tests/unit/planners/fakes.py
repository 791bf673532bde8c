"""Functions, journals and people that tests script: what they were asked, and when they break."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal

from planners.approvals import ApprovalRequest, Decision
from planners.calling import CallContext
from planners.executor import ExecutionPorts, PlanExecutor
from planners.facts import FunctionFacts
from planners.journal import Attempt, PlanJournal, StepOutcome, StepRecord
from planners.plan import Plan
from planners.plan_events import PlanEvent, PlanFinished
from planners.plan_findings import PlanLimits
from plugins.output import FunctionOutput, FunctionResult, TextDelta

OPEN: dict[str, Any] = {"type": "object"}
Behaviour = Callable[[Mapping[str, Any], CallContext], Awaitable[FunctionResult]]


def schema(required: list[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def facts(
    name: str,
    effect: Literal["none", "read", "write"] = "none",
    *,
    takes: dict[str, Any] | None = None,
    gives: dict[str, Any] | None = None,
    approval: bool | None = False,
    **more: Any,
) -> FunctionFacts:
    return FunctionFacts(name, f"Do {name}.", takes or OPEN, gives or OPEN, effect, approval=approval, **more)


def catalogue(*functions: FunctionFacts) -> dict[str, FunctionFacts]:
    return {one.name: one for one in functions}


async def echo(arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
    return FunctionResult(f"{context.step} done", {"said": dict(arguments)})


@dataclass
class FakeTools:
    """Calls a behaviour by the function's name, `echo` where none is given; a known key is answered as before."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    keyed: frozenset[str] = frozenset()
    calls: list[CallContext] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    running: int = 0
    most_running: int = 0
    order: list[str] = field(default_factory=list)
    answered: dict[str, FunctionResult] = field(default_factory=dict)

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        self.calls.append(context)
        self.order.append(f"+{context.step}")
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if function in self.keyed and context.idempotency_key in self.answered:
                result = self.answered[context.idempotency_key]
            else:
                self.effects[context.step] += 1
                result = await self.behaviours.get(function, echo)(arguments, context)
                self.answered[context.idempotency_key] = result
            if result.text:
                yield TextDelta(result.text)
            yield result
        finally:
            self.running -= 1
            self.order.append(f"-{context.step}")

    def times(self, step: str) -> int:
        return sum(context.step == step for context in self.calls)


class CrashError(Exception):
    """The process is gone."""


@dataclass
class MemoryJournal:
    """Keeps records; at write number `crash_at` (from 0) it raises, before or after the write is kept."""

    records: dict[str, StepRecord] = field(default_factory=lambda: defaultdict(StepRecord))
    crash_at: int | None = None
    kept: bool = True
    writes: int = 0

    async def load(self) -> Mapping[str, StepRecord]:
        return dict(self.records)

    async def step_started(self, step: str, attempt: Attempt) -> None:
        await self._write(step, StepRecord(attempt, None))

    async def step_finished(self, step: str, outcome: StepOutcome) -> None:
        await self._write(step, StepRecord(self.records[step].attempt, outcome))

    async def _write(self, step: str, record: StepRecord) -> None:
        assert self.records[step].outcome is None, "a finished step is final"
        crashes = self.crash_at == self.writes
        self.writes += 1
        await asyncio.sleep(0)
        if not crashes or self.kept:
            self.records[step] = record
        if crashes:
            raise CrashError


@dataclass
class People:
    """Answers with what is scripted for a step, else with `otherwise`."""

    otherwise: Decision = field(default_factory=lambda: Decision("approved"))
    by_step: dict[str, list[Decision]] = field(default_factory=dict)
    asked: list[ApprovalRequest] = field(default_factory=list)

    async def ask(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        await asyncio.sleep(0)
        scripted = self.by_step.get(request.step)
        return scripted.pop(0) if scripted else self.otherwise


@dataclass
class Naps:
    """A sleeper that only notes how long it was asked to sleep."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Bench:
    """An executor with fakes around it."""

    functions: dict[str, FunctionFacts]
    tools: FakeTools = field(default_factory=FakeTools)
    people: People = field(default_factory=People)
    naps: Naps = field(default_factory=Naps)
    limits: PlanLimits = field(default_factory=PlanLimits)

    def executor(self) -> PlanExecutor:
        return PlanExecutor(ExecutionPorts(self.tools, self.people, sleep=self.naps), self.limits)

    async def run(self, plan: Plan, journal: PlanJournal | None = None) -> list[PlanEvent]:
        execution = self.executor().execute(plan, self.functions, journal or MemoryJournal(), "runs/r1")
        async with aclosing(execution) as events:
            return [event async for event in events]


def plan_of(*steps: dict[str, Any], **more: Any) -> Plan:
    return Plan.read({"steps": list(steps), **more})


def step(name: str, function: str, arguments: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "function": function, "arguments": arguments or {}, **more}


def ending(events: list[PlanEvent]) -> PlanFinished:
    assert isinstance(events[-1], PlanFinished)
    return events[-1]
