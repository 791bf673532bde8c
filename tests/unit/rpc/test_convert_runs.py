from __future__ import annotations

from typing import Any

import pytest
from google.rpc import code_pb2
from vaiven.v1 import agent_service_pb2, generation_pb2, plugin_service_pb2, run_event_pb2, run_pb2

from planners.journal import StepState
from service.backends.base import Guidance, TokenChance, TokenLogprob, Usage
from service.errors import Code, Violation
from service.privacy.kinds import Kind
from service.rpc.convert.events import event_to_proto
from service.rpc.convert.models import model_to_proto
from service.rpc.convert.runs import invocation_from_proto, run_spec_from_proto, run_to_proto, state_from_proto
from service.rpc.convert.values import struct_to_proto
from service.runs import events
from service.runs.spec import GenerationParameters, RunRecord, RunSpec, RunState
from tests.unit.rpc.fakes_models import CARD
from tests.unit.rpc.fakes_plans import PLAN
from tests.unit.rpc.fakes_runs import DONE, DRAFT, FREE, NOW, ROUTING

FAILED = events.Failed(
    "UNAVAILABLE",
    "SERVICE_RESTARTED",
    "Again.",
    True,
    2.5,
    "Hel",
    Usage(1),
    FREE,
    (Violation("models/m", "is gone"),),
    ROUTING,
)
CANCELLED = events.Cancelled("CANCELLED_BY_CALLER", "Hel", Usage(1), FREE, ROUTING)
INCOMPLETE = events.Incomplete("length", "Hel", {"n": 1}, Usage(1, 0, 9), FREE, events.Timing(total_s=1.0), ROUTING)

SAMPLES: dict[type, Any] = {
    events.RunStarted: events.RunStarted(
        DRAFT, "chosen", {"to": "Ada", "n": 2}, "sessions/s1", "direct", "The caller named it."
    ),
    events.RoutingDecision: events.RoutingDecision(
        "models/a",
        "onnx",
        (
            events.CandidateVerdict("models/a", "onnx", True),
            events.CandidateVerdict("models/b", "openai", False, ("is in the cloud",)),
        ),
        "Only one may.",
        "a-1",
    ),
    events.BackendSwitched: events.BackendSwitched(
        "models/a", "onnx", "a-1", "models/b", "openai", "b-1", "UPSTREAM_FAILED", True
    ),
    events.PrivacyAction: events.PrivacyAction("models/b", "openai", "b-1", (events.MaskedKind(Kind.EMAIL, 2),)),
    events.TextDelta: events.TextDelta("Hola ñ"),
    events.TokenLogprobs: events.TokenLogprobs(
        "models/colibri", 64, (TokenLogprob(TokenChance(7, "a", -0.25), (TokenChance(9, "b", -1.5),)),)
    ),
    events.ToolCallStarted: events.ToolCallStarted("c1", DRAFT),
    events.ToolCallReady: events.ToolCallReady("c1", DRAFT, {"deep": {"list": [1, None, True]}}),
    events.ToolResult: events.ToolResult("c1", "done", True),
    events.ApprovalRequired: events.ApprovalRequired("runs/r1/approvals/a", "s", DRAFT, "write", {"n": 1}, "needed"),
    events.PlanUpdated: events.PlanUpdated(PLAN, (events.StepStatus("answer", StepState.SKIPPED),)),
    events.StepStarted: events.StepStarted("answer", DRAFT, {"n": 1}, 1, True),
    events.StepFinished: events.StepFinished("answer", StepState.UNCERTAIN, "Hm", {"n": 1}, "R", "Why.", True),
    events.Citation: events.Citation(1, "collections/c/documents/d", "p1", "quote", "page 3"),
    events.Warning: events.Warning("HISTORY_TRIMMED", "Two turns were left out."),
    events.Completed: DONE,
    events.Failed: FAILED,
    events.Cancelled: CANCELLED,
    events.Incomplete: INCOMPLETE,
}


def payload_of(event: run_event_pb2.RunEvent) -> Any:
    field = event.WhichOneof("payload")
    assert field is not None
    return getattr(event, field)


def convert(payload: Any) -> run_event_pb2.RunEvent:
    return event_to_proto(events.RunEvent("runs/r1", 7, NOW, payload))


