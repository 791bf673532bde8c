"""`RoutingService`: who would answer, and why."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import routing_service_pb2 as pb
from vaiven.v1 import routing_service_pb2_grpc

from service.rpc.convert.policies import change_from_proto, conflicts_to_proto, limits_to_proto, stored_to_proto
from service.rpc.convert.routing import decision_to_proto, policy_to_proto, route_query_from_proto
from service.rpc.convert.values import optional_text
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Routes

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class RoutingServicer(routing_service_pb2_grpc.RoutingServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, routes: Routes) -> None:
        """Keep the domain side."""
        self._routes = routes

    async def ExplainRoute(self, request: pb.ExplainRouteRequest, context: Context) -> pb.ExplainRouteResponse:
        """Return a decision without acting on it."""
        explained = await self._routes.explain(current_principal(), route_query_from_proto(request))
        return pb.ExplainRouteResponse(
            decision=decision_to_proto(explained.decision),
            policy=policy_to_proto(explained.held.policy),
            limits=limits_to_proto(explained.held),
            conflicts=conflicts_to_proto(explained.held),
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: Context) -> pb.GetPolicyResponse:
        """Return the policy that holds."""
        shown = await self._routes.policy(current_principal(), optional_text(request.function))
        return pb.GetPolicyResponse(
            policy=policy_to_proto(shown.held.policy),
            limits=limits_to_proto(shown.held),
            conflicts=conflicts_to_proto(shown.held),
            stored=stored_to_proto(shown.stored),
        )

    async def UpdatePolicy(self, request: pb.UpdatePolicyRequest, context: Context) -> pb.UpdatePolicyResponse:
        """Change what the tenant keeps."""
        stored = await self._routes.update_policy(current_principal(), change_from_proto(request))
        return pb.UpdatePolicyResponse(policy=stored_to_proto(stored))
