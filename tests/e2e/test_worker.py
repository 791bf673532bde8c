"""`vaiven serve` with a model in its worker: the worker dies, the service dies, nobody is left waiting or behind."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

import psutil
import pytest
from google.rpc import code_pb2

from tests.e2e.client import connected, hello, until, watch
from tests.e2e.entries import command
from tests.e2e.processes import TINY_MODEL, Service, Throttle, serving

pytestmark = pytest.mark.usefixtures("fork_server")

SERVE: Final = (command, "serve", "--json", "--listen", "127.0.0.1:0")
ENVIRONMENT: Final = {**TINY_MODEL, "VAIVEN_ONNX__RESTART_BACKOFF_S": "0.01"}


def worker_of(service: Service) -> int:
    """Return the process id of the one model's worker, slowed down."""
    workers = [
        child.pid
        for child in psutil.Process(service.pid).children()
        if "service.backends.onnx.worker" in child.cmdline()
    ]
    assert len(workers) == 1
    Throttle(workers[0])
    return workers[0]


async def gone(descriptor: int) -> None:
    """Wait until the process of a pidfd has ended."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_worker_that_dies_fails_its_runs_and_the_next_is_served(tmp_path: Path, stopped: bool) -> None:
    async with serving(tmp_path, *SERVE, environment=ENVIRONMENT) as service, connected(service.address) as client:
        worker = worker_of(service)
        streams = [aiter(client.agents.Run(hello(f"Number {number}."))) for number in range(6)]
        seen = [await until(stream, "text_delta") for stream in streams]
        if stopped:
            os.kill(worker, signal.SIGSTOP)  # it does not answer, and is then ended by someone
            streams.append(aiter(client.agents.Run(hello("One more."))))
            seen.append(await until(streams[-1], "run_started"))
        os.kill(worker, signal.SIGKILL)
        for events, stream in zip(seen, streams, strict=True):
            events.extend([event async for event in stream])
            failed = events[-1].failed
            assert (failed.code, failed.reason) == (code_pb2.UNAVAILABLE, "MODEL_WORKER_DIED")
            assert failed.retryable
            assert failed.retry_after_s > 0
            assert failed.text == "".join(event.text_delta.text for event in events)
            assert "signal 9" in failed.message
        # Asked at once: it waits for the new worker, and one death is not held against the model.
        assert [event async for event in client.agents.Run(hello("Again."))][-1].HasField("incomplete")
        assert worker_of(service) != worker
        for events in seen:
            replayed = [event async for event in client.agents.WatchRun(watch(events[0].run))]
            assert replayed == events
        service.tell(signal.SIGTERM)
        assert await service.ended() == 0


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux can wait for a process that is not its child")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_worker_outlives_its_service(tmp_path: Path, number: int) -> None:
    async with serving(tmp_path, *SERVE, environment=ENVIRONMENT) as service, connected(service.address) as client:
        worker = os.pidfd_open(worker_of(service))
        await until(aiter(client.agents.Run(hello("Decode."))), "text_delta")
        try:
            service.tell(number)
            await gone(worker)
        finally:
            os.close(worker)
        assert await service.ended() == (-number if number == signal.SIGKILL else 0)
