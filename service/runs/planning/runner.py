"""One run that executes a plan: what happens becomes events, what must survive is stored, people are asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from planners import plan_events
from planners.agent_cards import PREFIX
from planners.agents import AgentCaller, AgentPorts, AgentTeam
from planners.calling import CallContext
from planners.executor import ExecutionPorts, PlanExecutor
from planners.facts import FunctionFacts
from planners.journal import StepState
from planners.loop_pieces import LoopPiece
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanLimits
from plugins.context import RunContext
from plugins.output import Citation, FunctionOutput, FunctionResult, Note, TextDelta
from service.errors import FailedPreconditionError, VaivenError, Violation
from service.routing.chat import RoutedChat
from service.routing.plan import RoutingPlan
from service.runs import events
from service.runs.ability import ability
from service.runs.asking import Asking
from service.runs.chooser import RoutedChooser
from service.runs.failures import chain
from service.runs.planning.approvals import ApprovalDesk, RunApprovals
from service.runs.planning.caller import AsideTrace, RunCaller, worded
from service.runs.planning.costs import route_of
from service.runs.planning.functions import AGENTS, COLLECTIONS, FunctionBook, functions_of
from service.runs.planning.journal import StoredPlanJournal
from service.runs.planning.loop_events import tell_loop
from service.runs.planning.making import invalid_now
from service.runs.planning.records import Origin, plan_record, resource_of
from service.runs.plugins import PluginCatalogue, TenantPlugins
from service.runs.scope import RunScope
from service.store import approvals, plans, runs
from service.store.runs import RUNNING, WAITING
from service.store.store import Store


class StepFailedError(FailedPreconditionError):
    """A step of a plan came to no result; the violation names it."""

    default_reason = "STEP_FAILED"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """What a run executes: `plan` is JSON as `Plan.read` takes it, `allowed` and `collections` are its limits."""

    plan: dict[str, Any]
    origin: Origin
    allowed: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return it as `planned_from_json` reads it."""
        return _PLANNED.dump_json(self)


_PLANNED: Final = TypeAdapter(PlannedRun)


def planned_from_json(data: bytes) -> PlannedRun:
    """Return what `PlannedRun.to_json` wrote."""
    return _PLANNED.validate_json(data)


class PlanRunner:
    """Executes plans for runs; it keeps nothing between them."""

    def __init__(
        self,
        store: Store,
        plugins: PluginCatalogue,
        book: FunctionBook,
        team: AgentTeam,
        asking: Asking,
        desk: ApprovalDesk,
        limits: PlanLimits,
    ) -> None:
        """Call the functions of `plugins` and the agents of `team`, as `book` knows them."""
        self._store = store
        self._plugins = plugins
        self._book = book
        self._team = team
        self._asking = asking
        self._desk = desk
        self._limits = limits

    async def execute(self, scope: RunScope, routing: RoutingPlan, planned: PlannedRun) -> bool:
        """Execute the plan from where it stands; return whether it came to its end, and was not put aside.

        Raises:
            VaivenError: It failed.
        """
        tenant, run_id = scope.principal.tenant, scope.run_id
        plan = Plan.read(planned.plan)
        route = route_of(scope.spec)
        facts = await self._book.facts(scope.principal, planned.allowed, functions_of(plan), route)
        plugins = await self._plugins.of(scope.principal, [*planned.allowed, *functions_of(plan)])
        history = await self._asking.history(scope, routing)
        context = scope.context(history)
        caller = _StepCaller(self, plugins, scope, routing, planned, plan.answering, facts, context)
        asked = RunApprovals(self._desk, tenant, run_id, patient=False)
        while True:
            asked.postponed.clear()
            executor = PlanExecutor(ExecutionPorts(caller, asked), self._limits)
            journal = StoredPlanJournal(self._store, tenant, run_id)
            told = _Told(scope, asked, planned, facts, self._limits)
            try:
                async with aclosing(executor.execute(plan, facts, journal, scope.name)) as happening:
                    async for event in happening:
                        await told.tell(event)
            except InvalidPlanError as error:
                raise invalid_now(error.violations) from error
            end = told.end
            if end is None:
                raise RuntimeError("an execution ended without saying so")
            if end.state is StepState.DONE:
                await scope.take(FunctionResult(end.outcome.text, end.outcome.data))
                return True
            if end.state is StepState.FAILED:
                raise _failure(end)
            if await self._put_aside(scope, frozenset(asked.postponed)):
                return False

    async def _put_aside(self, scope: RunScope, postponed: frozenset[str]) -> bool:
        """Let the run wait for people; not where one of the questions was answered meanwhile."""
        tenant, run_id, left = scope.principal.tenant, scope.run_id, scope.remaining_s

        def unit(connection: Connection) -> bool:
            if approvals.any_decided(connection, tenant, run_id, postponed):
                return False
            plans.set_remaining(connection, tenant, run_id, left)
            return runs.set_state(connection, tenant, run_id, before=RUNNING, after=WAITING)

        return await self._store.write(unit)

    def calls(
        self,
        plugins: TenantPlugins,
        scope: RunScope,
        routing: RoutingPlan,
        planned: PlannedRun,
        facts: Mapping[str, FunctionFacts],
        context: RunContext,
        function: str,
        *,
        answers: bool,
    ) -> AgentCaller | RunCaller:
        """Return what calls `function` (its full name) for a step; `answers`: the step is the one that answers."""
        trace = scope if answers else AsideTrace(scope)

        def chat(name: str | None) -> RoutedChat:
            return RoutedChat(routing.candidates, self._asking.request(scope, routing, name), trace)

        tools = RunCaller(plugins, chat, context)
        if not function.startswith(PREFIX):
            return tools
        others = [name for name in planned.allowed if name != AGENTS and not name.startswith(f"{AGENTS}/")]
        records = plugins.allowed(others) if others or not planned.allowed else ()
        asked = RunApprovals(self._desk, scope.principal.tenant, scope.run_id, patient=True)
        own = chat(resource_of(function))

        async def tell(piece: LoopPiece) -> None:
            await tell_loop(scope, asked, piece)

        ports = AgentPorts(
            kernel=plugins.kernel(records, own),
            chat=own,
            tools=tools,
            chooser=RoutedChooser(chat(None)),
            approvals=asked,
            catalogue={name: one for name, one in facts.items() if one.allowed},
            given={COLLECTIONS: list(planned.collections)} if planned.collections else {},
            tell=tell,
            small=ability(routing, scope.spec).small,
        )
        return AgentCaller(self._team, ports)


