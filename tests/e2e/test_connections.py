"""What a connection may take, and one whose other end is gone without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from vaiven.v1 import agent_service_pb2

from tests.e2e.client import connected, hello, until, watch
from tests.e2e.entries import stepped
from tests.e2e.processes import serving

pytestmark = pytest.mark.usefixtures("fork_server")

LIST = agent_service_pb2.ListRunsRequest()


class Line:
    """A connection's way to the service; once it is `cut`, nothing passes and nobody is told."""

    def __init__(self) -> None:
        self.cut = False

    async def carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if not self.cut:
                sink.write(data)
                await sink.drain()


@asynccontextmanager
async def line_to(address: str) -> AsyncIterator[tuple[str, Line]]:
    """Give an address that leads to `address`, and the line between them."""
    line = Line()
    carriers: list[asyncio.Task[None]] = []
    ends: list[asyncio.StreamWriter] = []
    host, _, port = address.rpartition(":")

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        ends.extend((writer, far_writer))
        ways = (line.carry(reader, far_writer), line.carry(far_reader, writer))
        carriers.extend(map(asyncio.create_task, ways))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", line
    finally:
        server.close()
        for carrier in carriers:
            carrier.cancel()
        for end in ends:
            end.close()
        await asyncio.gather(*carriers, *(end.wait_closed() for end in ends), return_exceptions=True)


async def test_a_caller_whose_line_is_dead_is_noticed(tmp_path: Path) -> None:
    """No byte comes any more, and no end of the connection either: only a probe that is not answered tells."""
    environment = {"VAIVEN_SERVER__KEEPALIVE_TIME_S": "0.2", "VAIVEN_SERVER__KEEPALIVE_TIMEOUT_S": "0.2"}
    async with (
        serving(tmp_path, stepped, 3, environment=environment) as service,
        connected(service.address) as other,
        line_to(service.address) as (address, line),
        connected(address) as client,
    ):
        service.allow(1)
        stream = aiter(client.agents.Run(hello(cancel_on_disconnect=True)))
        run = (await until(stream, "text_delta"))[0].run
        line.cut = True
        end = [event async for event in other.agents.WatchRun(watch(run))][-1]
        assert end.cancelled.reason == "CLIENT_DISCONNECTED"


async def test_a_connection_has_so_many_calls_at_once_and_no_more(tmp_path: Path) -> None:
    environment = {"VAIVEN_SERVER__MAX_CONCURRENT_STREAMS": "2"}
    async with serving(tmp_path, stepped, 1, environment=environment) as service, connected(service.address) as client:
        streams = [aiter(client.agents.Run(hello())) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        third = asyncio.ensure_future(client.agents.ListRuns(LIST))
        # Another connection is served meanwhile, as often as it asks.
        async with connected(service.address, options=[("grpc.use_local_subchannel_pool", 1)]) as other:
            for _ in range(10):
                assert len((await other.agents.ListRuns(LIST)).runs) == 2
        assert not third.done()
        service.allow(1)
        for stream in streams:
            assert [event async for event in stream][-1].HasField("completed")
        assert len((await third).runs) == 2
