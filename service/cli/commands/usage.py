"""`vaiven usage`: what was used and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from service.cli.amounts import bar, money_of, nanos_of
from service.cli.caller import Caller
from service.cli.command import command
from service.cli.exits import USAGE, CommandError
from service.cli.names import allowed_name, short, whole
from service.cli.screen import print_json, print_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from vaiven.v1.cost_pb2 import UsageRecord
    from vaiven.v1.cost_service_pb2 import GetUsageRequest, GetUsageResponse

PAGE_SIZE: Final = 1000


class By(StrEnum):
    """What usage is told apart by, in the order of the columns."""

    DAY = "day"
    PLUGIN = "plugin"
    FUNCTION = "function"
    MODEL = "model"
    BACKEND = "backend"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "usage", example="vaiven usage --by day --by model --since 2026-11-01")(usage)


def usage(
    caller: Caller,
    by: Annotated[list[By] | None, typer.Option(help="Tell apart by this (day); may be repeated.")] = None,
    since: Annotated[
        str, typer.Option(help="The first day, in UTC. Default: the first of this month.", metavar="YYYY-MM-DD")
    ] = "",
    until: Annotated[str, typer.Option(help="The last day, in UTC. Default: today.", metavar="YYYY-MM-DD")] = "",
    plugin: Annotated[str, typer.Option(help="Only this plugin or function.", metavar="PLUGIN[.FUNCTION]")] = "",
    model: Annotated[str, typer.Option(help="Only this model.", metavar="MODEL")] = "",
) -> None:
    """Show what was used and what it cost, with a bar for each day."""
    from vaiven.v1.cost_pb2 import UsageDimension
    from vaiven.v1.cost_service_pb2 import GetUsageRequest

    columns = [one for one in By if one in (by or [By.DAY])]
    request = GetUsageRequest(
        first_day=_day(since, "--since"),
        last_day=_day(until, "--until"),
        plugin=allowed_name(plugin) if plugin else "",
        model=whole("models", model) if model else "",
        group_by=[UsageDimension.Value(f"USAGE_DIMENSION_{one.name}") for one in columns],
        page_size=PAGE_SIZE,
    )
    answer = _all_pages(caller, request)
    if caller.connection.json:
        return print_json(answer)
    return _show(answer.records, columns)


def _day(words: str, option: str) -> str:
    """Return a day as the service takes it.

    Raises:
        CommandError: It is none.
    """
    try:
        return date.fromisoformat(words).isoformat() if words else ""
    except ValueError as error:
        raise CommandError(
            f"{words!r} is no day.", hint=f"Write it as year, month and day: {option} 2026-11-01", exit_code=USAGE
        ) from error


def _all_pages(caller: Caller, request: GetUsageRequest) -> GetUsageResponse:
    answer = caller.call(caller.costs.GetUsage, request)
    while answer.next_page_token:
        request.page_token = answer.next_page_token
        page = caller.call(caller.costs.GetUsage, request)
        answer.records.extend(page.records)
        answer.next_page_token = page.next_page_token
    return answer


def _show(records: Sequence[UsageRecord], columns: Sequence[By]) -> None:
    headings = [one.value.capitalize() for one in columns]
    rows = list(_rows(records, columns))
    if len(records) > 1:
        rows.extend(_totals(records, columns))
    print_table((*headings, "Calls", "In", "Cached", "Out", "Cost", ""), rows, empty="Nothing was used.")


def _rows(records: Sequence[UsageRecord], columns: Sequence[By]) -> Iterator[Sequence[RenderableType]]:
    longest = _longest(records)
    yesterday: date | None = None
    for record in records:
        if columns == [By.DAY]:
            today = date.fromisoformat(record.day)
            # A day without use is a day too; without it the bars would tell another story.
            for gap in range(1, 0 if yesterday is None else (today - yesterday).days):
                yield ((yesterday + timedelta(days=gap)).isoformat() if yesterday else "", *[""] * 6)
            yesterday = today
        part, total = _length(record), longest[_unit(record)]
        yield (*(_cell(record, one) for one in columns), *_figures(record), bar(part, total))


def _figures(record: UsageRecord) -> tuple[str, str, str, str, str]:
    from service.cli.summary import money

    used = record.usage
    return (
        f"{record.generations:,}",
        f"{used.input_tokens:,}",
        f"{used.cached_input_tokens:,}" if used.cached_input_tokens else "",
        f"{used.output_tokens:,}",
        money(record.cost) if record.HasField("cost") else "not known",
    )


def _cell(record: UsageRecord, column: By) -> str:
    name = str(getattr(record, column.value))
    if not name and column in (By.PLUGIN, By.FUNCTION):
        return "(choosing a function)"
    return short(name)


def _unit(record: UsageRecord) -> str:
    """Return what a record is measured by: money in a currency, or tokens where they were free or of unknown price."""
    return record.cost.currency_code if nanos_of(record.cost) else ""


def _length(record: UsageRecord) -> int:
    return nanos_of(record.cost) or record.usage.input_tokens + record.usage.output_tokens


def _longest(records: Sequence[UsageRecord]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for record in records:
        longest[_unit(record)] = max(longest.get(_unit(record), 0), _length(record))
    return longest


def _totals(records: Sequence[UsageRecord], columns: Sequence[By]) -> Iterator[Sequence[RenderableType]]:
    """Yield a row for each currency; tokens of an unknown price have one of their own."""
    from rich.text import Text
    from vaiven.v1.cost_pb2 import UsageRecord
    from vaiven.v1.usage_pb2 import Usage

    sums: dict[str, Counter[str]] = {}
    for record in records:
        total = sums.setdefault(record.cost.currency_code, Counter())
        total["generations"] += record.generations
        total["nanos"] += nanos_of(record.cost)
        for name in ("input_tokens", "cached_input_tokens", "output_tokens"):
            total[name] += getattr(record.usage, name)
    for currency, total in sums.items():
        generations, nanos = total.pop("generations"), total.pop("nanos")
        cost = money_of(currency, nanos) if currency else None
        figures = _figures(UsageRecord(generations=generations, cost=cost, usage=Usage(**total)))
        names = ["Total", *[""] * (len(columns) - 1)] if columns else []
        yield tuple(Text(word, style="bold") for word in (*names, *figures, ""))
