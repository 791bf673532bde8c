"""The planners wired to the service: who makes plans, who runs them, whom they ask."""

from __future__ import annotations

from dataclasses import dataclass

from planners.agent_cards import load_agents
from planners.agents import AgentTeam
from planners.recipe import load_recipes
from service.economics.ledger import Ledger
from service.privacy.masked import Masking
from service.routing.plan import RoutingPlans
from service.runs.agent import Collections, PluginAgent
from service.runs.asking import Asking
from service.runs.planning.agent import PlanningAgent, PlanningParts
from service.runs.planning.approvals import ApprovalDesk
from service.runs.planning.costs import PlanCosts
from service.runs.planning.desk import PlanDesk
from service.runs.planning.functions import FunctionBook
from service.runs.planning.loop import LoopRunner
from service.runs.planning.making import PlanMaker
from service.runs.planning.reflection import ReflectionRunner
from service.runs.planning.runner import PlanRunner
from service.runs.planning.writing import ModelPlanWriter
from service.runs.plugins import PluginCatalogue
from service.settings import PlanningSettings
from service.store.store import Store


@dataclass(frozen=True, slots=True)
class PlanningNeeds:
    """What the planners work with."""

    store: Store
    plugins: PluginCatalogue
    routing: RoutingPlans
    library: Collections
    ledger: Ledger | None
    masking: Masking | None = None


@dataclass(frozen=True, slots=True)
class Planning:
    """The planners' side of the service."""

    agent: PlanningAgent
    plans: PlanDesk
    approvals: ApprovalDesk


def build_planning(settings: PlanningSettings, needs: PlanningNeeds) -> Planning:
    """Wire the planners; without a `ledger` there are no budgets.

    Raises:
        RecipeError: A recipe that comes with the service is wrong.
        AgentFileError: The agents that come with it are.
    """
    team, limits = AgentTeam(load_agents(), settings.loop_limits()), settings.limits()
    asking = Asking(needs.store, needs.ledger, needs.masking)
    costs = PlanCosts(needs.routing, needs.ledger)
    book = FunctionBook(needs.plugins, team, costs, settings.step_deadline_s)
    maker = PlanMaker(load_recipes(), limits)
    writer = ModelPlanWriter(needs.routing, needs.ledger, maker, needs.masking)
    desk = PlanDesk(needs.store, book, maker, writer, needs.library)
    approvals = ApprovalDesk(needs.store)
    agent = PlanningAgent(
        PlanningParts(
            store=needs.store,
            routing=needs.routing,
            direct=PluginAgent(needs.store, needs.plugins, needs.routing, needs.library, needs.ledger, needs.masking),
            asking=asking,
            book=book,
            maker=maker,
            desk=desk,
            loop=LoopRunner(needs.plugins, book, asking, approvals, settings.loop_limits()),
            reflection=ReflectionRunner(needs.plugins, book, asking),
            runner=PlanRunner(needs.store, needs.plugins, book, team, asking, approvals, limits),
            collections=needs.library,
            default=settings.default,
        )
    )
    return Planning(agent, desk, approvals)