@dataclass(frozen=True, slots=True)
class _StepCaller:
    """Calls functions and agents for the steps of one run; see `planners.calling.FunctionCaller`."""

    runner: PlanRunner
    plugins: TenantPlugins
    scope: RunScope
    routing: RoutingPlan
    planned: PlannedRun
    answering: str
    facts: Mapping[str, FunctionFacts]
    context: RunContext

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        answers = context.step == self.answering
        await self.routing.policies.stored.catch_up(self.scope.principal.tenant)
        caller = self.runner.calls(
            self.plugins, self.scope, self.routing, self.planned, self.facts, self.context, function, answers=answers
        )
        try:
            async with aclosing(caller.call(function, arguments, context)) as pieces:
                async for piece in pieces:
                    yield piece
        except Exception as error:
            if (known := worded(error)) is not None:
                raise known from error
            raise


class _Told:
    """Turns what happens in one execution into events of the run; `end` is how it ended."""

    def __init__(
        self,
        scope: RunScope,
        asked: RunApprovals,
        planned: PlannedRun,
        facts: Mapping[str, FunctionFacts],
        limits: PlanLimits,
    ) -> None:
        self._scope = scope
        self._asked = asked
        self._planned = planned
        self._facts = facts
        self._limits = limits
        self.end: plan_events.PlanFinished | None = None

    async def tell(self, event: plan_events.PlanEvent) -> None:
        scope = self._scope
        match event:
            case TextDelta() | Note() | Citation():
                await scope.take(event)
            case plan_events.PlanUpdated(plan=plan, states=states):
                record = plan_record(plan, self._planned.origin, self._facts, self._limits)
                statuses = tuple(events.StepStatus(step, state) for step, state in states.items())
                await scope.emit(events.PlanUpdated(record, statuses))
            case plan_events.StepStarted():
                if event.answers:
                    scope.answer_begins()
                await scope.emit(
                    events.StepStarted(
                        event.step,
                        resource_of(event.function),
                        dict(event.arguments),
                        event.attempt.number,
                        event.answers,
                    )
                )
            case plan_events.StepFinished(step=step, outcome=outcome, replayed=replayed):
                await scope.emit(
                    events.StepFinished(
                        step, outcome.state, outcome.text, outcome.data, outcome.code, outcome.message, replayed
                    )
                )
            case plan_events.ApprovalRequired(request=request):
                if (question := await self._asked.told(request)) is not None:
                    await scope.emit(question)
            case plan_events.PlanFinished():
                self.end = event


def _failure(end: plan_events.PlanFinished) -> VaivenError:
    outcome = end.outcome
    if outcome.state is StepState.REJECTED:
        return FailedPreconditionError(
            f"{outcome.message} (step {end.step})",
            reason="APPROVAL_REJECTED",
            violations=(Violation(f"steps.{end.step}", outcome.message),),
        )
    if end.cause is not None:
        for link in chain(end.cause):
            if isinstance(link, VaivenError):
                return link
    return StepFailedError(
        f"The step {end.step} failed: {outcome.message}",
        violations=(Violation(f"steps.{end.step}", f"{outcome.code}: {outcome.message}"),),
    )
