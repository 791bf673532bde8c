"""Events of a run to the contract's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from google.rpc import code_pb2
from vaiven.v1 import generation_pb2, run_event_pb2

from service.backends.base import TokenChance
from service.errors import Code
from service.rpc.convert.plans import (
    PLANNERS,
    approval_to_proto,
    step_finished_to_proto,
    step_started_to_proto,
    updated_to_proto,
)
from service.rpc.convert.privacy import action_to_proto
from service.rpc.convert.routing import FINISH_REASONS, decision_to_proto, outcome_to_proto, switch_to_proto
from service.rpc.convert.values import money_to_proto, struct_to_proto, time_to_proto, timing_to_proto, usage_to_proto
from service.runs import events

_HOW: Final = {
    "named": run_event_pb2.RunStarted.HOW_NAMED,
    "chosen": run_event_pb2.RunStarted.HOW_CHOSEN,
}


def event_to_proto(event: events.RunEvent) -> run_event_pb2.RunEvent:
    """Return the event with its one payload."""
    field, convert = _PAYLOADS[type(event.payload)]
    payload: dict[str, Any] = {field: convert(event.payload)}
    return run_event_pb2.RunEvent(run=event.run, sequence=event.sequence, time=time_to_proto(event.time), **payload)


def terminal_to_proto(terminal: events.Terminal) -> dict[str, Any]:
    """Return the terminal event as the one field of `Run.outcome` that it fills."""
    field, convert = _PAYLOADS[type(terminal)]
    return {field: convert(terminal)}


def _started(payload: events.RunStarted) -> run_event_pb2.RunStarted:
    return run_event_pb2.RunStarted(
        function=payload.function,
        how=_HOW[payload.how],
        arguments=struct_to_proto(payload.arguments),
        session=payload.session or "",
        planner=PLANNERS[payload.planner],
        explanation=payload.explanation,
    )


def _text(payload: events.TextDelta) -> run_event_pb2.TextDelta:
    return run_event_pb2.TextDelta(text=payload.text)


def _logprobs(payload: events.TokenLogprobs) -> run_event_pb2.TokenLogprobs:
    return run_event_pb2.TokenLogprobs(
        model=payload.model,
        first=payload.first,
        tokens=[
            generation_pb2.TokenLogprob(chosen=_chance(one.chosen), top=[_chance(other) for other in one.top])
            for one in payload.tokens
        ],
    )


def _chance(chance: TokenChance) -> generation_pb2.TokenChance:
    return generation_pb2.TokenChance(token=chance.token, text=chance.text, logprob=chance.logprob)


def _call_started(payload: events.ToolCallStarted) -> run_event_pb2.ToolCallStarted:
    return run_event_pb2.ToolCallStarted(call_id=payload.call_id, name=payload.name)


def _call_ready(payload: events.ToolCallReady) -> run_event_pb2.ToolCallReady:
    return run_event_pb2.ToolCallReady(
        call_id=payload.call_id, name=payload.name, arguments=struct_to_proto(payload.arguments)
    )


def _tool_result(payload: events.ToolResult) -> run_event_pb2.ToolResult:
    return run_event_pb2.ToolResult(call_id=payload.call_id, text=payload.text, is_error=payload.is_error)


def _citation(payload: events.Citation) -> run_event_pb2.Citation:
    return run_event_pb2.Citation(
        number=payload.number,
        document=payload.document,
        passage=payload.passage,
        quote=payload.quote,
        location=payload.location,
    )


def _warning(payload: events.Warning) -> run_event_pb2.Warning:
    return run_event_pb2.Warning(code=payload.code, message=payload.message)


def _completed(payload: events.Completed) -> run_event_pb2.Completed:
    return run_event_pb2.Completed(
        finish_reason=FINISH_REASONS[payload.finish_reason],
        text=payload.text,
        result=struct_to_proto(payload.result),
        usage=usage_to_proto(payload.usage),
        cost=money_to_proto(payload.cost),
        timing=timing_to_proto(payload.timing),
        routing=outcome_to_proto(payload.routing),
    )


def _failed(payload: events.Failed) -> run_event_pb2.Failed:
    violations = [
        run_event_pb2.ErrorViolation(subject=v.subject, description=v.description) for v in payload.violations
    ]
    return run_event_pb2.Failed(
        code=code_pb2.Code.Value(Code(payload.code).value),
        reason=payload.reason,
        message=payload.message,
        retryable=payload.retryable,
        retry_after_s=payload.retry_after_s,
        text=payload.text,
        usage=usage_to_proto(payload.usage),
        cost=money_to_proto(payload.cost),
        violations=violations,
        routing=outcome_to_proto(payload.routing),
    )


def _cancelled(payload: events.Cancelled) -> run_event_pb2.Cancelled:
    return run_event_pb2.Cancelled(
        reason=payload.reason,
        text=payload.text,
        usage=usage_to_proto(payload.usage),
        cost=money_to_proto(payload.cost),
        routing=outcome_to_proto(payload.routing),
    )


def _incomplete(payload: events.Incomplete) -> run_event_pb2.Incomplete:
    return run_event_pb2.Incomplete(
        finish_reason=FINISH_REASONS[payload.finish_reason],
        text=payload.text,
        result=struct_to_proto(payload.result),
        usage=usage_to_proto(payload.usage),
        cost=money_to_proto(payload.cost),
        timing=timing_to_proto(payload.timing),
        routing=outcome_to_proto(payload.routing),
    )


_PAYLOADS: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    events.RunStarted: ("run_started", _started),
    events.RoutingDecision: ("routing_decision", decision_to_proto),
    events.BackendSwitched: ("backend_switched", switch_to_proto),
    events.PrivacyAction: ("privacy_action", action_to_proto),
    events.TextDelta: ("text_delta", _text),
    events.TokenLogprobs: ("token_logprobs", _logprobs),
    events.ToolCallStarted: ("tool_call_started", _call_started),
    events.ToolCallReady: ("tool_call_ready", _call_ready),
    events.ToolResult: ("tool_result", _tool_result),
    events.ApprovalRequired: ("approval_required", approval_to_proto),
    events.PlanUpdated: ("plan_updated", updated_to_proto),
    events.StepStarted: ("step_started", step_started_to_proto),
    events.StepFinished: ("step_finished", step_finished_to_proto),
    events.Citation: ("citation", _citation),
    events.Warning: ("warning", _warning),
    events.Completed: ("completed", _completed),
    events.Failed: ("failed", _failed),
    events.Cancelled: ("cancelled", _cancelled),
    events.Incomplete: ("incomplete", _incomplete),
}
"""The field of `RunEvent.payload` for each kind of payload."""
