"""HTTP servers on loopback that answer as a test says, and what a registration needs to reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from plugins.sources.network import AddressGuard, NetworkPolicy

LOOPBACK = AddressGuard(NetworkPolicy(allow=("127.0.0.1",), allow_http=True))


@dataclass
class Seen:
    """A request as it came over the wire; `path` is raw."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class HttpServer:
    """A server; `answer` may be changed while it runs."""

    answer: Answer
    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        body = await request.read()
        self.seen.append(Seen(request.method, path, query, dict(request.headers), body))
        return await self.answer(request)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def json_answer(text: str, status: int = 200) -> Answer:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="application/json")

    return answer


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[HttpServer]:
    """Run a server on a free port of 127.0.0.1."""
    server = HttpServer(answer)
    runner = web.ServerRunner(web.Server(server.handle), shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def looking_up(address: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """Return a resolver that says `address` for every name."""

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return [address]

    return lookup
