"""`CostService`: what was spent, and what may be."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import cost_service_pb2 as pb
from vaiven.v1 import cost_service_pb2_grpc

from service.rpc.convert.costs import (
    budget_from_proto,
    budget_to_proto,
    usage_query_from_proto,
    usage_record_to_proto,
)
from service.rpc.convert.values import request_id_from_proto
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Budgets, UsageReport

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class CostServicer(cost_service_pb2_grpc.CostServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, budgets: Budgets, usage: UsageReport) -> None:
        """Keep the domain side."""
        self._budgets = budgets
        self._usage = usage

    async def GetUsage(self, request: pb.GetUsageRequest, context: Context) -> pb.GetUsageResponse:
        """Return a page of what was used."""
        query = usage_query_from_proto(request)
        page = await self._usage.get(current_principal().tenant, query, request.page_size, request.page_token)
        return pb.GetUsageResponse(
            records=[usage_record_to_proto(record) for record in page.items], next_page_token=page.next_page_token
        )

    async def SetBudget(self, request: pb.SetBudgetRequest, context: Context) -> pb.SetBudgetResponse:
        """Make or replace a budget."""
        budget = await self._budgets.set(
            current_principal().tenant,
            budget_from_proto(request.budget),
            request_id=request_id_from_proto(request.request_id),
        )
        return pb.SetBudgetResponse(budget=budget_to_proto(budget))

    async def GetBudget(self, request: pb.GetBudgetRequest, context: Context) -> pb.GetBudgetResponse:
        """Return a budget."""
        budget = await self._budgets.get(current_principal().tenant, request.name)
        return pb.GetBudgetResponse(budget=budget_to_proto(budget))

    async def ListBudgets(self, request: pb.ListBudgetsRequest, context: Context) -> pb.ListBudgetsResponse:
        """Return a page of budgets."""
        page = await self._budgets.list(current_principal().tenant, request.page_size, request.page_token)
        return pb.ListBudgetsResponse(
            budgets=[budget_to_proto(budget) for budget in page.items], next_page_token=page.next_page_token
        )

    async def DeleteBudget(self, request: pb.DeleteBudgetRequest, context: Context) -> pb.DeleteBudgetResponse:
        """Delete a budget."""
        await self._budgets.delete(
            current_principal().tenant, request.name, request_id=request_id_from_proto(request.request_id)
        )
        return pb.DeleteBudgetResponse()
