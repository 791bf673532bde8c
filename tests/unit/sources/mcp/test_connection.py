"""Sessions are opened when they are needed and again, after pauses that grow, when they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from mcp.shared.memory import create_client_server_memory_streams
from mcp.types import ClientRequest, EmptyResult, PingRequest

from plugins.sources.base import SourceError
from plugins.sources.mcp.connection import McpConnection, Streams
from plugins.sources.mcp.transport import Failures
from tests.unit.sources.mcp.servers import ToolServer, text

PING = ClientRequest(PingRequest())


class Target:
    """Opens sessions in memory, or fails with what the test says."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.opened = 0
        self.lose: Callable[[], None] = lambda: None
        self.pauses: list[float] = []
        self.paused = asyncio.Event()
        self.go_on = asyncio.Event()
        self.opening = asyncio.Event()

    @asynccontextmanager
    async def open(self, _failures: Failures, on_lost: Callable[[], None]) -> AsyncIterator[Streams]:
        self.opened += 1
        self.opening.set()
        self.lose = on_lost
        if self.failure is not None:
            raise self.failure

        async def call(_name: str, _arguments: object) -> object:
            return text("")

        server = ToolServer([], call).server()  # type: ignore[arg-type]
        async with create_client_server_memory_streams() as (client, (read, write)):
            running = asyncio.create_task(server.run(read, write, server.create_initialization_options()))
            try:
                yield client
            finally:
                running.cancel()
                await asyncio.wait([running])

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.paused.set()
        await self.go_on.wait()
        self.go_on.clear()

    async def after_pause(self) -> None:
        await self.paused.wait()
        self.paused.clear()
        self.opening.clear()
        self.go_on.set()
        await self.opening.wait()


@pytest.fixture
async def target() -> Target:
    return Target()


@pytest.fixture
async def connection(target: Target) -> AsyncIterator[McpConnection]:
    made = McpConnection(target.open, 5.0, (), lambda: None, target.pause)
    yield made
    await made.aclose()


async def test_one_session_for_many_requests(target: Target, connection: McpConnection) -> None:
    assert target.opened == 0
    await asyncio.gather(*(connection.ask(PING, EmptyResult, 5.0) for _ in range(10)))

    assert target.opened == 1
    assert connection.server is not None
    assert connection.server.serverInfo.name == "shop-tools"


async def test_a_session_that_is_lost_is_opened_again_after_a_pause(target: Target, connection: McpConnection) -> None:
    await connection.ask(PING, EmptyResult, 5.0)
    target.lose()
    await target.paused.wait()
    with pytest.raises(SourceError) as between:
        await connection.ask(PING, EmptyResult, 5.0)
    await target.after_pause()
    await connection.ask(PING, EmptyResult, 5.0)

    assert (between.value.code, between.value.retryable) == ("TARGET_UNREACHABLE", True)
    assert target.opened == 2
    assert 0.25 <= target.pauses[0] <= 0.5


@pytest.mark.parametrize(
    "failure",
    [
        OSError("no program"),
        RuntimeError("something"),
        ExceptionGroup("several", [SourceError("TARGET_UNREACHABLE", "Not there.", retryable=True), OSError()]),
        SourceError("TARGET_UNREACHABLE", "Not there.", retryable=True),
    ],
)
async def test_pauses_grow_while_nothing_answers(
    target: Target, connection: McpConnection, failure: BaseException
) -> None:
    target.failure = failure
    for _ in range(10):
        with pytest.raises(SourceError) as failed:
            await connection.ask(PING, EmptyResult, 5.0)
        assert (failed.value.code, failed.value.retryable) == ("TARGET_UNREACHABLE", True)
        await target.after_pause()
    target.failure = None
    await target.after_pause()
    await connection.ask(PING, EmptyResult, 5.0)

    longest = [0.5 * 2**n for n in range(1, 12)]
    assert all(
        min(most, 60.0) / 2 <= pause <= min(most, 60.0) for pause, most in zip(target.pauses, longest, strict=True)
    )


async def test_it_can_be_closed_at_any_time(target: Target) -> None:
    made = McpConnection(target.open, 5.0, (), lambda: None, target.pause)
    await made.aclose()
    target.failure = OSError()
    with pytest.raises(SourceError):
        await made.ask(PING, EmptyResult, 5.0)
    await made.aclose()
    target.failure = None
    await made.ask(PING, EmptyResult, 5.0)
    await made.aclose()
