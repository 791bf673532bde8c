"""Requests to run an agent, and runs as they are stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from vaiven.v1 import agent_service_pb2, generation_pb2, plan_service_pb2, plugin_service_pb2, run_pb2

from service.backends.base import Guidance
from service.errors import InvalidArgumentError, Violation
from service.rpc.convert.events import terminal_to_proto
from service.rpc.convert.images import images_from_proto
from service.rpc.convert.plans import PLANNERS_BACK
from service.rpc.convert.routing import decision_to_proto, max_cost_from_proto, policy_from_proto, switch_to_proto
from service.rpc.convert.values import (
    LOCALITIES_BACK,
    optional_text,
    request_id_from_proto,
    struct_from_proto,
    time_to_proto,
)
from service.runs.events import BackendSwitched, RoutingDecision
from service.runs.spec import GenerationParameters, RunRecord, RunSpec, RunState

_STATES: Final = {
    RunState.RUNNING: run_pb2.RUN_STATE_RUNNING,
    RunState.WAITING: run_pb2.RUN_STATE_WAITING,
    RunState.COMPLETED: run_pb2.RUN_STATE_COMPLETED,
    RunState.FAILED: run_pb2.RUN_STATE_FAILED,
    RunState.CANCELLED: run_pb2.RUN_STATE_CANCELLED,
    RunState.INCOMPLETE: run_pb2.RUN_STATE_INCOMPLETE,
}
_STATES_BACK: Final[dict[int, RunState]] = {number: state for state, number in _STATES.items()}


def run_spec_from_proto(request: agent_service_pb2.RunRequest, deadline: float) -> RunSpec:
    """Return what is asked; `deadline` is on the event loop's clock.

    Raises:
        InvalidArgumentError: The arguments are no JSON, an amount of money is none, or an image is no image.
    """
    return RunSpec(
        input=request.input,
        request_id=request_id_from_proto(request.request_id),
        session=optional_text(request.session),
        function=optional_text(request.function),
        arguments=struct_from_proto(request.arguments, "arguments"),
        allowed_functions=tuple(request.allowed_functions),
        model=optional_text(request.model),
        locality=LOCALITIES_BACK[request.locality],
        generation=_generation(request.generation),
        collections=tuple(request.collections),
        cancel_on_disconnect=request.cancel_on_disconnect,
        deadline=deadline,
        policy=policy_from_proto(request.policy),
        planner=PLANNERS_BACK[request.planner],
        recipe=optional_text(request.recipe),
        images=images_from_proto(request.images),
        max_cost=max_cost_from_proto(request.max_cost, "max_cost") if request.HasField("max_cost") else None,
    )


def execution_from_proto(request: plan_service_pb2.ExecutePlanRequest, goal: str, deadline: float) -> RunSpec:
    """Return the execution of a plan for its `goal`; `deadline` is on the event loop's clock.

    Raises:
        InvalidArgumentError: An amount of money is none.
    """
    return RunSpec(
        input=goal,
        request_id=request_id_from_proto(request.request_id),
        session=optional_text(request.session),
        model=optional_text(request.model),
        locality=LOCALITIES_BACK[request.locality],
        generation=_generation(request.generation),
        cancel_on_disconnect=request.cancel_on_disconnect,
        deadline=deadline,
        policy=policy_from_proto(request.policy),
        plan=request.name,
        max_cost=max_cost_from_proto(request.max_cost, "max_cost") if request.HasField("max_cost") else None,
    )


def invocation_from_proto(request: plugin_service_pb2.InvokeFunctionRequest, deadline: float) -> RunSpec:
    """Return the call of a named function; `deadline` is on the event loop's clock.

    Raises:
        InvalidArgumentError: The arguments are no JSON, an amount of money is none, or an image is no image.
    """
    return RunSpec(
        request_id=request_id_from_proto(request.request_id),
        session=optional_text(request.session),
        function=request.name,
        arguments=struct_from_proto(request.arguments, "arguments"),
        model=optional_text(request.model),
        locality=LOCALITIES_BACK[request.locality],
        generation=_generation(request.generation),
        collections=tuple(request.collections),
        cancel_on_disconnect=request.cancel_on_disconnect,
        deadline=deadline,
        policy=policy_from_proto(request.policy),
        images=images_from_proto(request.images),
        max_cost=max_cost_from_proto(request.max_cost, "max_cost") if request.HasField("max_cost") else None,
    )


def _generation(asked: generation_pb2.GenerationParameters) -> GenerationParameters:
    """Return how to generate.

    Raises:
        InvalidArgumentError: The JSON Schema is none.
    """
    return GenerationParameters(
        max_output_tokens=asked.max_output_tokens if asked.HasField("max_output_tokens") else None,
        temperature=asked.temperature if asked.HasField("temperature") else None,
        top_p=asked.top_p if asked.HasField("top_p") else None,
        top_k=asked.top_k if asked.HasField("top_k") else None,
        seed=asked.seed if asked.HasField("seed") else None,
        stop=tuple(asked.stop) or None,
        min_p=asked.min_p if asked.HasField("min_p") else None,
        repetition_penalty=asked.repetition_penalty if asked.HasField("repetition_penalty") else None,
        presence_penalty=asked.presence_penalty if asked.HasField("presence_penalty") else None,
        logit_bias=tuple(sorted(asked.logit_bias.items())) or None,
        logprobs=asked.logprobs if asked.HasField("logprobs") else None,
        priority=asked.priority if asked.HasField("priority") else None,
        guidance=_guidance(asked),
        adapter=asked.adapter if asked.HasField("adapter") else None,
    )


def _guidance(asked: generation_pb2.GenerationParameters) -> Guidance | None:
    kind = asked.WhichOneof("constraint")
    if kind is None:
        return None
    if kind == "json_schema":
        try:
            is_schema = isinstance(json.loads(asked.json_schema), dict)
        except ValueError:
            is_schema = False
        if not is_schema:
            raise InvalidArgumentError(
                "generation.json_schema is no JSON Schema that is an object.",
                violations=(Violation("generation.json_schema", "must be a JSON object"),),
            )
    return Guidance(kind, getattr(asked, kind))


def state_from_proto(state: run_pb2.RunState.ValueType) -> RunState | None:
    """Return the state to filter by, None for all."""
    return _STATES_BACK.get(state)


def run_to_proto(run: RunRecord, routing: Sequence[RoutingDecision | BackendSwitched] = ()) -> run_pb2.Run:
    """Return a run with its outcome, where it has ended, and what is known of its `routing`."""
    return run_pb2.Run(
        name=run.name,
        state=_STATES[run.state],
        input=run.input,
        session=run.session or "",
        function=run.function or "",
        model=run.model or "",
        create_time=time_to_proto(run.create_time),
        end_time=None if run.end_time is None else time_to_proto(run.end_time),
        decisions=[decision_to_proto(one) for one in routing if isinstance(one, RoutingDecision)],
        switches=[switch_to_proto(one) for one in routing if isinstance(one, BackendSwitched)],
        **({} if run.terminal is None else terminal_to_proto(run.terminal)),
    )
