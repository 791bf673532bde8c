"""The seam between a run's chat and the ledger: reserve before a generation, settle or release after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from service.backends.base import ModelCard, Usage
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.economics.worst_case import WorstCase


class Spending:
    """One generation in flight, that may come to be paid for."""

    def __init__(self) -> None:
        """Begin with nothing used."""
        self._used: Usage | None = None

    @property
    def used_so_far(self) -> Usage | None:
        """Return what was used, None as long as nothing is to be paid for."""
        return self._used

    def used(self, usage: Usage) -> None:
        """Take what the generation used, to its end or until it was broken off; said again, the last word counts."""
        self._used = usage


class SpendGuard(Protocol):
    """Holds the generations of one run, for one function or for the choice of it, to their budgets."""

    async def objections(self, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> tuple[str, ...]:
        """Return why the model cannot be afforded now, each as the end of a sentence about it; none: it can.

        Routing may ask this to go on to a model that can, instead of being refused by `spend`.
        """
        ...

    def spend(
        self, card: ModelCard, prompt_tokens: int, max_output_tokens: int
    ) -> AbstractAsyncContextManager[Spending]:
        """Reserve the worst case on entry; on exit, however it comes about, settle what was used or release it all.

        Raises:
            BudgetExceededError: A budget has less left; nothing was dispatched.
            PriceUnknownError: A budget limits money, and the price is not known in its currency.
        """
        ...


class LedgerGuard:
    """A `SpendGuard` on the ledger."""

    def __init__(
        self, ledger: Ledger, scope: SpendScope, until_stored: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Spend for `scope`; `until_stored` returns when its run is on disk, before which nothing is dispatched."""
        self._ledger = ledger
        self._scope = scope
        self._until_stored = until_stored

    async def objections(self, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> tuple[str, ...]:
        """Return why the model cannot be afforded; see `SpendGuard`."""
        short = await self._ledger.shortages(self._scope, WorstCase.of(card, prompt_tokens, max_output_tokens))
        return tuple(f"{v.subject} {v.description}" for v in (*short.unpriced, *short.exceeded))

    @asynccontextmanager
    async def spend(self, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> AsyncIterator[Spending]:
        """Reserve, and settle or release; see `SpendGuard`."""
        worst = WorstCase.of(card, prompt_tokens, max_output_tokens)
        reservation = await self._ledger.reserve(self._scope, worst)
        spending = Spending()
        try:
            if self._until_stored is not None:
                await self._until_stored()
            yield spending
        finally:
            # Aside, because the run may be in the middle of being cancelled, more than once. Whatever the run stores
            # next comes after it: so who sees a run's end sees its usage too, and nothing had to wait for the disk.
            self._ledger.end(reservation, spending.used_so_far)
