"""A ledger on a store in a temporary directory, with a clock that the test turns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.backends.base import Price, Usage
from service.economics.budgets import Budget, Budgets
from service.economics.ledger import Ledger, open_ledger
from service.economics.money import Money
from service.economics.scope import Period, SpendScope
from service.economics.usage import UsageReport
from service.economics.worst_case import WorstCase
from service.store import budgets
from service.store.store import Store, open_store

TENANT = "acme"
CENT = Money("EUR", 0, 10_000_000)
PRICE = Price("EUR", 10.0, 20.0, 1.0)
"""1,000 tokens of prompt are a cent, 1,000 of an answer two."""

FREE = Price("USD", 0.0, 0.0, 0.0)


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class Desk:
    """Everything about money in one place."""

    store: Store
    ledger: Ledger
    budgets: Budgets
    report: UsageReport
    clock: Clock

    async def reserved(self) -> int:
        await self.ledger.close()
        return await self.store.read(budgets.count_reservations)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "vaiven.db") as opened:
        yield opened


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    clock = Clock()
    async with open_ledger(store, expiry_s=600.0, now=clock) as ledger:
        yield desk_on(store, ledger, clock)


def desk_on(store: Store, ledger: Ledger, clock: Clock) -> Desk:
    return Desk(store, ledger, Budgets(store, ledger), UsageReport(store, ledger), clock)


def scope(run: str = "r1", *, tenant: str = TENANT, session: str = "", function: str = "email.draft") -> SpendScope:
    plugin, _, name = function.partition(".")
    return SpendScope(tenant, run, session, plugin, name)


def worst(prompt: int = 1000, answer: int = 1000, *, price: Price | None = PRICE, model: str = "large") -> WorstCase:
    return WorstCase(model, "azure_openai", price, prompt, answer)


def budget(
    name: str = "budgets/all",
    *,
    subject: str = "",
    period: Period = Period.MONTH,
    money: Money | None = None,
    tokens: int | None = None,
    etag: str = "",
) -> Budget:
    return Budget(name, subject, period, money, tokens, etag)


def cents(number: int) -> Money:
    return Money.from_nanos("EUR", number * CENT.total_nanos)


USED = Usage(input_tokens=1000, cached_input_tokens=0, output_tokens=500)
"""Two cents."""
