"""What was used and paid for, added up by day, plugin, function, model and backend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from service.backends.base import Usage
from service.economics.ledger import Ledger
from service.economics.money import Money
from service.errors import InvalidArgumentError, Violation
from service.store import usage
from service.store.paging import Page, decode_page_token, encode_page_token, page_limit
from service.store.store import Store
from service.store.usage import UsageSums


class Dimension(StrEnum):
    """What usage is told apart by."""

    DAY = "day"
    PLUGIN = "plugin"
    FUNCTION = "function"
    MODEL = "model"
    BACKEND = "backend"


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which usage, and told apart by what; None does not filter.

    Days are in UTC and both count; `first_day` None: the first of this month, `last_day` None: today. `plugin`,
    `function` (with its plugin) and `model` are bare ids. Told apart by nothing, there is one record a currency.
    """

    first_day: date | None = None
    last_day: date | None = None
    plugin: str | None = None
    function: str | None = None
    model: str | None = None
    backend: str | None = None
    by: frozenset[Dimension] = frozenset()


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """Usage of one kind: what it was not told apart by is None. `cost` None: the price was not known.

    `plugin` and `function` are empty for the planner's own choosing of a function.
    """

    generations: int
    usage: Usage
    cost: Money | None
    day: date | None = None
    plugin: str | None = None
    function: str | None = None
    model: str | None = None
    backend: str | None = None


_COLUMNS: Final = {
    Dimension.DAY: ("day",),
    Dimension.PLUGIN: ("plugin",),
    Dimension.FUNCTION: ("plugin", "function"),
    Dimension.MODEL: ("model",),
    Dimension.BACKEND: ("backend",),
}
"""A function's id says nothing without its plugin."""


class UsageReport:
    """Reads what the ledger wrote. Every method acts for one tenant and sees nothing of another's."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        """Read from `store`; the days are those of `ledger`."""
        self._store = store
        self._ledger = ledger

    async def get(self, tenant: str, query: UsageQuery, page_size: int = 0, page_token: str = "") -> Page[UsageRecord]:
        """Return a page of records, by day, plugin, function, model, backend and currency.

        Raises:
            InvalidArgumentError: The first day is after the last, or the token is of another query.
        """
        today = self._ledger.now().date()
        last = query.last_day or today
        first = query.first_day or min(today, last).replace(day=1)
        if first > last:
            raise InvalidArgumentError(
                "The first day is after the last.", violations=(Violation("first_day", f"{first} is after {last}"),)
            )
        named = {column for dimension in query.by for column in _COLUMNS[dimension]}
        by = tuple(column for column in usage.DIMENSIONS if column in named)
        only = {name: value for name in usage.DIMENSIONS[1:] if (value := getattr(query, name)) is not None}
        limit = page_limit(page_size)
        scope = "\n".join(("usage", tenant, str(query.first_day), str(query.last_day), repr(only), *by))
        after = decode_page_token(scope, page_token, (str,) * (len(by) + 1))
        rows = await self._store.read(
            lambda connection: usage.summarise(
                connection,
                tenant,
                first_day=first.isoformat(),
                last_day=last.isoformat(),
                only=only,
                by=by,
                after=after,
                limit=limit + 1,
            )
        )
        token = encode_page_token(scope, _row_key(rows[limit - 1], by)) if len(rows) > limit else ""
        return Page(tuple(_record(row, by) for row in rows[:limit]), token)


def _row_key(row: UsageSums, by: tuple[str, ...]) -> tuple[str, ...]:
    return *(getattr(row, name) for name in by), row.currency


def _record(row: UsageSums, by: tuple[str, ...]) -> UsageRecord:
    told = {name: getattr(row, name) for name in by if name != "day"}
    return UsageRecord(
        generations=row.generations,
        usage=Usage(row.input_tokens, row.cached_input_tokens, row.output_tokens),
        cost=Money.from_nanos(row.currency, row.cost_nanos) if row.currency else None,
        day=date.fromisoformat(row.day) if "day" in by else None,
        **told,
    )
