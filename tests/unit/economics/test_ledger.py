"""Nothing is spent that a budget does not have: alone, together, after a cancel, a restart and midnight."""

import asyncio
import random
from dataclasses import replace

import pytest

from service.backends.base import Usage
from service.economics.ledger import SETTLING_RETRY_S, SWEEP_S, Reservation, open_ledger
from service.economics.money import Money
from service.economics.scope import Period, SpendScope
from service.errors import BudgetExceededError, BudgetTooSmallError, PriceUnknownError, UnavailableError
from service.store import budgets
from service.store.store import Store
from tests.unit.economics.conftest import FREE, PRICE, TENANT, USED, Clock, Desk, budget, cents, desk_on, scope, worst


async def _spent(desk: Desk, name: str = "budgets/all") -> Money:
    status = (await desk.budgets.get(TENANT, name)).status
    assert status is not None
    assert status.spent is not None
    return status.spent


async def test_the_worst_case_is_reserved_and_what_was_used_is_kept(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(5), tokens=10_000))
    reservation = await desk.ledger.reserve(scope(), worst())  # 3 cents
    status = (await desk.budgets.get(TENANT, "budgets/all")).status
    assert status is not None
    assert (status.spent, status.reserved, status.spent_tokens, status.reserved_tokens) == (cents(0), cents(3), 0, 2000)
    with pytest.raises(BudgetExceededError) as refused:
        await desk.ledger.reserve(scope("r2"), worst())
    (violation,) = refused.value.violations
    assert violation.subject == "budgets/all"
    assert violation.description == "for 2026-11: 0.02 EUR of 0.05 EUR left and this may cost 0.03 EUR"
    await desk.ledger.settle(reservation, USED)
    status = (await desk.budgets.get(TENANT, "budgets/all")).status
    assert status is not None
    assert (status.spent, status.reserved, status.spent_tokens, status.reserved_tokens) == (cents(2), cents(0), 1500, 0)
    await desk.ledger.release(await desk.ledger.reserve(scope("r2"), worst()))
    assert await _spent(desk) == cents(2)
    assert await desk.reserved() == 0


async def test_two_hundred_runs_at_once_do_not_spend_a_nano_more_than_there_is(desk: Desk) -> None:
    limit = cents(50).total_nanos
    await desk.budgets.set(TENANT, budget(money=cents(50), period=Period.DAY))
    await desk.budgets.set(TENANT, budget("budgets/each", subject="runs/-", period=Period.LIFETIME, money=cents(9)))
    chance = random.Random(7)

    async def turn(run: str) -> None:
        reservation = await desk.ledger.reserve(scope(run), worst())
        await asyncio.sleep(0)
        if chance.random() < 0.2:
            await desk.ledger.release(reservation)
        else:
            await desk.ledger.settle(reservation, Usage(1000, chance.randrange(1000), chance.randrange(1001)))

    async def run(number: int) -> int:
        refused = 0
        for _ in range(3):
            try:
                await turn(f"r{number}")
            except BudgetExceededError:
                refused += 1
            if number % 20 == 0:
                status = (await desk.budgets.get(TENANT, "budgets/all")).status
                assert status is not None
                assert status.spent is not None
                assert status.reserved is not None
                assert status.spent.total_nanos + status.reserved.total_nanos <= limit
        return refused

    refused = await asyncio.gather(*(run(number) for number in range(200)))
    spent = (await _spent(desk)).total_nanos
    assert sum(refused) > 0
    assert 0 < spent <= limit
    assert await desk.reserved() == 0
    await desk.budgets.delete(TENANT, "budgets/each")
    nano = replace(PRICE, input_per_mtok=0.0, output_per_mtok=0.001)  # a token of the answer costs a billionth
    await desk.ledger.reserve(scope("last"), worst(0, limit - spent, price=nano))
    with pytest.raises(BudgetExceededError):
        await desk.ledger.reserve(scope("last"), worst(0, 1, price=nano))


