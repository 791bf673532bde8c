"""Statements of the hot path, compiled once: SQLAlchemy takes ten times as long around one as SQLite to run it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

_DIALECT: Final = sqlite.dialect(paramstyle="named")


class Prepared:
    """A statement on tables of the store; values go by the names of its parameters, further ones are not looked at.

    Failures are those of `sqlite3`, not SQLAlchemy's.
    """

    def __init__(self, statement: Executable) -> None:
        """Compile `statement`, whose SQL must not depend on values, as that of `in_` with a list does."""
        assert isinstance(statement, ClauseElement)
        # What the statement itself holds, as the zero of a sum, is a parameter too.
        compiled = statement.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        self._sql = compiled.string
        self._held = {name: value for name, value in compiled.params.items() if value is not None}
        processors = {
            name: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name, bind in compiled.binds.items()
        }
        self._processors: dict[str, Callable[[Any], Any]] = {
            name: processor for name, processor in processors.items() if processor is not None
        }

    def run(self, connection: Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run it once; the cursor has its rows as the store keeps them, and how many were changed."""
        return driver(connection).execute(self._sql, self._converted(values))

    def run_many(self, connection: Connection, many: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each of `many`."""
        driver(connection).executemany(self._sql, [self._converted(values) for values in many])

    def _converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        converted = {**self._held, **values}
        for name, process in self._processors.items():
            converted[name] = process(converted[name])
        return converted


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's connection, which is in the same transaction."""
    # `driver_connection` is the same one, and asks four others for it.
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def row_values(row: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with slots by name; `dataclasses.asdict` copies every value, too."""
    return {name: getattr(row, name) for name in row.__slots__}
