"""Registers, changes, removes and refreshes plugins: read first, stored then, live at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from plugins.sources.base import SourceError
from service.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    StaleEtagError,
    Violation,
)
from service.registrations.failures import worded_source
from service.registrations.live import Held, LivePlugin, PluginState, registration_of
from service.registrations.registry import Registry
from service.registrations.spec import DriftAction, Registration, SourceSpec
from service.store import idempotency, registrations
from service.store.idempotency import RequestKey
from service.store.registrations import RegistrationRow
from service.store.store import Store
from service.store.writer import Unit


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of a registration; None: it stays. `on_drift` counts after `source`."""

    description: str | None = None
    owners: tuple[str, ...] | None = None
    source: SourceSpec | None = None
    on_drift: DriftAction | None = None

    def of(self, registration: Registration) -> Registration:
        """Return the registration with the change."""
        source = self.source or registration.source
        if self.on_drift is not None:
            source = source.model_copy(update={"on_drift": self.on_drift})
        return Registration(
            plugin_id=registration.plugin_id,
            description=registration.description if self.description is None else self.description,
            owners=registration.owners if self.owners is None else self.owners,
            source=source,
        )


class RegistrationDesk:
    """Changes the plugins of tenants. Every method acts for one tenant and sees nothing of another's.

    A `request_id` makes a change repeatable: the same id and arguments do it once, the same id with others raises
    `RequestIdReusedError`. `validate_only` reads the source and stores nothing.
    """

    def __init__(self, store: Store, registry: Registry, *, installed: Collection[str], max_registered: int) -> None:
        """Names of `installed` plugins are taken; a tenant has at most `max_registered`."""
        self._store = store
        self._registry = registry
        self._installed = frozenset(installed)
        self._max = max_registered
        self._storing: set[asyncio.Task[Held]] = set()

    async def register(
        self, tenant: str, registration: Registration, *, request_id: str | None = None, validate_only: bool = False
    ) -> Held:
        """Read the source and add the plugin.

        Raises:
            AlreadyExistsError: There is a plugin of that name.
            FailedPreconditionError: The tenant has as many plugins as it may, or the source cannot be a plugin.
            VaivenError: The source cannot be read, or is not allowed.
        """
        key = _key(tenant, "RegisterPlugin", request_id, registration.model_dump_json())
        if key is not None and not validate_only and await self._replayed(key):
            return await self._found(tenant, registration.plugin_id)
        await self._store.read(lambda connection: self._check_free(connection, tenant, registration.plugin_id))
        now = datetime.now(UTC)
        plugin = await self._read(_row(tenant, registration, now), None)

        def unit(connection: Connection) -> RegistrationRow | None:
            def make() -> str:
                self._check_free(connection, tenant, registration.plugin_id)
                registrations.put_registration(connection, plugin.held.row)
                return registration.plugin_id

            if idempotency.once(connection, key, make).replayed:
                return None
            return registrations.get_registration(connection, tenant, registration.plugin_id)

        return await self._keep(plugin, unit, validate_only=validate_only)

    async def update(
        self,
        tenant: str,
        plugin_id: str,
        change: Change,
        *,
        etag: str = "",
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> Held:
        """Change the plugin; its source is read again, and one that drifted is taken only where it is given anew.

        Raises:
            NotFoundError: The tenant has registered none of that name.
            StaleEtagError: It changed since the caller read it.
            VaivenError: The source cannot be read, is not allowed, or drifted.
        """
        key = _key(tenant, "UpdatePlugin", request_id, plugin_id, repr(change), etag)
        if key is not None and not validate_only and await self._replayed(key):
            return await self._found(tenant, plugin_id)
        before = await self._row(tenant, plugin_id, etag)
        changed = change.of(registration_of(before))
        row = replace(
            _row(tenant, changed, datetime.now(UTC)), create_time=before.create_time, revision=before.revision
        )
        plugin = await self._read(row, before.fingerprint if change.source is None else None)
        return await self._keep(plugin, _replacing(plugin, key), validate_only=validate_only)

    async def refresh(
        self,
        tenant: str,
        plugin_id: str,
        *,
        accept_changes: bool = False,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> Held:
        """Read the source again, with the secrets as they are now; `accept_changes` takes it as it is.

        Raises:
            NotFoundError: The tenant has registered none of that name.
            FailedPreconditionError: `PLUGIN_DRIFTED`: it is no longer what was registered.
            VaivenError: The source cannot be read, or is not allowed.
        """
        key = _key(tenant, "RefreshPlugin", request_id, plugin_id, str(accept_changes))
        if key is not None and not validate_only and await self._replayed(key):
            return await self._found(tenant, plugin_id)
        row = await self._row(tenant, plugin_id, "")
        plugin = await self._read(row, None if accept_changes else row.fingerprint)
        return await self._keep(plugin, _replacing(plugin, key), validate_only=validate_only)

    async def delete(self, tenant: str, plugin_id: str, *, etag: str = "", request_id: str | None = None) -> None:
        """Remove the plugin; calls in flight may end.

        Raises:
            NotFoundError: The tenant has registered none of that name.
            StaleEtagError: It changed since the caller read it.
        """
        key = _key(tenant, "DeletePlugin", request_id, plugin_id, etag)

        def unit(connection: Connection) -> None:
            def make() -> str:
                self._existing(connection, tenant, plugin_id, etag)
                registrations.delete_registration(connection, tenant, plugin_id)
                return ""

            idempotency.once(connection, key, make)

        await self._store.write(unit)
        await self._registry.plugins(tenant)

    async def _read(self, row: RegistrationRow, fingerprint: str | None) -> LivePlugin:
        """Return the plugin of `row` after its source was read; it is not looked after yet."""
        name = f"plugins/{row.id}"
        held = Held(row, PluginState.LOADING)
        await self._registry.prepare(held.registration)
        try:
            plugin = self._registry.live(held)
        except SourceError as error:
            raise worded_source(error, name) from error
        try:
            reading = await plugin.source.read(fingerprint)
        except SourceError as error:
            await plugin.aclose()
            raise worded_source(error, name) from error
        except BaseException:
            await plugin.aclose()
            raise
        plugin.begin_with(reading)
        return plugin

    async def _keep(self, plugin: LivePlugin, unit: Unit[RegistrationRow | None], *, validate_only: bool) -> Held:
        """Store the plugin and let it live; or, where only that was asked, say what it would be.

        The unit returns the stored row; None: another call with the same request id did it.
        """
        if validate_only:
            await plugin.aclose()
            return plugin.held
        # Not given up halfway by a caller that is gone: stored and live, or neither.
        task = asyncio.create_task(self._store_and_adopt(plugin, unit))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return await asyncio.shield(task)

    async def _store_and_adopt(self, plugin: LivePlugin, unit: Unit[RegistrationRow | None]) -> Held:
        try:
            stored = await self._store.write(unit)
        except BaseException:
            await plugin.aclose()
            raise
        if stored is None:
            await plugin.aclose()
            return await self._found(plugin.held.row.tenant, plugin.held.row.id)
        plugin.restamp(stored)
        await self._registry.adopt(plugin)
        return plugin.held

    async def _replayed(self, key: RequestKey) -> bool:
        return await self._store.read(lambda connection: idempotency.find(connection, key)) is not None

    async def _found(self, tenant: str, plugin_id: str) -> Held:
        held = (await self._registry.plugins(tenant, (plugin_id,))).get(plugin_id)
        if held is None:
            raise _missing(plugin_id)
        return held

    async def _row(self, tenant: str, plugin_id: str, etag: str) -> RegistrationRow:
        return await self._store.read(lambda connection: self._existing(connection, tenant, plugin_id, etag))

    def _existing(self, connection: Connection, tenant: str, plugin_id: str, etag: str) -> RegistrationRow:
        row = registrations.get_registration(connection, tenant, plugin_id)
        if row is None and plugin_id in self._installed:
            raise FailedPreconditionError(
                f"plugins/{plugin_id} came with the installation; only registered plugins can be changed.",
                reason="PLUGIN_INSTALLED",
            )
        if row is None:
            raise _missing(plugin_id)
        if etag and etag != etag_of(row):
            raise _stale(plugin_id)
        return row

    def _check_free(self, connection: Connection, tenant: str, plugin_id: str) -> None:
        taken = plugin_id in self._installed
        if taken or registrations.get_registration(connection, tenant, plugin_id) is not None:
            raise AlreadyExistsError(
                f"There is a plugin plugins/{plugin_id}; take another name"
                + (", it came with the installation." if taken else ", or change it with UpdatePlugin."),
                violations=(Violation("plugin_id", "is the name of another plugin"),),
            )
        if registrations.count_registrations(connection, tenant) >= self._max:
            raise FailedPreconditionError(
                f"{self._max} plugins are registered, as many as are allowed (plugins.max_registered); delete one.",
                reason="TOO_MANY_PLUGINS",
            )


def etag_of(row: RegistrationRow) -> str:
    """Return what changes with every change of the row; empty for one that is not stored."""
    return _digest(row.id, str(row.revision), row.update_time.isoformat())[:16] if row.revision else ""


def _replacing(plugin: LivePlugin, key: RequestKey | None) -> Unit[RegistrationRow | None]:
    """Return the unit that puts the plugin's row in the place of the one that it was made from."""
    row = plugin.held.row

    def unit(connection: Connection) -> RegistrationRow | None:
        def make() -> str:
            if registrations.replace_registration(connection, row) is None:
                raise _stale(row.id)
            return row.id

        if idempotency.once(connection, key, make).replayed:
            return None
        return registrations.get_registration(connection, row.tenant, row.id)

    return unit


def _row(tenant: str, registration: Registration, now: datetime) -> RegistrationRow:
    return RegistrationRow(
        tenant=tenant,
        id=registration.plugin_id,
        description=registration.description,
        owners=json.dumps(registration.owners),
        source=registration.source.model_dump_json(),
        fingerprint="",
        revision=0,
        create_time=now,
        update_time=now,
    )


def _missing(plugin_id: str) -> NotFoundError:
    return NotFoundError(f"There is no plugin plugins/{plugin_id}; PluginService.ListPlugins names those there are.")


def _stale(plugin_id: str) -> StaleEtagError:
    return StaleEtagError(f"plugins/{plugin_id} changed since it was read; read it again.")


def _key(tenant: str, method: str, request_id: str | None, *body: str) -> RequestKey | None:
    return None if request_id is None else RequestKey(tenant, method, request_id, _digest(*body))


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
