"""A model on loopback that costs next to nothing: its answers are made beforehand, a request is a look at its prompt.

`python -m bench.gateway.upstream` says its address on standard output and ends with its input. It speaks so much of
HTTP/1.1 and of OpenAI's chat completions as clients need; `service.testing.upstream` has the faults.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import orjson

from bench.gateway import answers
from service.testing.upstream_frames import completion, event, frames

_MODEL: Final = "loopback"
_LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_STREAMED: Final = re.compile(rb'"stream":\s*true')
_STREAM_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
)
_LAST_CHUNK: Final = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer on the wire: in one piece, or packet by packet."""

    marker: bytes
    whole: bytes
    packets: Sequence[bytes]
    pace_s: float


def _answer(asked: answers.Asked) -> _Answer:
    reply = asked.reply()
    body = orjson.dumps(completion(reply, _MODEL))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    events = [_chunk(event(frame)) for frame in frames(reply, _MODEL, with_usage=True)]
    first, *middle, usage = events
    # The roles's frame goes with the headers, the usage and the end with the last word.
    packets = [_STREAM_HEAD + first, *middle[:-1], middle[-1] + usage + _chunk(b"data: [DONE]\n\n") + _LAST_CHUNK]
    return _Answer(asked.prompt.encode(), head + body, packets, asked.pace_s)


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


_ANSWERS: Final = tuple(_answer(asked) for asked in answers.ALL)


class _Connection(asyncio.Protocol):
    """One client; its requests come one after the other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._timer: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, rest = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        body, self._received = rest[:length], rest[length:]
        answer = next((one for one in _ANSWERS if one.marker in body), None)
        if answer is None:
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        elif _STREAMED.search(body):
            self._send_next(iter(answer.packets), answer.pace_s, self._loop.time())
        else:
            self._transport.write(answer.whole)

    def _send_next(self, packets: Iterator[bytes], pace_s: float, due: float) -> None:
        """Send a packet and leave the next to a later turn of the loop, so that each goes on its way by itself."""
        packet = next(packets, None)
        if packet is None or self._transport.is_closing():
            self._timer = None
            return
        self._transport.write(packet)
        if pace_s:
            # By the clock of the beginning, so that no lateness adds up.
            due += pace_s
            self._timer = self._loop.call_at(due, self._send_next, packets, pace_s, due)
        else:
            self._timer = self._loop.call_soon(self._send_next, packets, pace_s, due)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
