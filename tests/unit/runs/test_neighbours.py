"""Two processes on one store: who works on what, who is asked for it, and what becomes of what one leaves behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from plugins.output import FunctionResult, TextDelta
from service.errors import SessionBusyError
from service.runs.engine import RunEngine, RunLimits
from service.runs.events import Cancelled, Completed, Failed, RunEvent
from service.runs.recovery import recover
from service.runs.scope import RunScope
from service.runs.sessions import SessionDesk
from service.runs.spec import LOCAL_PRINCIPAL, RunRecord, RunSpec, RunState
from service.store import runs
from service.store.neighbours import Duties, Neighbours
from service.store.store import Store, open_store
from tests.unit.runs.conftest import ScriptedAgent, events_of


class Process:
    """Stands for a process: all that one has to itself."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.agent = ScriptedAgent()
        self.engine = RunEngine(store, self.agent, RunLimits())
        self.sessions = SessionDesk(store)
        self.neighbours = Neighbours(store)
        self.duties = Duties(self._take_over, self.engine.look, lambda: self.engine.has_lost)
        self.go, self.begun = asyncio.Event(), asyncio.Event()
        self.agent.script = self._work

    async def _take_over(self) -> None:
        await self.engine.take_over()

    async def _work(self, scope: RunScope) -> None:
        await scope.take(TextDelta("begun"))
        self.begun.set()
        await self.go.wait()
        await scope.take(FunctionResult("begun", {}))

    async def look(self) -> None:
        await self.neighbours.look(self.duties)

    async def hear(self) -> None:
        await self.neighbours.hear(self.duties)

    async def start(self, **spec: object) -> RunRecord:
        return await self.engine.start(LOCAL_PRINCIPAL, RunSpec(input="x", **spec))  # type: ignore[arg-type]

    async def events(self, name: str) -> list[RunEvent]:
        return await events_of(self.engine, name)

    async def die(self) -> None:
        """Be gone without a word, as a process that is killed: what it had said is on disk, its files are closed."""
        for live in self.engine._live.values():
            live.abandon()
        await self.store.writer.close()
        instance = self.store.instance
        os.close(instance._descriptor)
        instance._descriptor = os.open(os.devnull, os.O_RDONLY)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Process, Process]]:
    async with AsyncExitStack() as stack:
        processes = []
        for _ in range(2):
            store = await stack.enter_async_context(open_store(tmp_path / "vaiven.db", shared=True))
            await recover(store)
            processes.append(Process(store))
            stack.push_async_callback(processes[-1].engine.drain, 0.0)
        yield processes[0], processes[1]


async def test_the_start_of_one_leaves_the_runs_of_the_other_alone(two: tuple[Process, Process]) -> None:
    one, other = two
    run = await one.start()
    await recover(other.store)
    await other.look()
    one.go.set()
    assert isinstance((await one.events(run.name))[-1].payload, Completed)


async def test_a_run_is_watched_through_the_other(two: tuple[Process, Process]) -> None:
    one, other = two
    run = await one.start()
    watched = other.engine.follow(LOCAL_PRINCIPAL, run.name, 0)
    first = await anext(watched)
    assert first.sequence == 1
    one.go.set()
    rest = [event async for event in watched]
    assert isinstance(rest[-1].payload, Completed)
    assert [first, *rest] == await one.events(run.name)


async def test_a_run_is_cancelled_through_the_other(two: tuple[Process, Process]) -> None:
    one, other = two
    run = await one.start()
    await one.begun.wait()
    cancelling = asyncio.create_task(other.engine.cancel(LOCAL_PRINCIPAL, run.name, "r"))
    while one.engine._live:
        await one.hear()  # as it does from time to time
        await asyncio.sleep(0)
    cancelled = await cancelling
    assert isinstance(cancelled.terminal, Cancelled)
    assert (cancelled.terminal.reason, cancelled.terminal.text) == ("CANCELLED_BY_CALLER", "begun")


async def test_a_session_has_one_run_whichever_process_gets_it(two: tuple[Process, Process]) -> None:
    one, other = two
    session = (await one.sessions.create(LOCAL_PRINCIPAL, "", None)).name
    run = await one.start(session=session)
    for refused in (one, other):
        with pytest.raises(SessionBusyError):
            await refused.start(session=session)
    with pytest.raises(SessionBusyError):
        await other.sessions.delete(LOCAL_PRINCIPAL, session, None)
    one.go.set()
    other.go.set()
    await one.events(run.name)
    assert isinstance((await other.events((await other.start(session=session)).name))[-1].payload, Completed)


async def test_a_request_id_makes_one_run_whichever_process_gets_it(two: tuple[Process, Process]) -> None:
    made = await asyncio.gather(*(process.start(request_id="r") for process in two))
    assert made[0].name == made[1].name
    assert sum(len(process.engine._live) for process in two) == 1


async def test_what_a_process_leaves_behind_ends_through_the_other_whose_runs_go_on(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    session = (await one.sessions.create(LOCAL_PRINCIPAL, "", None)).name
    left, own = await one.start(session=session), await other.start()
    await one.begun.wait()
    await other.look()
    assert (await other.engine.get(LOCAL_PRINCIPAL, left.name)).state is RunState.RUNNING
    await one.die()
    await other.look()
    end = (await other.events(left.name))[-1].payload
    assert isinstance(end, Failed)
    assert (end.reason, end.retryable, end.text) == ("SERVICE_RESTARTED", True, "begun")
    other.go.set()
    assert isinstance((await other.events(own.name))[-1].payload, Completed)
    await other.start(session=session)  # it is free again


async def test_what_was_asked_of_a_process_that_is_gone_is_done(two: tuple[Process, Process]) -> None:
    one, other = two
    run = await one.start()
    await one.begun.wait()
    await other.look()
    cancelling = asyncio.create_task(other.engine.cancel(LOCAL_PRINCIPAL, run.name))
    while not await other.store.read(lambda c: runs.asked_to_cancel(c, one.store.owner)):
        pass
    await one.die()
    await other.look()
    assert isinstance((await cancelling).terminal, Cancelled)
