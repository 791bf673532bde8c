"""What nobody foresaw: the caller gets a fixed text and an id, the log the rest, the store nothing of it."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest
from google.rpc import code_pb2
from structlog.testing import capture_logs
from vaiven.v1 import agent_service_pb2, knowledge_service_pb2, run_event_pb2, session_service_pb2

from service.backends.base import GenerationRequest
from service.backends.fake import FakeGenerator
from service.bootstrap import open_app
from service.testing.app import scratch_settings
from tests.e2e.client import Client, connected, hello, refusal, watch

SECRET = "sk-live-1234"


def broken(_request: GenerationRequest) -> str:
    raise RuntimeError(f"the key {SECRET} was refused")


async def all_that_is_said(client: Client, run: str) -> str:
    """Return every answer in which the run's end is told."""
    name = agent_service_pb2.GetRunRequest(name=run)
    said = [
        await client.agents.GetRun(name),
        await client.agents.ListRuns(agent_service_pb2.ListRunsRequest()),
        *[event async for event in client.agents.WatchRun(watch(run))],
    ]
    return "".join(map(str, said))


@pytest.mark.parametrize("request_", [hello(), agent_service_pb2.RunRequest(input="hello")], ids=["named", "chosen"])
async def test_a_run_that_breaks(tmp_path: Path, request_: agent_service_pb2.RunRequest) -> None:
    with capture_logs() as log:
        failed = await broken_run(tmp_path, request_)
    assert (failed.code, failed.reason, failed.retryable) == (code_pb2.INTERNAL, "INTERNAL", False)
    found = re.fullmatch(r"Something unexpected happened; .* ([0-9a-f]{16})\.", failed.message)
    assert found is not None
    assert [str(line["exc_info"]) for line in log if line.get("correlation_id") == found[1]] == [
        f"the key {SECRET} was refused"
    ]
    assert SECRET.encode() not in on_disk(tmp_path)


def on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())


async def broken_run(directory: Path, request: agent_service_pb2.RunRequest) -> run_event_pb2.Failed:
    """Return how a run ended, after looking into all that a caller can see."""
    async with (
        open_app(scratch_settings(directory), generators=[FakeGenerator(broken)]) as app,
        connected(f"127.0.0.1:{app.port}") as client,
    ):
        call = client.agents.Run(request)
        events = [event async for event in call]
        said = "".join(map(str, [*events, await call.initial_metadata(), await call.trailing_metadata()]))
        assert SECRET not in said + await all_that_is_said(client, events[0].run)
        assert "RuntimeError" not in said
        return events[-1].failed


async def test_a_call_that_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(f"the key {SECRET} was refused")

    async with (
        open_app(scratch_settings(tmp_path), generators=[FakeGenerator("Hello.")]) as app,
        connected(f"127.0.0.1:{app.port}") as client,
    ):
        monkeypatch.setattr(app.ports.runs, "get", fail)
        monkeypatch.setattr(app.ports.sessions, "list", fail)
        monkeypatch.setattr(app.ports.library, "search", fail)
        for call in (
            client.agents.GetRun(agent_service_pb2.GetRunRequest(name="runs/r1")),
            client.agents.WatchRun(watch("runs/r1")),
            client.sessions.ListSessions(session_service_pb2.ListSessionsRequest()),
            client.knowledge.Search(knowledge_service_pb2.SearchRequest(query="returns")),
        ):
            refused = await refusal(call)
            assert (refused.code, refused.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
            assert re.fullmatch(r"Something went wrong inside the service; .* \([0-9a-f]{32}\)", refused.message)
            assert SECRET not in f"{await call.details()}{await call.trailing_metadata()}"
