"""What generations used and cost, as rows: one for each, and sums by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    case,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)

from service.store.budget_tables import reservations, usage, usage_days
from service.store.prepared import Prepared, row_values
from service.store.tables import UtcTime

DIMENSIONS: Final = ("day", "plugin", "function", "model", "backend")
"""What the sums by day can be told apart by, besides the currency."""

_AMOUNTS: Final = ("input_tokens", "cached_input_tokens", "output_tokens", "cost_nanos")
_SUMS: Final = ("generations", *_AMOUNTS)
_DAY_KEY: Final = ("tenant", *DIMENSIONS, "currency")
_DAY_COLUMNS: Final = (*_DAY_KEY, *_AMOUNTS)
_OWNERS: Final = ("plugin", "session_id", "run_id")


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A row of `usage`, field by field."""

    tenant: str
    id: str
    run_id: str
    session_id: str
    plugin: str
    function: str
    model: str
    backend: str
    day: str
    time: datetime
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    currency: str
    cost_nanos: int


@dataclass(frozen=True, slots=True)
class UsageSums:
    """Sums over generations; what they were not told apart by is empty, and so is an unknown price's currency."""

    currency: str
    generations: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost_nanos: int
    day: str = ""
    plugin: str = ""
    function: str = ""
    model: str = ""
    backend: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which generations count: the tenant's, and of them those of one plugin, session or run; None does not filter.

    `start_day` is the first day that counts, `end_day` the first that does not; both or neither are None.
    """

    tenant: str
    plugin: str | None = None
    session_id: str | None = None
    run_id: str | None = None
    start_day: str | None = None
    end_day: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Money in one currency, in billionths, and tokens of all."""

    cost_nanos: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What generations that have ended have spent, and what is reserved for those in flight."""

    spent: Spent
    reserved: Spent


def add_usage(connection: Connection, row: UsageRow) -> None:
    """Add a generation to the rows and to its day's sums."""
    values = row_values(row)
    _INSERT_USAGE.run(connection, values)
    if _ADD_TO_DAY.run(connection, {f"its_{name}": value for name, value in values.items()}).rowcount == 0:
        _INSERT_DAY.run(connection, {name: values[name] for name in _DAY_COLUMNS} | {"generations": 1})


def standing(connection: Connection, part: Slice, currency: str, now: datetime) -> Standing:
    """Return what the generations of the slice have spent and reserved; money only where it is in `currency`."""
    owner = next((name for name in _OWNERS if getattr(part, name) is not None), None)
    values = {
        "tenant": part.tenant,
        "currency": currency,
        "now": now,
        "owner": None if owner is None else getattr(part, owner),
        "start_day": part.start_day,
        "end_day": part.end_day,
    }
    query = _standing_query(owner, windowed=part.start_day is not None)
    spent_nanos, spent_tokens, reserved_nanos, reserved_tokens = query.run(connection, values).fetchone()
    return Standing(Spent(spent_nanos, spent_tokens), Spent(reserved_nanos, reserved_tokens))


# Building these takes SQLAlchemy longer than SQLite takes to answer, and every generation under a budget asks them.
_INSERT_USAGE: Final = Prepared(insert(usage))
_INSERT_DAY: Final = Prepared(insert(usage_days))
_ADD_TO_DAY: Final = Prepared(
    update(usage_days)
    .where(*(usage_days.c[name] == bindparam(f"its_{name}") for name in _DAY_KEY))
    .values(
        {name: usage_days.c[name] + bindparam(f"its_{name}") for name in _AMOUNTS}
        | {"generations": usage_days.c.generations + 1}
    )
)


@cache
def _standing_query(owner: str | None, *, windowed: bool) -> Prepared:
    # The sums by day do not know sessions and runs, which are short enough to be added up row by row.
    table = usage_days if owner in (None, "plugin") else usage
    ended = _sums(table, table.c.input_tokens + table.c.output_tokens, owner, windowed).subquery()
    alive = reservations.c.expire_time > bindparam("now", type_=UtcTime)
    in_flight = _sums(reservations, reservations.c.tokens, owner, windowed).where(alive).subquery()
    # Each side is one row.
    both = ended.join(in_flight, true())
    return Prepared(select(ended.c.nanos, ended.c.tokens, in_flight.c.nanos, in_flight.c.tokens).select_from(both))


def _sums(table: Table, tokens: ColumnElement[int], owner: str | None, windowed: bool) -> Select[int, int]:
    nanos = case((table.c.currency == bindparam("currency"), table.c.cost_nanos), else_=0)
    query = select(
        func.coalesce(func.sum(nanos), 0).label("nanos"), func.coalesce(func.sum(tokens), 0).label("tokens")
    ).where(table.c.tenant == bindparam("tenant"))
    if owner is not None:
        query = query.where(table.c[owner] == bindparam("owner"))
    if windowed:
        query = query.where(table.c.day >= bindparam("start_day"), table.c.day < bindparam("end_day"))
    return query


def summarise(
    connection: Connection,
    tenant: str,
    *,
    first_day: str,
    last_day: str,
    only: Mapping[str, str],
    by: Sequence[str],
    after: Sequence[str | int] | None,
    limit: int,
) -> list[UsageSums]:
    """Return at most `limit` sums, told apart and sorted by the dimensions `by` and then by the currency.

    `only` filters by dimensions. `after` is the key (the values of `by` and the currency) after which to begin.
    """
    columns = [usage_days.c[name] for name in (*by, "currency")]
    query = select(*columns, *(func.sum(usage_days.c[name]).label(name) for name in _SUMS)).where(
        usage_days.c.tenant == tenant,
        usage_days.c.day >= first_day,
        usage_days.c.day <= last_day,
        *(usage_days.c[name] == value for name, value in only.items()),
    )
    if after is not None:
        query = query.where(tuple_(*columns) > tuple_(*after))
    rows = connection.execute(query.group_by(*columns).order_by(*columns).limit(limit)).mappings()
    return [UsageSums(**row) for row in rows]


def spent_by_run(connection: Connection, tenant: str, run_id: str) -> list[UsageSums]:
    """Return what one run has used until now, told apart by the currency."""
    columns = [usage.c.currency, func.count().label("generations"), *(func.sum(usage.c[n]).label(n) for n in _AMOUNTS)]
    query = select(*columns).where(usage.c.tenant == tenant, usage.c.run_id == run_id)
    rows = connection.execute(query.group_by(usage.c.currency).order_by(usage.c.currency)).mappings()
    return [UsageSums(**row) for row in rows]
