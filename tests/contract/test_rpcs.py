"""Every RPC of the contract over a real server: what goes in reaches the domain, what it gives comes out.

The last test walks the descriptors: an RPC without a test here, or in the modules that `SUITES` names, fails it.
"""

from __future__ import annotations

import inspect
import sys
from base64 import b64encode
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pool, json_format
from vaiven.v1 import (
    agent_service_pb2,
    generation_pb2,
    model_pb2,
    model_service_pb2,
    plugin_pb2,
    plugin_service_pb2,
    run_pb2,
    session_pb2,
    session_service_pb2,
)

from service.backends.base import Image
from service.errors import SessionBusyError
from service.rpc.convert.values import struct_to_proto
from service.rpc.server import SERVICES
from service.runs.events import BackendSwitched, RoutingDecision
from service.runs.spec import LOCAL_PRINCIPAL, RunSpec, RunState
from tests.contract import (
    test_registration,
    test_rpcs_costs,
    test_rpcs_knowledge,
    test_rpcs_models,
    test_rpcs_plans,
    test_rpcs_privacy,
    test_rpcs_routing,
    test_rpcs_tickets,
)
from tests.contract.edge import REQUEST_ID, Edge, refusal
from tests.unit.rpc.fakes_runs import DRAFT, SCRIPT

SUITES = (
    sys.modules[__name__],
    test_rpcs_costs,
    test_rpcs_knowledge,
    test_rpcs_models,
    test_rpcs_plans,
    test_rpcs_privacy,
    test_rpcs_routing,
    test_rpcs_tickets,
    test_registration,
)


def kinds(events: list[Any]) -> list[str]:
    return [event.WhichOneof("payload") for event in events]


# --- AgentService


async def test_agent_service_run(edge: Edge) -> None:
    request = agent_service_pb2.RunRequest(
        input="Write to Ada", request_id=REQUEST_ID, generation=generation_pb2.GenerationParameters(seed=7)
    )
    events = [event async for event in edge.agents.Run(request)]

    assert kinds(events) == ["run_started", "text_delta", "text_delta", "completed"]
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert "".join(event.text_delta.text for event in events) == events[-1].completed.text == "Hello Ada"
    assert json_format.MessageToDict(events[-1].completed.result) == {"subject": "Hi"}
    (spec,) = edge.domain.runs.specs
    assert (spec.input, spec.request_id, spec.generation.seed) == ("Write to Ada", REQUEST_ID, 7)
    assert spec.deadline is not None
    assert edge.domain.runs.principals[0] == LOCAL_PRINCIPAL


async def test_agent_service_run_refused(edge: Edge) -> None:
    edge.domain.runs.refuse = SessionBusyError("Another run is working on it.")

    call = edge.agents.Run(agent_service_pb2.RunRequest(input="Hi", session="sessions/s1"))
    assert await refusal(call) == (grpc.StatusCode.ABORTED, "SESSION_BUSY")


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("mime_type", "data"),
    [
        ("image/png", PNG + b"x"),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/gif", b"GIF89a"),
        ("image/webp", b"RIFF\0\0\0\0WEBP"),
    ],
)
async def test_agent_service_run_with_images(edge: Edge, mime_type: str, data: bytes) -> None:
    image = generation_pb2.Image(data=data, mime_type=mime_type)
    asked = {"images": [image, image]}
    async for _ in edge.agents.Run(agent_service_pb2.RunRequest(input="Hi", **asked)):  # type: ignore[arg-type]
        pass
    async for _ in edge.plugins.InvokeFunction(
        plugin_service_pb2.InvokeFunctionRequest(name=DRAFT, **asked)  # type: ignore[arg-type]
    ):
        pass
    for spec in edge.domain.runs.specs:
        assert spec.images == (Image(f"data:{mime_type};base64,{b64encode(data).decode()}"),) * 2
    assert len({spec.fingerprint() for spec in (*edge.domain.runs.specs, RunSpec(input="Hi"))}) == 3


