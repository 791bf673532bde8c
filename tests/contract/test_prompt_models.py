"""Prompt files that name models, over the RPC: a wish that limits go before, and that is told when it is not met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.protobuf import struct_pb2
from vaiven.v1 import plugin_pb2, plugin_service_pb2, plugin_service_pb2_grpc, routing_pb2, run_event_pb2

from service.backends.fake import FAKE_CARD, FakeGenerator
from service.bootstrap import open_app
from service.testing.app import scratch_settings
from tests.contract.registering import GREET

NOT_USED = "PREFERRED_MODEL_NOT_USED"


async def greeted(directory: Path, settings: str, **limits: Any) -> list[run_event_pb2.RunEvent]:
    """Register the prompt with a service of two models, `one` and `two`, and return the events of a call."""
    generators = [FakeGenerator(name, replace(FAKE_CARD, model_id=name, display_name=name)) for name in ("one", "two")]
    async with (
        open_app(scratch_settings(directory), generators=generators) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        stub = plugin_service_pb2_grpc.PluginServiceStub(channel)
        source = plugin_pb2.PluginSource(prompt=plugin_pb2.PromptSource(text=GREET + settings))
        registering = plugin_service_pb2.RegisterPluginRequest(
            plugin_id="greeting", plugin=plugin_pb2.Plugin(source=source)
        )
        await stub.RegisterPlugin(registering)
        arguments = struct_pb2.Struct()
        arguments.update({"name": "Ada"})
        name = "plugins/greeting/functions/greet"
        request = plugin_service_pb2.InvokeFunctionRequest(name=name, arguments=arguments, **limits)
        return [event async for event in stub.InvokeFunction(request)]


def told(events: list[run_event_pb2.RunEvent], kind: str) -> list[Any]:
    return [getattr(event, kind) for event in events if event.WhichOneof("payload") == kind]


@pytest.mark.parametrize(
    "settings",
    [
        "execution_settings: {default: {ai_model_id: two}}",
        "execution_settings: {two: {max_tokens: 9}}",
        "execution_settings: {azure: {model_id: gpt-4o}, here: {service_id: two}, default: {}}",
    ],
)
async def test_a_prompt_is_answered_by_the_model_that_it_names(tmp_path: Path, settings: str) -> None:
    events = await greeted(tmp_path, settings)
    assert events[-1].completed.text == "two"
    (decision,) = told(events, "routing_decision")
    assert (decision.model, decision.explanation) == (
        "models/two",
        "two (fake) answers because the prompt asks for it.",
    )
    assert not told(events, "warning")


@pytest.mark.parametrize(
    ("settings", "limits", "why"),
    [
        ("execution_settings: {default: {ai_model_id: gpt-4o}}", {}, "gpt-4o (there is no such model)"),
        (
            "execution_settings: {default: {ai_model_id: two}}",
            {"policy": routing_pb2.RoutingPolicy(excluded_models=["models/two"])},
            "two (the policy excludes it)",
        ),
        (
            "execution_settings: {default: {ai_model_id: two}}",
            {"model": "models/one"},
            "two (the request asks for one)",
        ),
    ],
)
async def test_limits_go_before_what_a_prompt_names(
    tmp_path: Path, settings: str, limits: dict[str, Any], why: str
) -> None:
    events = await greeted(tmp_path, settings, **limits)
    assert events[-1].completed.text == "one"
    (decision,) = told(events, "routing_decision")
    (warning,) = told(events, "warning")
    assert warning.code == NOT_USED
    assert warning.message.startswith("The prompt asks for ")
    assert why in warning.message
    assert decision.explanation.endswith(warning.message)


async def test_a_prompt_that_names_nobody_is_answered_by_the_score(tmp_path: Path) -> None:
    events = await greeted(tmp_path, "execution_settings: {default: {max_tokens: 9}}")
    assert events[-1].completed.text == "one"
    assert not told(events, "warning")
