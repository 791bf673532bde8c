"""One registered plugin in this process: read at first, looked at from time to time, given up at last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import structlog

from plugins.sources.base import SourceError
from service.errors import FailedPreconditionError, VaivenError
from service.registrations.failures import worded_source
from service.registrations.opened import OpenedSource, Reading
from service.registrations.spec import GrpcSpec, OpenApiSpec, PromptSpec, Registration, SourceSpec, spec_from_json
from service.store.registrations import RegistrationRow

_log = structlog.get_logger(__name__)


class PluginState(StrEnum):
    """Whether a plugin can be used."""

    READY = "READY"
    LOADING = "LOADING"
    UNAVAILABLE = "UNAVAILABLE"
    DRIFTED = "DRIFTED"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often sources are looked at, in seconds: each `interval_s`; after a failure `retry_s`, doubled each time."""

    interval_s: float = 300.0
    retry_s: float = 5.0


@dataclass(frozen=True)
class Held:
    """A registered plugin at one moment: `reading` None: it was not read yet; `error` says why it is not READY."""

    row: RegistrationRow
    state: PluginState
    reading: Reading | None = None
    error: VaivenError | None = None

    @cached_property
    def registration(self) -> Registration:
        """Return what was asked for."""
        return registration_of(self.row)

    def ready(self) -> Reading:
        """Return the functions.

        Raises:
            VaivenError: They cannot be called now; it says why.
        """
        if self.state is PluginState.READY and self.reading is not None:
            return self.reading
        raise self.error or FailedPreconditionError(
            f"plugins/{self.row.id} is still being read; ask again in a moment.",
            reason="PLUGIN_LOADING",
            retry_after_s=1.0,
        )


def registration_of(row: RegistrationRow) -> Registration:
    """Return what a row says."""
    return Registration(
        plugin_id=row.id,
        description=row.description,
        owners=tuple(json.loads(row.owners)),
        source=spec_from_json(row.source),
    )


class LivePlugin:
    """Keeps one plugin; its one task is its own, until it is retired."""

    def __init__(
        self,
        held: Held,
        open_source: Callable[[Callable[[], None]], OpenedSource],
        pace: Pace,
        taken: Callable[[LivePlugin, Reading], Awaitable[None]],
    ) -> None:
        """Open the source and go on from `held`; `taken` is told of a changed source that was taken as it is.

        Raises:
            SourceError: The registration is wrong, or no longer allowed; the plugin is not kept.
        """
        self._held = held
        self._pace = pace
        self._taken = taken
        self._look_now = asyncio.Event()
        self._settled = asyncio.Event()
        self._source = open_source(self._look_now.set)
        if held.state is not PluginState.LOADING:
            self._settled.set()
        self._task: asyncio.Task[None] | None = None

    @property
    def held(self) -> Held:
        """Return the plugin as it is now."""
        return self._held

    @property
    def source(self) -> OpenedSource:
        """Return the opened source."""
        return self._source

    def begin_with(self, reading: Reading) -> None:
        """Take what was read before the plugin is looked after; its row is the one of that reading then."""
        row = replace(self._held.row, fingerprint=reading.imported.fingerprint)
        self._held = Held(row, PluginState.READY, reading)
        self._settled.set()

    def start(self) -> None:
        """Begin to look after the plugin."""
        self._task = asyncio.create_task(self._keep(), name=f"plugin {self._held.row.id}")

    async def settled(self) -> None:
        """Return when the plugin was read, or could not be."""
        await self._settled.wait()

    def restamp(self, row: RegistrationRow) -> None:
        """Take `row`, which says the same in a later revision."""
        self._held = Held(row, self._held.state, self._held.reading, self._held.error)

    async def retire(self) -> None:
        """Stop looking, and close the source when its calls have ended."""
        try:
            await self._stop()
            await self._source.retire()
        finally:
            await self._source.aclose()

    async def aclose(self) -> None:
        """Stop looking, and close the source at once."""
        await self._stop()
        await self._source.aclose()

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._settled.set()

    async def _keep(self) -> None:
        failures = 0
        if self._held.state is PluginState.LOADING:
            failures = await self._look(failures)
        while True:
            pause_s = min(self._pace.interval_s, self._pace.retry_s * 2 ** (failures - 1)) if failures else None
            if pause_s is None and not can_change(self._held.registration.source):
                await self._look_now.wait()
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s or self._pace.interval_s):
                        await self._look_now.wait()
            self._look_now.clear()
            failures = await self._look(failures)

    async def _look(self, failures: int) -> int:
        """Read the source; return how often in a row that has failed."""
        held = self._held
        try:
            reading = await self._source.read(held.row.fingerprint, held.reading)
        except SourceError as error:
            failures += 1
            self._failed(error)
        except Exception:  # noqa: BLE001 - whatever one source does must not end the looking after it
            failures += 1
            _log.error("plugin_not_read", tenant=held.row.tenant, plugin=held.row.id, exc_info=True)
            self._failed(SourceError("SOURCE_UNREADABLE", "the source could not be read; the service's log says why"))
        else:
            failures = 0
            self._held = Held(held.row, PluginState.READY, reading)
            if reading.imported.fingerprint != held.row.fingerprint:
                await self._taken(self, reading)
        self._settled.set()
        return failures

    def _failed(self, error: SourceError) -> None:
        held, name = self._held, f"plugins/{self._held.row.id}"
        if error.code == "PLUGIN_DRIFTED":
            state = PluginState.DRIFTED
        elif held.reading is not None and held.state is PluginState.READY:
            return  # what was read still holds; if nothing answers, the calls say so themselves
        else:
            state = PluginState.UNAVAILABLE
        if state is not held.state:
            _log.warning("plugin_" + state.lower(), tenant=held.row.tenant, plugin=held.row.id, reason=error.code)
        self._held = Held(held.row, state, held.reading, _refusal(error, name))


def can_change(spec: SourceSpec) -> bool:
    """Return whether the source lies elsewhere, so that it can become another one."""
    match spec:
        case PromptSpec():
            return False
        case GrpcSpec():
            return spec.descriptor_set is None
        case OpenApiSpec():
            return spec.document is None
        case _:
            return True


def _refusal(error: SourceError, name: str) -> VaivenError:
    worded = worded_source(error, name)
    if error.code == "PLUGIN_DRIFTED":
        return FailedPreconditionError(
            f"{worded.message} RefreshPlugin with accept_changes takes it as it is now.",
            reason=error.code,
            violations=worded.violations,
        )
    return worded
