"""What a run does: one direct call, or what its planner makes of the request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from planners.choose import NoPlannerError, PlannerChoice, PlannerRequest, choose
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.plan import Plan
from service.errors import InvalidArgumentError, Violation
from service.routing.chat import RoutedChat
from service.routing.plan import RoutingPlan, RoutingPlans
from service.runs import events, resumption
from service.runs.ability import ability
from service.runs.agent import Collections, PluginAgent
from service.runs.asking import Asking
from service.runs.chooser import RoutedChooser
from service.runs.names import id_in
from service.runs.planning.costs import route_of
from service.runs.planning.desk import PlanDesk
from service.runs.planning.functions import COLLECTIONS, FunctionBook
from service.runs.planning.loop import LoopRunner
from service.runs.planning.making import PlanMaker
from service.runs.planning.records import Origin
from service.runs.planning.reflection import ReflectionRunner
from service.runs.planning.runner import PlannedRun, PlanRunner, planned_from_json
from service.runs.planning.writing import PLAN_TOKENS, written
from service.runs.scope import RunScope
from service.runs.spec import Principal, RunSpec
from service.store import plans
from service.store.store import Store

DefaultPlanner: TypeAlias = Literal["direct", "auto"]
"""What a request gets that does not say: one direct call, or what functions and model lead to."""


@dataclass(frozen=True, slots=True)
class PlanningParts:
    """What a planning agent works with."""

    store: Store
    routing: RoutingPlans
    direct: PluginAgent
    asking: Asking
    book: FunctionBook
    maker: PlanMaker
    desk: PlanDesk
    runner: PlanRunner
    loop: LoopRunner
    reflection: ReflectionRunner
    collections: Collections
    default: DefaultPlanner = "direct"


class PlanningAgent:
    """Answers requests by the planner that they ask for; see `service.runs.engine.Agent`."""

    def __init__(self, parts: PlanningParts) -> None:
        """Work with `parts`."""
        self._parts = parts

    async def check(self, principal: Principal, spec: RunSpec) -> None:
        """Refuse a request that cannot succeed.

        Raises:
            InvalidArgumentError: A name or an argument is wrong, or the planner cannot work with what is given.
            NotFoundError: A plan, recipe, function, model or collection does not exist.
            FailedPreconditionError: The plan's functions are no longer what they were.
        """
        await self._parts.routing.now.policies.stored.catch_up(principal.tenant)
        choice = await self._choice(principal, spec)
        if choice.planner == "direct":
            await self._parts.direct.check(principal, spec)
            return
        if spec.model is not None:
            self._parts.routing.now.candidates.get(id_in(spec.model, "models", "model"))
        for name in spec.collections:
            await self._parts.collections.get_collection(principal.tenant, name)
        if spec.plan is not None:
            await self._parts.desk.executable(principal, spec.plan, route_of(spec), spec.max_cost)
            return
        facts = await self._parts.book.facts(principal, spec.allowed_functions, route=route_of(spec))
        if spec.recipe is not None:
            self._of_recipe(spec, spec.recipe, facts)
        elif not spec.input.strip():
            raise InvalidArgumentError("Say what you want in input.", violations=(Violation("input", "is empty"),))
        elif choice.planner == "reflect":
            await self._parts.reflection.check(principal, spec.allowed_functions)

    async def perform(self, scope: RunScope) -> str | None:
        """Do the run; return what the session keeps as the user's turn, None where it was put aside.

        Raises:
            VaivenError: Whatever stopped it.
        """
        choice = await self._choice(scope.principal, scope.spec)
        if choice.planner == "direct" and not scope.goes_on_elsewhere:
            return await self._parts.direct.perform(scope, choice.explanation)
        await scope.until_stored()
        async with self._parts.routing.hold() as routing:
            await routing.policies.stored.catch_up(scope.principal.tenant)
            if choice.planner == "tool_loop":
                started = events.RunStarted("", "chosen", {}, scope.session, "tool_loop", choice.explanation)
                await scope.emit(started)
                return await self._parts.loop.run(scope, routing)
            if choice.planner == "reflect":
                return await self._parts.reflection.run(scope, routing, choice.explanation)
            planned = await self._resumed(scope) or await self._planned(scope, routing, choice)
            ended = await self._parts.runner.execute(scope, routing, planned)
        return _turn(scope.spec, Plan.read(planned.plan)) if ended else None

    async def _resumed(self, scope: RunScope) -> PlannedRun | None:
        if not scope.goes_on_elsewhere:
            return None
        row = await self._parts.store.read(
            lambda connection: plans.get_plan_run(connection, scope.principal.tenant, scope.run_id)
        )
        return None if row is None else planned_from_json(row.plan)

    async def _planned(self, scope: RunScope, routing: RoutingPlan, choice: PlannerChoice) -> PlannedRun:
        """Make the plan, say so, and keep what another process needs to go on with it."""
        planned = await self._made(scope, routing, choice)
        spec = scope.spec
        how: Literal["chosen", "named"] = "chosen" if choice.planner == "structured" else "named"
        # A kept plan tells who wrote it; steps of the caller's own are a plan that a person wrote, as a recipe is.
        planner = planned.origin.planner or choice.planner
        await scope.emit(events.RunStarted("", how, dict(spec.arguments), scope.session, planner, choice.explanation))
        row = resumption.keep(scope.principal, scope.run_id, spec, planned.to_json(), scope.remaining_s)
        tenant, run_id = scope.principal.tenant, scope.run_id

        await self._parts.store.write(lambda connection: plans.insert_plan_run(connection, row))
        if spec.plan is not None:
            plan_id = id_in(spec.plan, "plans")
            await self._parts.store.write(lambda connection: plans.set_last_run(connection, tenant, plan_id, run_id))
        scope.goes_on_elsewhere = True
        return planned

    async def _made(self, scope: RunScope, routing: RoutingPlan, choice: PlannerChoice) -> PlannedRun:
        spec = scope.spec
        if spec.plan is not None:
            kept = await self._parts.desk.executable(scope.principal, spec.plan, route_of(spec), spec.max_cost)
            return PlannedRun(kept.plan.to_json(), kept.origin, kept.allowed, kept.collections)
        facts = await self._parts.book.facts(scope.principal, spec.allowed_functions, route=route_of(spec))
        if spec.recipe is not None:
            plan = self._of_recipe(spec, spec.recipe, facts)
        else:
            chat = RoutedChat(routing.candidates, self._parts.asking.request(scope, routing, None), scope)
            given = dict(spec.arguments) | ({COLLECTIONS: list(spec.collections)} if spec.collections else {})
            fill = Fill(spec.input, given=given)
            chooser = RoutedChooser(chat, max_tokens=PLAN_TOKENS)
            small = ability(routing, spec).small
            plan = await written(spec.input, facts, chooser, fill, self._parts.maker.limits, small=small)
            scope.function_begins()
        origin = Origin("", choice.planner, spec.recipe or "")
        return PlannedRun(plan.to_json(), origin, spec.allowed_functions, spec.collections)

    def _of_recipe(self, spec: RunSpec, recipe: str, facts: Mapping[str, FunctionFacts]) -> Plan:
        return self._parts.maker.of_recipe(recipe, spec.arguments, spec.input, facts, spec.collections)

    async def _choice(self, principal: Principal, spec: RunSpec) -> PlannerChoice:
        """Return the planner and why it is that one.

        Raises:
            InvalidArgumentError: It cannot work with what is given.
        """
        if spec.plan is not None:
            return PlannerChoice("recipe", f"The caller named the plan {spec.plan}.")
        if spec.recipe is not None and spec.function is not None:
            raise _wrong("function", "cannot be named together with a recipe")
        if spec.recipe is not None and spec.planner not in (None, "recipe"):
            raise _wrong("planner", "is another than the recipe that is named")
        said_nothing = spec.planner is None and spec.recipe is None
        if spec.function is not None or (said_nothing and self._parts.default == "direct"):
            return PlannerChoice("direct", "")
        found = await self._parts.book.facts(principal, spec.allowed_functions)
        functions = [name for name, one in found.items() if one.allowed]
        try:
            return choose(
                PlannerRequest(functions, spec.planner, spec.recipe),
                ability(self._parts.routing.now, spec, masks=self._parts.asking.masks),
            )
        except NoPlannerError as error:
            raise _wrong("planner", str(error)) from error


def _turn(spec: RunSpec, plan: Plan) -> str:
    return spec.input or plan.goal or json.dumps(dict(spec.arguments), ensure_ascii=False)


def _wrong(field: str, description: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        description if description.endswith(".") else f"{field} {description}.",
        violations=(Violation(field, description),),
    )