async def test_whoever_is_cancelled_while_reserving_leaves_nothing(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(5000)))
    tasks = [asyncio.create_task(desk.ledger.reserve(scope(f"r{n}"), worst())) for n in range(40)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert await desk.reserved() == 0


async def test_a_price_that_is_not_known_stops_money_budgets_only(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(tokens=10_000))
    await desk.ledger.settle(await desk.ledger.reserve(scope(), worst(price=None)), USED)
    await desk.budgets.set(TENANT, budget("budgets/euros", money=cents(100)))
    for price in (None, replace(PRICE, currency="USD")):
        with pytest.raises(PriceUnknownError) as refused:
            await desk.ledger.reserve(scope(), worst(price=price))
        assert refused.value.reason == "PRICE_UNKNOWN"
        assert [v.subject for v in refused.value.violations] == ["budgets/euros"]
    assert await _spent(desk, "budgets/euros") == cents(0)


async def test_what_is_free_needs_no_money_and_yet_tokens(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(0)))
    await desk.ledger.settle(await desk.ledger.reserve(scope(), worst(price=FREE)), USED)
    await desk.budgets.set(TENANT, budget("budgets/tokens", tokens=3000))
    with pytest.raises(BudgetExceededError) as refused:
        await desk.ledger.reserve(scope(), worst(price=FREE))
    assert [v.description for v in refused.value.violations] == [
        "for 2026-11: 1500 of 3000 tokens left and this may take 2000"
    ]


async def test_a_refusal_says_when_to_ask_again_if_ever(desk: Desk) -> None:
    async def refusal(answer: int = 1000) -> BudgetExceededError:
        with pytest.raises(BudgetExceededError) as refused:
            await desk.ledger.reserve(scope("r2"), worst(answer=answer))
        return refused.value

    await desk.budgets.set(TENANT, budget(money=cents(5), period=Period.DAY))
    reservation = await desk.ledger.reserve(scope(), worst())  # 3 cents
    assert ((await refusal()).reason, (await refusal()).retry_after_s) == ("BUDGET_EXCEEDED", SETTLING_RETRY_S)
    await desk.ledger.settle(reservation, Usage(1000, 0, 1000))
    assert ((await refusal()).reason, (await refusal()).retry_after_s) == ("BUDGET_EXCEEDED", 12 * 3600.0)
    await desk.budgets.set(TENANT, budget("budgets/month", money=cents(5)))
    assert (await refusal()).retry_after_s == (6 * 24 + 12) * 3600.0, "the month is the longer of the two"
    refused = await refusal(3000)
    assert isinstance(refused, BudgetTooSmallError)
    assert (refused.reason, refused.retry_after_s) == ("BUDGET_TOO_SMALL", None)
    assert [v.description.partition("; ")[2] for v in refused.violations] == ["it would have to allow 0.07 EUR"] * 2
    desk.clock.forward(hours=12)
    assert (await refusal()).retry_after_s == 6 * 24 * 3600.0, "the day's is whole again"


async def test_every_budget_that_is_short_is_named(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget("budgets/a", money=cents(1), tokens=1))
    await desk.budgets.set(TENANT, budget("budgets/b", subject="plugins/email", money=cents(1)))
    await desk.budgets.set(TENANT, budget("budgets/c", subject="plugins/code", money=cents(1)))
    with pytest.raises(BudgetExceededError) as refused:
        await desk.ledger.reserve(scope(), worst())
    assert [v.subject for v in refused.value.violations] == ["budgets/a", "budgets/b"]
    short = await desk.ledger.shortages(scope(), worst())
    assert short.exceeded == refused.value.violations


@pytest.mark.parametrize(
    ("subject", "same", "other"),
    [
        ("plugins/email", scope("r2"), scope("r2", function="code.review")),
        ("plugins/-", scope("r2"), scope("r2", function="code.review")),
        ("runs/-", scope("r1", function="code.review"), scope("r2")),
        ("sessions/-", scope("r2", session="s1"), scope("r2", session="s2")),
        ("", scope("r2", function="code.review"), scope(tenant="other")),
        ("plugins/email", scope("r2"), scope("r2", function="")),
    ],
)
async def test_a_budget_counts_its_own_generations(
    desk: Desk, subject: str, same: SpendScope, other: SpendScope
) -> None:
    await desk.budgets.set(TENANT, budget(subject=subject, money=cents(4), period=Period.DAY))
    await desk.ledger.settle(await desk.ledger.reserve(scope("r1", session="s1"), worst()), USED)
    await desk.ledger.reserve(other, worst())
    with pytest.raises(BudgetExceededError):
        await desk.ledger.reserve(same, worst())


