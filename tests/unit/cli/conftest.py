"""The real server over a domain in memory, and the command line run in this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import structlog
from prometheus_client import CollectorRegistry

from service.cli import app, screen
from service.rpc.interceptors.auth import Judge
from service.rpc.server import RpcOptions, RpcServer, build_server
from tests.unit.rpc.fakes import FakeDomain


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Service:
    """A running server: its address, and the domain behind it."""

    address: str
    domain: FakeDomain


Vaiven = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (
        "VAIVEN_ADDRESS",
        "VAIVEN_TLS_CA",
        "VAIVEN_TLS_SERVER_NAME",
        "VAIVEN_KEY",
        "VAIVEN_KEY_FILE",
        "FORCE_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    yield
    screen.console.cache_clear()
    screen.error_console.cache_clear()


@pytest.fixture
def vaiven(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vaiven:
    """Run the command line; what it says is captured afresh each time."""

    def run(*arguments: str) -> Outcome:
        screen.console.cache_clear()
        screen.error_console.cache_clear()
        monkeypatch.setattr("sys.argv", ["vaiven", *arguments])
        with pytest.raises(SystemExit) as ended:
            app.main()
        said = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A server on a free loopback port, which `vaiven` finds by its environment."""
    with serving(RpcOptions(address="127.0.0.1:0")) as running:
        monkeypatch.setenv("VAIVEN_ADDRESS", running.address)
        yield running


@contextmanager
def serving(
    options: RpcOptions, *, registry: CollectorRegistry | None = None, judge: Judge | None = None
) -> Iterator[Service]:
    """Run a server in a thread of its own; `registry` takes its metrics, `judge` looks at credentials."""
    # It would write its log to the output that is looked at.
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    domain = FakeDomain()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    made: list[RpcServer] = []

    async def start() -> None:
        server = build_server(domain.ports(), options, registry=registry, judge=judge)
        await server.start()
        made.append(server)
        ready.set()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        loop.close()

    thread = threading.Thread(target=serve, name="server")
    thread.start()
    assert ready.wait(20)
    try:
        yield Service(f"127.0.0.1:{made[0].port}", domain)
    finally:
        asyncio.run_coroutine_threadsafe(made[0].drain(0), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        structlog.reset_defaults()
