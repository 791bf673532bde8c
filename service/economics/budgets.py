"""Budgets as their owners see them: set, shown with what is left, deleted."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.economics.ledger import Ledger
from service.economics.money import NANOS_PER_UNIT, Money
from service.economics.scope import EACH_PLUGIN, EACH_RUN, EACH_SESSION, Period, scope_of_subject, window
from service.errors import InvalidArgumentError, NotFoundError, StaleEtagError, Violation
from service.store import budgets, sessions, usage
from service.store.budgets import BudgetRow
from service.store.idempotency import RequestKey, once
from service.store.paging import Page, decode_page_token, encode_page_token, page_limit
from service.store.store import Store

MAX_UNITS: Final = 1_000_000_000
"""The most money a budget may hold, in units of its currency, so that sums in billionths stay within 64 bits."""

MAX_TOKENS: Final = 10**15
"""The most tokens a budget may hold."""

_NAME: Final = re.compile(r"budgets/[a-z][a-z0-9-]{0,62}")
_SUBJECT: Final = re.compile(r"|plugins/(-|[a-z][a-z0-9_-]{0,63})|sessions/(-|[a-z0-9][a-z0-9-]{0,62})|runs/-")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """Where a budget of one thing stands in the window that is now; the times are None for a lifetime."""

    start_time: datetime | None
    end_time: datetime | None
    spent_tokens: int
    reserved_tokens: int
    spent: Money | None = None
    reserved: Money | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on money, on tokens, or on both, for `subject` and each `period`.

    `name` is `budgets/{id}`. `subject` is empty for the tenant as a whole, `plugins/{id}` or `sessions/{id}` for one
    thing, `plugins/-`, `sessions/-` or `runs/-` for each of many on its own. What the service knows better than the
    caller is None in a request: `update_time` and `status`; a `status` is None too where there are many subjects. A
    caller's `etag`, where it is not empty, must be that of the budget as it is.
    """

    name: str
    subject: str
    period: Period
    money: Money | None = None
    tokens: int | None = None
    etag: str = ""
    update_time: datetime | None = None
    status: BudgetStatus | None = None


class Budgets:
    """The budgets of all tenants. Every method acts for one tenant and sees nothing of another's.

    A `request_id` makes a change repeatable: the same id and arguments do it once, the same id with others raises
    `RequestIdReusedError`.
    """

    def __init__(self, store: Store, ledger: Ledger) -> None:
        """Keep budgets in `store`; `ledger` is what holds runs to them."""
        self._store = store
        self._ledger = ledger

    async def set(self, tenant: str, budget: Budget, *, request_id: str | None = None) -> Budget:
        """Make the budget, or put it in the place of the one of its name; what was spent before counts.

        Raises:
            InvalidArgumentError: A field is not allowed.
            NotFoundError: The session that it is for does not exist.
            StaleEtagError: The budget changed since the caller read it.
        """
        check_budget(budget)
        now, row = self._ledger.now(), _row(tenant, budget, self._ledger.now())
        key = _key(tenant, "SetBudget", request_id, budget.name, *_facts(row), budget.etag)

        def unit(connection: Connection) -> Budget:
            def make() -> str:
                _check_against(connection, tenant, budget)
                budgets.put_budget(connection, row)
                return row.id

            return _shown(connection, _existing(connection, tenant, once(connection, key, make).result), now)

        made = await self._store.write(unit)
        await self._ledger.catch_up()
        return made

    async def get(self, tenant: str, name: str) -> Budget:
        """Return a budget and where it stands.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        budget_id, now = _budget_id(name), self._ledger.now()
        return await self._store.read(
            lambda connection: _shown(connection, _existing(connection, tenant, budget_id), now)
        )

    async def list(self, tenant: str, page_size: int = 0, page_token: str = "") -> Page[Budget]:
        """Return a page of the budgets, by name, each with where it stands."""
        limit, scope, now = page_limit(page_size), f"budgets\n{tenant}", self._ledger.now()
        after = decode_page_token(scope, page_token, (str,))

        def query(connection: Connection) -> Page[Budget]:
            after_id = str(after[0]) if after else None
            rows = budgets.list_budgets(connection, tenant, after_id=after_id, limit=limit + 1)
            token = encode_page_token(scope, (rows[limit - 1].id,)) if len(rows) > limit else ""
            return Page(tuple(_shown(connection, row, now) for row in rows[:limit]), token)

        return await self._store.read(query)

    async def delete(self, tenant: str, name: str, *, request_id: str | None = None) -> None:
        """Delete a budget; what was spent is still known.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        budget_id = _budget_id(name)
        key = _key(tenant, "DeleteBudget", request_id, name)

        def unit(connection: Connection) -> None:
            def make() -> str:
                if not budgets.delete_budget(connection, tenant, budget_id):
                    raise _missing(budget_id)
                return ""

            once(connection, key, make)

        await self._store.write(unit)


