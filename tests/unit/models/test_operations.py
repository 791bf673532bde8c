"""Long operations: stored, once for a request id, of one tenant, stopped on request, and ended by a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from service.errors import (
    DrainingError,
    FailedPreconditionError,
    HubError,
    NotFoundError,
    QueueFullError,
    RequestIdReusedError,
)
from service.models.operation_records import OperationFailure, OperationRecord, Outcome, Progress
from service.models.operations import Operations, Order, Reporter
from service.runs.spec import LOCAL_PRINCIPAL, Principal
from service.store.store import Store, open_store
from tests.unit.rpc.fakes_models import CARD, REPORT

OTHER = Principal("other", "other")
ORDER = Order("PULL", "phi", None, "f")


class Gate:
    """Work that says where it is and ends when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.runs = 0

    async def work(self, reporter: Reporter) -> Outcome:
        self.runs += 1
        reporter.stage("fetching", 10, "bytes")
        reporter.done(3)
        self.begun.set()
        await self.go.wait()
        return CARD


async def ended(operations: Operations, record: OperationRecord) -> OperationRecord:
    return await operations.wait(LOCAL_PRINCIPAL, record.name, 20.0)


def failure(record: OperationRecord) -> OperationFailure:
    assert isinstance(record.outcome, OperationFailure)
    return record.outcome


async def test_an_operation_is_shown_while_it_goes_on_and_kept_when_it_ended(store: Store) -> None:
    operations, gate = Operations(store, max_running=2), Gate()
    started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    await gate.begun.wait()
    now = await operations.get(LOCAL_PRINCIPAL, started.name)
    assert (now.progress, now.outcome) == (Progress("fetching", 3, 10, "bytes"), None)
    assert (await operations.list(LOCAL_PRINCIPAL, 0, "", True)).items == (now,)
    assert (await operations.wait(LOCAL_PRINCIPAL, started.name, 0.0)).outcome is None

    gate.go.set()
    done = await ended(operations, started)
    assert (done.outcome, done.progress, done.end_time is None) == (CARD, Progress("fetching", 3, 10, "bytes"), False)
    assert (await operations.list(LOCAL_PRINCIPAL, 0, "", True)).items == ()
    assert (await operations.list(LOCAL_PRINCIPAL, 0, "", None)).items == (done,)
    await operations.delete(LOCAL_PRINCIPAL, started.name)
    with pytest.raises(NotFoundError):
        await operations.get(LOCAL_PRINCIPAL, started.name)


async def test_what_a_benchmark_found_comes_back_from_the_store(store: Store) -> None:
    async def work(reporter: Reporter) -> Outcome:
        return REPORT

    operations = Operations(store, max_running=2)
    done = await ended(operations, await operations.start(LOCAL_PRINCIPAL, ORDER, work))
    assert done.outcome == REPORT


async def test_an_error_is_kept_in_its_words_and_one_that_nobody_foresaw_is_not(store: Store) -> None:
    async def breaks(reporter: Reporter) -> Outcome:
        raise HubError("It is gone.", retry_after_s=5.0)

    async def surprises(reporter: Reporter) -> Outcome:
        raise RuntimeError("secret")

    operations = Operations(store, max_running=2)
    told = await ended(operations, await operations.start(LOCAL_PRINCIPAL, ORDER, breaks))
    assert failure(told) == OperationFailure("UNAVAILABLE", "HUB_UNAVAILABLE", "It is gone.", 5.0)
    hidden = await ended(operations, await operations.start(LOCAL_PRINCIPAL, ORDER, surprises))
    assert (failure(hidden).code, "secret" in failure(hidden).message) == ("INTERNAL", False)


async def test_a_request_id_starts_the_work_once(store: Store) -> None:
    operations, gate = Operations(store, max_running=1), Gate()
    order = Order("PULL", "phi", "id-1", "f")
    started = await operations.start(LOCAL_PRINCIPAL, order, gate.work)
    again = await operations.start(LOCAL_PRINCIPAL, order, gate.work)
    assert (again.name, gate.runs <= 1) == (started.name, True)
    found = await operations.replay(LOCAL_PRINCIPAL, order)
    assert found is not None
    assert found.name == started.name
    assert await operations.replay(OTHER, order) is None
    with pytest.raises(RequestIdReusedError):
        await operations.start(LOCAL_PRINCIPAL, Order("PULL", "phi", "id-1", "g"), gate.work)
    gate.go.set()
    await ended(operations, started)
    assert gate.runs == 1


