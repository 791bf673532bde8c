"""What several of the contract's suites start from."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio
import pytest

from service.rpc.server import RpcOptions, build_server
from tests.contract.edge import Edge
from tests.unit.rpc.fakes import FakeDomain


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    domain = FakeDomain()
    server = build_server(domain.ports(), RpcOptions(address="127.0.0.1:0"))
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Edge(channel, server, domain)
    await server.drain(0.0)
