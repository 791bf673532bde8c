"""Who would answer, told without asking anyone; see `service.rpc.ports.Routes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.backends.base import ChatMessage
from service.economics.guard import LedgerGuard
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.routing.facts import Needs
from service.routing.plan import RoutingPlans
from service.routing.policy import NO_POLICY, RoutingPolicy, strictest
from service.routing.router import Router
from service.runs import events
from service.runs.names import function_parts, id_in
from service.runs.plugins import PluginCatalogue
from service.runs.scope import decision_event
from service.runs.spec import Principal


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What would be asked; names are resource names."""

    input: str
    function: str | None = None
    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    max_output_tokens: int | None = None
    policy: RoutingPolicy = NO_POLICY


@dataclass(frozen=True, slots=True)
class ExplainedRoute:
    """What would be decided, and the policy that holds."""

    decision: events.RoutingDecision
    policy: RoutingPolicy


class RouteDesk:
    """Answers by the plan that is in force."""

    def __init__(self, plans: RoutingPlans, plugins: PluginCatalogue, ledger: Ledger) -> None:
        """Look into `plans`; functions are of `plugins`, and budgets in `ledger`."""
        self._plans = plans
        self._plugins = plugins
        self._ledger = ledger

    async def explain(self, principal: Principal, query: RouteQuery) -> ExplainedRoute:
        """Return who would answer and why.

        Raises:
            NotFoundError: The function or the model does not exist.
            NoRouteError: None may answer.
            UnavailableError: One would fit and is being loaded, or is left alone for a while.
        """
        plan, model = self._plans.now, None
        if query.model is not None:
            model = id_in(query.model, "models", "model")
            plan.candidates.get(model)
        policy = strictest([await self.policy(principal, query.function), query.policy])
        needs = Needs(max_output_tokens=query.max_output_tokens, model=model, locality=query.locality, policy=policy)
        plugin, function = function_parts(query.function) if query.function else ("", "")
        guard = LedgerGuard(self._ledger, SpendScope(principal.tenant, "", "", plugin, function))
        router = Router(plan.candidates, plan.weights)
        routed = await router.route([ChatMessage("user", query.input)], needs, guard)
        return ExplainedRoute(decision_event(routed.decision), policy)

    async def policy(self, principal: Principal, function: str | None) -> RoutingPolicy:
        """Return the operator's policy for the tenant, and for the function where one is named.

        Raises:
            NotFoundError: The function does not exist.
        """
        if function is not None:
            self._plugins.function(function)
        return self._plans.now.policies.of(principal.tenant, function)
