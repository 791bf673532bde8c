"""The functions of the service as planners know them, the agents among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from planners.agent_cards import PREFIX
from planners.agents import AgentTeam
from planners.facts import FunctionFacts
from planners.plan import Plan
from service.runs.names import function_parts
from service.runs.planning.costs import ANY_ROUTE, PlanCosts, Route, TenantCosts
from service.runs.planning.records import resource_of
from service.runs.plugin_records import FunctionRecord
from service.runs.plugins import PluginCatalogue
from service.runs.spec import Principal

AGENTS: Final = "plugins/agents"
"""Where the agents stand among the functions; no plugin has that name."""

COLLECTIONS: Final = "collections"
"""The argument of a function that takes the collections of the request."""


class FunctionBook:
    """Tells planners what there is to call."""

    def __init__(self, plugins: PluginCatalogue, team: AgentTeam, costs: PlanCosts, step_deadline_s: float) -> None:
        """Describe `plugins` and `team`; a step takes `step_deadline_s` seconds unless it says otherwise."""
        self._costs = costs
        self._plugins = plugins
        self._team = team
        self._step_deadline_s = step_deadline_s

    async def facts(
        self,
        principal: Principal,
        allowed: Sequence[str] = (),
        needed: Sequence[str] = (),
        route: Route = ANY_ROUTE,
    ) -> Mapping[str, FunctionFacts]:
        """Return all functions by full name; those that `allowed` (functions or plugins) leaves out are not allowed.

        The plugins of the functions that are `needed`, resource names, are waited for where they are being read. What
        they cost is told for the models that may answer on `route`.

        Raises:
            NotFoundError: One of the names does not exist.
            VaivenError: A plugin that is named cannot be called now.
        """
        agents = frozenset(name for name in allowed if name == AGENTS or name.startswith(f"{AGENTS}/"))
        others = [name for name in allowed if name not in agents]
        plugins = await self._plugins.of(principal, [*others, *needed])
        costs = await self._costs.of(principal.tenant, route)
        permitted = {record.name for record in plugins.allowed(others)} if others or not allowed else set()
        found = {
            (facts := self._facts(record, costs)).name: replace(facts, allowed=record.name in permitted)
            for record in plugins.functions()
        }
        callable_by_agents = {name: one for name, one in found.items() if one.allowed}
        budgeted = costs.budgeted(PREFIX.rstrip("."))
        for name, one in self._team.facts(callable_by_agents, costs.agents()).items():
            is_allowed = not allowed or AGENTS in agents or f"{AGENTS}/functions/{name.removeprefix(PREFIX)}" in agents
            found[name] = replace(one, allowed=is_allowed, budgeted=one.budgeted | budgeted)
        return found

    def _facts(self, record: FunctionRecord, costs: TenantCosts) -> FunctionFacts:
        plugin, function = function_parts(record.name)
        name = f"{plugin}.{function}"
        return FunctionFacts(
            name=name,
            description=record.description,
            input_schema=record.input_schema,
            output_schema=record.output_schema,
            effect=record.effect,
            idempotent=record.idempotent,
            takes_idempotency_key=record.takes_idempotency_key,
            approval=record.approval,
            outside=record.outside,
            deadline_s=self._step_deadline_s,
            cost=costs.call(name, record.models),
            budgeted=costs.budgeted(plugin),
        )


def functions_of(plan: Plan) -> list[str]:
    """Return the resource names of the functions that a plan calls."""
    return [resource_of(step.function) for step in plan.steps if not step.gathers]


def with_collections(
    input_schema: Mapping[str, Any], arguments: Mapping[str, Any], collections: Sequence[str]
) -> dict[str, Any]:
    """Return `arguments` with the request's collections, where the function takes some and is given none."""
    takes = COLLECTIONS in input_schema.get("properties", {})
    if not (takes and collections) or COLLECTIONS in arguments:
        return dict(arguments)
    return {**arguments, COLLECTIONS: list(collections)}
