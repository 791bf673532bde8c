"""Budgets as their owners see them: checked, replaced with care, apart by tenant, repeatable, in pages."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.economics.budgets import MAX_TOKENS, Budget
from service.economics.money import Money
from service.economics.scope import Period
from service.errors import InvalidArgumentError, NotFoundError, RequestIdReusedError, StaleEtagError
from service.store import sessions
from service.store.sessions import SessionRow
from tests.unit.economics.conftest import TENANT, USED, Desk, budget, cents, scope, worst


async def test_a_budget_comes_back_as_it_was_set_and_with_where_it_stands(desk: Desk) -> None:
    made = await desk.budgets.set(TENANT, budget(money=cents(500), tokens=9000, subject="plugins/email"))
    assert (made.money, made.tokens, made.subject, made.period) == (cents(500), 9000, "plugins/email", Period.MONTH)
    assert made.update_time == desk.clock.time
    assert made.status is not None
    assert made.status.start_time == datetime(2026, 11, 1, tzinfo=UTC)
    assert made.status.end_time == datetime(2026, 12, 1, tzinfo=UTC)
    assert (made.status.spent, made.status.reserved) == (cents(0), cents(0))
    assert await desk.budgets.get(TENANT, made.name) == made


async def test_what_was_spent_before_a_budget_was_set_counts(desk: Desk) -> None:
    await desk.ledger.settle(await desk.ledger.reserve(scope(session="s1"), worst()), USED)
    made = await desk.budgets.set(TENANT, budget(money=cents(5)))
    assert made.status is not None
    assert (made.status.spent, made.status.spent_tokens) == (cents(2), 1500)
    only_tokens = await desk.budgets.set(TENANT, budget(tokens=5))
    assert only_tokens.status is not None
    assert (only_tokens.status.spent, only_tokens.status.spent_tokens) == (None, 1500)


async def test_a_budget_of_many_stands_nowhere_in_particular(desk: Desk) -> None:
    for subject in ("plugins/-", "sessions/-", "runs/-"):
        made = await desk.budgets.set(TENANT, budget(subject=subject, tokens=5))
        assert made.status is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (budget("all", tokens=1), "budget.name"),
        (budget("budgets/All", tokens=1), "budget.name"),
        (budget("budgets/all\n", tokens=1), "budget.name"),
        (budget(subject="plugins/", tokens=1), "budget.subject"),
        (budget(subject="runs/r1", tokens=1), "budget.subject"),
        (budget(subject="tenants/acme", tokens=1), "budget.subject"),
        (budget(period=Period.LIFETIME, tokens=1), "budget.period"),
        (budget(period=Period.LIFETIME, tokens=1, subject="plugins/email"), "budget.period"),
        (budget(), "budget"),
        (budget(money=Money("euro", 1)), "budget.money_limit.currency_code"),
        (budget(money=Money("EUR", -1)), "budget.money_limit"),
        (budget(money=Money("EUR", 1_000_000_000, 1)), "budget.money_limit"),
        (budget(tokens=-1), "budget.token_limit"),
        (budget(tokens=MAX_TOKENS + 1), "budget.token_limit"),
    ],
)
async def test_a_budget_that_means_nothing_is_refused_by_field(desk: Desk, wrong: Budget, field: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        await desk.budgets.set(TENANT, wrong)
    assert [v.subject for v in refused.value.violations] == [field]


async def test_a_budget_for_a_session_needs_the_session(desk: Desk) -> None:
    mine = budget(subject="sessions/s1", period=Period.LIFETIME, money=cents(4))
    with pytest.raises(NotFoundError, match="sessions/s1"):
        await desk.budgets.set(TENANT, mine)
    row = SessionRow(TENANT, "s1", "", desk.clock.time, desk.clock.time)
    await desk.store.write(lambda connection: sessions.insert_session(connection, row))
    made = await desk.budgets.set(TENANT, mine)
    assert made.status is not None
    assert (made.status.start_time, made.status.end_time) == (None, None)


async def test_an_etag_keeps_a_change_from_being_lost(desk: Desk) -> None:
    first = await desk.budgets.set(TENANT, budget(tokens=1))
    desk.clock.forward(seconds=1)
    second = await desk.budgets.set(TENANT, budget(tokens=2, etag=first.etag))
    assert second.etag != first.etag
    with pytest.raises(StaleEtagError):
        await desk.budgets.set(TENANT, budget(tokens=3, etag=first.etag))
    with pytest.raises(StaleEtagError):
        await desk.budgets.set(TENANT, budget("budgets/new", tokens=3, etag=first.etag))
    assert (await desk.budgets.get(TENANT, "budgets/all")).tokens == 2


async def test_a_request_is_done_once(desk: Desk) -> None:
    request = str(uuid.uuid4())
    wanted = budget(money=cents(5))
    first = await desk.budgets.set(TENANT, wanted, request_id=request)
    desk.clock.forward(seconds=1)
    assert await desk.budgets.set(TENANT, wanted, request_id=request) == first
    with pytest.raises(RequestIdReusedError):
        await desk.budgets.set(TENANT, replace(wanted, money=cents(6)), request_id=request)
    gone = str(uuid.uuid4())
    for _ in range(2):
        await desk.budgets.delete(TENANT, wanted.name, request_id=gone)
    with pytest.raises(NotFoundError):
        await desk.budgets.delete(TENANT, wanted.name)


async def test_a_deleted_budget_holds_nobody(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(0)))
    await desk.budgets.delete(TENANT, "budgets/all")
    assert await desk.reserved() == 0
    await desk.ledger.reserve(scope(), worst())
    with pytest.raises(NotFoundError):
        await desk.budgets.get(TENANT, "budgets/all")


async def test_lists_have_pages_and_tenants_are_apart(desk: Desk) -> None:
    for name in ("c", "a", "b"):
        await desk.budgets.set(TENANT, budget(f"budgets/{name}", tokens=1))
    await desk.budgets.set("other", budget("budgets/d", tokens=1))
    page = await desk.budgets.list(TENANT, 2)
    assert [b.name for b in page.items] == ["budgets/a", "budgets/b"]
    rest = await desk.budgets.list(TENANT, 2, page.next_page_token)
    assert ([b.name for b in rest.items], rest.next_page_token) == (["budgets/c"], "")
    with pytest.raises(InvalidArgumentError):
        await desk.budgets.list("other", 2, page.next_page_token)
    with pytest.raises(NotFoundError):
        await desk.budgets.get(TENANT, "budgets/d")
