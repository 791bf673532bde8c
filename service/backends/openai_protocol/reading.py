"""One answer on its way: read within its limits of time and size, and turned into pieces."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from service.backends.base import FinishReason, GenerationPiece
from service.backends.openai_protocol.answer import Answer, joined
from service.backends.openai_protocol.connection import Connection, Exchange
from service.backends.openai_protocol.events import BodyReader, EventReader, Reader, TooLargeError
from service.backends.openai_protocol.faults import malformed, stalled, status_error, too_large
from service.backends.openai_protocol.options import WireOptions
from service.errors import VaivenError

T = TypeVar("T")

_FIRST_SUCCESS: Final = 200
_FIRST_REDIRECT: Final = 300
_ERROR_BODY_BYTES: Final = 64 * 1024
"""How much of an error's body is looked at for its code."""

_ERROR_BODY_S: Final = 2.0
_LAST_BYTES_S: Final = 0.05
"""How long the end of an answer is waited for after it was announced, so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may take: `end_at` is on the loop's clock, and `late` what to raise then."""

    end_at: float
    late: VaivenError
    options: WireOptions
    streamed: bool


class Reading:
    """Asks once and reads the answer; a stream and an answer in one piece differ only in who cuts them up."""

    def __init__(self, name: str, limits: Limits) -> None:
        """Begin the time that a first token may take; `name` is the model's name in errors."""
        self._name = name
        self._limits = limits
        self._clock = asyncio.get_running_loop().time
        self._heard_at = self._clock()
        self._exchange: Exchange | None = None
        self._reader: Reader | None = None
        self._failure: VaivenError | None = None
        self.answer = Answer(name)
        self.ended = False

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that came, if any have."""
        return {} if self._exchange is None else self._exchange.headers

    async def open(self, connection: Connection, body: bytes) -> None:
        """Send the request and return when an answer begins that can be read.

        Raises:
            VaivenError: There is none.
        """
        exchange = self._exchange = await self._waited(connection.send(body, streamed=self._limits.streamed))
        if not _FIRST_SUCCESS <= exchange.status < _FIRST_REDIRECT:
            raise status_error(self._name, exchange.status, exchange.headers, await self._error_body(exchange))
        self._reader = self._reader_of(exchange.headers.get("Content-Type", ""))

    async def more(self) -> list[GenerationPiece]:
        """Wait for bytes and return the pieces they complete, perhaps none; once `ended`, there are no more.

        Pieces that came before a failure are returned before it is raised.

        Raises:
            VaivenError: The answer failed.
        """
        if self._failure is not None:
            raise self._failure
        pieces: list[GenerationPiece] = []
        try:
            for payload in await self._payloads():
                pieces.extend(self.answer.take(payload))
        except VaivenError as error:
            if not self.answer.begun:
                raise
            self._failure = error
        if self.answer.done:
            await self._read_out()
        return joined(pieces)

    def end(self) -> tuple[FinishReason, list[GenerationPiece]]:
        """Return why the model ended and the calls it asks for, once `ended`.

        Raises:
            VaivenError: The answer was cut off, or is none.
        """
        if self._failure is not None:
            raise self._failure
        return self.answer.end()

    async def aclose(self) -> None:
        """Let go of the connection; an answer that was not read to its end is stopped."""
        if self._exchange is not None:
            await self._exchange.aclose()

    async def _payloads(self) -> list[bytes]:
        assert self._exchange is not None
        assert self._reader is not None
        data = self._exchange.at_hand()
        if data is None:  # a timer is made only where something is waited for
            data = await self._waited(self._exchange.read())
        if not data:
            self.ended = True
            return self._reader.end()
        lines = self._reader.lines
        try:
            payloads = self._reader.feed(data)
        except TooLargeError as error:
            raise too_large(self._name, error.limit_bytes) from None
        if self._reader.lines > lines:
            self._heard_at = self._clock()
        if isinstance(self._reader, BodyReader):
            # The model has worked, and been paid, for each byte of an answer in one piece.
            self.answer.begun = True
        return payloads

    async def _waited(self, work: Awaitable[T]) -> T:
        """Return what `work` returns, unless the upstream is silent too long or the time is over."""
        silent_s = self._silent_s()
        silent_at = self._heard_at + silent_s
        try:
            async with asyncio.timeout_at(min(silent_at, self._limits.end_at)):
                return await work
        except TimeoutError:
            raise (stalled(self._name, silent_s) if silent_at < self._limits.end_at else self._limits.late) from None

    def _silent_s(self) -> float:
        """Return how long the upstream may say nothing: a whole line is a word, and single bytes are not."""
        if not self._limits.streamed:
            return math.inf
        options = self._limits.options
        return options.idle_timeout_s if self.answer.begun else options.first_token_timeout_s

    def _reader_of(self, content_type: str) -> Reader:
        options = self._limits.options
        match content_type.partition(";")[0].strip().lower():
            case "text/event-stream":
                return EventReader(max_event_bytes=options.max_event_bytes, max_total_bytes=options.max_answer_bytes)
            case "application/json":
                return BodyReader(max_total_bytes=options.max_answer_bytes)
        raise malformed(self._name, "an answer that is neither JSON nor a stream of events")

    async def _error_body(self, exchange: Exchange) -> bytes:
        body = b""
        with suppress(VaivenError, TimeoutError):
            async with asyncio.timeout_at(min(self._clock() + _ERROR_BODY_S, self._limits.end_at)):
                while len(body) < _ERROR_BODY_BYTES and (data := await exchange.read()):
                    body += data
        return body

    async def _read_out(self) -> None:
        self.ended = True
        assert self._exchange is not None
        with suppress(VaivenError, TimeoutError):
            if self._exchange.at_hand() == b"":
                return
            async with asyncio.timeout(_LAST_BYTES_S):
                while await self._exchange.read():
                    pass
