"""Who follows a run, leaves it or asks for it twice: the same events for all, each once and in order."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import grpc
import pytest
from vaiven.v1 import agent_service_pb2, run_event_pb2, run_pb2

from tests.e2e.client import Client, connected, hello, refusal, until, watch
from tests.e2e.entries import stepped
from tests.e2e.processes import Service, serving

pytestmark = pytest.mark.usefixtures("fork_server")

LONG = 270
"""More events than are kept in memory and than are read from the store at once."""


async def follow(client: Client, run: str, after: int) -> list[run_event_pb2.RunEvent]:
    return [event async for event in client.agents.WatchRun(watch(run, after))]


async def one_by_one(service: Service, stream: object, words: range) -> list[run_event_pb2.RunEvent]:
    """Let the model say one word after the other, each an event of its own."""
    events: list[run_event_pb2.RunEvent] = []
    for word in words:
        service.allow(word)
        events.append(await anext(stream))  # type: ignore[call-overload]
        assert events[-1].text_delta.text == f"w{word} "
    return events


async def test_followers_of_every_kind_see_the_same(tmp_path: Path) -> None:
    places = (0, 256)
    async with serving(tmp_path, stepped, LONG) as service, connected(service.address) as client:
        stream = aiter(client.agents.Run(hello()))
        events = [await anext(stream), await anext(stream)]
        assert [event.WhichOneof("payload") for event in events] == ["run_started", "routing_decision"]
        run = events[0].run
        early = [asyncio.create_task(follow(client, run, place)) for place in places]
        events += await one_by_one(service, stream, range(1, LONG // 2))
        halfway = [asyncio.create_task(follow(client, run, place)) for place in places]
        events += await one_by_one(service, stream, range(LONG // 2, LONG))
        late = [asyncio.create_task(follow(client, run, place)) for place in places]
        service.allow(LONG)
        events += [event async for event in stream]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert events[-1].HasField("completed")
        for followers in (early, halfway, late):
            for place, follower in zip(places, followers, strict=True):
                assert await follower == events[place:]
        for place in (*places, 1, 255, 257, len(events) - 1, len(events), len(events) + 7):
            assert await follow(client, run, place) == events[place:]


async def test_nobody_follows_a_run_that_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 1) as service, connected(service.address) as client:
        refused = await refusal(client.agents.WatchRun(watch("runs/none")))
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")


async def test_of_a_client_that_leaves_only_the_run_that_says_so_is_cancelled(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 3) as service, connected(service.address) as other:
        service.allow(1)
        async with connected(service.address) as client:
            stays = aiter(client.agents.Run(hello()))
            goes = aiter(client.agents.Run(hello(cancel_on_disconnect=True)))
            stays_run = (await until(stays, "text_delta"))[0].run
            goes_run = (await until(goes, "text_delta"))[0].run
        # One connection, broken for both: when the one has been cancelled, the other has been left as well.
        assert (await follow(other, goes_run, 0))[-1].cancelled.reason == "CLIENT_DISCONNECTED"
        running = (await other.agents.GetRun(agent_service_pb2.GetRunRequest(name=stays_run))).run
        assert running.state == run_pb2.RUN_STATE_RUNNING
        service.allow(3)
        assert (await follow(other, stays_run, 0))[-1].completed.text == "w1 w2 w3 "


async def test_a_request_that_comes_twice_is_one_run(tmp_path: Path) -> None:
    request_id = str(uuid.uuid4())
    async with serving(tmp_path, stepped, 3) as service, connected(service.address) as client:
        streams = [aiter(client.agents.Run(hello(request_id=request_id))) for _ in range(3)]
        seen = [[await anext(stream)] for stream in streams]
        service.allow(3)
        for events, stream in zip(seen, streams, strict=True):
            events.extend([event async for event in stream])
        first = seen[0]
        assert first[-1].HasField("completed")
        assert seen == [first] * 3
        assert [event async for event in client.agents.Run(hello(request_id=request_id.upper()))] == first
        assert len((await client.agents.ListRuns(agent_service_pb2.ListRunsRequest())).runs) == 1
        refused = await refusal(client.agents.Run(hello("Another.", request_id=request_id)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
        assert len((await client.agents.ListRuns(agent_service_pb2.ListRunsRequest())).runs) == 1


async def test_a_cancelled_run_ends_once_for_all_who_follow(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 3) as service, connected(service.address) as client:
        service.allow(1)
        stream = aiter(client.agents.Run(hello()))
        seen = await until(stream, "text_delta")
        follower = asyncio.create_task(follow(client, seen[0].run, 1))
        request = agent_service_pb2.CancelRunRequest(name=seen[0].run, request_id=str(uuid.uuid4()))
        run = (await client.agents.CancelRun(request)).run
        assert run.state == run_pb2.RUN_STATE_CANCELLED
        seen += [event async for event in stream]
        assert seen[-1].cancelled == run.cancelled
        assert (run.cancelled.reason, run.cancelled.text) == ("CANCELLED_BY_CALLER", "w1 ")
        assert await follower == seen[1:]
        assert (await client.agents.CancelRun(request)).run == run
