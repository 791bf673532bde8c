"""The composition root: settings become a running service, and the only place where the parts meet."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge

from plugins.manifest import PluginManifest
from service.backends.base import Generator
from service.bootstrap_auth import open_authenticator
from service.bootstrap_fleet import Fleet, open_fleet
from service.bootstrap_neighbours import look_after
from service.bootstrap_planning import PlanningNeeds, build_planning
from service.bootstrap_plugins import open_plugins
from service.bootstrap_privacy import open_privacy
from service.bootstrap_shelf import open_models
from service.economics.budgets import Budgets
from service.economics.ledger import open_ledger
from service.economics.usage import UsageReport
from service.errors import VaivenError
from service.knowledge.full_text import SqliteFullText
from service.knowledge.library import Library
from service.routing.plan import RoutingPlans
from service.rpc.listen import TlsFiles, check
from service.rpc.ports import AppPorts
from service.rpc.server import RpcOptions, RpcServer, build_server
from service.rpc.side_port import SidePort
from service.runs.engine import RunEngine, RunLimits
from service.runs.passages import LibrarySearch
from service.runs.planning.approvals import DecidedRuns
from service.runs.plugins import PluginCatalogue
from service.runs.policies import PolicyDesk
from service.runs.privacy import PrivacyDesk
from service.runs.recovery import recover
from service.runs.routes import RouteDesk
from service.runs.sessions import SessionDesk
from service.runs.tickets import TicketDesk
from service.settings import ServerSettings, Settings
from service.settings_sources import SettingsError
from service.store.neighbours import Neighbours
from service.store.store import open_store

_log = structlog.get_logger(__name__)


HEALTH_INTERVAL_S: Final = 1.0
"""How often the health of the backends is looked at: a breaker that opens, or is over, tells nobody by itself."""

RESERVATION_GRACE_S: Final = 60.0
"""How long after the longest run what it had reserved is given back, should nobody have done so: by then it is over."""


GC_THRESHOLD: Final = 10_000
"""So many more containers must have been made than freed before the garbage collector looks for cycles among them."""


@dataclass(frozen=True, slots=True)
class App:
    """A service that answers; `side_port` is there where the settings ask for one."""

    settings: Settings
    ports: AppPorts
    server: RpcServer
    side_port: SidePort | None
    fleet: Fleet

    @property
    def port(self) -> int:
        """Return the bound port of gRPC; 0 for a unix socket."""
        return self.server.port

    async def drain(self) -> None:
        """Stop as `server.drain_grace_s` says; leaving `open_app` does so too."""
        await self.server.drain(self.settings.server.drain_grace_s)


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    generators: Sequence[Generator] | None = None,
    manifests: Sequence[PluginManifest] | None = None,
) -> AsyncIterator[App]:
    """Start the service and, at the end, drain and stop it.

    `generators` replace the local models of the settings, `manifests` the installed plugins.

    Raises:
        SettingsError: No model is to be served, or the price book or a file of keys is wrong.
        ConfigurationError: An address may not or cannot be listened on, or a certificate cannot be read.
        ManifestError: A plugin is not as it says.
        ModelLoadError: None of the local models can be loaded, or what a provider needs is not installed.
        FailedPreconditionError: The store cannot be opened.
    """
    # Before models are loaded, which may take a minute: an operator shall not wait for a typing error.
    authenticated = settings.auth.mode != "off"
    await asyncio.to_thread(
        check,
        settings.server.address,
        _tls(settings.server),
        authenticated=authenticated,
        reuse_port=settings.server.reuse_port,
    )
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        judge = await open_authenticator(stack, settings.auth, registry)
        store = await stack.enter_async_context(
            open_store(
                settings.store.path,
                reader_threads=settings.store.reader_threads,
                capacity=settings.store.write_capacity,
                shared=settings.store.shared,
            )
        )
        neighbours = Neighbours(store)
        recovered = await recover(store)
        await asyncio.to_thread(store.instance.bury)
        if recovered.ended:
            _log.warning("runs_ended_by_restart", runs=recovered.ended)
        ledger = await stack.enter_async_context(
            open_ledger(store, expiry_s=settings.runs.max_duration_s + RESERVATION_GRACE_S)
        )
        live = _Liveness()
        side_port = await _open_side_port(stack, settings, live, registry)
        fleet = await open_fleet(stack, settings, generators)
        plans = fleet.plans
        models = await open_models(stack, settings, store, fleet, named=generators is None)
        tickets = TicketDesk(store)
        library = Library(store, SqliteFullText(), settings.knowledge.limits())
        known = await open_plugins(stack, settings.plugins, store, None if manifests is None else tuple(manifests))
        plugins = PluginCatalogue(
            known.manifests,
            {"support": {"search": LibrarySearch(library), "tickets": tickets}},
            known.registry,
        )
        policies = PolicyDesk(store, plugins, fleet.stored)
        privacy = open_privacy(settings.privacy, store)
        masking = privacy if settings.privacy.masking else None
        planning = build_planning(settings.planning, PlanningNeeds(store, plugins, plans, library, ledger, masking))
        engine = RunEngine(store, planning.agent, RunLimits(settings.runs.max_concurrent, settings.runs.max_duration_s))
        stack.push_async_callback(engine.drain, 0.0)
        Gauge("vaiven_runs_in_flight", "Runs that are going on", registry=registry).set_function(lambda: engine.active)
        ports = AppPorts(
            runs=engine,
            sessions=SessionDesk(store),
            plugins=plugins,
            registrations=known.desk,
            models=models.desk,
            routes=RouteDesk(plans, plugins, ledger, policies, masking),
            library=library,
            budgets=Budgets(store, ledger),
            usage=UsageReport(store, ledger),
            tickets=tickets,
            plans=planning.plans,
            approvals=DecidedRuns(planning.approvals, engine),
            operations=models.operations,
            privacy=PrivacyDesk(privacy, store),
        )
        server = build_server(ports, _rpc_options(settings.server), registry=registry, judge=judge)
        app = App(settings, ports, server, side_port, fleet)
        # Until the drain is over: those who cancel or decide by way of another process are heard meanwhile.
        look_after(stack, neighbours, engine, models.operations, planning.approvals)
        stack.push_async_callback(app.drain)
        # What was imported and built stays; without this a full collection walks it again and again, 100 ms a time, in
        # which no event is sent.
        gc.collect()
        gc.freeze()
        stack.callback(gc.unfreeze)
        # A call makes thousands of objects and hardly a cycle: by Python's own measure each paid for half a collection.
        stack.callback(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
        for tenant, run_id in recovered.going_on:
            engine.wake(tenant, run_id)
        await server.start()
        watching = asyncio.create_task(_watch_backends(server, plans))
        stack.callback(watching.cancel)
        live.server = server
        yield app


async def _watch_backends(server: RpcServer, plans: RoutingPlans) -> None:
    while True:
        await server.tell_backends(plans.now.candidates.serving())
        await asyncio.sleep(HEALTH_INTERVAL_S)


async def serve(
    settings: Settings,
    started: Callable[[App], None],
    *,
    generators: Sequence[Generator] | None = None,
    reread: Callable[[], Settings] | None = None,
) -> None:
    """Run the service until SIGTERM or SIGINT, then drain it; `started` is called when it answers.

    A signal that comes while models are still being loaded ends the loading. `generators` as in `open_app`. SIGHUP
    takes the settings that `reread` returns; where they are wrong, or raise a `SettingsError`, the old ones stay.

    Raises:
        Exception: As `open_app`.
    """
    stop, answering, task = asyncio.Event(), False, asyncio.current_task()

    def on_signal() -> None:
        stop.set()
        if not answering and task is not None:
            task.cancel()

    _on_signals(on_signal)
    try:
        async with open_app(settings, generators=generators) as app:
            answering = True
            with _reloading(app.fleet, reread):
                started(app)
                await stop.wait()
            _log.info("draining", grace_s=settings.server.drain_grace_s)
    except asyncio.CancelledError:
        if task is None or not stop.is_set():
            raise
        task.uncancel()


@contextmanager
def _reloading(fleet: Fleet, reread: Callable[[], Settings] | None) -> Iterator[None]:
    """Reload on SIGHUP, where the platform has it, one time after the other."""
    if reread is None or not hasattr(signal, "SIGHUP"):
        yield
        return
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    async def follow() -> None:
        while True:
            await asked.wait()
            asked.clear()
            try:
                fleet.reload(await asyncio.to_thread(reread))
            except (SettingsError, VaivenError) as error:
                _log.error("settings_not_reloaded", error=str(error))

    loop.add_signal_handler(signal.SIGHUP, asked.set)
    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        following.cancel()


def _on_signals(handle: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, handle)
        except NotImplementedError:  # Windows has no handlers on the loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(handle))


@dataclass(slots=True)
class _Liveness:
    """What `/readyz` asks: the side port opens before the models are loaded and closes after the server drained."""

    server: RpcServer | None = None

    def ready(self) -> bool:
        return self.server is not None and not self.server.draining


async def _open_side_port(
    stack: AsyncExitStack, settings: Settings, live: _Liveness, registry: CollectorRegistry
) -> SidePort | None:
    if settings.side_port.port is None:
        return None
    side_port = SidePort(settings.side_port.host, settings.side_port.port, live.ready, registry)
    await side_port.start()
    stack.push_async_callback(side_port.stop)
    return side_port


def _tls(settings: ServerSettings) -> TlsFiles | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return TlsFiles(settings.tls_certificate, settings.tls_key)


def _rpc_options(settings: ServerSettings) -> RpcOptions:
    shared = settings.model_dump(exclude={"tls_certificate", "tls_key", "drain_grace_s"})
    return RpcOptions(tls=_tls(settings), **shared)
