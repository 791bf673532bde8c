"""How the events of one run are shown: as text with a few lines about it, or as lines of JSON."""

from __future__ import annotations

import sys
from typing import Protocol

from google.rpc.code_pb2 import Code
from vaiven.v1 import run_event_pb2
from vaiven.v1.generation_pb2 import TokenLogprob
from vaiven.v1.routing_pb2 import BackendSwitched
from vaiven.v1.run_event_pb2 import (
    Cancelled,
    Citation,
    Completed,
    Failed,
    Incomplete,
    RoutingDecision,
    RunEvent,
    RunStarted,
)

from service.cli.facts import Facts
from service.cli.failures import Problem, show_problem
from service.cli.logprob_view import show_logprobs
from service.cli.names import short
from service.cli.questions import say_how_to_decide, show_question
from service.cli.screen import console, error_console, print_json_line, printable, say
from service.cli.summary import citation_line, closing_line, masked_line, switch_line, tokens, warning_line
from service.cli.text_stream import TextStream


class RunView(Protocol):
    """Takes the events of a run in order."""

    def show(self, event: RunEvent) -> None:
        """Show one event."""
        ...

    def interrupted(self) -> None:
        """Bring what is on the screen to an end, because no more will come."""
        ...


class JsonView:
    """One line of JSON for each event."""

    def show(self, event: RunEvent) -> None:
        """Print the event."""
        print_json_line(event)

    def interrupted(self) -> None:
        """Do nothing: a line is never half printed."""


class TextView:
    """The text to stdout as it comes; what is to be known about it to stderr, and never in the middle of the text."""

    def __init__(self, facts: Facts) -> None:
        """Look up what is shown of models and documents in `facts`."""
        self._facts = facts
        self._wrapped = TextStream(console(), console().width) if console().is_terminal else None
        self._last = "\n"
        self._said = False
        self._decision: RoutingDecision | None = None
        self._started: RunStarted | None = None
        self._masked: run_event_pb2.PrivacyAction | None = None
        self._citations: list[Citation] = []
        self._warnings: list[run_event_pb2.Warning] = []
        self._logprobs: list[TokenLogprob] = []

    def show(self, event: RunEvent) -> None:
        """Show what there is to see of the event."""
        match event.WhichOneof("payload"):
            case "text_delta":
                self._text(event.text_delta.text)
            case "run_started":
                self._started = event.run_started
            case "routing_decision":
                self._decision = event.routing_decision
            case "backend_switched":
                self._switched(event.backend_switched)
            case "tool_call_ready" | "step_started" | "step_finished" | "approval_required":
                self._called(event)
            case "token_logprobs" | "citation" | "warning" | "privacy_action":
                self._keep(event)
            case "completed":
                self._end(event.completed)
            case "incomplete":
                self._end(event.incomplete)
                say("! The answer is cut off at the token limit; allow more with --max-output-tokens.", style="yellow")
            case "failed":
                self._failed(event.failed)
            case "cancelled":
                self._cancelled(event.run, event.cancelled)
            case _:
                # A later version of the service may send kinds that this one does not know.
                pass

    def _keep(self, event: RunEvent) -> None:
        """Keep what is shown after the text."""
        self._logprobs += event.token_logprobs.tokens
        if event.HasField("citation"):
            self._citations.append(event.citation)
        elif event.HasField("warning"):
            self._warnings.append(event.warning)
        elif event.HasField("privacy_action"):
            self._masked = event.privacy_action

    def _called(self, event: RunEvent) -> None:
        """Say which function is called, what did not work, and what a person is asked."""
        match event.WhichOneof("payload"):
            case "tool_call_ready":
                self._break()
                say(f"→ {short(event.tool_call_ready.name)}")
            case "step_started":
                self._break()
                step = event.step_started
                say(f"→ {step.step} {short(step.function)}".rstrip())
            case "step_finished" if event.step_finished.message:
                self._break()
                say(f"! {event.step_finished.step}: {event.step_finished.message}", style="yellow")
            case "approval_required":
                self._break()
                show_question(event.approval_required)
                say_how_to_decide(event.approval_required)
            case _:
                pass  # a step that did its work has said so itself

    def interrupted(self) -> None:
        """End the line that was being written."""
        self._break()

    def _text(self, text: str) -> None:
        self._said = True
        self._last = text[-1:] or self._last
        if self._wrapped is not None:
            self._wrapped.write(text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    def _break(self) -> None:
        """End the line on stdout, if one was begun."""
        if self._wrapped is not None:
            self._wrapped.end_line()
        elif self._last != "\n":
            sys.stdout.write("\n")
        self._last = "\n"
        sys.stdout.flush()

    def _switched(self, switch: BackendSwitched) -> None:
        self._break()
        say(switch_line(switch), style="yellow")
        # The line at the end says who answered.
        self._decision = RoutingDecision(
            model=switch.to_model, backend=switch.to_backend, deployment=switch.to_deployment
        )

    def _end(self, terminal: Completed | Incomplete) -> None:
        if not self._said:  # a function of another service says all at its end
            self._text(printable(terminal.text))
        self._notes()
        model = None if self._decision is None else self._facts.model(self._decision.model)
        error_console().print(closing_line(terminal, self._decision, model, self._started))

    def _notes(self) -> None:
        self._break()
        if self._said and console().is_terminal:
            error_console().print()
        if self._logprobs:
            show_logprobs(self._logprobs)
        for citation in self._citations:
            error_console().print(citation_line(citation, self._facts.document(citation.document)))
        if self._masked is not None:
            error_console().print(masked_line(self._masked))
        for warning in self._warnings:
            error_console().print(warning_line(warning))

    def _failed(self, failed: Failed) -> None:
        self._notes()
        show_problem(
            Problem(
                message=f"The run failed: {failed.message}",
                code=Code.Name(failed.code),
                reason=failed.reason,
                violations=tuple((v.subject, v.description) for v in failed.violations),
                retry_after_s=failed.retry_after_s if failed.HasField("retry_after_s") else None,
                hint="The same request may succeed later." if failed.retryable else "",
            )
        )

    def _cancelled(self, run: str, cancelled: Cancelled) -> None:
        self._notes()
        say(f"{run} was cancelled ({cancelled.reason}) after {tokens(cancelled.usage)}.", style="yellow")
