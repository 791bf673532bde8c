"""What a run asks of routing, and what it may know of its session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from service.economics.guard import LedgerGuard
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.privacy.masked import Masking, RunMasking
from service.routing.candidates import Candidate
from service.routing.facts import Facts, Needs, limits_broken
from service.routing.plan import RoutingPlan
from service.routing.policy import Privacy, RoutingPolicy
from service.routing.request import GenerationParameters, RouteRequest
from service.runs.history import History, load_history
from service.runs.names import function_parts, id_in
from service.runs.scope import RunScope
from service.store.store import Store

NAMING: Final = frozenset({"recipient", "sender", "customer", "to", "from", "name"})
"""Arguments of functions that name people."""


class Asking:
    """Turns a run's request into limits and a history.

    `ledger` None: there are no budgets. `masking` None: nothing can be pseudonymised.
    """

    def __init__(self, store: Store, ledger: Ledger | None, masking: Masking | None = None) -> None:
        """Read sessions from `store`."""
        self._store = store
        self._ledger = ledger
        self._masking = masking

    @property
    def masks(self) -> bool:
        """Return whether personal data can be pseudonymised."""
        return self._masking is not None

    def request(
        self, scope: RunScope, plan: RoutingPlan, function: str | None, arguments: Mapping[str, Any] | None = None
    ) -> RouteRequest:
        """Return the limits of the run while `function` works with `arguments`; None: while the planner chooses one."""
        spec, tenant = scope.spec, scope.principal.tenant
        plugin, name = ("", "") if function is None else function_parts(function)
        guard = None
        if self._ledger is not None:
            spending = SpendScope(tenant, scope.run_id, scope.session_id or "", plugin, name)
            guard = LedgerGuard(self._ledger, spending, scope.until_stored)
        held = plan.policies.held(tenant, function or spec.function, spec.policy)
        return RouteRequest(
            None if spec.model is None else id_in(spec.model, "models", "model"),
            spec.locality,
            # The caller's parameters are for the answer; a high temperature must not choose another function.
            GenerationParameters(priority=spec.generation.priority) if function is None else spec.generation,
            spec.deadline,
            held.policy,
            plan.weights,
            guard,
            held.conflicts,
            tenant,
            # Words alone decide on a function, so that it can be chosen by a model that cannot see.
            () if function is None else spec.images,
            self._masked(scope, held.policy, arguments or spec.arguments),
            scope.allowance,
            scope.past,
        )

    def _masked(self, scope: RunScope, policy: RoutingPolicy, arguments: Mapping[str, Any]) -> RunMasking | None:
        """Return what masks for the run, the same for all its generations, and knows whom its arguments name."""
        if policy.privacy is not Privacy.PSEUDONYMISED:
            return None
        if scope.masking is None:
            scope.masking = masking_of(self._masking, policy, scope.principal.tenant, scope.session_id)
        if scope.masking is not None:
            scope.masking.know(value for name, value in arguments.items() if name in NAMING and isinstance(value, str))
        return scope.masking

    async def history(self, scope: RunScope, plan: RoutingPlan) -> History:
        """Return the earlier turns of the run's session, and warn where some are left out."""
        if scope.session_id is None:
            return History()
        request = replace(self.request(scope, plan, scope.spec.function), generation=scope.spec.generation)
        history = await load_history(
            self._store, scope.principal.tenant, scope.session_id, _roomiest(request, plan), request, scope.spec.input
        )
        await scope.remembers(history)
        return history


def masking_of(
    masking: Masking | None, policy: RoutingPolicy, tenant: str, session_id: str | None = None
) -> RunMasking | None:
    """Return what masks where the policy asks for it; None: nothing is to be masked, or nothing can be."""
    if masking is None or policy.privacy is not Privacy.PSEUDONYMISED:
        return None
    return masking.begin(tenant, session_id)


def _roomiest(request: RouteRequest, plan: RoutingPlan) -> Candidate | None:
    """Return who has the most room of all that may answer: what fits nobody is not looked at again."""
    masks = request.masking is not None
    needs = Needs(model=request.model, locality=request.locality, policy=request.policy, masking=masks)
    able = [one for one in plan.candidates if not limits_broken(Facts.of(one), needs)]
    return max(able, key=lambda one: one.card.context_tokens, default=None)
