"""A small HTTP port for those who cannot speak gRPC: probes and the metrics' collector."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from service.rpc.listen import ConfigurationError


class SidePort:
    """Serves `/livez` (the process answers), `/readyz` (it takes calls; else 503) and `/metrics` (Prometheus text).

    It holds nothing that needs protection and takes no input.
    """

    def __init__(self, host: str, port: int, ready: Callable[[], bool], registry: CollectorRegistry) -> None:
        """Serve on `host` and `port` (0: any free one) once started; `ready` is asked at each `/readyz`."""
        self._host = host
        self._asked_port = port
        self._ready = ready
        self._registry = registry
        app = web.Application()
        app.add_routes(
            [web.get("/livez", self._livez), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        self._runner = web.AppRunner(app, access_log=None)

    @property
    def port(self) -> int:
        """Return the bound port; 0 before the start."""
        addresses = self._runner.addresses
        return int(addresses[0][1]) if addresses else 0

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigurationError: The address cannot be had.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._asked_port, reuse_port=False)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigurationError(
                f"The side port cannot listen on {self._host}:{self._asked_port}: {error.strerror}."
            ) from error

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        if self._ready():
            return web.Response(text="ok\n")
        return web.Response(text="not ready\n", status=503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
