"""The RPCs of CostService over a real server; `test_rpcs` walks them with all others."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import grpc
import grpc.aio
from google.type import money_pb2
from vaiven.v1 import (
    cost_pb2,
    cost_service_pb2,
)

from service.economics.budgets import Budget
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import Dimension, UsageQuery
from service.runs.spec import LOCAL_PRINCIPAL
from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_runs import DRAFT, NOW


async def test_cost_service_get_usage(edge: Edge) -> None:
    request = cost_service_pb2.GetUsageRequest(
        first_day="2026-11-01",
        plugin="plugins/email/functions/draft",
        model="models/large",
        group_by=[cost_pb2.USAGE_DIMENSION_DAY, cost_pb2.USAGE_DIMENSION_FUNCTION],
        page_size=1,
    )
    response = await edge.costs.GetUsage(request)

    known, unknown = response.records
    assert (known.day, known.plugin, known.function) == ("2026-11-24", "plugins/email", DRAFT)
    assert (known.model, known.backend, known.generations) == ("models/large", "x", 2)
    assert known.cost == money_pb2.Money(currency_code="EUR", nanos=20_000_000)
    assert (known.usage.input_tokens, known.usage.cached_input_tokens, known.usage.output_tokens) == (300, 100, 50)
    assert (unknown.plugin, unknown.function, unknown.HasField("cost")) == ("", "", False)
    assert response.next_page_token == "more"
    ((tenant, query, page_size, token),) = edge.domain.usage.queries
    assert (tenant, page_size, token) == (LOCAL_PRINCIPAL.tenant, 1, "")
    assert query == UsageQuery(
        first_day=date(2026, 11, 1),
        plugin="email",
        function="draft",
        model="large",
        by=frozenset({Dimension.DAY, Dimension.FUNCTION}),
    )


async def test_cost_service_get_usage_refused(edge: Edge) -> None:
    for wrong in (
        cost_service_pb2.GetUsageRequest(last_day="2026-02-30"),
        cost_service_pb2.GetUsageRequest(last_day="yesterday"),
        cost_service_pb2.GetUsageRequest(group_by=[cost_pb2.USAGE_DIMENSION_UNSPECIFIED]),
    ):
        assert await refusal(edge.costs.GetUsage(wrong)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_cost_service_set_budget(edge: Edge) -> None:
    budget = cost_pb2.Budget(
        name="budgets/new",
        subject="runs/-",
        period=cost_pb2.BUDGET_PERIOD_LIFETIME,
        money_limit=money_pb2.Money(currency_code="EUR", nanos=500_000_000),
        token_limit=0,
        etag="tag",
    )
    response = await edge.costs.SetBudget(cost_service_pb2.SetBudgetRequest(request_id=REQUEST_ID, budget=budget))

    assert response.budget.name == "budgets/new"
    wanted = Budget("budgets/new", "runs/-", Period.LIFETIME, Money("EUR", 0, 500_000_000), 0, "tag")
    assert edge.domain.budgets.calls == [("set", LOCAL_PRINCIPAL.tenant, wanted, REQUEST_ID)]


async def test_cost_service_set_budget_refused(edge: Edge) -> None:
    def ask(**fields: Any) -> Any:
        good: dict[str, Any] = {"name": "budgets/new", "period": cost_pb2.BUDGET_PERIOD_DAY, "token_limit": 1}
        return edge.costs.SetBudget(cost_service_pb2.SetBudgetRequest(budget=cost_pb2.Budget(**(good | fields))))

    mixed = money_pb2.Money(currency_code="EUR", units=1, nanos=-1)
    for wrong in (
        {"name": "new"},
        {"subject": "runs/r1"},
        {"period": cost_pb2.BUDGET_PERIOD_UNSPECIFIED},
        {"token_limit": -1},
        {"money_limit": mixed},
    ):
        assert await refusal(ask(**wrong)) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"), wrong
    without = edge.costs.SetBudget(cost_service_pb2.SetBudgetRequest())
    assert await refusal(without) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_cost_service_get_budget(edge: Edge) -> None:
    response = await edge.costs.GetBudget(cost_service_pb2.GetBudgetRequest(name="budgets/mail"))

    budget = response.budget
    assert (budget.subject, budget.period, budget.etag) == ("plugins/email", cost_pb2.BUDGET_PERIOD_MONTH, "tag")
    assert (budget.money_limit.units, budget.token_limit) == (50, 1_000_000)
    assert budget.update_time.ToDatetime(UTC) == budget.status.start_time.ToDatetime(UTC) == NOW
    assert not budget.status.HasField("end_time")
    assert (budget.status.spent.nanos, budget.status.reserved.nanos) == (20_000_000, 5)
    assert (budget.status.spent_tokens, budget.status.reserved_tokens) == (1500, 20)
    missing = edge.costs.GetBudget(cost_service_pb2.GetBudgetRequest(name="budgets/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_cost_service_list_budgets(edge: Edge) -> None:
    response = await edge.costs.ListBudgets(cost_service_pb2.ListBudgetsRequest(page_size=5, page_token="t"))

    assert [budget.name for budget in response.budgets] == ["budgets/mail"]
    assert response.next_page_token == "more"
    assert edge.domain.budgets.calls == [("list", LOCAL_PRINCIPAL.tenant, 5, "t")]


async def test_cost_service_delete_budget(edge: Edge) -> None:
    request = cost_service_pb2.DeleteBudgetRequest(name="budgets/mail", request_id=REQUEST_ID)
    await edge.costs.DeleteBudget(request)

    assert edge.domain.budgets.calls == [("delete", LOCAL_PRINCIPAL.tenant, "budgets/mail", REQUEST_ID)]
