"""Budgets and usage for tests of the edge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.backends.base import Usage
from service.economics.budgets import Budget, BudgetStatus
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import UsageQuery, UsageRecord
from service.errors import NotFoundError
from service.runs.spec import (
    Page,
)
from tests.unit.rpc.fakes_runs import NOW

STATUS = BudgetStatus(NOW, None, 1500, 20, Money("EUR", 0, 20_000_000), Money("EUR", 0, 5))
BUDGET = Budget(
    "budgets/mail",
    "plugins/email",
    Period.MONTH,
    Money("EUR", 50),
    1_000_000,
    "tag",
    NOW,
    STATUS,
)
"""All fields that a budget can have, but for the end of a window."""


class FakeBudgets:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def set(self, tenant: str, budget: Budget, *, request_id: str | None = None) -> Budget:
        self.calls.append(("set", tenant, budget, request_id))
        return replace(BUDGET, name=budget.name)

    async def get(self, tenant: str, name: str) -> Budget:
        if name != BUDGET.name:
            raise NotFoundError(f"There is no budget {name}.")
        return BUDGET

    async def list(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Budget]:
        self.calls.append(("list", tenant, page_size, page_token))
        return Page((BUDGET,), "more")

    async def delete(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        self.calls.append(("delete", tenant, name, request_id))


class FakeUsage:
    def __init__(self) -> None:
        self.records: tuple[UsageRecord, ...] = (
            UsageRecord(
                2, Usage(300, 100, 50), Money("EUR", 0, 20_000_000), NOW.date(), "email", "draft", "large", "x"
            ),
            UsageRecord(1, Usage(3, 0, 5), None, plugin="", function=""),
        )
        self.queries: list[tuple[str, UsageQuery, int, str]] = []

    async def get(self, tenant: str, query: UsageQuery, page_size: int = 0, page_token: str = "") -> Page[UsageRecord]:
        self.queries.append((tenant, query, page_size, page_token))
        return Page(self.records, "more" if page_size == 1 else "")