@pytest.mark.parametrize(
    "images",
    [
        [generation_pb2.Image(data=b"GIF89a", mime_type="image/png")],
        [generation_pb2.Image(data=PNG, mime_type="image/svg+xml")],
        [generation_pb2.Image(mime_type="image/png")],
        [generation_pb2.Image(data=PNG + bytes(5_000_000), mime_type="image/png")],
        [generation_pb2.Image(data=PNG, mime_type="image/png")] * 9,
    ],
)
async def test_agent_service_run_refuses_what_is_no_image(edge: Edge, images: list[generation_pb2.Image]) -> None:
    call = edge.agents.Run(agent_service_pb2.RunRequest(input="Hi", images=images))
    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert not edge.domain.runs.specs


async def test_agent_service_get_run(edge: Edge) -> None:
    events = [event async for event in edge.agents.Run(agent_service_pb2.RunRequest(input="Hi"))]
    response = await edge.agents.GetRun(agent_service_pb2.GetRunRequest(name=events[0].run))

    assert (response.run.name, response.run.state) == (events[0].run, run_pb2.RUN_STATE_COMPLETED)
    assert response.run.completed == events[-1].completed
    routing = response.run.completed.routing
    assert (routing.generations, routing.expected_output_tokens, routing.output_tokens) == (1, 4, 2)
    assert (routing.HasField("expected_cost"), routing.cost.currency_code) == (False, "EUR")
    (detail,) = routing.details
    assert (detail.model, detail.finish_reason) == ("models/colibri", generation_pb2.FINISH_REASON_STOP)
    assert (detail.prediction.expected_output_tokens, detail.usage.output_tokens) == (4, 2)
    missing = edge.agents.GetRun(agent_service_pb2.GetRunRequest(name="runs/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_agent_service_get_run_tells_who_was_chosen_and_switched_to(edge: Edge) -> None:
    decision = RoutingDecision("models/gpt", "openai", (), "It answers.", "gpt-a")
    switch = BackendSwitched(
        "models/gpt", "openai", "gpt-a", "models/m", "onnx", "m", "UPSTREAM_FAILED", continued=True
    )
    edge.domain.runs.script = (decision, switch, SCRIPT[-1])
    events = [event async for event in edge.agents.Run(agent_service_pb2.RunRequest(input="Hi"))]
    run = (await edge.agents.GetRun(agent_service_pb2.GetRunRequest(name=events[0].run))).run
    assert list(run.decisions) == [events[0].routing_decision]
    assert list(run.switches) == [events[1].backend_switched]
    assert run.switches[0].continued


async def test_agent_service_list_runs(edge: Edge) -> None:
    async for _ in edge.agents.Run(agent_service_pb2.RunRequest(input="Hi")):
        pass
    request = agent_service_pb2.ListRunsRequest(
        page_size=10, page_token="t", session="sessions/s1", state=run_pb2.RUN_STATE_COMPLETED
    )
    response = await edge.agents.ListRuns(request)

    assert [run.input for run in response.runs] == ["Hi"]
    assert response.next_page_token == "more"
    assert edge.domain.runs.listed == [(10, "t", "sessions/s1", RunState.COMPLETED)]


async def test_agent_service_watch_run(edge: Edge) -> None:
    first = [event async for event in edge.agents.Run(agent_service_pb2.RunRequest(input="Hi"))]
    again = agent_service_pb2.WatchRunRequest(name=first[0].run, after_sequence=2)

    assert [event async for event in edge.agents.WatchRun(again)] == first[2:]
    missing = edge.agents.WatchRun(agent_service_pb2.WatchRunRequest(name="runs/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_agent_service_cancel_run(edge: Edge) -> None:
    edge.domain.runs.script = SCRIPT[:2]
    stream = edge.agents.Run(agent_service_pb2.RunRequest(input="Hi"))
    started = await anext(aiter(stream))
    request = agent_service_pb2.CancelRunRequest(name=started.run, request_id=REQUEST_ID)
    response = await edge.agents.CancelRun(request)

    assert response.run.state == run_pb2.RUN_STATE_CANCELLED
    assert response.run.cancelled.reason == "CANCELLED_BY_CALLER"
    assert kinds([event async for event in stream]) == ["text_delta", "cancelled"]
    assert edge.domain.runs.cancelled == [(started.run, REQUEST_ID, "CANCELLED_BY_CALLER")]


# --- PluginService


async def test_plugin_service_list_plugins(edge: Edge) -> None:
    response = await edge.plugins.ListPlugins(plugin_service_pb2.ListPluginsRequest())

    assert [(plugin.name, list(plugin.functions)) for plugin in response.plugins] == [("plugins/email", [DRAFT])]
    assert response.next_page_token == "more"


async def test_plugin_service_get_plugin(edge: Edge) -> None:
    response = await edge.plugins.GetPlugin(plugin_service_pb2.GetPluginRequest(name="plugins/email"))

    assert (response.plugin.version, response.plugin.kind) == ("1.2.0", "python")
    assert list(response.plugin.owners) == ["mail@vaiven.example"]
    missing = edge.plugins.GetPlugin(plugin_service_pb2.GetPluginRequest(name="plugins/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_plugin_service_list_functions(edge: Edge) -> None:
    response = await edge.plugins.ListFunctions(plugin_service_pb2.ListFunctionsRequest(parent="plugins/email"))
    await edge.plugins.ListFunctions(plugin_service_pb2.ListFunctionsRequest())

    (function,) = response.functions
    assert (function.name, function.effect) == (DRAFT, plugin_pb2.EFFECT_READ)
    assert json_format.MessageToDict(function.input_schema)["properties"]["to"] == {"type": "string", "maxLength": 64}
    assert edge.domain.plugins.parents == ["plugins/email", None]


async def test_plugin_service_invoke_function(edge: Edge) -> None:
    request = plugin_service_pb2.InvokeFunctionRequest(name=DRAFT, arguments=struct_to_proto({"to": "Ada", "count": 2}))
    events = [event async for event in edge.plugins.InvokeFunction(request)]

    assert kinds(events) == ["run_started", "text_delta", "text_delta", "completed"]
    (spec,) = edge.domain.runs.specs
    assert (spec.function, spec.arguments) == (DRAFT, {"to": "Ada", "count": 2})


# --- SessionService


async def test_session_service_create_session(edge: Edge) -> None:
    request = session_service_pb2.CreateSessionRequest(title="Orders", request_id=REQUEST_ID.upper())
    response = await edge.sessions.CreateSession(request)

    assert (response.session.name, response.session.title) == ("sessions/s1", "Orders")
    assert edge.domain.sessions.calls == [("create", LOCAL_PRINCIPAL, "Orders", REQUEST_ID)]


async def test_session_service_get_session(edge: Edge) -> None:
    response = await edge.sessions.GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))

    assert response.session.message_count == 2
    missing = edge.sessions.GetSession(session_service_pb2.GetSessionRequest(name="sessions/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_session_service_list_sessions(edge: Edge) -> None:
    response = await edge.sessions.ListSessions(session_service_pb2.ListSessionsRequest(page_size=3, page_token="t"))

    assert ([session.name for session in response.sessions], response.next_page_token) == (["sessions/s1"], "more")
    assert edge.domain.sessions.calls == [("list", LOCAL_PRINCIPAL, 3, "t")]


async def test_session_service_delete_session(edge: Edge) -> None:
    await edge.sessions.DeleteSession(session_service_pb2.DeleteSessionRequest(name="sessions/s1"))

    assert edge.domain.sessions.calls == [("delete", LOCAL_PRINCIPAL, "sessions/s1", None)]


async def test_session_service_list_messages(edge: Edge) -> None:
    request = session_service_pb2.ListMessagesRequest(parent="sessions/s1", page_size=9, page_token="t")
    response = await edge.sessions.ListMessages(request)

    assert [(message.role, message.text) for message in response.messages] == [
        (session_pb2.Message.ROLE_USER, "Hi"),
        (session_pb2.Message.ROLE_ASSISTANT, "Hello"),
    ]
    assert response.next_page_token == ""
    assert edge.domain.sessions.calls == [("messages", LOCAL_PRINCIPAL, "sessions/s1", 9, "t")]


# --- ModelService


async def test_model_service_list_models(edge: Edge) -> None:
    response = await edge.models.ListModels(model_service_pb2.ListModelsRequest(page_size=1))

    assert [model.name for model in response.models] == ["models/colibri"]
    assert response.next_page_token == "more"


async def test_model_service_get_model(edge: Edge) -> None:
    response = await edge.models.GetModel(model_service_pb2.GetModelRequest(name="models/colibri"))

    model = response.model
    assert (model.locality, model.state) == (generation_pb2.LOCALITY_LOCAL, model_pb2.MODEL_STATE_READY)
    assert (model.context_tokens, model.supports_tools, list(model.languages)) == (2048, True, ["en", "es"])
    missing = edge.models.GetModel(model_service_pb2.GetModelRequest(name="models/none"))
    assert await refusal(missing) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


# --- All of them


def methods() -> list[Any]:
    pool = descriptor_pool.Default()
    return [method for name in SERVICES for method in pool.FindServiceByName(name).methods]


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def test_every_rpc_has_a_test() -> None:
    tests = {name for suite in SUITES for name, _ in inspect.getmembers(suite, inspect.iscoroutinefunction)}
    expected = {f"test_{snake(method.containing_service.name)}_{snake(method.name)}" for method in methods()}

    assert expected - tests == set()


def test_every_service_of_the_contract_is_served() -> None:
    modules = [
        module for name, module in sys.modules.items() if name.startswith("vaiven.v1.") and name.endswith("_pb2")
    ]
    declared = {service.full_name for module in modules for service in module.DESCRIPTOR.services_by_name.values()}

    assert declared == set(SERVICES)


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
def test_every_rpc_has_a_request_of_its_own_and_a_response_of_its_own_or_events_or_an_operation(method: Any) -> None:
    assert method.input_type.full_name == f"vaiven.v1.{method.name}Request"
    expected = "RunEvent" if method.server_streaming else f"{method.name}Response"
    assert method.output_type.full_name in (f"vaiven.v1.{expected}", "google.longrunning.Operation")
    assert not method.client_streaming


READING = ("Get", "List", "Watch", "Search", "Explain")


@pytest.mark.parametrize(
    "method",
    # What `Anonymize` keeps is the same however often it is called.
    [m for m in methods() if not m.name.startswith((*READING, "Detect", "Anonymize", "Restore"))],
    ids=lambda method: method.full_name,
)
def test_every_mutating_rpc_takes_a_request_id(method: Any) -> None:
    assert "request_id" in method.input_type.fields_by_name


@pytest.mark.parametrize(
    "method", [m for m in methods() if m.name.startswith("List")], ids=lambda method: method.full_name
)
def test_every_list_is_paged(method: Any) -> None:
    assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
    assert "next_page_token" in method.output_type.fields_by_name


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
async def test_every_rpc_validates_its_request(edge: Edge, method: Any) -> None:
    wrong = {"request_id": "no-uuid", "name": "../x", "parent": "../x", "page_size": -1, "query": "", "limit": -1}
    wrong["function"] = "../x"
    request_type = getattr(
        sys.modules[f"vaiven.v1.{snake(method.containing_service.name)}_pb2"], method.input_type.name
    )
    fields = {key: value for key, value in wrong.items() if key in method.input_type.fields_by_name}
    make = edge.channel.unary_stream if method.server_streaming else edge.channel.unary_unary
    call: Any = make(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=request_type.SerializeToString,
        response_deserializer=bytes,
    )(request_type(**fields))

    assert await refusal(call) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
