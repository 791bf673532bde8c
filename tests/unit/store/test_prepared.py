"""Statements that are compiled once do what SQLAlchemy's own execution of them does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, case, func, insert, select

from service.store.connections import writing_engine
from service.store.prepared import Prepared, row_values
from service.store.runs import RUNNING, RunRow, get_run
from service.store.tables import metadata, runs, time_of

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
ROW = RunRow("t", "r1", RUNNING, "Hola ☀", None, "plugins/chat/functions/reply", None, NOW, terminal=b"\x00{}")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = writing_engine(tmp_path / "store.db")
    with engine.begin() as opened:
        metadata.create_all(opened)
        yield opened
    engine.dispose()


def test_a_row_is_stored_as_it_would_be_otherwise(connection: Connection) -> None:
    prepared = Prepared(insert(runs))
    assert prepared.run(connection, row_values(ROW)).rowcount == 1
    connection.execute(insert(runs), asdict(ROW) | {"id": "r2"})
    first, second = (connection.execute(select(runs).where(runs.c.id == name)).one() for name in ("r1", "r2"))
    assert first[:1] + first[2:] == second[:1] + second[2:]
    assert get_run(connection, "t", "r1") == ROW


def test_many_rows_are_stored(connection: Connection) -> None:
    rows = [row_values(ROW) | {"id": f"r{number}"} for number in range(3)]
    Prepared(insert(runs)).run_many(connection, rows)
    assert connection.execute(select(func.count()).select_from(runs)).scalar_one() == 3


def test_what_a_statement_holds_itself_is_handed_over_too(connection: Connection) -> None:
    Prepared(insert(runs)).run(connection, row_values(ROW))
    ours = case((runs.c.tenant == bindparam("tenant"), 5), else_=0)
    query = Prepared(select(func.coalesce(func.sum(ours), 0), func.max(runs.c.create_time)))
    total, newest = query.run(connection, {"tenant": "t", "more": "is not looked at"}).fetchone()
    assert (total, time_of(newest)) == (5, NOW)
    assert query.run(connection, {"tenant": "another"}).fetchone()[0] == 0


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    values = row_values(ROW) | {"create_time": NOW.replace(tzinfo=None)}
    with pytest.raises(ValueError, match="zone"):
        Prepared(insert(runs)).run(connection, values)


def test_a_row_is_its_fields() -> None:
    @dataclass(frozen=True, slots=True)
    class Pair:
        one: int
        other: list[int]

    pair = Pair(1, [2])
    assert row_values(pair) == {"one": 1, "other": [2]}
    assert row_values(pair)["other"] is pair.other
