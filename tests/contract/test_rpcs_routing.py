"""The RPCs of routing over a real server; `test_rpcs` walks the contract."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
from google.protobuf import duration_pb2, field_mask_pb2
from google.type import money_pb2
from vaiven.v1 import (
    generation_pb2,
    routing_pb2,
    routing_service_pb2,
)

from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_runs import DRAFT

EVERYTHING = routing_pb2.RoutingPolicy(
    privacy=routing_pb2.PRIVACY_LEVEL_PSEUDONYMISED,
    max_cost=money_pb2.Money(currency_code="EUR", nanos=5),
    max_latency=duration_pb2.Duration(seconds=2, nanos=500_000_000),
    regions=["eu-a", "eu-b"],
    min_quality=routing_pb2.QUALITY_TIER_STANDARD,
    capabilities=[routing_pb2.CAPABILITY_TOOLS, routing_pb2.CAPABILITY_VISION],
    min_context_tokens=4000,
    models=["models/a", "models/b"],
    backends=["onnx"],
    excluded_models=["models/c"],
    excluded_backends=["openai"],
    allow_continuation=True,
    degrade_to_local=False,
)


async def test_routing_service_explain_route(edge: Edge) -> None:
    response = await edge.routing.ExplainRoute(
        routing_service_pb2.ExplainRouteRequest(
            input="hello",
            function=DRAFT,
            model="models/a",
            generation=generation_pb2.GenerationParameters(max_output_tokens=7, adapter="mail"),
            policy=EVERYTHING,
        )
    )

    assert response.policy == EVERYTHING
    (asked,) = edge.domain.routes.asked
    assert (asked.input, asked.function, asked.model) == ("hello", DRAFT, "models/a")
    assert (asked.max_output_tokens, asked.adapter) == (7, "mail")
    admitted, refused = response.decision.candidates
    assert (admitted.admitted, admitted.score, admitted.quality) == (True, 0.25, routing_pb2.QUALITY_TIER_BASIC)
    assert (admitted.prediction.worst_cost.nanos, admitted.prediction.HasField("expected_cost")) == (20, False)
    assert (admitted.prediction.prompt_tokens, admitted.prediction.total_s) == (10, 2.0)
    assert (refused.deployment, refused.region) == ("gpt-a", "global")
    assert list(refused.reasons) == ["the policy excludes it"]
    assert not refused.HasField("score")


async def test_routing_service_explain_route_refused(edge: Edge) -> None:
    elsewhere = routing_service_pb2.ExplainRouteRequest(input="hello", locality=generation_pb2.LOCALITY_CLOUD)
    assert await refusal(edge.routing.ExplainRoute(elsewhere)) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_ROUTE")
    wrong = (
        routing_pb2.RoutingPolicy(max_cost=money_pb2.Money(currency_code="EUR", units=-1)),
        routing_pb2.RoutingPolicy(max_cost=money_pb2.Money(currency_code="EUR", units=1, nanos=-1)),
        routing_pb2.RoutingPolicy(max_cost=money_pb2.Money(units=1)),
        routing_pb2.RoutingPolicy(max_latency=duration_pb2.Duration()),
        routing_pb2.RoutingPolicy(models=["gpt"]),
    )
    for policy in wrong:
        call = edge.routing.ExplainRoute(routing_service_pb2.ExplainRouteRequest(input="hello", policy=policy))
        assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_routing_service_get_policy(edge: Edge) -> None:
    policy = (await edge.routing.GetPolicy(routing_service_pb2.GetPolicyRequest(function=DRAFT))).policy

    assert policy.privacy == routing_pb2.PRIVACY_LEVEL_LOCAL_ONLY
    assert policy.max_latency == duration_pb2.Duration(seconds=2, nanos=500_000_000)
    missing = edge.routing.GetPolicy(routing_service_pb2.GetPolicyRequest(function="plugins/x/functions/y"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_routing_service_get_policy_tells_who_said_what(edge: Edge) -> None:
    response = await edge.routing.GetPolicy(routing_service_pb2.GetPolicyRequest(function=DRAFT))

    said = {(limit.field, limit.origin): (limit.value, limit.subject, limit.holds) for limit in response.limits}
    settings, stored = routing_pb2.POLICY_ORIGIN_SETTINGS, routing_pb2.POLICY_ORIGIN_STORED
    assert said == {
        ("privacy", stored): ("local_only", DRAFT, True),
        ("max_latency", settings): ("2.5 s", "", True),
        ("max_latency", stored): ("9 s", DRAFT, False),
        ("regions", settings): ("a", "", True),
        ("regions", stored): ("b", DRAFT, True),
    }
    (conflict,) = response.conflicts
    assert conflict.startswith("policy.regions: no region is allowed by all: routing.policy says a;")
    assert (response.stored.subject, response.stored.etag) == (DRAFT, "tag")
    assert response.stored.limits.privacy == routing_pb2.PRIVACY_LEVEL_LOCAL_ONLY


async def test_routing_service_update_policy(edge: Edge) -> None:
    wanted = routing_pb2.StoredPolicy(subject="plugins/email", limits=EVERYTHING, etag="tag")
    request = routing_service_pb2.UpdatePolicyRequest(
        request_id=REQUEST_ID,
        policy=wanted,
        update_mask=field_mask_pb2.FieldMask(paths=["limits.max_cost", "limits.regions"]),
        validate_only=True,
    )
    response = await edge.routing.UpdatePolicy(request)

    assert response.policy.limits == EVERYTHING
    assert (response.policy.etag, response.policy.HasField("update_time")) == ("new", True)
    (change,) = edge.domain.routes.changes
    assert (change.wanted.subject, change.wanted.etag, change.validate_only) == ("plugins/email", "tag", True)
    assert (change.limits, change.request_id) == (frozenset({"max_costs", "regions"}), REQUEST_ID)
    for whole in ([], ["*"], ["limits"]):
        request.update_mask.paths[:] = whole
        await edge.routing.UpdatePolicy(request)
        assert edge.domain.routes.changes[-1].limits is None


async def test_routing_service_update_policy_refused(edge: Edge) -> None:
    def ask(**fields: Any) -> Any:
        policy = routing_pb2.StoredPolicy(**fields)
        return edge.routing.UpdatePolicy(routing_service_pb2.UpdatePolicyRequest(policy=policy))

    invalid = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert await refusal(ask(subject="functions/x")) == invalid
    assert await refusal(ask(limits=routing_pb2.RoutingPolicy(min_context_tokens=-1))) == invalid
    assert await refusal(edge.routing.UpdatePolicy(routing_service_pb2.UpdatePolicyRequest())) == invalid
    assert await refusal(ask(etag="old")) == (grpc.StatusCode.ABORTED, "STALE_ETAG")
