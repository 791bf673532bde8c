"""Who would answer, told without asking anyone; see `service.rpc.ports.Routes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.backends.base import ChatMessage, GenerationRequest
from service.economics.guard import LedgerGuard
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.privacy.masked import Masking
from service.routing.facts import Needs
from service.routing.layers import HeldPolicy
from service.routing.leaving import LeavingPrompt
from service.routing.plan import RoutingPlans
from service.routing.policy import NO_POLICY, RoutingPolicy
from service.routing.router import Router
from service.runs import events
from service.runs.asking import masking_of
from service.runs.names import function_parts, id_in
from service.runs.plugins import PluginCatalogue
from service.runs.policies import PolicyChange, PolicyDesk, StoredPolicy
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
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedRoute:
    """What would be decided, and what holds."""

    decision: events.RoutingDecision
    held: HeldPolicy


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """What holds for all, a plugin or a function, and the part of it that the tenant stored for just that."""

    held: HeldPolicy
    stored: StoredPolicy


class RouteDesk:
    """Answers by the plan that is in force."""

    def __init__(
        self,
        plans: RoutingPlans,
        plugins: PluginCatalogue,
        ledger: Ledger,
        policies: PolicyDesk,
        masking: Masking | None = None,
    ) -> None:
        """Look into `plans`; functions are of `plugins`, budgets in `ledger`, tenants' policies with `policies`.

        `masking` None: personal data cannot be pseudonymised.
        """
        self._plans = plans
        self._plugins = plugins
        self._ledger = ledger
        self._policies = policies
        self._masking = masking

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
        if query.function is not None:
            (await self._plugins.of(principal, (query.function,))).function(query.function)
        await plan.policies.stored.catch_up(principal.tenant)
        held = plan.policies.held(principal.tenant, query.function, query.policy)
        needs = Needs(
            max_output_tokens=query.max_output_tokens,
            model=model,
            locality=query.locality,
            adapter=query.adapter,
            masking=self._masking is not None,
            policy=held.policy,
            conflicts=held.conflicts,
        )
        plugin, function = function_parts(query.function) if query.function else ("", "")
        guard = LedgerGuard(self._ledger, SpendScope(principal.tenant, "", "", plugin, function))
        router = Router(plan.candidates, plan.weights)
        messages = (ChatMessage("user", query.input),)
        masks = masking_of(self._masking, held.policy, principal.tenant)
        leaving = None if masks is None else LeavingPrompt(masks, GenerationRequest(messages, 1), offered=False)
        routed = await router.route(messages, needs, guard, leaving=leaving)
        return ExplainedRoute(decision_event(routed.decision), held)

    async def policy(self, principal: Principal, subject: str | None) -> ShownPolicy:
        """Return what holds for the tenant, and for the function or plugin where one is named.

        Raises:
            NotFoundError: The function or plugin does not exist.
        """
        stored = await self._policies.stored(principal, subject or "")
        await self._plans.now.policies.stored.catch_up(principal.tenant)
        return ShownPolicy(self._plans.now.policies.held(principal.tenant, subject), stored)

    async def update_policy(self, principal: Principal, change: PolicyChange) -> StoredPolicy:
        """Change what the tenant stored; see `PolicyDesk.update`."""
        return await self._policies.update(principal, change)
