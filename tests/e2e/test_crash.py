"""`kill -9` at any moment of a run: what a client has seen is there after the restart, and the run ends in words."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from google.rpc import code_pb2
from grpc_health.v1 import health_pb2
from vaiven.v1 import agent_service_pb2, run_event_pb2, run_pb2, session_service_pb2

from tests.e2e.client import Client, connected, hello, text_of, until, until_cut, watch
from tests.e2e.entries import counting, stepped
from tests.e2e.processes import serving

pytestmark = pytest.mark.usefixtures("fork_server")

WORDS, PAUSE_S = 1000, 0.002
"""An answer that takes seconds: no test waits for its end."""

REQUEST_ID = "5c0e1a4e-9d1e-4c7c-8b52-000000000001"


async def assert_ended_by_restart(client: Client, run: str, seen: list[run_event_pb2.RunEvent]) -> None:
    """Check that `run` is stored with what was seen of it, ended as failed, and is replayed from any place."""
    stored = [event async for event in client.agents.WatchRun(watch(run))]
    assert stored[: len(seen)] == seen
    assert [event.sequence for event in stored] == list(range(1, len(stored) + 1))
    assert [event.sequence for event in stored if event.HasField("failed")] == [len(stored)]
    failed = stored[-1].failed
    assert (failed.code, failed.reason, failed.retryable) == (code_pb2.UNAVAILABLE, "SERVICE_RESTARTED", True)
    assert failed.text == text_of(stored)
    for after in {0, 1, len(seen) - 1, len(seen), len(stored) - 1, len(stored)}:
        assert [event async for event in client.agents.WatchRun(watch(run, after))] == stored[after:]
    found = (await client.agents.GetRun(agent_service_pb2.GetRunRequest(name=run))).run
    assert (found.state, found.failed) == (run_pb2.RUN_STATE_FAILED, failed)


@pytest.mark.parametrize("moment", [1, 2, 3, 20, 100])
async def test_what_was_seen_is_stored(tmp_path: Path, moment: int) -> None:
    async with serving(tmp_path, counting, tmp_path, WORDS, PAUSE_S) as service, connected(service.address) as client:
        session = (await client.sessions.CreateSession(session_service_pb2.CreateSessionRequest())).session.name
        request = hello(request_id=REQUEST_ID, session=session)
        stream = aiter(client.agents.Run(request))
        seen = [await anext(stream) for _ in range(moment)]
        service.kill()
        seen += [event async for event in until_cut(stream)]
        assert await service.ended() == -signal.SIGKILL

    async with serving(tmp_path, counting, tmp_path, 2, 0.0) as service, connected(service.address) as client:
        await assert_ended_by_restart(client, seen[0].run, seen)
        # The same request is still the same run; the session is free and holds nothing of a run that failed.
        again = [event async for event in client.agents.Run(request)]
        assert again[: len(seen)] == seen
        assert again[-1].failed.reason == "SERVICE_RESTARTED"
        messages = session_service_pb2.ListMessagesRequest(parent=session)
        assert not (await client.sessions.ListMessages(messages)).messages
        fresh = [event async for event in client.agents.Run(hello(session=session))]
        assert fresh[-1].completed.text == "w1 w2 "
        assert len((await client.sessions.ListMessages(messages)).messages) == 2


async def test_of_many_runs_at_once_nothing_seen_is_lost(tmp_path: Path) -> None:
    seen: list[list[run_event_pb2.RunEvent]] = [[] for _ in range(6)]

    async with serving(tmp_path, counting, tmp_path, WORDS, 0.001) as service, connected(service.address) as client:

        async def follow(events: list[run_event_pb2.RunEvent]) -> None:
            async for event in until_cut(client.agents.Run(hello())):
                events.append(event)
                if sum(map(len, seen)) == 120:
                    service.kill()

        await asyncio.gather(*map(follow, seen))
        await service.ended()

    async with serving(tmp_path, counting, tmp_path, 2, 0.0) as service, connected(service.address) as client:
        for events in seen:
            await assert_ended_by_restart(client, events[0].run, events)


async def test_a_kill_while_it_drains_is_no_worse(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 3) as service, connected(service.address) as client:
        service.allow(1)
        stream = aiter(client.agents.Run(hello()))
        seen = await until(stream, "text_delta")
        health = aiter(client.health.Watch(health_pb2.HealthCheckRequest()))
        assert (await anext(health)).status == health_pb2.HealthCheckResponse.SERVING
        service.tell(signal.SIGTERM)
        assert (await anext(health)).status == health_pb2.HealthCheckResponse.NOT_SERVING
        service.kill()
        seen += [event async for event in until_cut(stream)]
        assert await service.ended() == -signal.SIGKILL

    async with serving(tmp_path, stepped, 3) as service, connected(service.address) as client:
        await assert_ended_by_restart(client, seen[0].run, seen)
