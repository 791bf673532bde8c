"""The ledger: what a generation may cost is set aside before it is dispatched, and replaced by what it did cost.

Each step is one unit of the store, which has one writer at a time, in whichever process: two generations can never see
the same money as free. What is reserved and spent is added up from the rows anew each time: there are no counters that
could drift from them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.prices import cost_of
from service.economics.scope import Period, SpendScope, Window, window
from service.economics.worst_case import Relief, WorstCase, is_priced_for, period_words, shortage
from service.errors import BudgetExceededError, BudgetTooSmallError, PriceUnknownError, VaivenError, Violation
from service.store import budgets, usage
from service.store.budgets import ReservationRow
from service.store.ids import new_id
from service.store.instances import Living
from service.store.store import Store
from service.store.usage import UsageRow
from service.store.writer import Unit

DEFAULT_EXPIRY_S: Final = 3600.0
"""After so many seconds a reservation that nobody settled or released counts no more."""

SWEEP_S: Final = 60.0
"""How often a tenant's expired reservations are removed, at most; whether they are there still changes no sum."""

SETTLING_RETRY_S: Final = 1.0
"""When to ask again where only what others have reserved is missing."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A generation that may be dispatched. `held` False: no budget concerns it, so nothing is set aside for it."""

    id: str
    scope: SpendScope
    worst_case: WorstCase
    time: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Shortages:
    """Why budgets refuse a generation: `unpriced` cannot judge its cost, `exceeded` have too little left.

    `retry_after_s` is when all of `exceeded` may have enough; None: one of them never will.
    """

    unpriced: tuple[Violation, ...] = ()
    exceeded: tuple[Violation, ...] = ()
    retry_after_s: float | None = None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Reserves, settles and releases for all runs of this process; `open_ledger` makes one."""

    def __init__(
        self, store: Store, *, expiry_s: float = DEFAULT_EXPIRY_S, now: Callable[[], datetime] = _utc_now
    ) -> None:
        """Keep everything in `store`."""
        self._store = store
        # For tenants that have no budgets nothing is looked up.
        self._tenants: frozenset[str] = frozenset()
        self._version: int | None = None
        self._expiry = timedelta(seconds=expiry_s)
        self._now = now
        self._aside: set[asyncio.Future[None]] = set()
        self._swept: dict[str, datetime] = {}

    async def catch_up(self) -> None:
        """Look which tenants have budgets, so that the next generation need not."""
        # Taken before the rows are read: what changes meanwhile is read next time.
        version = self._store.version(budgets.BUDGETS)
        self._tenants = await self._store.read(budgets.tenants_with_budgets)
        self._version = version

    def now(self) -> datetime:
        """Return the time by which days and months begin, in UTC."""
        return self._now()

    async def reserve(self, scope: SpendScope, worst_case: WorstCase) -> Reservation:
        """Set the worst case aside from every budget that concerns it, or from none.

        Raises:
            BudgetExceededError: A budget has less left now.
            BudgetTooSmallError: A budget will never have as much left.
            PriceUnknownError: A budget limits money, and the price is not known in its currency.
        """
        held = await self._has_budgets(scope.tenant)
        reservation = Reservation(new_id(), scope, worst_case, self._now(), held=held)
        if reservation.held:
            row = _row(reservation, self._expiry, self._store.owner)
            sweeps = self._is_to_sweep(scope.tenant, reservation.time)
            try:
                await self._store.write(lambda connection: _reserve(connection, reservation, row, sweeps=sweeps))
            except asyncio.CancelledError:
                # The unit may be done all the same; the writer keeps the order, so this comes after it.
                self.end(reservation, None)
                raise
        return reservation

    def _is_to_sweep(self, tenant: str, now: datetime) -> bool:
        """Return whether the tenant's expired reservations are to be removed with the next one; it is noted that so."""
        swept = self._swept.get(tenant)
        if swept is not None and abs((now - swept).total_seconds()) < SWEEP_S:
            return False
        self._swept[tenant] = now
        return True

    async def settle(self, reservation: Reservation, used: Usage) -> None:
        """Put what was used in the place of what was reserved; it counts for the day of the reservation."""
        await self._store.write(_settling(reservation, used))

    async def release(self, reservation: Reservation) -> None:
        """Give back what was reserved: nothing was used. Settled or released before: nothing happens."""
        if reservation.held:
            await self._store.write(_releasing(reservation))

    def end(self, reservation: Reservation, used: Usage | None) -> None:
        """Settle, or release where nothing was used, whoever is cancelled meanwhile; where it fails, the log says so.

        It is in line for the disk at once: what is put after it is stored after it, or with it.
        """
        if used is None and not reservation.held:
            return
        unit = _releasing(reservation) if used is None else _settling(reservation, used)
        noted = self._store.put(unit)
        self._aside.add(noted)
        noted.add_done_callback(self._noted)

    async def shortages(self, scope: SpendScope, worst_case: WorstCase) -> Shortages:
        """Return which budgets would refuse the generation now, for routing to look elsewhere; `reserve` decides."""
        if not await self._has_budgets(scope.tenant):
            return Shortages()
        now = self._now()
        return await self._store.read(lambda connection: _shortages(connection, scope, worst_case, now)[1])

    async def currencies(self, tenant: str) -> dict[str, frozenset[str]]:
        """Return the currencies in which the tenant's budgets limit money, by the budgets' subjects."""
        if not await self._has_budgets(tenant):
            return {}
        rows = await self._store.read(lambda connection: budgets.money_budgets(connection, tenant))
        found: dict[str, frozenset[str]] = {}
        for subject, currency in rows:
            found[subject] = found.get(subject, frozenset()) | {currency}
        return found

    async def _has_budgets(self, tenant: str) -> bool:
        """Return whether the tenant has budgets, whichever process they were set by."""
        if self._store.version(budgets.BUDGETS) != self._version:
            await self.catch_up()
        return tenant in self._tenants

    def _noted(self, noted: asyncio.Future[None]) -> None:
        self._aside.discard(noted)
        if isinstance(error := noted.exception(), VaivenError):
            _log.error("spending_not_noted", reason=error.reason, error=error.message)
        elif error is not None:
            _log.error("spending_not_noted", exc_info=error)

    async def close(self) -> None:
        """Wait for what is done aside."""
        while self._aside:
            await asyncio.wait(self._aside)