def check_budget(budget: Budget) -> None:
    """Refuse a budget that means nothing.

    Raises:
        InvalidArgumentError: One violation for each field that is wrong.
    """
    wrong = []
    if not _NAME.fullmatch(budget.name):
        wrong.append(Violation("budget.name", "must be budgets/{id}: a-z, 0-9 and hyphens, a letter first, at most 63"))
    if not _SUBJECT.fullmatch(budget.subject):
        each = ", ".join((EACH_PLUGIN, EACH_SESSION, EACH_RUN))
        wrong.append(Violation("budget.subject", f"must be empty, plugins/{{id}}, sessions/{{id}}, or one of {each}"))
    elif budget.period is Period.LIFETIME and not budget.subject.startswith(("sessions/", "runs/")):
        wrong.append(Violation("budget.period", "only sessions and runs have a lifetime; choose a day or a month"))
    if budget.money is None and budget.tokens is None:
        wrong.append(Violation("budget", "must limit money or tokens"))
    if budget.money is not None:
        if not _CURRENCY.fullmatch(budget.money.currency):
            wrong.append(Violation("budget.money_limit.currency_code", "must be three capital letters (ISO 4217)"))
        if not 0 <= budget.money.total_nanos <= MAX_UNITS * NANOS_PER_UNIT:
            wrong.append(Violation("budget.money_limit", f"must be between 0 and {MAX_UNITS:,}"))
    if budget.tokens is not None and not 0 <= budget.tokens <= MAX_TOKENS:
        wrong.append(Violation("budget.token_limit", f"must be between 0 and {MAX_TOKENS:,}"))
    if wrong:
        raise InvalidArgumentError("The budget is not one that can be set.", violations=wrong)


def _check_against(connection: Connection, tenant: str, budget: Budget) -> None:
    scope = scope_of_subject(tenant, budget.subject)
    if scope is not None and scope.session_id and not sessions.get_session(connection, tenant, scope.session_id):
        raise NotFoundError(f"There is no session {budget.subject}.")
    present = budgets.get_budget(connection, tenant, _budget_id(budget.name))
    if budget.etag and (present is None or _etag(present) != budget.etag):
        raise StaleEtagError(f"{budget.name} changed since it was read; read it again.")


def _row(tenant: str, budget: Budget, now: datetime) -> BudgetRow:
    return BudgetRow(
        tenant=tenant,
        id=_budget_id(budget.name),
        subject=budget.subject,
        period=budget.period.value,
        currency="" if budget.money is None else budget.money.currency,
        limit_nanos=None if budget.money is None else budget.money.total_nanos,
        limit_tokens=budget.tokens,
        update_time=now,
    )


def _shown(connection: Connection, row: BudgetRow, now: datetime) -> Budget:
    return Budget(
        name=f"budgets/{row.id}",
        subject=row.subject,
        period=Period(row.period),
        money=None if row.limit_nanos is None else Money.from_nanos(row.currency, row.limit_nanos),
        tokens=row.limit_tokens,
        etag=_etag(row),
        update_time=row.update_time,
        status=_status(connection, row, now),
    )


def _status(connection: Connection, row: BudgetRow, now: datetime) -> BudgetStatus | None:
    scope = scope_of_subject(row.tenant, row.subject)
    if scope is None:
        return None
    span = window(Period(row.period), now.date())
    standing = usage.standing(connection, scope.counted_by(row.subject, span), row.currency, now)
    spent, reserved = standing.spent, standing.reserved
    limits_money = row.limit_nanos is not None
    return BudgetStatus(
        start_time=span.start_time,
        end_time=span.end_time,
        spent_tokens=spent.tokens,
        reserved_tokens=reserved.tokens,
        spent=Money.from_nanos(row.currency, spent.cost_nanos) if limits_money else None,
        reserved=Money.from_nanos(row.currency, reserved.cost_nanos) if limits_money else None,
    )


def _existing(connection: Connection, tenant: str, budget_id: str) -> BudgetRow:
    row = budgets.get_budget(connection, tenant, budget_id)
    if row is None:
        raise _missing(budget_id)
    return row


def _missing(budget_id: str) -> NotFoundError:
    return NotFoundError(f"There is no budget budgets/{budget_id}.")


def _budget_id(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidArgumentError("name must be budgets/{id}.", violations=(Violation("name", "is not budgets/{id}"),))
    return name.partition("/")[2]


def _facts(row: BudgetRow) -> tuple[str, ...]:
    return row.subject, row.period, row.currency, str(row.limit_nanos), str(row.limit_tokens)


def _etag(row: BudgetRow) -> str:
    return _digest(*_facts(row), row.update_time.isoformat())[:16]


def _key(tenant: str, method: str, request_id: str | None, *body: str) -> RequestKey | None:
    return None if request_id is None else RequestKey(tenant, method, request_id, _digest(*body))


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
