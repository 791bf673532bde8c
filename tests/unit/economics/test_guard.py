"""Around a chat: reserved before it says a word, settled by what it said, released where it said nothing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from service.backends.base import Usage
from service.backends.fake import FAKE_CARD
from service.economics.guard import LedgerGuard, SpendGuard
from service.economics.money import Money
from service.economics.usage import UsageQuery
from service.errors import BudgetExceededError, UnavailableError
from service.store import budgets
from tests.unit.economics.conftest import PRICE, TENANT, Desk, budget, cents, scope

WORST = Money("EUR", 0, 35_000_000)
"""1,000 tokens of prompt that may be 1,500, and 1,000 of an answer."""

CLOUD = replace(FAKE_CARD, model_id="large", backend="azure_openai", locality="cloud", price=PRICE)


class FakeChat:
    """Speaks as RoutedChat does: one word a piece, its usage at the end or where it is broken off."""

    def __init__(self, guard: SpendGuard, *, words: int = 3, error: Exception | None = None) -> None:
        self._guard = guard
        self._words = words
        self._error = error
        self.dispatched = 0

    async def stream(self) -> AsyncGenerator[str, None]:
        said = 0
        async with self._guard.spend(CLOUD, 1000, 1000) as spending:
            self.dispatched += 1
            try:
                for said in range(1, self._words + 1):  # noqa: B007 - it is how many were said
                    yield "word"
                if self._error is not None:
                    raise self._error
            finally:
                if said:
                    spending.used(Usage(1000, 0, said))


@pytest.fixture
async def guard(desk: Desk) -> LedgerGuard:
    await desk.budgets.set(TENANT, budget(money=WORST))
    return LedgerGuard(desk.ledger, scope())


async def _generations(desk: Desk) -> list[Usage]:
    await desk.ledger.close()
    return [record.usage for record in (await desk.report.get(TENANT, UsageQuery())).items]


async def test_an_answer_is_settled(desk: Desk, guard: LedgerGuard) -> None:
    assert [word async for word in FakeChat(guard).stream()] == ["word"] * 3
    assert await _generations(desk) == [Usage(1000, 0, 3)]
    assert await desk.reserved() == 0


async def test_whoever_sees_the_next_write_sees_the_usage(desk: Desk, guard: LedgerGuard) -> None:
    async for _ in FakeChat(guard).stream():
        pass
    await desk.store.write(lambda _connection: None)  # as a run's terminal event
    assert [r.usage for r in (await desk.report.get(TENANT, UsageQuery())).items] == [Usage(1000, 0, 3)]


async def test_what_is_too_dear_is_never_dispatched(desk: Desk, guard: LedgerGuard) -> None:
    await desk.budgets.set(TENANT, budget(money=cents(2)))
    chat = FakeChat(guard)
    with pytest.raises(BudgetExceededError):
        async for _ in chat.stream():
            pass
    assert chat.dispatched == 0
    assert await _generations(desk) == []


async def test_a_failure_before_the_first_word_costs_nothing(desk: Desk, guard: LedgerGuard) -> None:
    with pytest.raises(UnavailableError):
        async for _ in FakeChat(guard, words=0, error=UnavailableError("gone")).stream():
            pass
    assert await _generations(desk) == []
    assert await desk.reserved() == 0


async def test_what_was_said_before_a_failure_is_paid_for(desk: Desk, guard: LedgerGuard) -> None:
    with pytest.raises(UnavailableError):
        async for _ in FakeChat(guard, words=2, error=UnavailableError("gone")).stream():
            pass
    assert await _generations(desk) == [Usage(1000, 0, 2)]
    assert await desk.reserved() == 0


async def test_a_reader_that_leaves_early_pays_for_what_it_read(desk: Desk, guard: LedgerGuard) -> None:
    async with aclosing(FakeChat(guard).stream()) as stream:
        async for _ in stream:
            break
    assert await _generations(desk) == [Usage(1000, 0, 1)]
    assert await desk.reserved() == 0


async def test_a_run_that_is_cancelled_twice_leaves_nothing_reserved(desk: Desk, guard: LedgerGuard) -> None:
    inside = asyncio.Event()

    async def run() -> None:
        async with guard.spend(CLOUD, 1000, 1000):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await inside.wait()
    assert await desk.store.read(budgets.count_reservations) == 1
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await desk.reserved() == 0
    assert await _generations(desk) == []


async def test_a_store_that_fails_at_the_end_is_logged_and_does_not_take_the_answer(
    desk: Desk, guard: LedgerGuard
) -> None:
    words = 0
    async for _ in FakeChat(guard).stream():
        words += 1
        if words == 1:
            await desk.store.writer.close()
    assert words == 3
    await desk.ledger.close()


async def test_routing_may_ask_before_it_is_refused(desk: Desk, guard: LedgerGuard) -> None:
    assert await guard.objections(CLOUD, 1000, 1000) == ()
    assert await guard.objections(CLOUD, 1001, 1000) == (
        "budgets/all for 2026-11: 0.035 EUR of 0.035 EUR left and this may cost 0.03502 EUR; "
        "it would have to allow 0.03502 EUR",
    )
    assert await guard.objections(replace(CLOUD, price=None), 1, 1) == (
        "budgets/all limits EUR, in which large has no known price",
    )
    assert await guard.objections(FAKE_CARD, 10**9, 10**9) == ()
