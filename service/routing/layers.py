"""Whose policy gives which limit: the layers that hold for a request, merged, told one by one, and where they clash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from service.errors import Violation
from service.routing.policy import NO_POLICY, Privacy, RoutingPolicy, strictest


class Origin(StrEnum):
    """Who said it: the operator's settings, the tenant's stored policy, or the request."""

    SETTINGS = "settings"
    STORED = "stored"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Layer:
    """One policy of those that hold. `subject`: empty (all requests), a tenant's id, a plugin's or function's name."""

    origin: Origin
    subject: str
    policy: RoutingPolicy

    @property
    def words(self) -> str:
        """Return where it is said, for a sentence."""
        match self.origin:
            case Origin.REQUEST:
                return "the request"
            case Origin.STORED:
                return f"the stored policy of {self.subject or 'the tenant'}"
            case Origin.SETTINGS if not self.subject:
                return "routing.policy"
            case Origin.SETTINGS if self.subject.startswith("plugins/"):
                return f"routing.functions.{self.subject}"
            case _:
                return f"routing.tenants.{self.subject}"


@dataclass(frozen=True, slots=True)
class LayerLimit:
    """One limit of one layer: `field` is the policy's, `value` words. `holds` False: another layer is stricter."""

    field: str
    value: str
    layer: Layer
    holds: bool


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """What holds: the strictest of all layers, which layer says what, and where they leave nothing over."""

    policy: RoutingPolicy = NO_POLICY
    limits: tuple[LayerLimit, ...] = ()
    conflicts: tuple[Violation, ...] = ()


_COMMON: Final = {"regions": "region", "models": "model", "backends": "backend"}
"""The limits of which only what all layers name is left."""

_ADDED: Final = frozenset({"capabilities", "excluded_models", "excluded_backends"})
"""The limits to which each layer adds."""


def held(layers: Sequence[Layer]) -> HeldPolicy:
    """Return what holds where all of `layers` do."""
    said = [layer for layer in layers if not layer.policy.limits_nothing()]
    if not said:
        return _NOTHING
    policy = strictest(layer.policy for layer in said)
    limits = [limit for field in _FIELDS for layer in said for limit in _limits(field, layer, policy)]
    return HeldPolicy(policy, tuple(limits), tuple(_conflicts(policy, said)))


_NOTHING: Final = HeldPolicy()
_FIELDS: Final = tuple(field.name for field in fields(RoutingPolicy))


def _limits(field: str, layer: Layer, policy: RoutingPolicy) -> Iterable[LayerLimit]:
    value = getattr(layer.policy, field)
    if value == getattr(NO_POLICY, field):
        return
    if field == "max_costs":
        for cost in layer.policy.max_costs:
            yield LayerLimit("max_cost", str(cost), layer, cost in policy.max_costs)
        return
    holds = field in _COMMON or field in _ADDED or value == getattr(policy, field)
    yield LayerLimit(_NAMES.get(field, field), _WORDS.get(field, _plain)(value), layer, holds)


_NAMES: Final = {"max_latency_s": "max_latency"}
"""The contract's names of limits, where the code has others."""


def _plain(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _privacy(value: Privacy) -> str:
    return value.name.lower()


def _seconds(value: float) -> str:
    return f"{value:g} s"


_WORDS: Final[dict[str, Callable[[Any], str]]] = {"privacy": _privacy, "max_latency_s": _seconds}


def _conflicts(policy: RoutingPolicy, said: Sequence[Layer]) -> Iterable[Violation]:
    for field, thing in _COMMON.items():
        if getattr(policy, field) == frozenset():
            yield Violation(f"policy.{field}", f"no {thing} is allowed by all: {_each(field, said)}")
    for allowed, excluded, thing in (
        ("models", "excluded_models", "model"),
        ("backends", "excluded_backends", "backend"),
    ):
        pinned = getattr(policy, allowed)
        if pinned and pinned <= getattr(policy, excluded):
            why = f"each {thing} that is allowed ({_plain(pinned)}) is excluded: {_each(excluded, said)}"
            yield Violation(f"policy.{allowed}", why)
    if len(policy.max_costs) > 1:
        where = _each("max_costs", said)
        yield Violation("policy.max_cost", f"only what is free keeps to limits in several currencies: {where}")


def _each(field: str, said: Sequence[Layer]) -> str:
    """Return what each layer says of the field."""
    default = getattr(NO_POLICY, field)
    values = ((layer, getattr(layer.policy, field)) for layer in said if getattr(layer.policy, field) != default)
    return "; ".join(f"{layer.words} says {_listed(value)}" for layer, value in values)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else _plain(value)