@asynccontextmanager
async def open_ledger(
    store: Store, *, expiry_s: float = DEFAULT_EXPIRY_S, now: Callable[[], datetime] = _utc_now
) -> AsyncIterator[Ledger]:
    """Open the ledger of `store`, before anything is dispatched, and release what no living process has reserved."""

    def release(connection: Connection) -> int:
        return budgets.delete_reservations(connection, Living(store.instance).is_other)

    released = await store.write(release)
    if released:
        _log.warning("reservations_released_by_restart", reservations=released)
    ledger = Ledger(store, expiry_s=expiry_s, now=now)
    await ledger.catch_up()
    try:
        yield ledger
    finally:
        await ledger.close()


def _settling(reservation: Reservation, used: Usage) -> Unit[None]:
    row = _usage_row(reservation, used)

    def unit(connection: Connection) -> None:
        if reservation.held:
            budgets.delete_reservation(connection, row.tenant, reservation.id)
        usage.add_usage(connection, row)

    return unit


def _releasing(reservation: Reservation) -> Unit[None]:
    return lambda connection: budgets.delete_reservation(connection, reservation.scope.tenant, reservation.id)


def _reserve(connection: Connection, reservation: Reservation, row: ReservationRow, *, sweeps: bool) -> None:
    if sweeps:
        budgets.delete_expired(connection, row.tenant, reservation.time)
    concerned, short = _shortages(connection, reservation.scope, reservation.worst_case, reservation.time)
    if short.unpriced:
        raise PriceUnknownError(
            f"What {reservation.worst_case.model} costs is not known, so it cannot be used under a budget of money.",
            violations=short.unpriced,
        )
    if short.exceeded and short.retry_after_s is None:
        raise BudgetTooSmallError(
            "A budget is too small for what this may take, and waiting does not help: ask for a shorter answer "
            "(max_output_tokens), or have the budget raised. The violations say which, and to how much.",
            violations=short.exceeded,
        )
    if short.exceeded:
        raise BudgetExceededError(
            "A budget does not cover what this may take now; the violations say which.",
            retry_after_s=short.retry_after_s,
            violations=short.exceeded,
        )
    if concerned:
        budgets.insert_reservation(connection, row)


def _shortages(connection: Connection, scope: SpendScope, worst: WorstCase, now: datetime) -> tuple[bool, Shortages]:
    """Return whether any budget is concerned, and which of them refuse."""
    unpriced, exceeded, waits = [], [], []
    concerned = budgets.budgets_of(connection, scope.tenant, scope.subjects)
    for budget in concerned:
        name = f"budgets/{budget.id}"
        if not is_priced_for(budget, worst):
            unpriced.append(Violation(name, f"limits {budget.currency}, in which {worst.model} has no known price"))
            continue
        period = Period(budget.period)
        span = window(period, now.date())
        standing = usage.standing(connection, scope.counted_by(budget.subject, span), budget.currency, now)
        if short := shortage(budget, worst, standing):
            exceeded.append(Violation(name, f"{period_words(period, span)}: {short.words}"))
            waits.append(_wait_s(short.relief, span, now))
    known = [wait for wait in waits if wait is not None]
    longest = max(known) if known and len(known) == len(waits) else None
    return bool(concerned), Shortages(tuple(unpriced), tuple(exceeded), longest)


def _wait_s(relief: Relief, span: Window, now: datetime) -> float | None:
    """Return when to ask again, None where that is no use."""
    if relief is Relief.SETTLED:
        return SETTLING_RETRY_S
    if relief is Relief.NEVER or span.end_time is None:
        return None
    return (span.end_time - now).total_seconds()


def _row(reservation: Reservation, expiry: timedelta, owner: str) -> ReservationRow:
    scope, cost = reservation.scope, reservation.worst_case.cost
    return ReservationRow(
        tenant=scope.tenant,
        id=reservation.id,
        run_id=scope.run_id,
        session_id=scope.session_id,
        plugin=scope.plugin,
        day=reservation.time.date().isoformat(),
        currency="" if cost is None else cost.currency,
        cost_nanos=0 if cost is None else cost.total_nanos,
        tokens=reservation.worst_case.tokens,
        expire_time=reservation.time + expiry,
        owner=owner,
    )


def _usage_row(reservation: Reservation, used: Usage) -> UsageRow:
    scope, worst = reservation.scope, reservation.worst_case
    cost = None if worst.price is None else cost_of(used, worst.price)
    return UsageRow(
        tenant=scope.tenant,
        id=reservation.id,
        run_id=scope.run_id,
        session_id=scope.session_id,
        plugin=scope.plugin,
        function=scope.function,
        model=worst.model,
        backend=worst.backend,
        day=reservation.time.date().isoformat(),
        time=reservation.time,
        input_tokens=used.input_tokens,
        cached_input_tokens=used.cached_input_tokens,
        output_tokens=used.output_tokens,
        currency="" if cost is None else cost.currency,
        cost_nanos=0 if cost is None else cost.total_nanos,
    )
