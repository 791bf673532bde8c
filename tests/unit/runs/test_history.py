"""What a run may know of its session: whole turns, also where the limit of messages falls into the middle of one."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from plugins.context import Turn
from service.routing.request import RouteRequest
from service.runs import history
from service.store import sessions
from service.store.sessions import SessionRow
from service.store.store import Store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(("most", "kept"), [(4, 4), (3, 2), (2, 2), (1, 0)])
async def test_a_turn_that_lost_its_beginning_is_left_out_and_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch, most: int, kept: int
) -> None:
    monkeypatch.setattr(history, "MAX_MESSAGES", most)
    turns = [Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c"), Turn("assistant", "d")]
    await store.write(lambda c: sessions.insert_session(c, SessionRow("local", "s", "", NOW, NOW)))
    for run, pair in (("1", turns[:2]), ("2", turns[2:])):
        said = [(turn.role, turn.text) for turn in pair]
        await store.write(
            partial(sessions.append_messages, tenant="local", session_id="s", turns=said, run_id=run, time=NOW)
        )
    found = await history.load_history(store, "local", "s", None, RouteRequest(), "e")
    assert found.turns == tuple(turns[4 - kept :])
    assert found.left_out == 4 - kept
