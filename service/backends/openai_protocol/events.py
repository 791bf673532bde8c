"""The bytes of an answer, cut into what is parsed: the events of a stream, or one whole body. Both are bounded."""

from __future__ import annotations

from typing import Protocol


class TooLargeError(Exception):
    """More came than is taken; `limit_bytes` is the bound that was passed."""

    def __init__(self, limit_bytes: int) -> None:
        """Keep the bound."""
        super().__init__(f"more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class Reader(Protocol):
    """Takes bytes as they come and gives what is whole."""

    @property
    def lines(self) -> int:
        """Return how many whole lines have come: a sign of life that single bytes are not."""
        ...

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads that `data` completes.

        Raises:
            TooLargeError: A bound was passed.
        """
        ...

    def end(self) -> list[bytes]:
        """Return the payloads that the end of the answer completes."""
        ...


class EventReader:
    """Server-sent events: the data of each, whatever its packets and line ends were.

    Comments, other fields and an event that the end cuts off are dropped, as the standard says.

    Source: WHATWG HTML, 9.2.6 "Interpreting an event stream".
    """

    def __init__(self, *, max_event_bytes: int, max_total_bytes: int) -> None:
        """Take at most `max_event_bytes` in a line or an event, and `max_total_bytes` in all."""
        self._max_event_bytes = max_event_bytes
        self._max_total_bytes = max_total_bytes
        self._total = 0
        self._rest = b""
        self._data: list[bytes] = []
        self._data_bytes = 0
        self.lines = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the data of the events that `data` completes."""
        self._total += len(data)
        if self._total > self._max_total_bytes:
            raise TooLargeError(self._max_total_bytes)
        first = not self.lines and not self._rest
        text = self._rest + data
        if first:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if b"\r" in text:
            text = _with_newlines(text)
        *lines, self._rest = text.split(b"\n")
        if len(self._rest) > self._max_event_bytes:
            raise TooLargeError(self._max_event_bytes)
        self.lines += len(lines)
        return self._events(lines)

    def end(self) -> list[bytes]:
        """Return nothing: an event without its blank line is not whole, except for a carriage return that ends it."""
        return self._events([self._rest[:-1]]) if self._rest == b"\r" else []

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                start = 6 if line[5:6] == b" " else 5
                self._data_bytes += len(line)
                if self._data_bytes > self._max_event_bytes:
                    raise TooLargeError(self._max_event_bytes)
                self._data.append(line[start:])
            elif not line and self._data:
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data = []
                self._data_bytes = 0
        return events


class BodyReader:
    """An answer in one piece: its bytes, when they are all there."""

    def __init__(self, *, max_total_bytes: int) -> None:
        """Take at most `max_total_bytes`."""
        self._max_total_bytes = max_total_bytes
        self._total = 0
        self._parts: list[bytes] = []
        self.lines = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Keep `data`."""
        self._total += len(data)
        if self._total > self._max_total_bytes:
            raise TooLargeError(self._max_total_bytes)
        self._parts.append(data)
        return []

    def end(self) -> list[bytes]:
        """Return the body, unless nothing came."""
        return [b"".join(self._parts)] if self._parts else []


def _with_newlines(text: bytes) -> bytes:
    """Return `text` with every line end as a newline; a carriage return at the end may be half of one, and stays."""
    half = text.endswith(b"\r")
    whole = text[:-1] if half else text
    return whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + (b"\r" if half else b"")
