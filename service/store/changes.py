"""Topics that a unit of work says it changes; the writer tells them on the board once the change is on disk."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

_TOUCHED: Final = "vaiven_touched"


def touch(connection: Connection, topic: str) -> None:
    """Say, within a unit of work, that what belongs to `topic` changes with it."""
    connection.info.setdefault(_TOUCHED, set()).add(topic)


def take_touched(connection: Connection) -> frozenset[str]:
    """Return the topics that were touched since the last time this was asked."""
    return frozenset(connection.info.pop(_TOUCHED, ()))
