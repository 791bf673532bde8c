"""What stops a run stops the model: read from the worker's own counters, not from the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from google.rpc import code_pb2
from vaiven.v1 import agent_service_pb2, run_event_pb2, run_pb2

from tests.e2e.client import MOST_WORDS, hello, until, watch
from tests.e2e.tiny import TinyService, tiny_service

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TinyService]:
    """One service whose model decodes one request at a time, on the engine that batches."""
    async with tiny_service(tmp_path_factory.mktemp("stopping"), engine="batched", max_active=1) as running:
        yield running


async def assert_idle(service: TinyService, steps_before: int) -> None:
    """Check that the worker has nothing to do, did not come to the answer's end, and goes on with nothing."""
    after = await service.model.stats()
    assert (after["active"], after["queued"], after["finished"]) == (0, 0, 0)
    assert 0 < after["decode_steps"] - steps_before < MOST_WORDS // 2
    assert (await service.model.stats())["decode_steps"] == after["decode_steps"]


async def steps(service: TinyService) -> int:
    return (await service.model.stats())["decode_steps"]


async def assert_stopped(known: asyncio.Task[dict[str, int]], later: asyncio.Task[dict[str, int]]) -> None:
    """Check that a request was decoded when `known` was read, and at `later`, one step on at most, no more."""
    then, now = await known, await later
    assert (then["active"], now["active"]) == (1, 0)
    assert 0 <= now["decode_steps"] - then["decode_steps"] <= 1


async def end_of(service: TinyService, run: str) -> run_event_pb2.RunEvent:
    return [event async for event in service.client.agents.WatchRun(watch(run))][-1]


def cancel(run: str) -> agent_service_pb2.CancelRunRequest:
    return agent_service_pb2.CancelRunRequest(name=run)


async def test_cancel(service: TinyService) -> None:
    before = await steps(service)
    stream = aiter(service.client.agents.Run(hello("Cancel this.")))
    run = (await until(stream, "text_delta"))[0].run
    cancelled = (await service.client.agents.CancelRun(cancel(run))).run
    assert cancelled.state == run_pb2.RUN_STATE_CANCELLED
    await assert_idle(service, before)
    assert cancelled.cancelled.usage.output_tokens > 0
    assert [event async for event in stream][-1].cancelled == cancelled.cancelled


async def test_cancel_of_a_run_that_waits_for_its_turn(service: TinyService) -> None:
    before = await steps(service)
    first = aiter(service.client.agents.Run(hello("Go first.")))
    first_run = (await until(first, "text_delta"))[0].run
    second = aiter(service.client.agents.Run(hello("Wait.")))
    second_run = (await until(second, "routing_decision"))[0].run
    assert (await service.client.agents.CancelRun(cancel(second_run))).run.cancelled.text == ""
    stats = await service.model.stats()
    assert (stats["active"], stats["queued"]) == (1, 0)
    await service.client.agents.CancelRun(cancel(first_run))
    await assert_idle(service, before)


async def test_the_caller_leaves(service: TinyService) -> None:
    before = await steps(service)
    call = service.client.agents.Run(hello("Leave.", cancel_on_disconnect=True))
    run = (await until(aiter(call), "text_delta"))[0].run
    call.cancel()
    assert (await end_of(service, run)).cancelled.reason == "CLIENT_DISCONNECTED"
    await assert_idle(service, before)


async def test_of_a_stopped_run_no_more_than_one_step_is_decoded(service: TinyService) -> None:
    before = await steps(service)
    stream = aiter(service.client.agents.Run(hello("Cancel this at once.")))
    run = (await until(stream, "text_delta"))[0].run
    with service.throttle.halted():
        # The worker reads what it was told in order: how far it is, then that the run is over, then how far it is now.
        known = asyncio.create_task(service.model.stats())
        cancelled = (await service.client.agents.CancelRun(cancel(run))).run
        assert cancelled.state == run_pb2.RUN_STATE_CANCELLED
        later = asyncio.create_task(service.model.stats())
    await assert_stopped(known, later)
    await assert_idle(service, before)


async def test_the_deadline(service: TinyService) -> None:
    before = await steps(service)
    call = service.client.agents.Run(hello("Be late."), timeout=1.5)
    stream = aiter(call)
    run = (await until(stream, "text_delta"))[0].run
    # The worker stands still, so that the answer cannot end before the deadline, however fast it is.
    with service.throttle.halted():
        known = asyncio.create_task(service.model.stats())
        with suppress(grpc.aio.AioRpcError):
            async for _ in stream:
                pass
        failed = (await end_of(service, run)).failed
        assert (failed.code, failed.reason) == (code_pb2.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        later = asyncio.create_task(service.model.stats())
    await assert_stopped(known, later)
    await assert_idle(service, before)


async def test_the_end_of_the_service(tmp_path: Path) -> None:
    async with tiny_service(tmp_path) as running:
        streams = [aiter(running.client.agents.Run(hello(f"Number {number}."))) for number in range(3)]
        for stream in streams:
            await until(stream, "text_delta")
        drained = asyncio.create_task(running.app.drain())
        for stream in streams:
            assert [event async for event in stream][-1].cancelled.reason == "SERVICE_DRAINING"
        await drained
        stats = await running.model.stats()
        assert (stats["active"], stats["queued"], stats["finished"]) == (0, 0, 0)
