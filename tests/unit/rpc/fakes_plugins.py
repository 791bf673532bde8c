"""Installed and registered plugins for tests of the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.sources.base import ImportedPlugin
from service.errors import NotFoundError, StaleEtagError
from service.registrations.desk import Change, etag_of
from service.registrations.live import Held, PluginState
from service.registrations.opened import Reading
from service.registrations.spec import PromptSpec, Registration
from service.runs.plugin_records import FunctionRecord, PluginRecord, plugin_record
from service.runs.spec import (
    LOCAL_PRINCIPAL,
    Page,
    Principal,
)
from service.store.registrations import RegistrationRow
from tests.unit.rpc.fakes_runs import DRAFT, NOW

PLUGIN = PluginRecord(
    name="plugins/email",
    version="1.2.0",
    description="Drafts e-mails.",
    owners=("mail@vaiven.example",),
    kind="python",
    functions=(DRAFT,),
)
FUNCTION = FunctionRecord(
    name=DRAFT,
    description="Draft an e-mail.",
    input_schema={"type": "object", "required": ["to"], "properties": {"to": {"type": "string", "maxLength": 64}}},
    output_schema={"type": "object"},
    effect="read",
)


class FakePlugins:
    def __init__(self) -> None:
        self.parents: list[str | None] = []

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[Any]:
        return Page((PLUGIN,), "more")

    async def get(self, principal: Principal, name: str) -> Any:
        registered = plugin_record(Held(REGISTERED, PluginState.READY))
        for record in (PLUGIN, registered):
            if name == record.name:
                return record
        raise NotFoundError(f"There is no plugin {name}.")

    async def functions(
        self, principal: Principal, plugin: str | None, page_size: int, page_token: str, size_of: Any = None
    ) -> Page[Any]:
        self.parents.append(plugin)
        return Page((FUNCTION,), "more")


PROMPT = "name: hello\ntemplate: Say hello.\ntemplate_format: semantic-kernel\n"
REGISTERED = RegistrationRow(
    tenant=LOCAL_PRINCIPAL.tenant,
    id="orders",
    description="Orders of the shop.",
    owners="[]",
    source=PromptSpec(text=PROMPT).model_dump_json(),
    fingerprint="ab" * 32,
    revision=1,
    create_time=NOW,
    update_time=NOW,
)


class FakeRegistrations:
    """Does as it is told, and keeps what that was; registering in earnest is tested with a whole service."""

    def __init__(self) -> None:
        self.registered: list[Registration] = []
        self.changes: list[Change] = []
        self.etags: list[str] = []
        self.refreshed: list[tuple[str, Mapping[str, Any]]] = []
        self.imported: ImportedPlugin | None = None
        """What each source gives when it is read; None: it has no functions."""

    async def register(self, tenant: str, registration: Registration, **_: Any) -> Held:
        self.registered.append(registration)
        return self._held(replace(REGISTERED, id=registration.plugin_id))

    async def update(self, tenant: str, plugin_id: str, change: Change, *, etag: str = "", **_: Any) -> Held:
        self.changes.append(change)
        self._check(etag)
        return self._held(replace(REGISTERED, description=change.description or ""))

    async def refresh(self, tenant: str, plugin_id: str, **said: Any) -> Held:
        self.refreshed.append((plugin_id, said))
        return self._held(REGISTERED)

    async def delete(self, tenant: str, plugin_id: str, *, etag: str = "", **_: Any) -> None:
        self._check(etag)

    def _held(self, row: RegistrationRow) -> Held:
        if self.imported is None:
            return Held(row, PluginState.READY)
        # Most of the tests do not need the kernel, which takes long to load.
        from semantic_kernel.functions import KernelPlugin

        return Held(row, PluginState.READY, Reading(self.imported, KernelPlugin(self.imported.name)))

    def _check(self, etag: str) -> None:
        self.etags.append(etag)
        if etag not in ("", etag_of(REGISTERED)):
            raise StaleEtagError("plugins/orders changed since it was read; read it again.")
