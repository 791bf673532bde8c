"""One run from its first to its terminal event, also when a person interrupts it."""

from __future__ import annotations

import grpc
from vaiven.v1.agent_service_pb2 import CancelRunRequest
from vaiven.v1.run_event_pb2 import RunEvent
from vaiven.v1.run_pb2 import RunState

from service.cli.caller import Answers, Caller
from service.cli.exits import FAILED, INTERRUPTED, CommandError
from service.cli.facts import Facts
from service.cli.names import short
from service.cli.run_options import new_request_id
from service.cli.run_view import JsonView, RunView, TextView
from service.cli.screen import say

TERMINAL = frozenset({"completed", "failed", "cancelled", "incomplete"})


def view_for(caller: Caller) -> RunView:
    """Return how this command shows a run."""
    return JsonView() if caller.connection.json else TextView(Facts(caller))


def follow(
    caller: Caller, stream: Answers[RunEvent], *, cancel: bool, view: RunView | None = None, after: int = 0
) -> int:
    """Show the events of a run to the last and return the exit status; Ctrl-C stops the run too if `cancel` says so.

    `view` None: as a text, or as lines of JSON. The stream begins after the event `after`.

    Raises:
        CommandError: The stream ended without a terminal event.
        grpc.RpcError: The call failed.
    """
    view = view or view_for(caller)
    run, sequence, ended = "", 0, ""
    try:
        for event in stream:
            run, sequence = event.run, event.sequence
            view.show(event)
            if (kind := event.WhichOneof("payload")) in TERMINAL:
                ended = kind
    except KeyboardInterrupt:
        view.interrupted()
        _interrupt(caller, run, sequence, cancel=cancel)
        stream.cancel()
        return INTERRUPTED
    except grpc.RpcError:
        view.interrupted()
        if run:
            say(f"{run} was followed up to event {sequence}; {_watch(run, sequence)}", style="yellow")
        raise
    if not ended:
        view.interrupted()
        if not run and after:
            hint = "`vaiven runs show` tells how."
            raise CommandError(f"Nothing comes after event {after}: the run has ended.", hint=hint)
        raise CommandError("The stream ended without saying how the run ended.", hint=_watch(run, sequence))
    return 0 if ended == "completed" else FAILED


def _interrupt(caller: Caller, run: str, sequence: int, *, cancel: bool) -> None:
    if not run:
        say("Interrupted before the run began to answer.", style="yellow")
    elif not cancel:
        say(f"{run} goes on without you; {_watch(run, sequence)}", style="yellow")
    else:
        request = CancelRunRequest(name=run, request_id=new_request_id())
        state = caller.call(caller.agents.CancelRun, request).run.state
        say(f"Interrupted: {run} is {RunState.Name(state).removeprefix('RUN_STATE_').lower()}.", style="yellow")


def _watch(run: str, sequence: int) -> str:
    return f"go on with `vaiven runs watch {short(run)} --after {sequence}`." if run else ""
