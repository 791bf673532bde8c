"""Several processes on one store: who may join, who lives, what they tell each other, and whose turn it is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.economics.budgets import Budget, Budgets
from service.economics.ledger import open_ledger
from service.economics.scope import Period
from service.store import budgets
from service.store.board import Board
from service.store.budgets import ReservationRow
from service.store.instances import Instance
from service.store.lock import StoreInUseError, StoreLock
from service.store.store import open_store
from service.store.turns import Turns

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it knows no shared locks")


async def test_who_shares_a_store_joins_and_who_does_not_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with open_store(path, shared=True) as one, open_store(path, shared=True) as other:
        assert one.owner != other.owner
        with pytest.raises(StoreInUseError):
            async with open_store(path):
                pass
    with StoreLock(path) as alone:
        alone.take_alone()
        with StoreLock(path) as lock, pytest.raises(StoreInUseError):
            lock.take(wait_s=0.0)


async def test_tables_are_not_changed_while_others_use_them(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with open_store(path, shared=True) as store:
        await store.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'"))
        with pytest.raises(StoreInUseError, match="earlier version of vaiven"):
            async with open_store(path, shared=True):
                pass


def test_the_system_tells_who_lives(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    one, other = Instance(path), Instance(path)
    assert one.lives(one.id)
    assert one.lives(other.id)
    assert one.others() == {other.id}
    assert not one.lives("nobody")
    script = (
        "import pathlib, sys; from service.store.instances import Instance\n"
        "print(Instance(pathlib.Path(sys.argv[1])).id, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        third = process.stdout.readline().strip()
        assert one.others() == {other.id, third}
        process.kill()
        process.wait()
    assert one.others() == {other.id}
    assert not one.lives(third)
    assert (tmp_path / "vaiven.db.instances" / third).is_file()
    one.bury()
    other.close()
    assert one.others() == frozenset()
    assert [entry.name for entry in (tmp_path / "vaiven.db.instances").iterdir()] == [one.id]
    one.close()


def test_what_one_tells_another_sees(tmp_path: Path) -> None:
    one, other = Board(tmp_path / "board"), Board(tmp_path / "board")
    before = other.of("things"), other.of("other things")
    one.tell(["things"])
    first = other.of("things")
    other.tell(["things"])
    assert len({before[0], first, one.of("things")}) == 3
    assert one.of("other things") == before[1]
    assert Board().of("things") == 0


def test_whoever_waits_for_a_turn_is_next(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    instance, turns = Instance(path), [Turns(path), Turns(path)]
    order: list[int] = []
    waits = threading.Event()

    def other() -> None:
        waits.set()
        with turns[1].take():
            order.append(1)

    thread = threading.Thread(target=other)
    with turns[0].take():
        thread.start()
        waits.wait()
        descriptor = os.open(tmp_path / "vaiven.db.instances" / ".next", os.O_RDWR)
        while _is_free(descriptor):
            pass
        os.close(descriptor)
    with turns[0].take():
        order.append(0)
    thread.join()
    assert order == [1, 0]
    for each in turns:
        each.close()
    instance.close()


def _is_free(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


async def test_a_budget_set_by_way_of_one_holds_in_the_other(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with (
        open_store(path, shared=True) as store,
        open_store(path, shared=True) as neighbour,
        open_ledger(store) as ledger,
        open_ledger(neighbour) as other,
    ):
        assert await other.currencies("t") == {}
        assert not await other._has_budgets("t")
        await Budgets(store, ledger).set("t", Budget("budgets/all", "", Period.DAY, tokens=5))
        assert await other._has_budgets("t")
        await Budgets(neighbour, other).delete("t", "budgets/all")
        assert not await ledger._has_budgets("t")


async def test_only_what_nobody_living_has_reserved_is_released(tmp_path: Path) -> None:
    path, later = tmp_path / "vaiven.db", datetime.now(UTC) + timedelta(hours=1)
    async with open_store(path, shared=True) as store, open_store(path, shared=True) as neighbour:
        rows = [
            ReservationRow("t", name, "r", "", "", "2026-11-24", "", 0, 1, later, owner)
            for name, owner in (("a", neighbour.owner), ("b", "gone"), ("c", None))
        ]
        await asyncio.gather(*(store.write(lambda c, row=row: budgets.insert_reservation(c, row)) for row in rows))  # type: ignore[misc]
        async with open_ledger(store):
            assert await store.read(budgets.count_reservations) == 1
