"""Budgets and usage."""

from __future__ import annotations

from datetime import date
from typing import Final

from google.type import money_pb2
from vaiven.v1 import cost_pb2, cost_service_pb2

from service.economics.budgets import Budget, BudgetStatus
from service.economics.money import Money
from service.economics.scope import Period
from service.economics.usage import Dimension, UsageQuery, UsageRecord
from service.errors import InvalidArgumentError, Violation
from service.rpc.convert.values import money_to_proto, time_to_proto, usage_to_proto
from service.runs.names import function_name, id_in, model_name, plugin_name

_PERIODS: Final = {
    Period.DAY: cost_pb2.BUDGET_PERIOD_DAY,
    Period.MONTH: cost_pb2.BUDGET_PERIOD_MONTH,
    Period.LIFETIME: cost_pb2.BUDGET_PERIOD_LIFETIME,
}
_PERIODS_BACK: Final[dict[int, Period]] = {number: period for period, number in _PERIODS.items()}
_DIMENSIONS: Final[dict[int, Dimension]] = {
    cost_pb2.USAGE_DIMENSION_DAY: Dimension.DAY,
    cost_pb2.USAGE_DIMENSION_PLUGIN: Dimension.PLUGIN,
    cost_pb2.USAGE_DIMENSION_FUNCTION: Dimension.FUNCTION,
    cost_pb2.USAGE_DIMENSION_MODEL: Dimension.MODEL,
    cost_pb2.USAGE_DIMENSION_BACKEND: Dimension.BACKEND,
}


def usage_query_from_proto(request: cost_service_pb2.GetUsageRequest) -> UsageQuery:
    """Return what is asked.

    Raises:
        InvalidArgumentError: A day is not in the calendar.
    """
    _, _, rest = request.plugin.partition("/")
    plugin, _, function = rest.partition("/functions/")
    return UsageQuery(
        first_day=_day(request.first_day, "first_day"),
        last_day=_day(request.last_day, "last_day"),
        plugin=plugin or None,
        function=function or None,
        model=id_in(request.model, "models", "model") if request.model else None,
        by=frozenset(_DIMENSIONS[number] for number in request.group_by),
    )


def usage_record_to_proto(record: UsageRecord) -> cost_pb2.UsageRecord:
    """Return the sum of what was used."""
    return cost_pb2.UsageRecord(
        day="" if record.day is None else record.day.isoformat(),
        plugin=plugin_name(record.plugin) if record.plugin else "",
        function=function_name(record.plugin, record.function) if record.plugin and record.function else "",
        model=model_name(record.model) if record.model else "",
        backend=record.backend or "",
        generations=record.generations,
        usage=usage_to_proto(record.usage),
        cost=None if record.cost is None else money_to_proto(record.cost),
    )


def budget_from_proto(budget: cost_pb2.Budget) -> Budget:
    """Return a budget that is to be set.

    Raises:
        InvalidArgumentError: Its amount of money is not a normal one.
    """
    return Budget(
        name=budget.name,
        subject=budget.subject,
        period=_PERIODS_BACK[budget.period],
        money=_money(budget.money_limit) if budget.HasField("money_limit") else None,
        tokens=budget.token_limit if budget.HasField("token_limit") else None,
        etag=budget.etag,
    )


def budget_to_proto(budget: Budget) -> cost_pb2.Budget:
    """Return a budget and where it stands."""
    return cost_pb2.Budget(
        name=budget.name,
        subject=budget.subject,
        period=_PERIODS[budget.period],
        money_limit=None if budget.money is None else money_to_proto(budget.money),
        token_limit=budget.tokens,
        etag=budget.etag,
        update_time=None if budget.update_time is None else time_to_proto(budget.update_time),
        status=None if budget.status is None else _status_to_proto(budget.status),
    )


def _status_to_proto(status: BudgetStatus) -> cost_pb2.BudgetStatus:
    return cost_pb2.BudgetStatus(
        start_time=None if status.start_time is None else time_to_proto(status.start_time),
        end_time=None if status.end_time is None else time_to_proto(status.end_time),
        spent=None if status.spent is None else money_to_proto(status.spent),
        reserved=None if status.reserved is None else money_to_proto(status.reserved),
        spent_tokens=status.spent_tokens,
        reserved_tokens=status.reserved_tokens,
    )


def _money(money: money_pb2.Money) -> Money:
    try:
        return Money(money.currency_code, money.units, money.nanos)
    except ValueError:
        why = "units and nanos must have the same sign, and nanos be below a whole unit"
        raise InvalidArgumentError(
            f"budget.money_limit: {why}.", violations=(Violation("budget.money_limit", why),)
        ) from None


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        why = f"{text} is not in the calendar"
        raise InvalidArgumentError(f"{field}: {why}.", violations=(Violation(field, why),)) from None
