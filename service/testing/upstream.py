"""A loopback server that speaks OpenAI's chat completions, soundly or with a fault by name, for tests and benchmarks.

`python -m service.testing.upstream` runs it alone; a request for a model called `fault-NAME` gets that fault.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import orjson
from aiohttp import web

from service.testing.upstream_faults import FAULTS, Asked, Wire, sound
from service.testing.upstream_frames import Reply

_ROUTE: Final = "/chat/completions"
_MODEL_PREFIX: Final = "fault-"
_DRIP_S: Final = 0.002
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; `headers` have lower-case names."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: dict[str, Any] = field(repr=False)


Script: TypeAlias = Callable[[Received], Reply | str]
"""Says what a request is answered with; a text is the name of a fault."""


class Upstream:
    """The server; use it as an asynchronous context manager.

    `reply` and `fault` may be changed at any time. `arrived` is set by each request, `gone` when a client leaves
    an answer that was not yet over.
    """

    def __init__(
        self,
        reply: Reply | Script | None = None,
        *,
        fault: str = "none",
        headers: Mapping[str, str] | None = None,
        pace_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Answer with `reply`, each part `pace_s` seconds after the one before, and further `headers`.

        Raises:
            KeyError: There is no fault of that name.
        """
        FAULTS[fault]
        self._headers = dict(headers or {})
        self._pace_s = pace_s
        self._tls = tls
        self._runner = web.ServerRunner(web.Server(self._answer, handler_cancellation=True, access_log=None))
        self._peers: set[object] = set()
        self._port = 0
        self.reply: Reply | Script = reply or Reply()
        self.fault = fault
        self.requests: list[Received] = []
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()

    @property
    def url(self) -> str:
        """Return the address, without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def connections(self) -> int:
        """Return how many connections there have been."""
        return len(self._peers)

    async def start(self, port: int = 0) -> None:
        """Listen on `port` of the loopback address; 0 takes any that is free."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=self._tls)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop, and cut off what is being answered."""
        await self._runner.shutdown()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = orjson.loads(await request.read() or b"{}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(request.path, dict(request.query), headers, body)
        self.requests.append(received)
        self._peers.add(request.transport and request.transport.get_extra_info("peername"))
        self.arrived.set()
        if not request.path.endswith(_ROUTE):
            return web.Response(status=_NOT_FOUND)
        model = str(body.get("model", ""))
        name = model.removeprefix(_MODEL_PREFIX) if model.startswith(_MODEL_PREFIX) else self.fault
        said = self.reply(received) if callable(self.reply) else self.reply
        if isinstance(said, str):
            name, said = said, Reply()
        asked = Asked(
            said,
            model,
            streamed=bool(body.get("stream")),
            with_usage=bool((body.get("stream_options") or {}).get("include_usage")),
            times_before=len(self.requests) - 1,
        )
        wire = FAULTS[name].wire(asked) if name in FAULTS else sound(asked)
        try:
            return await self._play(request, wire)
        except asyncio.CancelledError:
            self.gone.set()
            raise

    async def _play(self, request: web.BaseRequest, wire: Wire) -> web.StreamResponse:
        response = web.StreamResponse(
            status=wire.status or 200, headers={"Content-Type": wire.content_type, **self._headers, **wire.headers}
        )
        if wire.status:
            await response.prepare(request)
        for chunk in wire.chunks:
            if _has_left(request):
                self.gone.set()
                return response
            await response.write(chunk)
            await asyncio.sleep(self._pace_s)
        match wire.ending:
            case "end":
                await response.write_eof()
            case "hang":
                await asyncio.get_running_loop().create_future()
            case "drip":
                while not _has_left(request):
                    await asyncio.sleep(_DRIP_S)
                    await response.write(b" ")
                self.gone.set()
            case "cut" | "reset":
                _leave(request, with_reset=wire.ending == "reset")
        return response


def _has_left(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _leave(request: web.BaseRequest, *, with_reset: bool) -> None:
    transport = request.transport
    assert transport is not None
    if with_reset:
        # Lingering for zero seconds makes the kernel send RST instead of FIN.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.close()


async def _serve(port: int, tokens: int, pace_s: float) -> None:
    reply = Reply(text=tuple(f" word{number}" for number in range(tokens)))
    async with Upstream(reply, pace_s=pace_s) as upstream:
        print(f"{upstream.url}/v1", flush=True)  # noqa: T201 - who started it reads the address
        await asyncio.get_running_loop().create_future()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on the loopback address; 0: any")
    parser.add_argument("--tokens", type=int, default=20, help="tokens of an answer")
    parser.add_argument("--pace-s", type=float, default=0.0, help="seconds between two tokens")
    asked = parser.parse_args()
    asyncio.run(_serve(asked.port, asked.tokens, asked.pace_s))


if __name__ == "__main__":
    main()
