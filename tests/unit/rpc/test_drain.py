from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from service.errors import DrainingError
from service.rpc import server as server_module
from service.rpc.interceptors.chain import GuardRow
from service.rpc.interceptors.drain import DrainGuard
from service.rpc.server import OPERATIONS, SERVICES, RpcServer
from tests.unit.rpc.fakes import FakeContext, call_with


class Parts:
    """The server, the health service and the engine, in the order in which they are called."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.gate = DrainGuard()
        self.drain_goes_on = asyncio.Event()
        self.drain_goes_on.set()
        self.runs_are_asked = asyncio.Event()

    async def start(self) -> None:
        self.notes.append("start")

    async def set(self, service: str, status: int) -> None:
        self.notes.append(f"serving {service or '(all)'}")

    async def enter_graceful_shutdown(self) -> None:
        assert not self.gate.closed
        self.notes.append("not serving")

    async def drain(self, grace_s: float) -> None:
        assert self.gate.closed
        self.notes.append(f"runs end within {grace_s}")
        self.runs_are_asked.set()
        await self.drain_goes_on.wait()

    async def stop(self, grace_s: float) -> None:
        self.notes.append("stop")

    def server(self) -> RpcServer:
        part = cast(Any, self)
        return RpcServer(part, 4711, part, self.gate, part)


async def test_every_service_is_said_to_serve_after_the_start() -> None:
    parts = Parts()
    server = parts.server()
    await server.start()

    assert parts.notes == ["start", "serving (all)", *(f"serving {name}" for name in (*SERVICES, OPERATIONS))]
    assert (server.port, server.draining) == (4711, False)


async def test_health_changes_first_then_the_gate_closes_then_runs_end_then_the_server() -> None:
    parts = Parts()
    server = parts.server()
    await server.drain(30.0)

    assert parts.notes == ["not serving", "runs end within 30.0", "stop"]
    assert server.draining


async def test_callers_may_take_what_is_left_of_their_streams() -> None:
    parts = Parts()
    server = parts.server()
    async with asyncio.TaskGroup() as group:
        async with GuardRow(parts.gate).around(call_with(FakeContext(), is_stream=True)):
            draining = group.create_task(server.drain(30.0))
            await parts.runs_are_asked.wait()
            assert "stop" not in parts.notes
            with pytest.raises(DrainingError):
                async with GuardRow(parts.gate).around(call_with(FakeContext())):
                    pytest.fail("a new call went on")
        await draining
    assert parts.notes[-1] == "stop"


async def test_a_stream_that_nobody_reads_does_not_hold_the_end_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "LAST_WORDS_S", 0.0)
    parts = Parts()
    async with GuardRow(parts.gate).around(call_with(FakeContext(), is_stream=True)):
        await parts.server().drain(0.0)
    assert parts.notes[-1] == "stop"


async def test_a_second_signal_waits_for_the_same_end() -> None:
    parts = Parts()
    parts.drain_goes_on.clear()
    server = parts.server()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(server.drain(30.0))
        second = group.create_task(server.drain(5.0))
        await asyncio.sleep(0)
        first.cancel()  # whoever waited gave up; the end goes on
        parts.drain_goes_on.set()
        await second
    assert parts.notes == ["not serving", "runs end within 30.0", "stop"]
