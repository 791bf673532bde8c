"""`PlanService`: plans, and running them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import plan_service_pb2 as pb
from vaiven.v1 import plan_service_pb2_grpc, run_event_pb2

from service.rpc.convert.plans import plan_request_from_proto, plan_to_proto
from service.rpc.convert.runs import execution_from_proto
from service.rpc.interceptors.chain import current_call, current_principal
from service.rpc.ports import Plans
from service.rpc.servicers.run_stream import RunStreams

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PlanServicer(plan_service_pb2_grpc.PlanServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, plans: Plans, streams: RunStreams) -> None:
        """Keep the domain side and what streams runs."""
        self._plans = plans
        self._streams = streams

    async def CreatePlan(self, request: pb.CreatePlanRequest, context: Context) -> pb.CreatePlanResponse:
        """Make a plan."""
        asked = plan_request_from_proto(request, current_call().deadline)
        return pb.CreatePlanResponse(plan=plan_to_proto(await self._plans.create(current_principal(), asked)))

    async def GetPlan(self, request: pb.GetPlanRequest, context: Context) -> pb.GetPlanResponse:
        """Return a plan."""
        return pb.GetPlanResponse(plan=plan_to_proto(await self._plans.get(current_principal(), request.name)))

    async def ListPlans(self, request: pb.ListPlansRequest, context: Context) -> pb.ListPlansResponse:
        """Return a page of plans."""
        page = await self._plans.list(current_principal(), request.page_size, request.page_token)
        return pb.ListPlansResponse(
            plans=[plan_to_proto(plan) for plan in page.items], next_page_token=page.next_page_token
        )

    async def ExecutePlan(
        self, request: pb.ExecutePlanRequest, context: Context
    ) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Execute a plan and stream the run's events."""
        plan = await self._plans.get(current_principal(), request.name)
        spec = execution_from_proto(request, plan.goal, current_call().deadline)
        async with aclosing(self._streams.start(current_principal(), spec)) as events:
            async for event in events:
                yield event