@pytest.mark.parametrize("kind", events.PAYLOAD_TYPES.values(), ids=lambda kind: kind.__name__)
def test_every_payload_has_the_field_of_its_name_and_all_its_values(kind: type) -> None:
    event = convert(SAMPLES[kind])

    assert (event.run, event.sequence, event.time.ToDatetime(NOW.tzinfo)) == ("runs/r1", 7, NOW)
    proto = payload_of(event)
    assert type(proto).__name__ == kind.__name__
    assert {field.name for field in proto.DESCRIPTOR.fields} == set(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    filled = {field.name for field, _ in proto.ListFields()}
    assert filled == set(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def test_every_field_of_the_oneof_has_a_payload() -> None:
    fields = run_event_pb2.RunEvent.DESCRIPTOR.oneofs_by_name["payload"].fields

    assert {field.message_type.name for field in fields if field.message_type} == set(events.PAYLOAD_TYPES)


def test_a_failure_says_all_it_knows() -> None:
    failed = convert(FAILED).failed

    assert failed.code == code_pb2.UNAVAILABLE
    assert (failed.reason, failed.message, failed.text) == ("SERVICE_RESTARTED", "Again.", "Hel")
    assert failed.retryable
    assert failed.retry_after_s == 2.5
    assert [(v.subject, v.description) for v in failed.violations] == [("models/m", "is gone")]
    assert failed.cost.currency_code == "EUR"


@pytest.mark.parametrize("code", list(Code))
def test_a_failure_may_have_any_code(code: Code) -> None:
    failed = events.Failed(code.value, "R", "m", False, None, "", Usage(), FREE)

    proto = convert(failed).failed

    assert code_pb2.Code.Name(proto.code) == code.value
    assert not proto.HasField("retry_after_s")


def test_a_decision_has_every_candidate() -> None:
    decision = convert(SAMPLES[events.RoutingDecision]).routing_decision

    assert [(c.model, c.admitted, list(c.reasons)) for c in decision.candidates] == [
        ("models/a", True, []),
        ("models/b", False, ["is in the cloud"]),
    ]


@pytest.mark.parametrize(
    ("state", "terminal", "field"),
    [
        (RunState.RUNNING, None, None),
        (RunState.WAITING, None, None),
        (RunState.COMPLETED, DONE, "completed"),
        (RunState.FAILED, FAILED, "failed"),
        (RunState.CANCELLED, CANCELLED, "cancelled"),
        (RunState.INCOMPLETE, INCOMPLETE, "incomplete"),
    ],
)
def test_a_run_has_the_outcome_of_its_state(state: RunState, terminal: Any, field: str | None) -> None:
    end = None if terminal is None else NOW
    run = run_to_proto(RunRecord("runs/r1", state, "Hi", None, None, None, NOW, end, terminal))

    assert run.WhichOneof("outcome") == field
    assert run_pb2.RunState.Name(run.state) == f"RUN_STATE_{state.value}"
    assert run.HasField("end_time") == (terminal is not None)
    assert (run.session, run.function, run.model) == ("", "", "")
    assert state_from_proto(run.state) is state


def test_no_state_filters_nothing() -> None:
    assert state_from_proto(run_pb2.RUN_STATE_UNSPECIFIED) is None


def test_an_empty_request_leaves_everything_open() -> None:
    spec = run_spec_from_proto(agent_service_pb2.RunRequest(input="Hi"), 9.0)

    assert spec == RunSpec(input="Hi", deadline=9.0)


def test_a_full_request_loses_nothing() -> None:
    request = agent_service_pb2.RunRequest(
        request_id="0B5C1A4E-0000-4000-8000-000000000000",
        input="Hi",
        session="sessions/s1",
        function=DRAFT,
        arguments=struct_to_proto({"to": "Ada"}),
        allowed_functions=["plugins/email"],
        model="models/colibri",
        locality=generation_pb2.LOCALITY_LOCAL,
        generation=generation_pb2.GenerationParameters(
            max_output_tokens=5, temperature=0.0, top_p=0.5, top_k=3, seed=0, stop=["\n"]
        ),
        collections=["collections/faq"],
        cancel_on_disconnect=True,
    )

    assert run_spec_from_proto(request, 9.0) == RunSpec(
        input="Hi",
        request_id="0b5c1a4e-0000-4000-8000-000000000000",
        session="sessions/s1",
        function=DRAFT,
        arguments={"to": "Ada"},
        allowed_functions=("plugins/email",),
        model="models/colibri",
        locality="local",
        generation=GenerationParameters(5, 0.0, 0.5, 3, 0, ("\n",)),
        collections=("collections/faq",),
        cancel_on_disconnect=True,
        deadline=9.0,
    )


def test_how_to_generate_is_taken_whole_and_what_is_absent_is_not_said() -> None:
    asked = generation_pb2.GenerationParameters(
        min_p=0.0, repetition_penalty=1.5, presence_penalty=-1.0, logit_bias={9: 1.5, 2: -100.0}, logprobs=0,
        priority=0, regex="a+",
    )  # fmt: skip
    spec = run_spec_from_proto(agent_service_pb2.RunRequest(input="Hi", generation=asked), 9.0)
    assert spec.generation == GenerationParameters(
        min_p=0.0, repetition_penalty=1.5, presence_penalty=-1.0, logit_bias=((2, -100.0), (9, 1.5)), logprobs=0,
        priority=0, guidance=Guidance("regex", "a+"),
    )  # fmt: skip
    plain = run_spec_from_proto(agent_service_pb2.RunRequest(input="Hi"), 9.0)
    assert plain.generation == GenerationParameters()
    # A request of before these parameters has the digest that it had.
    assert plain.fingerprint() == "d17874d85c201ffc0a79c2b602e74b911b97e77940253be508f1b7e3b917e600"
    assert spec.fingerprint() != plain.fingerprint()


def test_an_invocation_names_its_function() -> None:
    request = plugin_service_pb2.InvokeFunctionRequest(name=DRAFT, arguments=struct_to_proto({"to": "Ada"}))

    assert invocation_from_proto(request, 9.0) == RunSpec(function=DRAFT, arguments={"to": "Ada"}, deadline=9.0)


@pytest.mark.parametrize("request_type", [agent_service_pb2.RunRequest, plugin_service_pb2.InvokeFunctionRequest])
def test_requests_ask_for_what_a_spec_can_say(request_type: Any) -> None:
    renamed = {"name": "function"}
    asked = {renamed.get(field.name, field.name) for field in request_type.DESCRIPTOR.fields}

    assert asked <= set(RunSpec.__dataclass_fields__)


def test_a_model_s_price_is_exact() -> None:
    price = model_to_proto(CARD).price

    assert (price.input_per_mtok.units, price.input_per_mtok.nanos) == (0, 150_000_000)
    assert price.output_per_mtok.nanos == 600_000_000
    assert price.cached_input_per_mtok.currency_code == "EUR"
