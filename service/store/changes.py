"""What changed, by topic: who keeps something of the store in memory looks at a number instead of at the disk."""

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


class Versions:
    """Counts the changes of each topic. It belongs to the thread of the event loop."""

    def __init__(self) -> None:
        """Begin with no change."""
        self._numbers: dict[str, int] = {}

    def of(self, topic: str) -> int:
        """Return how often the topic has changed in this process."""
        return self._numbers.get(topic, 0)

    def count(self, topics: frozenset[str]) -> None:
        """Take note that the topics have changed."""
        for topic in topics:
            self._numbers[topic] = self.of(topic) + 1
