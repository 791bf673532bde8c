"""The store as a whole: one process, snapshots, tenants apart."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from service.errors import FailedPreconditionError, RequestIdReusedError
from service.store import idempotency, runs, sessions
from service.store.idempotency import RequestKey
from service.store.ids import new_id
from service.store.lock import StoreInUseError, StoreLock
from service.store.runs import EventRow, RunRow
from service.store.sessions import SessionRow
from service.store.store import open_store

NOW = datetime(2026, 11, 24, 8, 30, 0, 123456, tzinfo=UTC)


def _run(tenant: str, run_id: str, **changes: str | None) -> RunRow:
    values = {"state": "RUNNING", "input": "hello", "session_id": None, "function": None, "model": None} | changes
    return RunRow(tenant=tenant, id=run_id, create_time=NOW, **values)  # type: ignore[arg-type]


async def test_pragmas_hold_on_both_sides(tmp_path: Path) -> None:
    def ask(name: str) -> Callable[[Connection], object]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    async with open_store(tmp_path / "deep" / "vaiven.db") as store:
        assert [await store.write(ask(name)) for name in ("journal_mode", "synchronous", "foreign_keys")] == [
            "wal",
            2,
            1,
        ]
        assert await store.read(ask("query_only")) == 1


async def test_a_store_that_is_open_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    async with open_store(path):
        with pytest.raises(StoreInUseError, match=r"store\.path"):
            async with open_store(path):
                pass
    async with open_store(path):
        pass


def test_the_lock_holds_between_processes(tmp_path: Path) -> None:
    path = tmp_path / "vaiven.db"
    script = (
        "import sys, pathlib; from service.store.lock import StoreLock; "
        "StoreLock(pathlib.Path(sys.argv[1])).take_alone()"
    )
    with StoreLock(path) as lock:
        lock.take_alone()
        other = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=False, text=True)
        assert "StoreInUseError" in other.stderr


async def test_an_unusable_directory_is_worded_for_an_operator(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FailedPreconditionError, match=r"store\.path: cannot use"):
        async with open_store(tmp_path / "file" / "vaiven.db"):
            pass


async def test_a_file_of_another_kind_is_worded_for_an_operator(tmp_path: Path) -> None:
    (tmp_path / "vaiven.db").write_bytes(b"not a database, but long enough to be looked at" * 20)
    with pytest.raises(FailedPreconditionError, match=r"store\.path: cannot use .* \(file is not a database\)"):
        async with open_store(tmp_path / "vaiven.db"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
async def test_only_its_user_reads_the_store(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:
        await store.write(lambda c: runs.insert_run(c, _run("t", "1")))
        assert _modes(tmp_path) == {0o600}


def _modes(directory: Path) -> set[int]:
    assert (directory / "vaiven.db.instances").stat().st_mode & 0o777 == 0o700
    return {file.stat().st_mode & 0o777 for file in directory.rglob("*") if file.is_file()}


async def test_a_tenant_sees_only_its_own(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:

        def fill(connection: Connection) -> None:
            for tenant in ("a", "b"):
                runs.insert_run(connection, _run(tenant, "1"))
                runs.append_events(connection, [EventRow(tenant, "1", 1, NOW, "TextDelta", tenant.encode())])
                sessions.insert_session(connection, SessionRow(tenant, "s", tenant, NOW, NOW))
                sessions.append_messages(connection, tenant, "s", [("user", tenant)], run_id="1", time=NOW)

        await store.write(fill)
        assert await store.read(lambda c: runs.get_run(c, "c", "1")) is None
        events = await store.read(lambda c: runs.events_after(c, "a", "1", after_sequence=0, limit=9))
        assert [e.payload for e in events] == [b"a"]
        assert await store.write(lambda c: sessions.delete_session(c, "a", "s"))
        assert await store.read(lambda c: sessions.list_messages(c, "a", "s", after_position=0, limit=9)) == []
        left = await store.read(lambda c: sessions.list_messages(c, "b", "s", after_position=0, limit=9))
        assert [m.text for m in left] == ["b"]


async def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:
        row = _run("t", "1", session_id="s", function="f", model="m")
        await store.write(lambda c: runs.insert_run(c, row))
        assert await store.read(lambda c: runs.get_run(c, "t", "1")) == row


async def test_a_run_ends_once(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:
        await store.write(lambda c: runs.insert_run(c, _run("t", "1")))

        def end(connection: Connection) -> None:
            runs.end_run(connection, "t", "1", state="COMPLETED", time=NOW, kind="Completed", payload=b"{}")

        await store.write(end)
        with pytest.raises(ValueError, match="not running"):
            await store.write(end)
        assert await store.read(runs.unfinished_runs) == []


async def test_lists_filter_and_go_from_new_to_old(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:

        def fill(connection: Connection) -> None:
            for number in range(6):
                runs.insert_run(connection, _run("t", str(number), session_id="s" if number % 2 else None))

        await store.write(fill)
        page = await store.read(lambda c: runs.list_runs(c, "t", before_id=None, limit=2, session_id="s"))
        assert [r.id for r in page] == ["5", "3"]
        page = await store.read(lambda c: runs.list_runs(c, "t", before_id="3", limit=9, session_id="s"))
        assert [r.id for r in page] == ["1"]


async def test_messages_are_numbered_and_the_last_ones_found(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:
        await store.write(lambda c: sessions.insert_session(c, SessionRow("t", "s", "", NOW, NOW)))
        for turn in range(3):
            pair = [("user", f"q{turn}"), ("assistant", f"a{turn}")]
            later = NOW + timedelta(seconds=turn)
            append = partial(sessions.append_messages, tenant="t", session_id="s", turns=pair, run_id="r", time=later)
            await store.write(append)
        last = await store.read(lambda c: sessions.last_messages(c, "t", "s", limit=3))
        assert [(m.position, m.text) for m in last] == [(4, "a1"), (5, "q2"), (6, "a2")]
        session = await store.read(lambda c: sessions.get_session(c, "t", "s"))
        assert session is not None
        assert (session.message_count, session.update_time) == (6, NOW + timedelta(seconds=2))


async def test_a_request_is_done_once(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:
        key = RequestKey("t", "CreateThing", "id-1", "digest")
        first = await store.write(lambda c: idempotency.once(c, key, lambda: "things/1"))
        again = await store.write(lambda c: idempotency.once(c, key, lambda: "things/2"))
        assert (first.result, first.replayed, again.result, again.replayed) == ("things/1", False, "things/1", True)
        other = RequestKey("t", "CreateThing", "id-1", "another digest")
        with pytest.raises(RequestIdReusedError):
            await store.write(lambda c: idempotency.once(c, other, lambda: "things/3"))
        no_key = [await store.write(lambda c: idempotency.once(c, None, lambda: "x")) for _ in range(2)]
        assert [o.replayed for o in no_key] == [False, False]
        await store.write(lambda c: idempotency.forget_old(c, datetime.now(UTC) + timedelta(days=8)))
        assert await store.read(lambda c: idempotency.find(c, key)) is None


async def test_readers_cannot_write(tmp_path: Path) -> None:
    async with open_store(tmp_path / "vaiven.db") as store:

        def cannot_write(connection: Connection) -> None:
            connection.execute(text("DELETE FROM runs"))

        with pytest.raises(Exception, match="readonly"):
            await store.read(cannot_write)


def test_ids_sort_by_time() -> None:
    first = new_id()
    assert len(first) == 32
    assert first[:12] <= new_id()[:12]
