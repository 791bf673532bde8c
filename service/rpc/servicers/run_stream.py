"""From a run to a stream of the contract's events, for every RPC that has one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

import structlog
from vaiven.v1 import run_event_pb2

from service.errors import VaivenError
from service.rpc.convert.events import event_to_proto
from service.rpc.ports import RunEngine
from service.runs.engine import CLIENT_DISCONNECTED
from service.runs.events import RunEvent
from service.runs.spec import Principal, RunSpec

_log: Final[Any] = structlog.get_logger(__name__)


class RunStreams:
    """Starts and follows runs; a run goes on when its stream ends early, unless its request says otherwise."""

    def __init__(self, runs: RunEngine) -> None:
        """Keep the engine."""
        self._runs = runs
        self._cancelling: set[asyncio.Task[None]] = set()

    async def start(self, principal: Principal, spec: RunSpec) -> AsyncGenerator[run_event_pb2.RunEvent, None]:
        """Start a run and yield its events, the terminal one last."""
        run = await self._runs.start(principal, spec)
        ended = False
        try:
            events = self._runs.follow(principal, run.name, 0)
            try:
                async for event in events:
                    ended = event.is_terminal
                    yield event_to_proto(event)
            finally:
                await _closed(events)
        finally:
            if spec.cancel_on_disconnect and not ended:
                # This task is being cancelled itself, so the run is stopped from another one.
                task = asyncio.create_task(self._cancel(principal, run.name))
                self._cancelling.add(task)
                task.add_done_callback(self._cancelling.discard)

    async def follow(
        self, principal: Principal, run: str, after_sequence: int
    ) -> AsyncGenerator[run_event_pb2.RunEvent, None]:
        """Yield the events of a run after a sequence number, the terminal one last."""
        events = self._runs.follow(principal, run, after_sequence)
        try:
            async for event in events:
                yield event_to_proto(event)
        finally:
            await _closed(events)

    async def _cancel(self, principal: Principal, run: str) -> None:
        try:
            await self._runs.cancel(principal, run, None, reason=CLIENT_DISCONNECTED)
        except VaivenError as error:
            _log.warning("an abandoned run was not cancelled", run=run, reason=error.reason)


async def _closed(events: AsyncIterator[RunEvent]) -> None:
    if isinstance(events, AsyncGenerator):
        await events.aclose()
