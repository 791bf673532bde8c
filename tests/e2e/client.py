"""A caller of the service, as any other program is one."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio
import pytest
from google.protobuf import struct_pb2
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2_grpc
from grpc_status import rpc_status
from vaiven.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    generation_pb2,
    knowledge_service_pb2_grpc,
    model_service_pb2_grpc,
    run_event_pb2,
    session_service_pb2_grpc,
)

REPLY: Final = "plugins/chat/functions/reply"
MOST_WORDS: Final = 1000
"""What `hello` allows the model to say."""


@dataclass(frozen=True, slots=True)
class Client:
    """Stubs on one connection."""

    channel: grpc.aio.Channel
    agents: agent_service_pb2_grpc.AgentServiceAsyncStub
    sessions: session_service_pb2_grpc.SessionServiceAsyncStub
    knowledge: knowledge_service_pb2_grpc.KnowledgeServiceAsyncStub
    models: model_service_pb2_grpc.ModelServiceAsyncStub
    health: Any


@asynccontextmanager
async def connected(
    address: str, credentials: grpc.ChannelCredentials | None = None, options: Any = None
) -> AsyncIterator[Client]:
    """Give a client of the service at `address`."""
    if credentials is None:
        channel = grpc.aio.insecure_channel(address, options)
    else:
        channel = grpc.aio.secure_channel(address, credentials, options)
    async with channel:
        yield Client(
            channel,
            agent_service_pb2_grpc.AgentServiceStub(channel),
            session_service_pb2_grpc.SessionServiceStub(channel),
            knowledge_service_pb2_grpc.KnowledgeServiceStub(channel),
            model_service_pb2_grpc.ModelServiceStub(channel),
            health_pb2_grpc.HealthStub(channel),
        )


def hello(message: str = "Hello.", **fields: Any) -> agent_service_pb2.RunRequest:
    """Return a request that makes the model speak once, with `message` as what the user says."""
    arguments = struct_pb2.Struct()
    arguments["message"] = message
    given: dict[str, Any] = {
        "function": REPLY,
        "arguments": arguments,
        "generation": generation_pb2.GenerationParameters(max_output_tokens=MOST_WORDS),
    }
    return agent_service_pb2.RunRequest(**{**given, **fields})


def watch(run: str, after_sequence: int = 0) -> agent_service_pb2.WatchRunRequest:
    """Return a request to follow `run`."""
    return agent_service_pb2.WatchRunRequest(name=run, after_sequence=after_sequence)


async def until(stream: AsyncIterator[run_event_pb2.RunEvent], kind: str) -> list[run_event_pb2.RunEvent]:
    """Return the events up to the first of that kind."""
    events = [await anext(stream)]
    while events[-1].WhichOneof("payload") != kind:
        events.append(await anext(stream))
    return events


async def until_cut(stream: AsyncIterable[run_event_pb2.RunEvent]) -> AsyncIterator[run_event_pb2.RunEvent]:
    """Yield what comes before the connection breaks; a stream that ends in order is one that was not cut."""
    try:
        async for event in stream:
            yield event
    except grpc.aio.AioRpcError as error:
        assert error.code() is grpc.StatusCode.UNAVAILABLE, error  # noqa: PT017 - any other end is the test's failure
    else:
        pytest.fail("the stream was not cut")


def text_of(events: list[run_event_pb2.RunEvent]) -> str:
    """Return the text that the events bring."""
    return "".join(event.text_delta.text for event in events)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call ended that was refused; `retry_after_s` None: it does not say."""

    code: grpc.StatusCode
    reason: str
    message: str
    retry_after_s: float | None


async def _read(stream: AsyncIterable[run_event_pb2.RunEvent]) -> None:
    async for _ in stream:
        pass


async def refusal(call: Any) -> Refusal:
    """Return how a call, unary or a stream, is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await (_read(call) if hasattr(call, "__aiter__") else call)
    status = await rpc_status.aio.from_call(call)
    assert status is not None, raised.value
    info, retry = error_details_pb2.ErrorInfo(), None
    for detail in status.details:
        if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            box = error_details_pb2.RetryInfo()
            detail.Unpack(box)
            retry = box.retry_delay.ToNanoseconds() / 1e9
        detail.Unpack(info)
    assert info.domain == "vaiven"
    return Refusal(raised.value.code(), info.reason, status.message, retry)
