"""SIGTERM: the service says that it goes, takes no new work, and leaves no run without an end."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from vaiven.v1 import agent_service_pb2

from service.rpc.server import OPERATIONS, SERVICES
from tests.e2e.client import Client, connected, hello, refusal, text_of, until, watch
from tests.e2e.entries import stepped
from tests.e2e.processes import serving

pytestmark = pytest.mark.usefixtures("fork_server")

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
PATIENT = {"VAIVEN_SERVER__DRAIN_GRACE_S": "60"}
HASTY = {"VAIVEN_SERVER__DRAIN_GRACE_S": "0.05"}


def states(directory: Path) -> list[tuple[str, int]]:
    """Return each run's state as it is on disk, and how many terminal events it has."""
    connection = sqlite3.connect(f"file:{directory / 'vaiven.db'}?mode=ro", uri=True)
    try:
        return connection.execute(
            "SELECT r.state, (SELECT count(*) FROM run_events e WHERE e.run_id = r.id AND e.kind IN"
            " ('Completed', 'Failed', 'Cancelled', 'Incomplete')) FROM runs r ORDER BY r.id"
        ).fetchall()
    finally:
        connection.close()


async def test_a_run_may_finish_and_newcomers_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 5, environment=PATIENT) as service, connected(service.address) as client:
        service.allow(1)
        stream = aiter(client.agents.Run(hello()))
        seen = await until(stream, "text_delta")
        follower = aiter(client.agents.WatchRun(watch(seen[0].run)))
        followed = await until(follower, "text_delta")  # it is there before the end begins
        statuses = aiter(client.health.Watch(health_pb2.HealthCheckRequest(service=SERVICES[-1])))
        assert (await anext(statuses)).status == SERVING
        service.tell(signal.SIGTERM)
        assert (await anext(statuses)).status == NOT_SERVING
        for call in (
            client.agents.Run(hello()),
            client.agents.GetRun(agent_service_pb2.GetRunRequest(name=seen[0].run)),
            client.agents.WatchRun(watch(seen[0].run)),
        ):
            refused = await refusal(call)
            assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVICE_DRAINING")
            assert refused.retry_after_s is not None
        service.tell(signal.SIGTERM)  # an impatient operator changes nothing
        service.allow(5)
        seen += [event async for event in stream]
        assert seen[-1].completed.text == "w1 w2 w3 w4 w5 "
        assert followed + [event async for event in follower] == seen
        assert await service.ended() == 0
    assert states(tmp_path) == [("COMPLETED", 1)]


async def _all(client: Client, run: str) -> list[object]:
    return [event async for event in client.agents.WatchRun(watch(run))]


async def test_who_is_refused_finds_that_health_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 5, environment=PATIENT) as service, connected(service.address) as client:
        stream = aiter(client.agents.Run(hello()))
        await anext(stream)
        service.tell(signal.SIGTERM)
        while True:
            listing = client.agents.ListRuns(agent_service_pb2.ListRunsRequest())
            if await listing.code() is not grpc.StatusCode.OK:
                break
        assert (await refusal(listing)).reason == "SERVICE_DRAINING"
        for name in ("", *SERVICES, OPERATIONS):
            health = await client.health.Check(health_pb2.HealthCheckRequest(service=name))
            assert health.status == NOT_SERVING
        service.allow(5)
        assert [event async for event in stream][-1].HasField("completed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_is_left_at_the_end_of_the_grace_is_cancelled(tmp_path: Path, number: int) -> None:
    async with serving(tmp_path, stepped, 5, environment=HASTY) as service, connected(service.address) as client:
        service.allow(2)
        streams = [aiter(client.agents.Run(hello())) for _ in range(3)]
        seen = [await until(stream, "text_delta") for stream in streams]
        service.tell(number)
        for events, stream in zip(seen, streams, strict=True):
            events.extend([event async for event in stream])
            assert events[-1].cancelled.reason == "SERVICE_DRAINING"
            assert events[-1].cancelled.text == text_of(events)
        assert await service.ended() == 0
    assert states(tmp_path) == [("CANCELLED", 1)] * 3

    async with serving(tmp_path, stepped, 5) as service, connected(service.address) as client:
        for events in seen:
            assert await _all(client, events[0].run) == events


async def test_without_runs_it_ends_at_once_and_cleanly(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 1, environment=PATIENT) as service:
        service.tell(signal.SIGTERM)
        assert await service.ended() == 0
        assert "rror" not in service.log()
    assert states(tmp_path) == []
