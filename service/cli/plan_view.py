"""How a run that executes a plan is shown: the tree with each step's state, questions to a person, then the answer."""

from __future__ import annotations

import sys

import typer
from rich.live import Live
from vaiven.v1.agent_service_pb2 import (
    APPROVAL_DECISION_APPROVE,
    APPROVAL_DECISION_DONE,
    APPROVAL_DECISION_REJECT,
    ApprovalDecision,
    DecideApprovalRequest,
)
from vaiven.v1.plan_pb2 import ApprovalRequired, Plan, StepState
from vaiven.v1.run_event_pb2 import RunEvent, TextDelta

from service.cli.caller import Caller
from service.cli.facts import Facts
from service.cli.plan_tree import MARKS, plan_tree, state_word
from service.cli.questions import say_how_to_decide, show_question
from service.cli.run_options import new_request_id
from service.cli.run_view import TextView
from service.cli.screen import error_console, say


class PlanView:
    """Takes the events of a run that executes a plan, see `service.cli.run_view.RunView`."""

    def __init__(self, caller: Caller) -> None:
        """Ask and decide by way of `caller`."""
        self._caller = caller
        self._text = TextView(Facts(caller))
        self._plan: Plan | None = None
        self._states: dict[str, int] = {}
        self._live: Live | None = None

    def show(self, event: RunEvent) -> None:
        """Show what there is to see of the event."""
        match event.WhichOneof("payload"):
            case "plan_updated":
                self._plan = event.plan_updated.plan
                self._states.update({one.step: one.state for one in event.plan_updated.steps})
                self._draw()
            case "step_started":
                self._set(event.step_started.step, StepState.STEP_STATE_RUNNING)
            case "step_finished":
                finished = event.step_finished
                self._set(finished.step, finished.state, finished.message)
            case "approval_required":
                self._set(event.approval_required.step, StepState.STEP_STATE_WAITING)
                self._ask(event.approval_required)
            case "text_delta":
                pass  # the answer comes whole at the end, under the tree
            case "completed":
                self._end_drawing()
                self._text.show(RunEvent(run=event.run, text_delta=TextDelta(text=event.completed.text)))
                self._text.show(event)
            case "incomplete":
                self._end_drawing()
                self._text.show(RunEvent(run=event.run, text_delta=TextDelta(text=event.incomplete.text)))
                self._text.show(event)
            case "failed" | "cancelled":
                self._end_drawing()
                self._text.show(event)
            case _:
                self._text.show(event)

    def interrupted(self) -> None:
        """Bring what is on the screen to an end."""
        self._end_drawing()
        self._text.interrupted()

    def _set(self, step: str, state: int, message: str = "") -> None:
        known = self._states.get(step) == state
        self._states[step] = state
        if error_console().is_terminal:
            self._draw()
        elif not known and self._plan is not None:
            said = f": {message}" if message else ""
            say(f"{MARKS[StepState.ValueType(state)][0]} {step} {state_word(state)}{said}", style="")

    def _draw(self) -> None:
        if self._plan is None or not error_console().is_terminal:
            return
        tree = plan_tree(self._plan, self._states)
        if self._live is None:
            self._live = Live(tree, console=error_console(), auto_refresh=False)
            self._live.start()
        self._live.update(tree, refresh=True)

    def _end_drawing(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _ask(self, asked: ApprovalRequired) -> None:
        self._end_drawing()
        show_question(asked)
        if not (sys.stdin.isatty() and error_console().is_terminal):
            say_how_to_decide(asked)
            return
        choices = {"a": APPROVAL_DECISION_APPROVE, "r": APPROVAL_DECISION_REJECT, "d": APPROVAL_DECISION_DONE}
        given = typer.prompt("[a]pprove, [r]eject, [d]one by hand, or [l]ater", default="l", err=True)
        decision = choices.get(given.strip().lower()[:1])
        if decision is None:
            say_how_to_decide(asked)
        else:
            decide(self._caller, asked.name, decision)


def decide(
    caller: Caller, name: str, decision: ApprovalDecision.ValueType, *, reason: str = "", text: str = ""
) -> None:
    """Tell the service what was decided."""
    request = DecideApprovalRequest(name=name, request_id=new_request_id(), decision=decision, reason=reason, text=text)
    caller.call(caller.agents.DecideApproval, request)
