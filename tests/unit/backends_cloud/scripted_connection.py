"""A connection that answers by script, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.errors import VaivenError

SSE = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}


@dataclass
class ScriptedExchange:
    """One answer: `parts` in order; an error among them is raised, an event waited for."""

    parts: Sequence[bytes | VaivenError | asyncio.Event]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: SSE)
    closed: int = 0

    def __post_init__(self) -> None:
        self._left = list(self.parts)

    def at_hand(self) -> bytes | None:
        return None

    async def read(self) -> bytes:
        while self._left:
            match self._left.pop(0):
                case bytes(data):
                    return data
                case asyncio.Event() as event:
                    await event.wait()
                case error:
                    raise error
        return b""

    async def aclose(self) -> None:
        self.closed += 1


class ScriptedConnection:
    """Gives the exchanges one after the other; an error among them is raised instead."""

    def __init__(self, *answers: ScriptedExchange | VaivenError) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[bytes, bool]] = []
        self.closed = False

    async def send(self, body: bytes, *, streamed: bool) -> ScriptedExchange:
        self.sent.append((body, streamed))
        answer = self.answers.pop(0)
        if isinstance(answer, VaivenError):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True