async def test_no_more_than_may_be_go_on_at_once(store: Store) -> None:
    operations, gate = Operations(store, max_running=1), Gate()
    started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    with pytest.raises(QueueFullError):
        await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    gate.go.set()
    await ended(operations, started)
    await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    await operations.close()


@pytest.mark.parametrize("begun", [True, False], ids=["after its first step", "before its first step"])
async def test_a_cancelled_operation_stops_and_says_so(store: Store, begun: bool) -> None:
    operations, gate = Operations(store, max_running=1), Gate()
    started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    if begun:
        await gate.begun.wait()
    with pytest.raises(FailedPreconditionError):
        await operations.delete(LOCAL_PRINCIPAL, started.name)
    await operations.cancel(LOCAL_PRINCIPAL, started.name)
    told = await operations.get(LOCAL_PRINCIPAL, started.name)
    assert (failure(told).code, failure(told).reason) == ("CANCELLED", "OPERATION_CANCELLED")
    await operations.cancel(LOCAL_PRINCIPAL, started.name)
    assert await operations.get(LOCAL_PRINCIPAL, started.name) == told


async def test_another_tenant_finds_nothing(store: Store) -> None:
    operations, gate = Operations(store, max_running=1), Gate()
    started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    for call in (
        operations.get(OTHER, started.name),
        operations.wait(OTHER, started.name, 0.0),
        operations.cancel(OTHER, started.name),
        operations.delete(OTHER, started.name),
    ):
        with pytest.raises(NotFoundError):
            await call
    assert (await operations.list(OTHER, 0, "", None)).items == ()
    gate.go.set()
    assert (await ended(operations, started)).outcome == CARD


async def test_a_stop_and_a_restart_leave_a_clear_state(store: Store) -> None:
    operations, gate = Operations(store, max_running=2), Gate()
    stopped = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
    await operations.close()
    assert failure(await operations.get(LOCAL_PRINCIPAL, stopped.name)).reason == "SERVICE_RESTARTED"
    with pytest.raises(DrainingError):
        await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)

    killed, lost = Operations(store, max_running=2), Gate()
    going_on = await killed.start(LOCAL_PRINCIPAL, ORDER, lost.work)
    await lost.begun.wait()
    next_process = Operations(store, max_running=2)
    assert await next_process.recover() == 1
    told = failure(await next_process.get(LOCAL_PRINCIPAL, going_on.name))
    assert (told.code, told.reason, "Ask again" in told.message) == ("UNAVAILABLE", "SERVICE_RESTARTED", True)
    await killed.close()
    assert failure(await next_process.get(LOCAL_PRINCIPAL, going_on.name)) == told, "what ended stays as it is"


async def test_an_operation_is_followed_and_cancelled_by_way_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with open_store(path, shared=True) as store, open_store(path, shared=True) as neighbour:
        operations, other, gate = Operations(store, max_running=2), Operations(neighbour, max_running=2), Gate()
        started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
        await gate.begun.wait()
        assert await other.recover() == 0  # its owner lives
        await operations.look()
        assert (await other.get(LOCAL_PRINCIPAL, started.name)).progress == Progress("fetching", 3, 10, "bytes")
        with pytest.raises(FailedPreconditionError, match="cancel it first"):
            await other.delete(LOCAL_PRINCIPAL, started.name)

        cancelling = asyncio.create_task(other.cancel(LOCAL_PRINCIPAL, started.name))
        while (await operations.get(LOCAL_PRINCIPAL, started.name)).outcome is None:
            await operations.look()  # as it does when it is asked for something
        await cancelling
        assert failure(await ended(other, started)).reason == "OPERATION_CANCELLED"


async def test_what_a_process_that_is_gone_was_working_on_is_ended_by_another(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with open_store(path, shared=True) as store, open_store(path, shared=True) as neighbour:
        operations, other, gate = Operations(store, max_running=2), Operations(neighbour, max_running=2), Gate()
        started = await operations.start(LOCAL_PRINCIPAL, ORDER, gate.work)
        await store.write(lambda c: c.exec_driver_sql("UPDATE operations SET owner = 'gone'"))
        assert await other.recover() == 1
        assert failure(await other.get(LOCAL_PRINCIPAL, started.name)).reason == "SERVICE_RESTARTED"
        await operations.close()
