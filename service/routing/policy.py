"""Who may answer a request: the caller's, the function's and the tenant's word, of which the strictest holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import Final, Literal, TypeAlias

from service.economics.money import Money
from service.routing.candidates import QualityTier

Capability: TypeAlias = Literal["tools", "json_schema", "grammar", "vision"]

QUALITY_RANK: Final[dict[QualityTier, int]] = {"basic": 1, "standard": 2, "high": 3}


class Privacy(IntEnum):
    """How far the words of a request may go; a higher one is stricter."""

    ANY = 0
    PSEUDONYMISED = 1
    LOCAL_ONLY = 2


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """Limits on who may answer; what is not said limits nothing.

    `max_costs` bound one generation's worst case, at most one amount for each currency; `max_latency_s` its predicted
    duration. `regions`, `models` and `backends` None: any; models that run on the service's own machine are in every
    region. `allow_continuation` lets another backend go on with an answer that broke off; `degrade_to_local` lets a
    model that budgets can afford, as a free local one, answer in the place of one that they cannot. None: not said,
    which means no.
    """

    privacy: Privacy = Privacy.ANY
    max_costs: tuple[Money, ...] = ()
    max_latency_s: float | None = None
    regions: frozenset[str] | None = None
    min_quality: QualityTier | None = None
    capabilities: frozenset[Capability] = frozenset()
    min_context_tokens: int = 0
    models: frozenset[str] | None = None
    backends: frozenset[str] | None = None
    excluded_models: frozenset[str] = frozenset()
    excluded_backends: frozenset[str] = frozenset()
    allow_continuation: bool | None = None
    degrade_to_local: bool | None = None

    def limits_nothing(self) -> bool:
        """Return whether nothing at all is said."""
        return self is NO_POLICY or self == NO_POLICY


NO_POLICY: Final = RoutingPolicy()


def strictest(policies: Iterable[RoutingPolicy]) -> RoutingPolicy:
    """Return the policy that keeps to all of `policies`."""
    return reduce(_both, policies, NO_POLICY)


def _both(one: RoutingPolicy, other: RoutingPolicy) -> RoutingPolicy:
    tiers: list[QualityTier] = [tier for tier in (one.min_quality, other.min_quality) if tier is not None]
    best = max(tiers, key=QUALITY_RANK.__getitem__, default=None)
    latencies = [limit for limit in (one.max_latency_s, other.max_latency_s) if limit is not None]
    return RoutingPolicy(
        privacy=max(one.privacy, other.privacy),
        max_costs=_least(one.max_costs + other.max_costs),
        max_latency_s=min(latencies, default=None),
        regions=_common(one.regions, other.regions),
        min_quality=best,
        capabilities=one.capabilities | other.capabilities,
        min_context_tokens=max(one.min_context_tokens, other.min_context_tokens),
        models=_common(one.models, other.models),
        backends=_common(one.backends, other.backends),
        excluded_models=one.excluded_models | other.excluded_models,
        excluded_backends=one.excluded_backends | other.excluded_backends,
        allow_continuation=_unless_denied(one.allow_continuation, other.allow_continuation),
        degrade_to_local=_unless_denied(one.degrade_to_local, other.degrade_to_local),
    )


def _least(amounts: tuple[Money, ...]) -> tuple[Money, ...]:
    least: dict[str, Money] = {}
    for amount in amounts:
        known = least.get(amount.currency)
        if known is None or amount.total_nanos < known.total_nanos:
            least[amount.currency] = amount
    return tuple(least[currency] for currency in sorted(least))


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _unless_denied(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return other if one is None else one
    return one and other
