"""Policies and decisions of routing."""

from __future__ import annotations

from typing import Final

from google.type import money_pb2
from vaiven.v1 import generation_pb2, routing_pb2, routing_service_pb2, run_event_pb2

from service.economics.money import Money
from service.errors import InvalidArgumentError, Violation
from service.routing.candidates import QualityTier
from service.routing.policy import NO_POLICY, Capability, Privacy, RoutingPolicy
from service.rpc.convert.values import LOCALITIES_BACK, money_to_proto, optional_text, usage_to_proto
from service.runs import events
from service.runs.names import id_in, model_name
from service.runs.routes import RouteQuery

_PRIVACY: Final = {
    Privacy.ANY: routing_pb2.PRIVACY_LEVEL_ANY,
    Privacy.PSEUDONYMISED: routing_pb2.PRIVACY_LEVEL_PSEUDONYMISED,
    Privacy.LOCAL_ONLY: routing_pb2.PRIVACY_LEVEL_LOCAL_ONLY,
}
_PRIVACY_BACK: Final[dict[int, Privacy]] = {number: level for level, number in _PRIVACY.items()}
_QUALITY: Final[dict[QualityTier, routing_pb2.QualityTier.ValueType]] = {
    "basic": routing_pb2.QUALITY_TIER_BASIC,
    "standard": routing_pb2.QUALITY_TIER_STANDARD,
    "high": routing_pb2.QUALITY_TIER_HIGH,
}
_QUALITY_BACK: Final[dict[int, QualityTier]] = {number: tier for tier, number in _QUALITY.items()}
_TIERS: Final[dict[str, routing_pb2.QualityTier.ValueType]] = {
    "": routing_pb2.QUALITY_TIER_UNSPECIFIED,
    **{str(tier): number for tier, number in _QUALITY.items()},
}
_CAPABILITIES: Final[dict[Capability, routing_pb2.Capability.ValueType]] = {
    "tools": routing_pb2.CAPABILITY_TOOLS,
    "json_schema": routing_pb2.CAPABILITY_JSON_SCHEMA,
    "grammar": routing_pb2.CAPABILITY_GRAMMAR,
    "vision": routing_pb2.CAPABILITY_VISION,
}
_CAPABILITIES_BACK: Final[dict[int, Capability]] = {number: name for name, number in _CAPABILITIES.items()}


FINISH_REASONS: Final = {
    "stop": generation_pb2.FINISH_REASON_STOP,
    "length": generation_pb2.FINISH_REASON_LENGTH,
    "tool_calls": generation_pb2.FINISH_REASON_TOOL_CALLS,
    "content_filter": generation_pb2.FINISH_REASON_CONTENT_FILTER,
}


def policy_from_proto(policy: routing_pb2.RoutingPolicy) -> RoutingPolicy:
    """Return the limits of a request.

    Raises:
        InvalidArgumentError: The amount of money is none, or below zero.
    """
    if not policy.ByteSize():
        return NO_POLICY
    return RoutingPolicy(
        privacy=_PRIVACY_BACK.get(policy.privacy, Privacy.ANY),
        max_costs=(max_cost_from_proto(policy.max_cost, "policy.max_cost"),) if policy.HasField("max_cost") else (),
        max_latency_s=policy.max_latency.ToTimedelta().total_seconds() if policy.HasField("max_latency") else None,
        regions=frozenset(policy.regions) or None,
        min_quality=_QUALITY_BACK.get(policy.min_quality),
        capabilities=frozenset(_CAPABILITIES_BACK[number] for number in policy.capabilities),
        min_context_tokens=policy.min_context_tokens,
        models=frozenset(id_in(name, "models", "policy.models") for name in policy.models) or None,
        backends=frozenset(policy.backends) or None,
        excluded_models=frozenset(id_in(name, "models", "policy.excluded_models") for name in policy.excluded_models),
        excluded_backends=frozenset(policy.excluded_backends),
        allow_continuation=policy.allow_continuation if policy.HasField("allow_continuation") else None,
        degrade_to_local=policy.degrade_to_local if policy.HasField("degrade_to_local") else None,
    )


def policy_to_proto(policy: RoutingPolicy) -> routing_pb2.RoutingPolicy:
    """Return a policy; of costs in several currencies the first, and of limits that leave nothing the empty list."""
    proto = routing_pb2.RoutingPolicy(
        privacy=_PRIVACY[policy.privacy],
        max_cost=money_to_proto(policy.max_costs[0]) if policy.max_costs else None,
        regions=sorted(policy.regions or ()),
        min_quality=_TIERS[policy.min_quality or ""],
        capabilities=sorted(_CAPABILITIES[name] for name in policy.capabilities),
        min_context_tokens=policy.min_context_tokens,
        models=sorted(model_name(one) for one in policy.models or ()),
        backends=sorted(policy.backends or ()),
        excluded_models=sorted(model_name(one) for one in policy.excluded_models),
        excluded_backends=sorted(policy.excluded_backends),
        allow_continuation=policy.allow_continuation,
        degrade_to_local=policy.degrade_to_local,
    )
    if policy.max_latency_s is not None:
        proto.max_latency.FromNanoseconds(round(policy.max_latency_s * 1e9))
    return proto


