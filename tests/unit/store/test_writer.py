"""The writer: grouped commits, one bad unit alone, order, and what happens when the disk does not take it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from service.errors import NotFoundError, UnavailableError
from service.store.changes import touch
from service.store.connections import writing_engine
from service.store.writer import Unit, Writer


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = writing_engine(tmp_path / "x.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY)")
    yield engine
    engine.dispose()


@pytest.fixture
async def writer(engine: Engine) -> AsyncIterator[Writer]:
    writer = Writer(engine)
    yield writer
    await writer.close()


def _put(number: int) -> Unit[int]:
    def unit(connection: Connection) -> int:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
        return number

    return unit


def _numbers(connection: Connection) -> list[int]:
    return [row.n for row in connection.execute(text("SELECT n FROM t ORDER BY n"))]


async def _held(writer: Writer) -> tuple[asyncio.Task[None], threading.Event]:
    """Keep the writer busy until the event is set, so that what follows is pending together."""
    entered, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def unit(_connection: Connection) -> None:
        loop.call_soon_threadsafe(entered.set)
        go_on.wait()

    task = asyncio.create_task(writer.submit(unit))
    await entered.wait()
    return task, go_on


async def test_what_is_pending_is_committed_together(writer: Writer) -> None:
    held, go_on = await _held(writer)
    tasks = [asyncio.create_task(writer.submit(_put(n))) for n in range(50)]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*tasks) == list(range(50))
    await held
    assert writer.commits == 2
    assert await writer.submit(_numbers) == list(range(50))


async def test_one_bad_unit_does_not_sink_the_others(writer: Writer) -> None:
    def bad(connection: Connection) -> None:
        _put(7)(connection)
        raise NotFoundError("no such thing")

    held, go_on = await _held(writer)
    tasks = [asyncio.create_task(writer.submit(unit)) for unit in (_put(1), bad, _put(1), _put(2))]
    await asyncio.sleep(0)
    go_on.set()
    first, second, third, fourth = await asyncio.gather(*tasks, return_exceptions=True)
    await held
    assert (first, fourth) == (1, 2)
    assert isinstance(second, NotFoundError)
    assert "UNIQUE" in str(third)
    assert await writer.submit(_numbers) == [1, 2]


async def test_what_units_change_is_told_once_it_is_on_disk(writer: Writer) -> None:
    def touching(connection: Connection) -> None:
        touch(connection, "things")

    def bad(connection: Connection) -> None:
        touch(connection, "other things")
        raise NotFoundError("no such thing")

    before = writer.board.of("things"), writer.board.of("other things")
    held, go_on = await _held(writer)
    gone, refused = asyncio.create_task(writer.submit(touching)), asyncio.create_task(writer.submit(bad))
    await asyncio.sleep(0)
    gone.cancel()  # its unit is committed all the same
    go_on.set()
    with pytest.raises(NotFoundError):
        await refused
    await held
    told = writer.board.of("things")
    assert (told == before[0], writer.board.of("other things") == before[1]) == (False, True)
    await writer.submit(touching)
    assert writer.board.of("things") != told


async def test_a_failing_disk_is_told_to_all_and_nothing_is_kept(writer: Writer) -> None:
    def full(_connection: Connection) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    held, go_on = await _held(writer)
    tasks = [asyncio.create_task(writer.submit(unit)) for unit in (_put(1), full, _put(2))]
    await asyncio.sleep(0)
    go_on.set()
    await held
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(r) for r in results] == [UnavailableError] * 3
    assert await writer.submit(_numbers) == []


async def test_a_cancelled_caller_does_not_take_its_unit_back(writer: Writer) -> None:
    held, go_on = await _held(writer)
    task = asyncio.create_task(writer.submit(_put(1)))
    await asyncio.sleep(0)
    task.cancel()
    go_on.set()
    await held
    assert await writer.submit(_numbers) == [1]


async def test_close_commits_what_is_pending_and_refuses_more(engine: Engine) -> None:
    writer = Writer(engine)
    held, go_on = await _held(writer)
    task = asyncio.create_task(writer.submit(_put(1)))
    await asyncio.sleep(0)
    go_on.set()
    await writer.close()
    await held
    assert await task == 1
    with pytest.raises(UnavailableError):
        await writer.submit(_put(2))
    with engine.begin() as connection:
        assert _numbers(connection) == [1]


async def test_more_than_the_capacity_waits_in_line(engine: Engine) -> None:
    writer = Writer(engine, capacity=2)
    results = await asyncio.gather(*(writer.submit(_put(n)) for n in range(20)))
    assert results == list(range(20))
    await writer.close()


async def test_who_gives_up_before_there_is_room_is_not_written_for(engine: Engine) -> None:
    writer = Writer(engine, capacity=2)
    held, go_on = await _held(writer)
    futures = [writer.put(_put(n)) for n in range(3)]
    futures[0].cancel()  # there was room for it
    futures[2].cancel()
    go_on.set()
    assert await futures[1] == 1
    await held
    assert await writer.submit(_numbers) == [0, 1]
    await writer.close()


async def test_what_is_put_in_one_turn_is_one_commit_and_what_is_made_late_its_last(writer: Writer) -> None:
    numbers = [2]

    def last() -> Unit[list[int]]:
        made = list(numbers)

        def unit(connection: Connection) -> list[int]:
            for number in made:
                _put(number)(connection)
            return _numbers(connection)

        return unit

    late, first = writer.put_late(last), writer.put(_put(1))
    numbers.append(3)
    assert (await late, await first) == ([1, 2, 3], 1)
    assert writer.commits == 1


async def test_a_unit_that_cannot_be_made_fails_alone(writer: Writer) -> None:
    def broken() -> Unit[int]:
        raise NotFoundError("It cannot be made.")

    before, late, after = writer.put(_put(1)), writer.put_late(broken), writer.put_late(lambda: _put(2))
    with pytest.raises(NotFoundError):
        await late
    assert (await before, await after) == (1, 2)
    assert await writer.submit(_numbers) == [1, 2]
