"""Errors of calls in a person's words; with `--json` as one JSON object. Both go to stderr."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from rich.text import Text

from service.cli.exits import FAILED, UNREACHABLE, CommandError
from service.cli.screen import error_console, printable
from service.cli.words import span


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: `code` is a gRPC status by name, `violations` are pairs of subject and description."""

    message: str
    code: str = ""
    reason: str = ""
    violations: tuple[tuple[str, str], ...] = ()
    retry_after_s: float | None = None
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is known, empty parts left out."""
        violations = [{"subject": subject, "description": description} for subject, description in self.violations]
        known = {
            "code": self.code,
            "reason": self.reason,
            "message": self.message,
            "violations": violations,
            "retry_after_s": self.retry_after_s,
            "hint": self.hint,
        }
        return {"error": {name: value for name, value in known.items() if value not in ("", [], None)}}


class CallFailedError(CommandError):
    """A call to the service failed."""

    def __init__(self, problem: Problem, exit_code: int) -> None:
        """Keep all that the service said."""
        super().__init__(problem.message, hint=problem.hint, exit_code=exit_code)
        self.problem = problem


def failure_of(error: grpc.RpcError, address: str) -> CallFailedError:
    """Return the error of a call as words and an exit status."""
    if not isinstance(error, grpc.Call):
        return CallFailedError(Problem(str(error) or type(error).__name__), FAILED)
    code, said = error.code(), str(error.details() or "")
    details = _details(error)
    if code is grpc.StatusCode.UNAVAILABLE and not details:
        hint = "Start one with `vaiven serve`, or say where it is: --address, with TLS --tls-ca and --tls-server-name."
        cause = said.rpartition(": ")[2].rstrip("].") or "no connection"
        problem = Problem(f"No vaiven service answers at {address}: {cause}.", code.name, hint=hint)
        return CallFailedError(problem, UNREACHABLE)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED and not details:
        hint = "Allow it more seconds with --timeout."
        return CallFailedError(Problem(f"{address} did not answer in time.", code.name, hint=hint), FAILED)
    if code is grpc.StatusCode.UNIMPLEMENTED and not details:
        hint = "Is it vaiven, and of this version?"
        return CallFailedError(Problem(f"The service at {address} does not know this call.", code.name, hint=hint), 1)
    problem = Problem(
        message=said or f"The call failed with {code.name}.",
        code=code.name,
        reason=next((d.reason for d in details if isinstance(d, error_details_pb2.ErrorInfo)), ""),
        violations=tuple(pair for detail in details for pair in _violations(detail)),
        retry_after_s=next((_seconds(d) for d in details if isinstance(d, error_details_pb2.RetryInfo)), None),
    )
    return CallFailedError(problem, FAILED)


def _seconds(retry: error_details_pb2.RetryInfo) -> float:
    return retry.retry_delay.ToTimedelta().total_seconds()


def _details(error: grpc.Call) -> list[Message]:
    """Return the details of the `google.rpc.Status` that came with the error; those of unknown kinds are left out."""
    try:
        status = rpc_status.from_call(error)
    except (DecodeError, ValueError):
        return []
    if status is None:
        return []
    found: list[Message] = []
    for box in status.details:
        for kind in _KINDS:
            detail = kind()
            if box.Unpack(detail):
                found.append(detail)
    return found


_KINDS = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.BadRequest,
    error_details_pb2.PreconditionFailure,
    error_details_pb2.QuotaFailure,
    error_details_pb2.RetryInfo,
)


def _violations(detail: Message) -> list[tuple[str, str]]:
    match detail:
        case error_details_pb2.BadRequest():
            return [(violation.field, violation.description) for violation in detail.field_violations]
        case error_details_pb2.PreconditionFailure() | error_details_pb2.QuotaFailure():
            return [(violation.subject, violation.description) for violation in detail.violations]
        case _:
            return []


def show_command_error(error: CommandError, *, as_json: bool) -> None:
    """Say what went wrong."""
    problem = error.problem if isinstance(error, CallFailedError) else Problem(error.message, hint=error.hint)
    if as_json:
        sys.stderr.write(json.dumps(problem.as_json(), ensure_ascii=False) + "\n")
        return
    show_problem(problem)


_COMMANDS: Final = {
    "ModelService.ListModels": "`vaiven models list`",
    "ModelService.LoadModel": "`vaiven models load`",
    "PluginService.ListFunctions": "`vaiven plugins functions`",
    "PluginService.ListPlugins": "`vaiven plugins list`",
    "; LoadModel loads it": "; `vaiven models load` loads it",
    "with UpdatePlugin": "with `vaiven plugins update`",
}
"""The service speaks to programs of its RPCs; who sits at a terminal has commands for them."""


_HINTS: Final = {
    "TARGET_NOT_ALLOWED": "Whoever runs the service allows more: plugins.allowed_targets for gRPC, "
    "plugins.allowed_hosts for OpenAPI and MCP.",
}
"""What can be done, by reason, where the service itself must not say what it is set to."""


def _with_commands(message: str) -> str:
    for rpc, words in _COMMANDS.items():
        message = message.replace(rpc, words)
    return message


def show_problem(problem: Problem) -> None:
    """Say what went wrong, what exactly was wrong, and what can be done, in at most a few lines."""
    out = error_console()
    out.print(Text.assemble(("✗ ", "bold red"), printable(_with_commands(problem.message))))
    for subject, description in problem.violations:
        if description in problem.message:
            continue
        line = f"{subject}: {description}" if subject else description
        out.print(Text.assemble("  • ", printable(line)))
    if problem.retry_after_s is not None:
        out.print(f"  Try again in {span(problem.retry_after_s)}.")
    hint = problem.hint or _HINTS.get(problem.reason, "")
    if hint:
        out.print(Text(f"  {hint}"))
    if problem.reason:
        out.print(Text(f"  reason {problem.reason} ({problem.code})", style="dim"))
