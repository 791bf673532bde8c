"""What routing goes by at one time: the deployments, the weights and the operator's policies; swapped as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from service.routing.candidates import Candidates
from service.routing.decision import Weights
from service.routing.layers import HeldPolicy, Layer, Origin, held
from service.routing.policy import NO_POLICY, RoutingPolicy


class StoredPolicies:
    """What tenants have stored, by subject: empty for all their requests, or a plugin's or function's name."""

    def __init__(self) -> None:
        """Begin with none, and with nobody who knows better."""
        self._policies: dict[str, Mapping[str, RoutingPolicy]] = {}
        self._source: PolicySource | None = None

    def come_from(self, source: PolicySource) -> None:
        """Take what tenants have stored from `source`."""
        self._source = source

    async def catch_up(self, tenant: str) -> None:
        """Let what the tenant has stored hold, whichever process took it; before something is routed for it."""
        if self._source is not None and not self._source.is_current(tenant):
            self._policies[tenant] = await self._source.policies(tenant)

    def any_of(self, tenant: str) -> bool:
        """Return whether the tenant has stored one for anything."""
        return bool(self._policies.get(tenant))

    def of(self, tenant: str, subject: str) -> RoutingPolicy:
        """Return the policy of the subject; one that limits nothing where none is stored."""
        return self._policies.get(tenant, {}).get(subject, NO_POLICY)


class PolicySource(Protocol):
    """Knows what tenants have stored."""

    def is_current(self, tenant: str) -> bool:
        """Return whether what it said last of the tenant is so still; it costs next to nothing."""
        ...

    async def policies(self, tenant: str) -> Mapping[str, RoutingPolicy]:
        """Return what the tenant has stored, by subject."""
        ...


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """All policies but the request's: the operator's for all, by tenant and by function, and what tenants stored.

    Functions and plugins are keyed by name, `plugins/{p}[/functions/{f}]`. `stored` is the service's one record of it.
    """

    default: RoutingPolicy = NO_POLICY
    tenants: Mapping[str, RoutingPolicy] = field(default_factory=dict)
    functions: Mapping[str, RoutingPolicy] = field(default_factory=dict)
    stored: StoredPolicies = field(default_factory=StoredPolicies)

    def held(self, tenant: str, function: str | None, request: RoutingPolicy = NO_POLICY) -> HeldPolicy:
        """Return what holds for a tenant's request of a function or plugin; None: while one is being chosen."""
        if self._says_nothing(tenant) and request.limits_nothing():
            return held(())
        named = dict.fromkeys((function.partition("/functions/")[0], function)) if function else {}
        settings = [
            Layer(Origin.SETTINGS, "", self.default),
            Layer(Origin.SETTINGS, tenant, self.tenants.get(tenant, NO_POLICY)),
            *(Layer(Origin.SETTINGS, name, self.functions.get(name, NO_POLICY)) for name in named),
        ]
        stored = [Layer(Origin.STORED, name, self.stored.of(tenant, name)) for name in ("", *named)]
        return held([*settings, *stored, Layer(Origin.REQUEST, "", request)])

    def _says_nothing(self, tenant: str) -> bool:
        """Return whether nobody has stated a policy, as is usual; then no generation has to make layers."""
        stated = self.tenants or self.functions or self.stored.any_of(tenant)
        return not stated and self.default.limits_nothing()


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