def route_query_from_proto(request: routing_service_pb2.ExplainRouteRequest) -> RouteQuery:
    """Return what is asked.

    Raises:
        InvalidArgumentError: The amount of money is none, or below zero.
    """
    asked = request.generation
    return RouteQuery(
        input=request.input,
        function=optional_text(request.function),
        model=optional_text(request.model),
        locality=LOCALITIES_BACK[request.locality],
        max_output_tokens=asked.max_output_tokens if asked.HasField("max_output_tokens") else None,
        policy=policy_from_proto(request.policy),
        adapter=asked.adapter,
    )


def decision_to_proto(payload: events.RoutingDecision) -> run_event_pb2.RoutingDecision:
    """Return a decision with what it went by."""
    return run_event_pb2.RoutingDecision(
        model=payload.model,
        backend=payload.backend,
        deployment=payload.deployment,
        candidates=[_verdict(candidate) for candidate in payload.candidates],
        explanation=payload.explanation,
    )


def switch_to_proto(payload: events.BackendSwitched) -> routing_pb2.BackendSwitched:
    """Return who answers in whose place."""
    return routing_pb2.BackendSwitched(
        from_model=payload.from_model,
        from_backend=payload.from_backend,
        from_deployment=payload.from_deployment,
        to_model=payload.to_model,
        to_backend=payload.to_backend,
        to_deployment=payload.to_deployment,
        reason=payload.reason,
        continued=payload.continued,
    )


def outcome_to_proto(outcome: events.RoutingOutcome | None) -> routing_pb2.RoutingOutcome | None:
    """Return what was expected beside what came; None where nothing was generated."""
    if outcome is None:
        return None
    expected = outcome.expected_cost
    return routing_pb2.RoutingOutcome(
        generations=outcome.generations,
        expected_output_tokens=outcome.expected_tokens,
        output_tokens=outcome.output_tokens,
        expected_cost=None if expected is None else money_to_proto(expected),
        cost=money_to_proto(outcome.cost),
        expected_s=outcome.expected_s,
        total_s=outcome.total_s,
        details=[_generation(one) for one in outcome.details],
    )


def _generation(one: events.GenerationOutcome) -> routing_pb2.GenerationOutcome:
    reason = one.finish_reason
    return routing_pb2.GenerationOutcome(
        model=one.model,
        backend=one.backend,
        deployment=one.deployment,
        prediction=_prediction(one.predicted),
        usage=usage_to_proto(one.usage),
        cost=None if one.cost is None else money_to_proto(one.cost),
        total_s=one.total_s,
        finish_reason=generation_pb2.FINISH_REASON_UNSPECIFIED if reason is None else FINISH_REASONS[reason],
    )


def _verdict(candidate: events.CandidateVerdict) -> run_event_pb2.CandidateVerdict:
    return run_event_pb2.CandidateVerdict(
        model=candidate.model,
        backend=candidate.backend,
        admitted=candidate.admitted,
        reasons=candidate.reasons,
        deployment=candidate.deployment,
        region=candidate.region,
        quality=_TIERS[candidate.quality],
        prediction=None if candidate.prediction is None else _prediction(candidate.prediction),
        score=candidate.score,
    )


def _prediction(prediction: events.Prediction) -> routing_pb2.RoutePrediction:
    return routing_pb2.RoutePrediction(
        prompt_tokens=prediction.prompt_tokens,
        max_output_tokens=prediction.max_output_tokens,
        expected_output_tokens=prediction.expected_tokens,
        worst_cost=None if prediction.worst_cost is None else money_to_proto(prediction.worst_cost),
        expected_cost=None if prediction.expected_cost is None else money_to_proto(prediction.expected_cost),
        first_token_s=prediction.first_token_s,
        total_s=prediction.total_s,
        measured=prediction.measured,
    )


def max_cost_from_proto(asked: money_pb2.Money, field: str) -> Money:
    """Return a limit on money; `field` is where it stands in the request.

    Raises:
        InvalidArgumentError: It is no amount.
    """
    try:
        money = Money(asked.currency_code, asked.units, asked.nanos)
    except ValueError:
        money = None
    if money is None or money.total_nanos < 0 or len(money.currency) != len("EUR"):
        why = "must be an amount of zero or more in a currency of three letters"
        raise InvalidArgumentError(f"{field} {why}.", violations=(Violation(field, why),))
    return money
