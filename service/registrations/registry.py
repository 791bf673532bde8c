"""The registered plugins of all tenants in this process, as up to date as the store at each question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog

from plugins.sources.base import SourceError
from service.errors import VaivenError
from service.registrations.failures import worded_source
from service.registrations.live import Held, LivePlugin, Pace, PluginState, registration_of
from service.registrations.opened import OpenedSource, Reading
from service.registrations.sources import SourceMaker
from service.registrations.spec import Registration
from service.store import registrations
from service.store.registrations import RegistrationRow
from service.store.store import Store

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Tenant:
    revision: int = 0
    version: int | None = None
    plugins: dict[str, LivePlugin] = field(default_factory=dict)
    broken: dict[str, Held] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Registry:
    """Knows the plugins; what the store says of them counts, whichever replica wrote it."""

    def __init__(self, store: Store, maker: SourceMaker, pace: Pace, *, parallel_reads: int) -> None:
        """Read at most `parallel_reads` sources at the same time."""
        self._store = store
        self._maker = maker
        self._pace = pace
        self._gate = asyncio.Semaphore(parallel_reads)
        self._tenants: dict[str, _Tenant] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to read what is registered; return before that ends, which a target that is gone would put off."""
        for tenant in await self._store.read(registrations.tenants_with_registrations):
            await self._sync(tenant)

    async def aclose(self) -> None:
        """Close all sources."""
        live = [plugin for tenant in self._tenants.values() for plugin in tenant.plugins.values()]
        self._tenants.clear()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*(plugin.aclose() for plugin in live), *self._retiring, return_exceptions=True)

    async def plugins(self, tenant: str, needed: Collection[str] = ()) -> Mapping[str, Held]:
        """Return the tenant's plugins by id, those that are `needed` after they were read, or could not be."""
        known = await self._sync(tenant)
        for plugin_id in needed:
            live = known.plugins.get(plugin_id)
            if live is not None:
                await live.settled()
        return {**known.broken, **{plugin_id: live.held for plugin_id, live in known.plugins.items()}}

    def opener(self, tenant: str, registration: Registration) -> Callable[[Callable[[], None]], OpenedSource]:
        """Return what opens the source of a registration, given whom it tells of a change."""

        def open_source(on_changed: Callable[[], None]) -> OpenedSource:
            source = self._maker.make(tenant, registration, on_changed)
            return OpenedSource(source, self._maker.limits, self._gate, on_changed)

        return open_source

    async def prepare(self, registration: Registration) -> None:
        """Load what the registration's source needs, before `live` is called for it."""
        await self._maker.prepare(registration.source)

    def live(self, held: Held) -> LivePlugin:
        """Return a plugin that goes on from `held` when it is started.

        Raises:
            SourceError: The registration is wrong, or is not allowed.
        """
        return LivePlugin(held, self.opener(held.row.tenant, held.registration), self._pace, self._taken)

    async def adopt(self, plugin: LivePlugin) -> None:
        """Let a plugin, whose row was just written, take the place of the one of its name."""
        row = plugin.held.row
        known = self._known(row.tenant)
        async with known.lock:
            self._put(known, plugin)

    async def _sync(self, tenant: str) -> _Tenant:
        known = self._known(tenant)
        # Taken before the rows are read: what changes meanwhile is read next time.
        version = self._store.version(registrations.topic_of(tenant))
        if version != known.version:
            async with known.lock:
                await self._catch_up(tenant, known)
                known.version = version
        return known

    async def _catch_up(self, tenant: str, known: _Tenant) -> None:
        revision, ids, rows = await self._store.read(
            lambda connection: registrations.changes_since(connection, tenant, known.revision)
        )
        for plugin_id in [one for one in known.plugins if one not in ids]:
            self._retire(known.plugins.pop(plugin_id))
        known.broken = {plugin_id: held for plugin_id, held in known.broken.items() if plugin_id in ids}
        for row in rows:
            present = known.plugins.get(row.id)
            if present is not None and present.held.row.revision >= row.revision:
                continue
            if present is not None and _same(present.held.row, row):
                present.restamp(row)
                continue
            with suppress(SourceError, ValueError):  # `_begin` says what is wrong with it
                await self._maker.prepare(registration_of(row).source)
            self._begin(known, row)
        known.revision = revision

    def _begin(self, known: _Tenant, row: RegistrationRow) -> None:
        try:
            registration_of(row)
            plugin = self.live(Held(row, PluginState.LOADING))
        except (SourceError, ValueError) as error:
            # An operator may have taken back what the registration needs; the others must start all the same.
            _log.warning("plugin_not_allowed", tenant=row.tenant, plugin=row.id, reason=getattr(error, "code", ""))
            self._retire(known.plugins.pop(row.id, None))
            known.broken[row.id] = Held(row, PluginState.UNAVAILABLE, None, _why(error, row))
            return
        self._put(known, plugin)

    def _put(self, known: _Tenant, plugin: LivePlugin) -> None:
        plugin_id = plugin.held.row.id
        before = known.plugins.get(plugin_id)
        known.plugins[plugin_id] = plugin
        known.broken.pop(plugin_id, None)
        plugin.start()
        self._retire(before)

    def _retire(self, plugin: LivePlugin | None) -> None:
        if plugin is not None:
            task = asyncio.create_task(plugin.retire())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _taken(self, plugin: LivePlugin, reading: Reading) -> None:
        """Store the fingerprint of a source that changed and was taken as it is, so that all replicas agree on it."""
        row = plugin.held.row
        _log.warning("plugin_reread", tenant=row.tenant, plugin=row.id)
        now = replace(row, fingerprint=reading.imported.fingerprint)
        stored = await self._store.write(lambda connection: registrations.replace_registration(connection, now))
        if stored is not None:
            plugin.restamp(stored)

    def _known(self, tenant: str) -> _Tenant:
        return self._tenants.setdefault(tenant, _Tenant())


def _same(one: RegistrationRow, other: RegistrationRow) -> bool:
    return replace(one, revision=0) == replace(other, revision=0)


def _why(error: Exception, row: RegistrationRow) -> VaivenError:
    if isinstance(error, SourceError):
        return worded_source(error, f"plugins/{row.id}")
    unreadable = SourceError("REGISTRATION_INVALID", "what is stored of it cannot be read; register it again")
    return worded_source(unreadable, f"plugins/{row.id}")
