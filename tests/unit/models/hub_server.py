"""A hub on loopback: Hugging Face's protocol as far as pulling needs it, with faults to order."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

COMMIT = "5f1c9f9" + "0" * 33


@dataclass
class HubServer:
    """`files` by path, large ones by redirect to `/cdn` as the real one does; the faults hold until they are taken."""

    files: dict[str, bytes]
    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    cut_after: dict[str, int] = field(default_factory=dict)
    stall_after: dict[str, int] = field(default_factory=dict)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    corrupt: set[str] = field(default_factory=set)
    status: int = 200
    elsewhere: str = ""
    large: int = 1000

    async def api(self, request: web.Request) -> web.Response:
        self.note(request)
        if self.status != 200:
            return web.Response(status=self.status)
        if request.match_info["name"] != "own" or request.match_info["revision"] not in ("main", COMMIT):
            return web.Response(status=404)
        siblings: list[dict[str, Any]] = []
        for path, body in self.files.items():
            blob = hashlib.sha1(f"blob {len(body)}\0".encode() + body).hexdigest()
            one: dict[str, Any] = {"rfilename": path, "size": len(body), "blobId": blob}
            if len(body) > self.large:
                one["lfs"] = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
            siblings.append(one)
        return web.json_response({"id": "acme/own", "sha": COMMIT, "siblings": siblings})

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        self.note(request)
        path = request.match_info["path"]
        if len(self.files[path]) > self.large:
            return web.Response(status=302, headers={"location": f"{self.elsewhere}/cdn/{path}"})
        return await self.send(request, path)

    async def cdn(self, request: web.Request) -> web.StreamResponse:
        self.note(request)
        return await self.send(request, request.match_info["path"])

    async def send(self, request: web.Request, path: str) -> web.StreamResponse:
        body = self.files[path]
        if path in self.corrupt:
            body = bytes([body[0] ^ 1]) + body[1:]
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            response.headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        response.content_length = len(body) - start
        await response.prepare(request)
        if (stall := self.stall_after.pop(path, None)) is not None:
            await response.write(body[start:stall])
            self.stalled.set()
            await self.over.wait()  # whoever asked is gone before that
        end = min(len(body), self.cut_after.pop(path, len(body)))
        await response.write(body[start:end])
        if end < len(body):
            assert request.transport is not None
            request.transport.close()
        return response

    def note(self, request: web.Request) -> None:
        self.asked.append((request.path, request.headers.get("range", ""), request.headers.get("authorization", "")))

    def ranges(self, path: str) -> list[str]:
        """Return the ranges that were asked of the bytes of `path`."""
        return [asked for where, asked, _ in self.asked if where == f"/cdn/{path}"]


@asynccontextmanager
async def hub_server(files: dict[str, bytes]) -> AsyncIterator[HubServer]:
    """Run a hub with one repository, `acme/own`."""
    hub = HubServer(files)
    app = web.Application()
    app.router.add_get("/api/models/acme/{name}/revision/{revision}", hub.api)
    app.router.add_get("/acme/own/resolve/{revision}/{path:.+}", hub.resolve)
    app.router.add_get("/cdn/{path:.+}", hub.cdn)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield hub
    finally:
        hub.over.set()
        await runner.cleanup()
