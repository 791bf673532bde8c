"""The journal: stored before shown, text joined while a commit is in flight, any follower sees the same."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from service.backends.base import Usage
from service.economics.money import Money
from service.errors import UnavailableError
from service.runs import journal as journal_module
from service.runs.events import Completed, Payload, RunEvent, TextDelta, Timing
from service.runs.events import Warning as Warned
from service.runs.journal import Journal, read_events
from service.store import runs
from service.store.ids import new_id
from service.store.runs import RunRow
from service.store.store import Store, open_store

DONE = Completed("stop", "", {}, Usage(), Money("USD"), Timing())


def _nothing(_connection: Connection) -> None:
    return None


async def _journal(store: Store, run_id: str = "1") -> Journal:
    row = RunRow("t", run_id, "RUNNING", "", None, None, None, datetime.now(UTC))
    await store.write(lambda connection: runs.insert_run(connection, row))
    return Journal(store, "t", run_id)


async def _all(journal: Journal, after: int = 0) -> list[RunEvent]:
    return [event async for event in journal.follow(after)]


async def test_text_that_is_ready_during_a_commit_becomes_one_event(store: Store) -> None:
    journal = await _journal(store)
    entered, go_on = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        entered.set()
        go_on.wait()

    held = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(entered.wait)
    await journal.emit(TextDelta("a"))
    for _ in range(10):  # turns, after which the store's thread has it, which is busy
        await asyncio.sleep(0)
    for text in "bc":
        await journal.emit(TextDelta(text))
    await journal.emit(Warned("W", "w"))
    await journal.emit(TextDelta("d"))
    go_on.set()
    await held
    await journal.close(DONE, _nothing)
    payloads = [event.payload for event in await _all(journal)]
    texts = [p.text for p in payloads if isinstance(p, TextDelta)]
    assert texts == ["a", "bc", "d"]  # the first was taken, the others waited for it and were joined up to the warning
    assert isinstance(payloads[-1], Completed)


async def test_nothing_is_shown_before_it_is_stored(store: Store) -> None:
    journal = await _journal(store)
    await journal.emit(TextDelta("a"))
    async for event in journal.follow(0):
        stored = await read_events(store, "t", "1", event.sequence - 1)
        assert stored[0] == event
        if event.sequence == 1:
            await journal.emit(TextDelta("b"))
        elif not event.is_terminal:
            await journal.close(DONE, _nothing)


async def test_a_follower_that_is_far_behind_reads_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RECENT_EVENTS", 4)
    monkeypatch.setattr(journal_module, "PAGE_EVENTS", 3)
    journal = await _journal(store)
    follower = journal.follow(0)
    for number in range(20):
        await journal.emit(Warned("W", str(number)))
    first = await anext(follower)
    await journal.close(DONE, _nothing)
    rest = [event async for event in follower]
    assert [event.sequence for event in [first, *rest]] == list(range(1, 22))


async def test_a_follower_that_has_the_end_is_not_kept_waiting(store: Store) -> None:
    journal = await _journal(store)
    waiting = asyncio.create_task(_all(journal, after=7))
    await asyncio.sleep(0)
    await journal.close(DONE, _nothing)
    assert await waiting == []


async def test_after_the_end_nothing_is_taken(store: Store) -> None:
    journal = await _journal(store)
    await journal.close(DONE, _nothing)
    with pytest.raises(UnavailableError, match="ended"):
        await journal.emit(TextDelta("late"))
    with pytest.raises(UnavailableError, match="ended"):
        await journal.close(DONE, _nothing)


async def test_what_cannot_be_stored_is_told_to_the_run_and_to_followers(store: Store) -> None:
    journal = await _journal(store)
    following = asyncio.create_task(_all(journal))
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError):
        await journal.close(DONE, _fails)
    with pytest.raises(UnavailableError, match="cannot be stored"):
        await following
    assert await read_events(store, "t", "1", 0) == []  # the terminal event and the rest of its unit go together


def _fails(_connection: Connection) -> None:
    raise RuntimeError("broken")


async def test_a_run_waits_when_it_is_far_ahead_of_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_PENDING_EVENTS", 3)
    journal = await _journal(store)
    go_on = threading.Event()
    held = asyncio.create_task(store.write(lambda _connection: go_on.wait()))
    emitting = asyncio.create_task(_emit(journal, [Warned("W", str(n)) for n in range(50)]))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not emitting.done()
    go_on.set()
    await emitting
    await held
    await journal.close(DONE, _nothing)
    assert len(await _all(journal)) == 51


async def _emit(journal: Journal, payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        await journal.emit(payload)


_PAYLOADS = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=5).filter(lambda t: t.isprintable()).map(TextDelta),
        st.builds(Warned, st.just("W"), st.text(max_size=3)),
        st.none(),  # let others run
    ),
    max_size=30,
)


def test_replay_equals_live(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_store(tmp_path / "vaiven.db", reader_threads=1)
        store = runner.run(opened.__aenter__())

        @settings(max_examples=25, deadline=None)
        @given(payloads=_PAYLOADS, joins=st.lists(st.integers(0, 30), max_size=3))
        def check(payloads: list[Payload | None], joins: list[int]) -> None:
            runner.run(_replay_equals_live(store, payloads, joins))

        check()
        runner.run(opened.__aexit__(None, None, None))


async def _replay_equals_live(store: Store, payloads: list[Payload | None], joins: list[int]) -> None:
    run_id = new_id()
    journal = await _journal(store, run_id)
    live = [asyncio.create_task(_all(journal))]
    for position, payload in enumerate(payloads):
        live.extend(asyncio.create_task(_all(journal)) for join in joins if join == position)
        await (asyncio.sleep(0) if payload is None else journal.emit(payload))
    await journal.close(DONE, _nothing)
    seen = await asyncio.gather(*live)
    stored = await read_events(store, "t", run_id, 0)
    assert all(events == stored for events in seen)
    assert [event.sequence for event in stored] == list(range(1, len(stored) + 1))
    assert [event.is_terminal for event in stored] == [False] * (len(stored) - 1) + [True]
    emitted = "".join(p.text for p in payloads if isinstance(p, TextDelta))
    assert "".join(e.payload.text for e in stored if isinstance(e.payload, TextDelta)) == emitted
    warned = [p for p in payloads if isinstance(p, Warned)]
    assert [e.payload for e in stored if isinstance(e.payload, Warned)] == warned
