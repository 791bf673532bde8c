"""The processes on one store, wired: what each does for the others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import structlog

from service.models.operations import Operations
from service.runs.engine import RunEngine
from service.runs.planning.approvals import ApprovalDesk
from service.store.neighbours import Duties, Neighbours

_log = structlog.get_logger(__name__)


def look_after(
    stack: AsyncExitStack, neighbours: Neighbours, engine: RunEngine, operations: Operations, approvals: ApprovalDesk
) -> None:
    """Look after the other processes until `stack` is left."""
    looking = asyncio.create_task(neighbours.watch(duties(engine, operations, approvals)), name="neighbours")
    stack.push_async_callback(_stop, looking)


def duties(engine: RunEngine, operations: Operations, approvals: ApprovalDesk) -> Duties:
    """Return what a process takes over from those that are gone, and answers to those that ask."""

    async def take_over() -> None:
        taken, operations_ended = await engine.take_over(), await operations.recover()
        anything = taken.ended or taken.going_on or operations_ended or taken.reservations
        tell = _log.warning if anything else _log.info
        tell(
            "taken_over",
            runs_ended=taken.ended,
            runs_going_on=len(taken.going_on),
            operations_ended=operations_ended,
            reservations_released=taken.reservations,
        )

    async def answer() -> None:
        await engine.look()
        await operations.look()
        await approvals.look()

    return Duties(take_over, answer, lambda: engine.has_lost)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
