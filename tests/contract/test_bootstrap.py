"""The composition root: everything wired, opened and closed in order, and start-up errors for an operator."""

import json
from pathlib import Path

import grpc.aio
import pytest
from aiohttp import ClientSession
from grpc_health.v1 import health_pb2, health_pb2_grpc
from structlog.testing import capture_logs
from vaiven.v1 import agent_service_pb2, agent_service_pb2_grpc, run_pb2

from service.backends.base import GenerationRequest
from service.backends.fake import FakeAnswer
from service.bootstrap import open_app
from service.errors import ModelLoadError, NotFoundError
from service.knowledge.records import SourceFile
from service.rpc.listen import ConfigurationError
from service.runs.events import Citation, Completed
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunSpec
from service.settings_sources import SettingsError
from service.store.lock import StoreInUseError
from service.testing.app import scratch_settings, scripted_app
from service.testing.tiny_model import TINY_MODEL_DIR


def _script(request: GenerationRequest) -> FakeAnswer | str:
    if request.guidance is None:
        return "Hello to you."
    name = json.loads(request.guidance.value)["properties"]["name"]
    if "enum" in name:
        return FakeAnswer(('{"name":"chat.reply"}',))
    return FakeAnswer((json.dumps({"name": name["const"], "arguments": {}}),))


async def test_a_call_goes_through_the_whole_house(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, _script, side_port={"port": 0}) as app:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel:
            stub = agent_service_pb2_grpc.AgentServiceStub(channel)
            seen = [event async for event in stub.Run(agent_service_pb2.RunRequest(input="hello"))]
            assert seen[-1].completed.text == "Hello to you."
            run = (await stub.GetRun(agent_service_pb2.GetRunRequest(name=seen[0].run))).run
            assert run.state == run_pb2.RUN_STATE_COMPLETED
            health = health_pb2_grpc.HealthStub(channel)
            answer = await health.Check(health_pb2.HealthCheckRequest())
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert app.side_port is not None
        async with ClientSession(f"http://127.0.0.1:{app.side_port.port}") as http:
            async with http.get("/readyz") as ready:
                assert ready.status == 200
            async with http.get("/metrics") as metrics:
                assert "vaiven_runs_in_flight 0.0" in await metrics.text()
            await app.drain()
            async with http.get("/readyz") as ready:
                assert ready.status == 503


async def test_a_customer_is_answered_from_a_document_with_a_citation(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, "[1] Returns are free for 30 days.") as app:
        library, runs = app.ports.library, app.ports.runs
        await library.create_collection("local", "shop", "")
        page = b"# Returns\n\nReturns are free for 30 days.\n"
        await library.ingest("local", "collections/shop", [SourceFile("returns.md", "", page)])
        spec = RunSpec(
            function="plugins/support/functions/answer",
            arguments={"question": "How long are returns free?"},
            collections=("collections/shop",),
        )
        run = await runs.start(LOCAL_PRINCIPAL, spec)
        seen = [event.payload async for event in runs.follow(LOCAL_PRINCIPAL, run.name, 0)]
        (citation,) = [payload for payload in seen if isinstance(payload, Citation)]
        assert citation.document.startswith("collections/shop/documents/")
        assert "free for 30 days" in citation.quote
        end = seen[-1]
        assert isinstance(end, Completed)
        assert end.text == "Returns are free for 30 days. [1]"
        with pytest.raises(NotFoundError):
            await runs.start(Principal("other", "x"), spec)


async def test_runs_are_still_there_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        async with (
            scripted_app(tmp_path, "Hello.") as app,
            grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
        ):
            stub = agent_service_pb2_grpc.AgentServiceStub(channel)
            request = agent_service_pb2.RunRequest(
                input="hello",
                function="plugins/chat/functions/reply",
                request_id="0f9ad3c6-3c52-4d7c-9d6c-2f5f7f0c3c11",
            )
            _ = [event async for event in stub.Run(request)]
            runs = (await stub.ListRuns(agent_service_pb2.ListRunsRequest())).runs
            assert len(runs) == 1


async def test_a_store_in_use_stops_the_start(tmp_path: Path) -> None:
    async with scripted_app(tmp_path, "Hello."):
        with pytest.raises(StoreInUseError):
            async with scripted_app(tmp_path, "Hello.", store={"shared": False}):
                pass


async def test_no_model_at_all_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"onnx\.embedded is false"):
        async with open_app(scratch_settings(tmp_path, onnx={"embedded": False})):
            pass


async def test_a_model_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    onnx = {"embedded": False, "models": {"phi": tmp_path / "none"}}
    with pytest.raises(ModelLoadError, match=r"onnx\.models\.phi"):
        async with open_app(scratch_settings(tmp_path, onnx=onnx)):
            pass
    async with scripted_app(tmp_path, "The store was closed."):
        pass


async def test_why_a_model_does_not_load_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    onnx = {"embedded": False, "models": {"tiny": TINY_MODEL_DIR}, "provider": "cuda"}
    with capture_logs() as said, pytest.raises(ModelLoadError, match="cuda") as raised:
        async with open_app(scratch_settings(tmp_path, onnx=onnx)):
            pass
    told = [*caplog.messages, *map(str, said)]
    assert len([line for line in told if raised.value.message in line]) == 1


async def test_an_open_address_without_tls_stops_the_start_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="TLS"):
        async with scripted_app(tmp_path / "new", "Hello.", server={"address": "0.0.0.0:0"}):
            pass
    assert not (tmp_path / "new").exists()
