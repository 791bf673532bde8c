"""What was used is added up as it is asked for, by day, plugin, function, model and backend, and in pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from service.backends.base import Usage
from service.economics.money import Money
from service.economics.usage import Dimension, UsageQuery, UsageRecord
from service.errors import InvalidArgumentError
from tests.unit.economics.conftest import FREE, PRICE, TENANT, USED, Desk, cents, scope, worst


async def _spend(
    desk: Desk, *, run: str = "r1", function: str = "email.draft", tenant: str = TENANT, **how: object
) -> None:
    reservation = await desk.ledger.reserve(scope(run, tenant=tenant, function=function), worst(**how))  # type: ignore[arg-type]
    await desk.ledger.settle(reservation, USED)


@pytest.fixture
async def month(desk: Desk) -> Desk:
    """Give three days of usage: two generations a day in euros, one free, one of an unknown price, one elsewhere."""
    desk.clock.time = desk.clock.time.replace(day=22)
    for _ in range(3):
        await _spend(desk)
        await _spend(desk, function="code.review")
        desk.clock.forward(days=1)
    desk.clock.forward(days=-1)
    await _spend(desk, function="", price=FREE, model="colibri")
    await _spend(desk, price=None, model="odd")
    await _spend(desk, tenant="other")
    return desk


async def _get(desk: Desk, *by: Dimension, **filters: object) -> Sequence[UsageRecord]:
    query = UsageQuery(by=frozenset(by), **filters)  # type: ignore[arg-type]
    return (await desk.report.get(TENANT, query)).items


async def test_told_apart_by_nothing_there_is_one_record_a_currency(month: Desk) -> None:
    unknown, euros, dollars = await _get(month)
    assert (unknown.cost, unknown.generations) == (None, 1)
    assert euros == UsageRecord(6, Usage(6000, 0, 3000), cents(12))
    assert (dollars.cost, dollars.usage) == (Money("USD"), USED)


async def test_by_day_in_order(month: Desk) -> None:
    records = [r for r in await _get(month, Dimension.DAY) if r.cost is not None and r.cost.currency == "EUR"]
    assert [(r.day, r.cost, r.generations) for r in records] == [
        (date(2026, 11, day), cents(4), 2) for day in (22, 23, 24)
    ]
    assert all(r.model is None and r.plugin is None for r in records)


async def test_by_function_names_the_plugin_too_and_the_planner_is_nobody(month: Desk) -> None:
    records = await _get(month, Dimension.FUNCTION)
    assert [(r.plugin, r.function) for r in records] == [
        ("", ""),
        ("code", "review"),
        ("email", "draft"),
        ("email", "draft"),
    ]
    assert [(r.plugin, r.function) for r in await _get(month, Dimension.PLUGIN, model="large")] == [
        ("code", None),
        ("email", None),
    ]


async def test_filters(month: Desk) -> None:
    (code,) = await _get(month, plugin="code", first_day=date(2026, 11, 23))
    assert code.generations == 2
    (day,) = await _get(month, first_day=date(2026, 11, 22), last_day=date(2026, 11, 22))
    assert day.generations == 2
    (own,) = await _get(month, model="colibri", backend="azure_openai")
    assert own.cost == Money("USD")
    assert await _get(month, plugin="email", function="reply") == ()
    assert await _get(month, last_day=date(2026, 10, 31)) == ()


async def test_pages_hold_each_record_once(month: Desk) -> None:
    query = UsageQuery(by=frozenset(Dimension))
    whole = (await month.report.get(TENANT, query)).items
    assert len(whole) == 8
    read: list[UsageRecord] = []
    token = ""
    while True:
        page = await month.report.get(TENANT, query, 3, token)
        read.extend(page.items)
        token = page.next_page_token
        if not token:
            break
    assert tuple(read) == tuple(whole)
    first = await month.report.get(TENANT, query, 3)
    with pytest.raises(InvalidArgumentError):
        await month.report.get(TENANT, replace(query, model="large"), 3, first.next_page_token)


async def test_days_in_the_wrong_order_are_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArgumentError, match="first day"):
        await _get(desk, first_day=date(2026, 11, 25))


async def test_cached_tokens_are_told_and_paid_at_their_own_price(desk: Desk) -> None:
    reservation = await desk.ledger.reserve(scope(), worst())
    await desk.ledger.settle(reservation, Usage(1000, 900, 100))
    (record,) = await _get(desk)
    assert record.usage == Usage(1000, 900, 100)
    assert record.cost == Money.from_nanos("EUR", 100 * 10_000 + 900 * 1_000 + 100 * 20_000)
    assert PRICE.cached_input_per_mtok == 1.0
