"""Conversations: one run at a time, a history that is trimmed by whole turns and never in silence."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest
from vaiven.v1 import run_event_pb2, session_service_pb2

from service.backends.base import GenerationRequest
from service.backends.fake import FakeGenerator
from service.bootstrap import open_app
from service.testing.app import scratch_settings
from tests.e2e.client import Client, connected, hello, refusal
from tests.e2e.entries import stepped
from tests.e2e.processes import serving
from tests.e2e.tiny import tiny_service

pytestmark = pytest.mark.usefixtures("fork_server")


async def new_session(client: Client) -> str:
    return (await client.sessions.CreateSession(session_service_pb2.CreateSessionRequest())).session.name


async def messages(client: Client, session: str) -> list[str]:
    request = session_service_pb2.ListMessagesRequest(parent=session, page_size=1000)
    return [message.text for message in (await client.sessions.ListMessages(request)).messages]


async def test_the_second_of_two_runs_on_a_session_is_aborted(tmp_path: Path) -> None:
    async with serving(tmp_path, stepped, 2) as service, connected(service.address) as client:
        session, other = await new_session(client), await new_session(client)
        first = aiter(client.agents.Run(hello("First.", session=session)))
        await anext(first)
        elsewhere = aiter(client.agents.Run(hello("Elsewhere.", session=other)))
        await anext(elsewhere)
        for call in (
            client.agents.Run(hello("Second.", session=session)),
            client.sessions.DeleteSession(session_service_pb2.DeleteSessionRequest(name=session)),
        ):
            refused = await refusal(call)
            assert (refused.code, refused.reason) == (grpc.StatusCode.ABORTED, "SESSION_BUSY")
            assert refused.retry_after_s is not None
        service.allow(2)
        assert [event async for event in first][-1].HasField("completed")
        assert [event async for event in elsewhere][-1].HasField("completed")
        third = [event async for event in client.agents.Run(hello("Third.", session=session))]
        assert third[-1].HasField("completed")
        # What was refused has left nothing behind.
        assert await messages(client, session) == ['{"message": "First."}', "w1 w2 ", '{"message": "Third."}', "w1 w2 "]


def said_before(request: GenerationRequest) -> list[str]:
    """Return what the model was shown of earlier turns."""
    return [message.content for message in request.messages if message.role != "system"][:-1]


def left_out(events: list[run_event_pb2.RunEvent]) -> int:
    """Return how many messages the run's warnings say were left out."""
    warnings = [event.warning for event in events if event.HasField("warning")]
    assert all(warning.code == "HISTORY_TRIMMED" for warning in warnings)
    assert len(warnings) <= 1
    return sum(int(re.findall(r"\d+", warning.message)[0]) for warning in warnings)


async def test_what_is_left_out_is_whole_turns_the_oldest_and_said(tmp_path: Path) -> None:
    model = FakeGenerator("word " * 200)
    async with (
        open_app(scratch_settings(tmp_path), generators=[model]) as app,
        connected(f"127.0.0.1:{app.port}") as client,
    ):
        session = await new_session(client)
        trimmed = []
        for turn in range(16):
            events = [
                event async for event in client.agents.Run(hello(f"Turn {turn} " + "and so on " * 60, session=session))
            ]
            assert events[-1].HasField("completed")
            stored, shown = (await messages(client, session))[:-2], said_before(model.requests[-1])
            trimmed.append(left_out(events))
            assert shown == stored[trimmed[-1] :]
            assert trimmed[-1] % 2 == 0
        assert trimmed[0] == 0
        assert trimmed[-1] > 2
        assert trimmed == sorted(trimmed)


async def test_a_small_model_talks_on_and_on(tmp_path: Path) -> None:
    async with tiny_service(tmp_path) as service:
        session = await new_session(service.client)
        warned = 0
        while warned < 3:
            generation = {"max_output_tokens": 60}
            request = hello("Tell me more about the garden.", session=session, generation=generation)
            events = [event async for event in service.client.agents.Run(request)]
            assert events[-1].WhichOneof("payload") in ("completed", "incomplete"), events[-1]
            warned += left_out(events) > 0
