"""What routing goes by at one time: the deployments, the weights and the operator's policies; swapped as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from service.routing.candidates import Candidates
from service.routing.decision import Weights
from service.routing.policy import NO_POLICY, RoutingPolicy, strictest


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The operator's policies: for all, by tenant, and by function or plugin (`plugins/{p}[/functions/{f}]`)."""

    default: RoutingPolicy = NO_POLICY
    tenants: Mapping[str, RoutingPolicy] = field(default_factory=dict)
    functions: Mapping[str, RoutingPolicy] = field(default_factory=dict)

    def of(self, tenant: str, function: str | None) -> RoutingPolicy:
        """Return what holds for a tenant's call of a function; None: while one is being chosen."""
        named = (function, function.partition("/functions/")[0]) if function else ()
        return strictest(
            [
                self.default,
                self.tenants.get(tenant, NO_POLICY),
                *(self.functions.get(name, NO_POLICY) for name in named),
            ]
        )


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """One state of what routing goes by; a run keeps the one that it began with."""

    candidates: Candidates
    weights: Weights = field(default_factory=Weights)
    policies: PolicyBook = field(default_factory=PolicyBook)


class RoutingPlans:
    """Holds the plan that new runs begin with."""

    def __init__(self, plan: RoutingPlan) -> None:
        """Begin with `plan`."""
        self.now = plan
        self._held: dict[int, int] = {}
        self._unused: dict[int, list[asyncio.Event]] = {}

    def swap(self, plan: RoutingPlan) -> RoutingPlan:
        """Let new runs go by `plan`, and return the one before."""
        before, self.now = self.now, plan
        return before

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[RoutingPlan]:
        """Give the plan that is in force; whatever it names stays open meanwhile."""
        plan = self.now
        self._held[id(plan)] = self._held.get(id(plan), 0) + 1
        try:
            yield plan
        finally:
            self._held[id(plan)] -= 1
            if not self._held[id(plan)]:
                del self._held[id(plan)]
                for waiting in self._unused.pop(id(plan), ()):
                    waiting.set()

    async def unused(self, plan: RoutingPlan) -> None:
        """Wait until nobody holds `plan`, which is no longer in force."""
        if id(plan) in self._held:
            left = asyncio.Event()
            self._unused.setdefault(id(plan), []).append(left)
            await left.wait()
