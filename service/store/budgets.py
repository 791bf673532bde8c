"""Budgets and what is reserved of them, as rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from service.store.budget_tables import budgets, reservations
from service.store.changes import touch
from service.store.prepared import Prepared, row_values
from service.store.tables import UtcTime, time_of

BUDGETS: Final = "budgets"
"""The topic that each change of a budget touches; see `service.store.changes`."""


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A row of `budgets`, field by field."""

    tenant: str
    id: str
    subject: str
    period: str
    currency: str
    limit_nanos: int | None
    limit_tokens: int | None
    update_time: datetime


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """A row of `reservations`, field by field."""

    tenant: str
    id: str
    run_id: str
    session_id: str
    plugin: str
    day: str
    currency: str
    cost_nanos: int
    tokens: int
    expire_time: datetime
    owner: str | None = None


def put_budget(connection: Connection, row: BudgetRow) -> None:
    """Add the budget, or put it in the place of the one of the same id."""
    touch(connection, BUDGETS)
    values = asdict(row)
    replaced = connection.execute(
        update(budgets).where(budgets.c.tenant == row.tenant, budgets.c.id == row.id).values(values)
    )
    if replaced.rowcount == 0:
        connection.execute(insert(budgets), values)


def get_budget(connection: Connection, tenant: str, budget_id: str) -> BudgetRow | None:
    """Return the budget, or None where the tenant has none of that id."""
    query = select(budgets).where(budgets.c.tenant == tenant, budgets.c.id == budget_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else BudgetRow(**row)


def list_budgets(connection: Connection, tenant: str, *, after_id: str | None, limit: int) -> list[BudgetRow]:
    """Return at most `limit` budgets by id, from after `after_id` (None: from the first)."""
    query = select(budgets).where(budgets.c.tenant == tenant)
    if after_id is not None:
        query = query.where(budgets.c.id > after_id)
    return [BudgetRow(**row) for row in connection.execute(query.order_by(budgets.c.id).limit(limit)).mappings()]


def money_budgets(connection: Connection, tenant: str) -> list[tuple[str, str]]:
    """Return subject and currency of each of the tenant's budgets that limit money."""
    query = select(budgets.c.subject, budgets.c.currency).where(
        budgets.c.tenant == tenant, budgets.c.limit_nanos.is_not(None)
    )
    return [(row.subject, row.currency) for row in connection.execute(query)]


def delete_budget(connection: Connection, tenant: str, budget_id: str) -> bool:
    """Remove the budget; return whether there was one."""
    touch(connection, BUDGETS)
    query = delete(budgets).where(budgets.c.tenant == tenant, budgets.c.id == budget_id)
    return connection.execute(query).rowcount == 1


def budgets_of(connection: Connection, tenant: str, subjects: Collection[str]) -> list[BudgetRow]:
    """Return the budgets whose subject is one of `subjects`, by id."""
    rows = _BUDGETS_OF.run(connection, {"tenant": tenant, "subjects": json.dumps(list(subjects))})
    return [_budget(*row) for row in rows]


def _budget(*stored: Any) -> BudgetRow:
    *facts, updated = stored
    return BudgetRow(*[*facts, time_of(updated)])


def tenants_with_budgets(connection: Connection) -> frozenset[str]:
    """Return which tenants have a budget; only for the service itself."""
    return frozenset(connection.execute(select(budgets.c.tenant).distinct()).scalars())


def insert_reservation(connection: Connection, row: ReservationRow) -> None:
    """Add a reservation."""
    _INSERT_RESERVATION.run(connection, row_values(row))


def delete_reservation(connection: Connection, tenant: str, reservation_id: str) -> None:
    """Remove the reservation, where it is still there."""
    _DELETE_RESERVATION.run(connection, {"tenant": tenant, "id": reservation_id})


def delete_expired(connection: Connection, tenant: str, now: datetime) -> None:
    """Remove the tenant's reservations that have expired."""
    _DELETE_EXPIRED.run(connection, {"tenant": tenant, "now": now})


def delete_reservations(connection: Connection, is_kept: Callable[[str | None], bool]) -> int:
    """Remove the reservations, of all tenants, whose owner is not kept; return how many."""
    owners = connection.execute(select(reservations.c.owner).distinct()).scalars()
    gone = [owner for owner in owners if not is_kept(owner)]
    deleted = 0
    for owner in gone:
        whose = reservations.c.owner.is_(None) if owner is None else reservations.c.owner == owner
        deleted += connection.execute(delete(reservations).where(whose)).rowcount
    return deleted


def count_reservations(connection: Connection) -> int:
    """Return how many reservations there are, of all tenants."""
    return connection.execute(select(func.count()).select_from(reservations)).scalar_one()


# Built once: every generation under a budget needs them.
_SUBJECTS: Final = func.json_each(bindparam("subjects")).table_valued("value")
_BUDGETS_OF: Final = Prepared(
    select(*(budgets.c[field.name] for field in fields(BudgetRow)))
    .where(budgets.c.tenant == bindparam("tenant"), budgets.c.subject.in_(select(_SUBJECTS.c.value)))
    .order_by(budgets.c.id)
)
_INSERT_RESERVATION: Final = Prepared(insert(reservations))
_DELETE_RESERVATION: Final = Prepared(
    delete(reservations).where(reservations.c.tenant == bindparam("tenant"), reservations.c.id == bindparam("id"))
)
_DELETE_EXPIRED: Final = Prepared(
    delete(reservations).where(
        reservations.c.tenant == bindparam("tenant"), reservations.c.expire_time <= bindparam("now", type_=UtcTime)
    )
)
