"""What the calls of plans may cost at most: the worst case of each generation on every model that may answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from planners.agent_functions import AgentCosts
from planners.costs import NOTHING, CallCost, Cost, greatest, unknown
from plugins.manifest import ModelUse
from service.backends.base import ModelCard
from service.economics.ledger import Ledger
from service.economics.money import Money
from service.economics.scope import EACH_PLUGIN, EACH_RUN, TENANT
from service.economics.worst_case import ESTIMATE_MARGIN, WorstCase
from service.routing.facts import Facts, Needs, answer_room, stated_limits_broken
from service.routing.plan import RoutingPlan, RoutingPlans
from service.routing.policy import NO_POLICY, RoutingPolicy
from service.runs.chooser import MAX_TOKENS as CHOICE_TOKENS
from service.runs.names import id_in
from service.runs.planning.records import resource_of
from service.runs.spec import RunSpec

_FRAME_TOKENS: Final = 64
"""More than a chat template puts around a system and a user message."""

_AGENT: Final = ModelUse()
_CHOICE: Final = ModelUse(output_tokens=CHOICE_TOKENS, prompt_bytes=2_000)


@dataclass(frozen=True, slots=True)
class Route:
    """What a request says of who may answer in the steps; `model` is a resource name."""

    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    policy: RoutingPolicy = NO_POLICY
    max_output_tokens: int | None = None


ANY_ROUTE: Final = Route()


def route_of(spec: RunSpec) -> Route:
    """Return what a run says of who may answer in its steps."""
    return Route(spec.model, spec.locality, spec.policy, spec.generation.max_output_tokens)


class PlanCosts:
    """Tells what calls may cost now; `ledger` None: there are no budgets."""

    def __init__(self, routing: RoutingPlans, ledger: Ledger | None) -> None:
        """Ask the models of `routing`."""
        self._routing = routing
        self._ledger = ledger

    async def of(self, tenant: str, route: Route) -> TenantCosts:
        """Return the costs of a tenant's calls on that route."""
        budgeted = {} if self._ledger is None else await self._ledger.currencies(tenant)
        await self._routing.now.policies.stored.catch_up(tenant)
        return TenantCosts(self._routing.now, tenant, route, budgeted)


class TenantCosts:
    """What one tenant's calls cost by the models, prices and policies of one moment."""

    def __init__(self, routing: RoutingPlan, tenant: str, route: Route, budgeted: dict[str, frozenset[str]]) -> None:
        """`budgeted` are the currencies in which budgets limit money, by the budgets' subjects."""
        self._routing = routing
        self._tenant = tenant
        self._route = route
        self._model = None if route.model is None else id_in(route.model, "models", "model")
        self._budgeted = budgeted

    def call(self, function: str, use: ModelUse | None) -> CallCost:
        """Return what a call of `function` (its full name) costs, which asks as much of models as `use` says."""
        if use is None:
            return unknown
        return lambda argument_bytes: self._calls(function, use, argument_bytes, tools=False)

    def agents(self) -> AgentCosts:
        """Return what agents cost."""

        def turn(_argument_bytes: int | None) -> Cost | None:
            return self._calls("", _AGENT, None, tools=True)

        return AgentCosts(turn, self.call("", _CHOICE))

    def budgeted(self, plugin: str) -> frozenset[str]:
        """Return the currencies in which budgets limit what calls of the plugin's functions cost."""
        subjects = (TENANT, EACH_RUN, EACH_PLUGIN, f"plugins/{plugin}")
        return frozenset().union(*(self._budgeted.get(subject, frozenset()) for subject in subjects))

    def _calls(self, function: str, use: ModelUse, argument_bytes: int | None, *, tools: bool) -> Cost | None:
        if not use.generations:
            return NOTHING
        route = self._route
        resource = resource_of(function) if function else None
        policy = self._routing.policies.held(self._tenant, resource, route.policy).policy
        needs = Needs(
            max_output_tokens=route.max_output_tokens or use.output_tokens,
            tools=tools,
            may_decline=tools,
            masking=True,  # it is the most that is told: whether it can be done shows when the step begins
            model=self._model,
            locality=route.locality,
            policy=policy,
        )
        cards = self._cards(needs)
        each = [_generation(card, needs, use, argument_bytes) for card in cards]
        # One that breaks off is paid for, and so is whoever goes on with it.
        cost = _sum(each) if policy.allow_continuation else greatest(each)
        return None if cost is None else cost * use.generations

    def _cards(self, needs: Needs) -> Sequence[ModelCard]:
        """Return who may answer by what is stated, whether it is ready or not: it may be when the step begins."""
        admitted = [one.card for one in self._routing.candidates if not stated_limits_broken(Facts.of(one), needs)]
        priced = [card for card in admitted if card.price is not None]
        # Where another model may answer in the place of one that budgets refuse, none of unknown price is asked.
        return priced if priced and needs.policy.degrade_to_local and any(self._budgeted.values()) else admitted


def _sum(costs: Sequence[Cost | None]) -> Cost | None:
    known = [cost for cost in costs if cost is not None and cost.amount]
    if None in costs or len({cost.currency for cost in known}) > 1:
        return None
    return sum(known, NOTHING)


def _generation(card: ModelCard, needs: Needs, use: ModelUse, argument_bytes: int | None) -> Cost | None:
    """Return the most that one generation costs on a model."""
    if card.price is None:
        return None
    room = max(0, answer_room(card, needs, 0))
    prompt_tokens = card.context_tokens
    if use.prompt_bytes is not None and argument_bytes is not None:
        # No token is shorter than a byte. What earlier generations wrote stands in the prompt twice at most.
        told = use.prompt_bytes + argument_bytes * use.argument_copies
        prompt_tokens = min(prompt_tokens, told + _FRAME_TOKENS + 2 * room * (use.generations - 1))
    times = card.tool_generations if needs.may_decline else 1
    worst = WorstCase(card.model_id, card.backend, card.price, prompt_tokens * times, room * times).cost
    return None if worst is None else _cost(_held(worst, card, needs.policy))


def _held(worst: Money, card: ModelCard, policy: RoutingPolicy) -> Money:
    """Return the most that routing lets the generation cost: the policy's limit, by a prompt that is only estimated."""
    margin = ESTIMATE_MARGIN if card.locality == "cloud" else 1
    limits = [int(limit.total_nanos * margin) for limit in policy.max_costs if limit.currency == worst.currency]
    return Money.from_nanos(worst.currency, min([worst.total_nanos, *limits]))


def _cost(money: Money) -> Cost:
    return Cost(money.amount, money.currency) if money.total_nanos else NOTHING


def cost_of(money: Money) -> Cost:
    """Return money as planners know it, also where it is nothing."""
    return Cost(money.amount, money.currency)
