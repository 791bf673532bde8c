"""`vaiven runs`: what agents did and are doing."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.lookup import full_name
from service.cli.names import approval_name, short
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import age, console, print_facts, print_json, print_table, printable, say, when

if TYPE_CHECKING:
    from vaiven.v1.run_event_pb2 import Completed, Incomplete
    from vaiven.v1.run_pb2 import Run

group = new_group("See, follow and stop runs.", example="vaiven runs list --state running")

RunArgument = Annotated[str, typer.Argument(help="The run's name, or how it begins.", metavar="RUN")]


class State(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INCOMPLETE = "incomplete"


STYLES = {
    **{"running": "cyan", "waiting": "bold yellow", "completed": "green"},
    **{"failed": "red", "cancelled": "yellow", "incomplete": "yellow"},
}


@command(group, "list", example="vaiven runs list --state failed --limit 10")
def list_runs(
    caller: Caller,
    page: PageOptions,
    state: Annotated[
        State | None,
        typer.Option(help="running, waiting, completed, failed, cancelled or incomplete.", metavar="STATE"),
    ] = None,
    session: Annotated[str, typer.Option(help="Only runs of this session.", metavar="SESSION")] = "",
) -> None:
    """List the runs, newest first."""
    from rich.text import Text
    from vaiven.v1.agent_service_pb2 import ListRunsRequest
    from vaiven.v1.run_pb2 import RunState

    request = ListRunsRequest(
        page_size=page.limit,
        page_token=page.page_token,
        session=full_name(caller, "sessions", session) if session else "",
        state=RunState.RUN_STATE_UNSPECIFIED if state is None else RunState.Value(f"RUN_STATE_{state.name}"),
    )
    answer = caller.call(caller.agents.ListRuns, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (
            short(run.name),
            Text(_state(run), style=STYLES.get(_state(run), "")),
            age(run.create_time),
            Text.assemble((short(run.function), "bold"), " ", printable(" ".join(run.input.split())[:80])),
        )
        for run in answer.runs
    )
    print_table(("Run", "State", "Started", "What"), rows, whole=3, empty="There are no runs.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven runs show 0192f6a1c3")
def show(caller: Caller, run: RunArgument) -> None:
    """Show a run and its answer."""
    from vaiven.v1.agent_service_pb2 import GetRunRequest

    answer = caller.call(caller.agents.GetRun, GetRunRequest(name=full_name(caller, "runs", run)))
    print_json(answer.run) if caller.connection.json else _show(answer.run)


@command(group, "watch", example="vaiven runs watch 0192f6a1c3 --after 12")
def watch(
    caller: Caller,
    run: RunArgument,
    after: Annotated[int, typer.Option(help="Skip the events up to this number.", min=0)] = 0,
) -> None:
    """Replay a run and follow it to its end.

    Ctrl-C ends the watching only.
    """
    from vaiven.v1.agent_service_pb2 import WatchRunRequest

    from service.cli.run_stream import follow

    request = WatchRunRequest(name=full_name(caller, "runs", run), after_sequence=after)
    raise typer.Exit(follow(caller, caller.stream(caller.agents.WatchRun, request), cancel=False, after=after))


@command(group, "cancel", example="vaiven runs cancel 0192f6a1c3")
def cancel(caller: Caller, run: RunArgument) -> None:
    """Stop a run; one that has ended stays as it is."""
    from vaiven.v1.agent_service_pb2 import CancelRunRequest

    request = CancelRunRequest(name=full_name(caller, "runs", run), request_id=new_request_id())
    answer = caller.call(caller.agents.CancelRun, request)
    if caller.connection.json:
        return print_json(answer.run)
    return say(f"{answer.run.name} is {_state(answer.run)}.", style="")


class Decision(StrEnum):
    """What a person decides about a call."""

    APPROVE = "approve"
    REJECT = "reject"
    DONE = "done"


@command(group, "decide", example="vaiven runs decide 0192f6a1c3/5d3c8163 approve")
def decide_approval(
    caller: Caller,
    approval: Annotated[str, typer.Argument(help="What the run asks, as it says.", metavar="RUN/APPROVAL")],
    decision: Annotated[
        Decision,
        typer.Argument(help="`approve`, `reject`, or `done` where it was done by hand.", metavar="DECISION"),
    ],
    reason: Annotated[str, typer.Option(help="Why, for those who read the run.", metavar="TEXT")] = "",
    text: Annotated[str, typer.Option(help="What the step said; only with `done`.", metavar="TEXT")] = "",
    result: Annotated[
        str, typer.Option(help="The step's result as a JSON object; only with `done`.", metavar="JSON")
    ] = "",
) -> None:
    """Answer what a run asks about a call; the run goes on."""
    from vaiven.v1.agent_service_pb2 import ApprovalDecision, DecideApprovalRequest

    from service.cli.plan_input import object_struct

    request = DecideApprovalRequest(
        name=approval_name(approval),
        request_id=new_request_id(),
        decision=ApprovalDecision.Value(f"APPROVAL_DECISION_{decision.name}"),
        reason=reason,
        text=text,
        result=object_struct(result, "--result"),
    )
    answer = caller.call(caller.agents.DecideApproval, request)
    if caller.connection.json:
        return print_json(answer.run)
    return say(f"{answer.run.name} is {_state(answer.run)}; `vaiven runs watch {short(answer.run.name)}` shows it.")


def _state(run: Run) -> str:
    from vaiven.v1.run_pb2 import RunState

    return RunState.Name(run.state).removeprefix("RUN_STATE_").lower()


def _show(run: Run) -> None:
    from rich.text import Text

    from service.cli.summary import expected, figures, money, switch_line, tokens

    def add_figures(terminal: Completed | Incomplete) -> None:
        facts.append(("Figures", " · ".join(figures(terminal.timing, terminal.usage, terminal.cost))))

    facts: list[tuple[str, str | Text]] = [
        ("Run", run.name),
        ("State", Text(_state(run), style=STYLES.get(_state(run), ""))),
        ("Asked", printable(run.input)),
        ("Session", run.session),
        ("Function", short(run.function)),
        ("Model", short(run.model)),
        ("Started", when(run.create_time)),
        ("Ended", when(run.end_time) if run.HasField("end_time") else ""),
    ]
    facts.extend(("Routing", printable(decision.explanation)) for decision in run.decisions)
    facts.extend(("Switched", printable(switch_line(switch))) for switch in run.switches)
    text = ""
    match run.WhichOneof("outcome"):
        case "completed":
            text = run.completed.text
            add_figures(run.completed)
        case "incomplete":
            text = run.incomplete.text
            facts.append(("Cut off", "at the token limit"))
            add_figures(run.incomplete)
        case "failed":
            text = run.failed.text
            facts.append(("Error", f"{printable(run.failed.message)} ({run.failed.reason})"))
            facts.extend(("", f"{v.subject}: {v.description}") for v in run.failed.violations)
            facts.append(("Used", f"{tokens(run.failed.usage)} · {money(run.failed.cost)}"))
        case "cancelled":
            text = run.cancelled.text
            facts.append(("Reason", run.cancelled.reason))
            facts.append(("Used", f"{tokens(run.cancelled.usage)} · {money(run.cancelled.cost)}"))
    outcome = run.WhichOneof("outcome")
    if outcome is not None and (terminal := getattr(run, outcome)).HasField("routing"):
        facts.append(("Expected", " · ".join(expected(terminal.routing))))
    print_facts(facts)
    if text:
        console().print()
        console().print(Text(printable(text)))