async def test_a_day_begins_anew_at_midnight_and_what_was_reserved_before_counts_for_its_own(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget("budgets/day", money=cents(3), period=Period.DAY))
    await desk.budgets.set(TENANT, budget("budgets/month", money=cents(7), period=Period.MONTH))
    desk.clock.time = desk.clock.time.replace(hour=23, minute=59)
    late = await desk.ledger.reserve(scope("late"), worst())
    with pytest.raises(BudgetExceededError):
        await desk.ledger.reserve(scope("r2"), worst())
    desk.clock.forward(minutes=2)
    early = await desk.ledger.reserve(scope("early"), worst())
    await desk.ledger.settle(late, USED)
    assert (await _spent(desk, "budgets/day"), await _spent(desk, "budgets/month")) == (cents(0), cents(2))
    await desk.ledger.settle(early, USED)
    with pytest.raises(BudgetExceededError) as refused:
        await desk.ledger.reserve(scope("r3"), worst(2000, 1000))
    assert {v.subject for v in refused.value.violations} == {"budgets/day", "budgets/month"}
    desk.clock.time = desk.clock.time.replace(month=12, day=1)
    await desk.ledger.reserve(scope("r4"), worst())


async def test_a_reservation_that_nobody_ends_expires(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(3)))
    forgotten = await desk.ledger.reserve(scope(), worst())
    desk.clock.forward(seconds=599)
    assert (await desk.ledger.shortages(scope("r2"), worst())).exceeded
    desk.clock.forward(seconds=1)
    assert not (await desk.ledger.shortages(scope("r2"), worst())).exceeded
    again = await desk.ledger.reserve(scope("r2"), worst())
    assert await desk.reserved() == 1
    await desk.ledger.release(again)
    await desk.ledger.settle(forgotten, USED)  # late, and still true
    assert await _spent(desk) == cents(2)


async def test_what_has_expired_is_removed_now_and_then_and_counts_no_more_meanwhile(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(3)))
    await desk.ledger.reserve(scope(), worst())
    desk.clock.forward(seconds=590)
    with pytest.raises(BudgetExceededError):
        await desk.ledger.reserve(scope("r2"), worst())
    desk.clock.forward(seconds=10)
    second = await desk.ledger.reserve(scope("r3"), worst())
    assert await desk.reserved() == 2  # the expired one is still there, and took nothing from the second
    await desk.ledger.release(second)
    desk.clock.forward(seconds=SWEEP_S)
    await desk.ledger.reserve(scope("r4"), worst())
    assert await desk.reserved() == 1


async def test_a_restart_releases_what_the_last_process_had_reserved_and_keeps_what_was_spent(store: Store) -> None:
    clock = Clock()
    async with open_ledger(store, now=clock) as ledger:
        desk = desk_on(store, ledger, clock)
        await desk.budgets.set(TENANT, budget(money=cents(5)))
        await desk.ledger.settle(await desk.ledger.reserve(scope(), worst()), USED)
        await desk.ledger.reserve(scope("r2"), worst())
    assert await store.read(budgets.count_reservations) == 1
    async with open_ledger(store, now=clock) as ledger:
        assert await store.read(budgets.count_reservations) == 0
        await ledger.reserve(scope("r3"), worst())
        with pytest.raises(BudgetExceededError):
            await ledger.reserve(scope("r4"), worst())


async def test_without_budgets_nothing_is_written_before_dispatch_and_usage_is_kept(desk: Desk) -> None:
    before = desk.store.writer.commits
    reservation: Reservation = await desk.ledger.reserve(scope(), worst())
    assert desk.store.writer.commits == before
    await desk.ledger.settle(reservation, USED)
    await desk.budgets.set(TENANT, budget(money=cents(4)))
    assert await _spent(desk) == cents(2)
    with pytest.raises(BudgetExceededError):
        await desk.ledger.reserve(scope(), worst())


async def test_a_store_that_cannot_write_lets_nothing_be_dispatched(desk: Desk) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(5)))
    await desk.store.writer.close()
    with pytest.raises(UnavailableError):
        await desk.ledger.reserve(scope(), worst())
