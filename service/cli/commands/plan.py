"""`vaiven plan` and `vaiven plans`: a plan is shown as a tree, runs on yes, and can be looked at again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.exits import USAGE, CommandError
from service.cli.lookup import full_name
from service.cli.names import allowed_name, short, whole
from service.cli.page import PageOptions, say_more
from service.cli.run_options import RunOptions, new_request_id
from service.cli.words import joined

if TYPE_CHECKING:
    from vaiven.v1.plan_pb2 import Plan

group = new_group("See and run plans that were made before.", example="vaiven plans list")

PlanArgument = Annotated[str, typer.Argument(help="The plan's name, or how it begins.", metavar="PLAN")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Run the plan without asking.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    example = 'vaiven plan "what is the return policy? write it to the customer" --recipe answer_and_email'
    command(app, "plan", example=example)(plan)


def plan(
    caller: Caller,
    options: RunOptions,
    text: Annotated[
        list[str] | None, typer.Argument(help="What you want; `-` reads standard input.", metavar="TEXT")
    ] = None,
    recipe: Annotated[str, typer.Option(help="Make the plan from this recipe.", metavar="NAME")] = "",
    argument: Annotated[
        list[str] | None,
        typer.Option(help="An argument of the recipe, as JSON or text; may be repeated.", metavar="NAME=VALUE"),
    ] = None,
    file: Annotated[str, typer.Option(help="Take the steps from this file, JSON or YAML.", metavar="FILE")] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Plan with this plugin or function only; may be repeated.", metavar="PLUGIN[.FUNCTION]"),
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Search this collection only; may be repeated.", metavar="COLLECTION")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Make a plan, show it, and run it if you say yes.

    A model writes the plan unless a recipe or a file does. The plan goes to standard error, the answer to standard
    output.
    """
    from vaiven.v1.plan_service_pb2 import CreatePlanRequest

    from service.cli.plan_input import arguments_struct, read_steps

    said = joined(text) if text else ""
    if not (said or recipe or file):
        raise CommandError(
            "A plan needs a request, a --recipe or a --file.", hint='e.g. vaiven plan "…"', exit_code=USAGE
        )
    steps, answer = read_steps(file) if file else ((), "")
    request = CreatePlanRequest(
        request_id=new_request_id(),
        input=said,
        recipe=recipe,
        arguments=arguments_struct(argument or ()),
        steps=steps,
        answer_step=answer,
        allowed_functions=[allowed_name(name) for name in allow or ()],
        model=options.model_name(),
        locality=options.locality(),
        policy=options.policy(),
        max_cost=options.most(),
        collections=[whole("collections", name) for name in collection or ()],
    )
    limit_s = caller.connection.timeout_s or PLANNING_LIMIT_S
    made = caller.call(caller.plans.CreatePlan, request, limit_s=limit_s).plan
    _show_and_run(caller, options, made, yes=yes)


PLANNING_LIMIT_S = 300.0
"""How long a model may take to write a plan, in seconds."""


@command(group, "list", example="vaiven plans list --limit 10")
def list_plans(caller: Caller, page: PageOptions) -> None:
    """List the plans, newest first."""
    from rich.text import Text
    from vaiven.v1.plan_service_pb2 import ListPlansRequest

    from service.cli.screen import age, print_json, print_table, printable

    answer = caller.call(caller.plans.ListPlans, ListPlansRequest(page_size=page.limit, page_token=page.page_token))
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (
            short(one.name),
            age(one.create_time),
            one.recipe or ("a model's" if one.planner else "own"),
            short(one.last_run),
            Text(printable(" ".join(one.goal.split())[:80])),
        )
        for one in answer.plans
    )
    print_table(("Plan", "Made", "From", "Last run", "For"), rows, whole=2, empty="There are no plans.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven plans show 0192f6a1c3")
def show(caller: Caller, plan: PlanArgument) -> None:
    """Show a plan as a tree, with the most that it can come to."""
    from vaiven.v1.plan_service_pb2 import GetPlanRequest

    from service.cli.plan_tree import bounds_line, plan_tree
    from service.cli.screen import print_json
    from service.cli.screen import show as print_shown

    found = caller.call(caller.plans.GetPlan, GetPlanRequest(name=full_name(caller, "plans", plan))).plan
    if caller.connection.json:
        print_json(found)
        return
    print_shown(plan_tree(found))
    print_shown(bounds_line(found))


@command(group, "run", example="vaiven plans run 0192f6a1c3 --yes")
def run(caller: Caller, options: RunOptions, plan: PlanArgument, yes: YesOption = False) -> None:
    """Run a plan that was made before."""
    from vaiven.v1.plan_service_pb2 import GetPlanRequest

    found = caller.call(caller.plans.GetPlan, GetPlanRequest(name=full_name(caller, "plans", plan))).plan
    _show_and_run(caller, options, found, yes=yes)


def _show_and_run(caller: Caller, options: RunOptions, made: Plan, *, yes: bool) -> None:
    """Show the plan, and run it if that is wanted.

    Raises:
        typer.Exit: With the run's exit status.
    """
    from vaiven.v1.plan_service_pb2 import ExecutePlanRequest

    from service.cli.plan_tree import bounds_line, plan_tree
    from service.cli.plan_view import PlanView
    from service.cli.run_stream import follow
    from service.cli.screen import error_console, print_json, say

    as_json = caller.connection.json
    if not as_json:
        error_console().print(plan_tree(made))
        say(bounds_line(made))
    if not yes:
        asks = not as_json and sys.stdin.isatty()
        if not asks or not typer.confirm("Run it?", err=True):
            if as_json:
                print_json(made)
            else:
                say(f"Not run. `vaiven plans run {short(made.name)} --yes` runs it.")
            return
    request = ExecutePlanRequest(
        request_id=new_request_id(),
        name=made.name,
        session=options.session_name(caller),
        model=options.model_name(),
        locality=options.locality(),
        generation=options.generation(),
        policy=options.policy(),
        max_cost=options.most(),
        cancel_on_disconnect=not options.keep_running,
    )
    stream = caller.stream(caller.plans.ExecutePlan, request)
    view = None if as_json else PlanView(caller)
    raise typer.Exit(follow(caller, stream, cancel=not options.keep_running, view=view))
