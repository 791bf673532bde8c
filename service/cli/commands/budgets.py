"""`vaiven budgets`: limits on money and tokens."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.amounts import bar, money_from_words, nanos_of
from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.exits import USAGE, CommandError
from service.cli.names import short, whole
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import print_facts, print_json, print_table, say, when

if TYPE_CHECKING:
    from rich.text import Text
    from vaiven.v1.cost_pb2 import Budget

group = new_group("Limit what may be spent.", example='vaiven budgets set monthly --money "50 EUR"')

BudgetArgument = Annotated[str, typer.Argument(help="The budget's name.", metavar="BUDGET")]


class Per(StrEnum):
    """After which time a budget begins anew."""

    DAY = "day"
    MONTH = "month"
    LIFETIME = "lifetime"


class Each(StrEnum):
    """Of what each has the budget for itself."""

    PLUGIN = "plugin"
    SESSION = "session"
    RUN = "run"


@command(group, "set", example='vaiven budgets set one-run --each run --money "0.05 USD" --tokens 20000')
def set_budget(
    caller: Caller,
    budget: BudgetArgument,
    money: Annotated[str, typer.Option(help="The most money, e.g. `50 EUR`.", metavar="AMOUNT")] = "",
    tokens: Annotated[int | None, typer.Option(help="The most tokens, prompts and answers together.", min=0)] = None,
    per: Annotated[Per | None, typer.Option(help="When it begins anew: a month, for runs a lifetime.")] = None,
    plugin: Annotated[str, typer.Option(help="For this plugin only.", metavar="PLUGIN")] = "",
    session: Annotated[str, typer.Option(help="For this session only.", metavar="SESSION")] = "",
    each: Annotated[Each | None, typer.Option(help="For each of them on its own.")] = None,
) -> None:
    """Set a budget: new, or in the place of the one of that name. What was spent before counts."""
    from vaiven.v1.cost_pb2 import Budget, BudgetPeriod
    from vaiven.v1.cost_service_pb2 import SetBudgetRequest

    if not money and tokens is None:
        raise CommandError("A budget limits --money, --tokens, or both.", exit_code=USAGE)
    if sum(map(bool, (plugin, session, each))) > 1:
        raise CommandError("A budget has one of --plugin, --session and --each.", exit_code=USAGE)
    period = per or (Per.LIFETIME if each is Each.RUN else Per.MONTH)
    wanted = Budget(
        name=whole("budgets", budget),
        subject=_subject(plugin, session, each),
        period=BudgetPeriod.Value(f"BUDGET_PERIOD_{period.name}"),
        money_limit=money_from_words(money, "--money") if money else None,
        token_limit=tokens,
    )
    request = SetBudgetRequest(request_id=new_request_id(), budget=wanted)
    answer = caller.call(caller.costs.SetBudget, request).budget
    print_json(answer) if caller.connection.json else _show(answer)


@command(group, "list", example="vaiven budgets list")
def list_budgets(caller: Caller, page: PageOptions) -> None:
    """List the budgets and how much of each is used."""
    from vaiven.v1.cost_service_pb2 import ListBudgetsRequest

    request = ListBudgetsRequest(page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.costs.ListBudgets, request)
    if caller.connection.json:
        return print_json(answer)
    rows = ((short(b.name), _for(b), _per(b), _money(b), _tokens(b), _used(b)) for b in answer.budgets)
    print_table(("Budget", "For", "Per", "Money", "Tokens", "Used"), rows, empty="There are no budgets.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven budgets show monthly")
def show(caller: Caller, budget: BudgetArgument) -> None:
    """Show a budget and where it stands."""
    from vaiven.v1.cost_service_pb2 import GetBudgetRequest

    found = caller.call(caller.costs.GetBudget, GetBudgetRequest(name=whole("budgets", budget))).budget
    print_json(found) if caller.connection.json else _show(found)


@command(group, "delete", example="vaiven budgets delete monthly")
def delete(caller: Caller, budget: BudgetArgument) -> None:
    """Delete a budget; what was spent is still known."""
    from vaiven.v1.cost_service_pb2 import DeleteBudgetRequest

    name = whole("budgets", budget)
    answer = caller.call(caller.costs.DeleteBudget, DeleteBudgetRequest(name=name, request_id=new_request_id()))
    print_json(answer) if caller.connection.json else say(f"{name} is deleted.", style="")


def _show(budget: Budget) -> None:
    from service.cli.summary import money

    status = budget.status
    reserved = [f"{status.reserved_tokens:,} tokens"] if status.reserved_tokens else []
    if nanos_of(status.reserved):
        reserved.insert(0, money(status.reserved))
    print_facts(
        [
            ("Budget", budget.name),
            ("For", _for(budget)),
            ("Per", _per(budget)),
            ("Money", _money(budget)),
            ("Tokens", _tokens(budget)),
            ("Reserved", ", ".join(reserved)),
            ("Used", _used(budget) if budget.HasField("status") else ""),
            ("Begins anew", when(status.end_time) if status.HasField("end_time") else ""),
            ("Set", when(budget.update_time)),
        ]
    )


def _subject(plugin: str, session: str, each: Each | None) -> str:
    if plugin:
        return whole("plugins", plugin)
    if session:
        return whole("sessions", session)
    return "" if each is None else f"{each.value}s/-"


def _for(budget: Budget) -> str:
    kind, _, name = budget.subject.partition("/")
    if not kind:
        return "everything"
    return f"each {kind.removesuffix('s')}" if name == "-" else f"{kind.removesuffix('s')} {name}"


def _per(budget: Budget) -> str:
    from vaiven.v1.cost_pb2 import BudgetPeriod

    return BudgetPeriod.Name(budget.period).removeprefix("BUDGET_PERIOD_").lower()


def _money(budget: Budget) -> str:
    from service.cli.summary import money

    if not budget.HasField("money_limit"):
        return ""
    limit = money(budget.money_limit)
    return f"{money(budget.status.spent)} of {limit}" if budget.HasField("status") else limit


def _tokens(budget: Budget) -> str:
    if not budget.HasField("token_limit"):
        return ""
    limit = f"{budget.token_limit:,}"
    return f"{budget.status.spent_tokens:,} of {limit}" if budget.HasField("status") else limit


def _used(budget: Budget) -> Text:
    """Return a bar of the limit that is nearer: what is spent, and reserved, of it."""
    from rich.text import Text

    if not budget.HasField("status"):
        return Text("")
    status = budget.status
    parts = []
    if budget.HasField("money_limit"):
        parts.append((nanos_of(status.spent) + nanos_of(status.reserved), nanos_of(budget.money_limit)))
    if budget.HasField("token_limit"):
        parts.append((status.spent_tokens + status.reserved_tokens, budget.token_limit))
    used, limit = max(parts, key=lambda part: part[0] / part[1] if part[1] else 1.0)
    percent = 100 if not limit else used * 100 // limit
    style = "red" if percent >= 100 else "yellow" if percent >= 80 else "green"
    return Text.assemble(bar(used, limit, style=style), f" {percent} %" if used else f"{percent} %")
