"""What is full says so, and when to come back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from google.rpc import code_pb2
from vaiven.v1 import run_event_pb2

from tests.e2e.client import connected, hello, refusal
from tests.e2e.entries import stepped
from tests.e2e.processes import serving
from tests.e2e.tiny import tiny_service

pytestmark = pytest.mark.usefixtures("fork_server")


async def test_more_runs_than_allowed_are_refused_until_one_ends(tmp_path: Path) -> None:
    environment = {"VAIVEN_RUNS__MAX_CONCURRENT": "2"}
    async with serving(tmp_path, stepped, 1, environment=environment) as service, connected(service.address) as client:
        streams = [aiter(client.agents.Run(hello())) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        refused = await refusal(client.agents.Run(hello()))
        assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
        assert refused.retry_after_s is not None
        assert refused.retry_after_s > 0
        service.allow(1)
        for stream in streams:
            assert [event async for event in stream][-1].HasField("completed")
        assert [event async for event in client.agents.Run(hello())][-1].HasField("completed")


async def test_a_full_queue_of_the_model_ends_the_run_with_a_time_to_come_back(tmp_path: Path) -> None:
    async with tiny_service(tmp_path, max_active=1, max_queued=1) as service:

        async def end_of(number: int) -> run_event_pb2.RunEvent:
            request = hello(f"Number {number}.", generation={"max_output_tokens": 150})
            return [event async for event in service.client.agents.Run(request)][-1]

        ends = await asyncio.gather(*map(end_of, range(8)))
        refused = [end.failed for end in ends if end.HasField("failed")]
        assert 0 < len(refused) <= 6
        for failed in refused:
            assert (failed.code, failed.reason, failed.retryable) == (code_pb2.RESOURCE_EXHAUSTED, "QUEUE_FULL", True)
            assert failed.retry_after_s > 0
        assert {end.WhichOneof("payload") for end in ends} == {"incomplete", "failed"}
        assert (await end_of(9)).HasField("incomplete")
