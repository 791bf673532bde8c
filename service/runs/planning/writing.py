"""Plans that a model writes before anything is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planners.agent_cards import PREFIX
from planners.call import ChooserModel, PlanError
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.parts import plan_of_parts
from planners.plan import Plan
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.structured import MAX_STEPS, StructuredPlanner
from service.backends.base import Finished, ModelCard, NoticePiece, TokenLogprob, Usage
from service.economics.guard import LedgerGuard
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.errors import FailedPreconditionError, VaivenError
from service.privacy.kinds import Kind
from service.privacy.masked import Masking
from service.routing.chat import RoutedChat
from service.routing.decision import Decision, Verdict
from service.routing.plan import RoutingPlans
from service.routing.request import RouteRequest, Sent
from service.runs.ability import ability
from service.runs.asking import masking_of
from service.runs.chooser import RoutedChooser
from service.runs.names import id_in
from service.runs.planning.desk import PlanRequest
from service.runs.planning.functions import COLLECTIONS
from service.runs.planning.making import PlanMaker, invalid_now
from service.runs.spec import Principal, RunSpec

PLAN_TOKENS = 2_048
"""Room for a plan of a few steps: the names of functions, short arguments, references."""


async def written(
    said: str,
    facts: Mapping[str, FunctionFacts],
    model: ChooserModel,
    fill: Fill,
    limits: PlanLimits,
    *,
    small: bool = False,
) -> Plan:
    """Return the plan that `model` writes for what was said; it may mend it once.

    A `small` model writes none: it chooses a call for each part of what was said.

    Raises:
        FailedPreconditionError: It wrote none that may run.
    """
    try:
        if small:
            allowed = [one for one in facts.values() if one.allowed and not one.name.startswith(PREFIX)]
            return await plan_of_parts(said, allowed, model, fill, most=MAX_STEPS, limits=limits)
        return await StructuredPlanner().plan(said, facts, model, fill=fill, limits=limits)
    except InvalidPlanError as error:
        raise invalid_now(error.violations) from error
    except PlanError as error:
        raise FailedPreconditionError(error.message, reason=error.code) from error


class ModelPlanWriter:
    """Writes plans outside of any run; what that costs is the plan's own."""

    def __init__(
        self, plans: RoutingPlans, ledger: Ledger | None, maker: PlanMaker, masking: Masking | None = None
    ) -> None:
        """Ask the models of `plans`; `maker` knows what a plan may take. `masking` None: nothing can be masked."""
        self._plans = plans
        self._ledger = ledger
        self._maker = maker
        self._masking = masking

    async def write(
        self, principal: Principal, plan_id: str, request: PlanRequest, facts: Mapping[str, FunctionFacts]
    ) -> Plan:
        """Return a plan that may run; see `service.runs.planning.desk.PlanWriter`."""
        async with self._plans.hold() as plan:
            model = None if request.model is None else id_in(request.model, "models", "model")
            if model is not None:
                plan.candidates.get(model)
            guard = None
            if self._ledger is not None:
                guard = LedgerGuard(self._ledger, SpendScope(principal.tenant, plan_id))
            await plan.policies.stored.catch_up(principal.tenant)
            held = plan.policies.held(principal.tenant, None, request.policy)
            asked = RouteRequest(
                model=model,
                locality=request.locality,
                deadline=request.deadline,
                policy=held.policy,
                weights=plan.weights,
                guard=guard,
                conflicts=held.conflicts,
                tenant=principal.tenant,
                masking=masking_of(self._masking, held.policy, principal.tenant),
            )
            chat = RoutedChat(plan.candidates, asked, _Unheard())
            chooser = RoutedChooser(chat, max_tokens=PLAN_TOKENS)
            given = dict(request.arguments)
            if request.collections:
                given.setdefault(COLLECTIONS, list(request.collections))
            limits = self._maker.limits_with(request.max_cost)
            asks = RunSpec(model=request.model, locality=request.locality, policy=request.policy)
            fill, small = Fill(request.input, given=given), ability(plan, asks).small
            return await written(request.input, facts, chooser, fill, limits, small=small)


class _Unheard:
    """Hears what routing does where no run tells it; the ledger keeps what it costs."""

    async def decided(self, decision: Decision) -> None:
        pass

    async def switched(self, before: Verdict, after: Verdict, error: VaivenError, *, continued: bool) -> None:
        pass

    async def degraded(self, decision: Decision) -> None:
        pass

    async def masked(self, counts: Mapping[Kind, int], deployment: Verdict) -> None:
        pass

    async def noticed(self, notice: NoticePiece) -> None:
        pass

    async def logprobs(self, card: ModelCard, tokens: Sequence[TokenLogprob]) -> None:
        pass

    async def trimmed(self, messages: int) -> None:
        pass

    def generated(self, card: ModelCard, finished: Finished, sent: Sent) -> None:
        pass

    def broken_off(self, card: ModelCard, usage: Usage, sent: Sent) -> None:
        pass
