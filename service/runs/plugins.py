"""What a tenant can call: the installed plugins, the same for all, and those that it has registered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from planners.call import FunctionChoice
from plugins.manifest import PluginManifest, build_class
from service.errors import NotFoundError
from service.registrations.live import Held, PluginState
from service.runs.kernels import clone_of
from service.runs.listing import page_by_name
from service.runs.names import function_name, function_parts, id_in, plugin_name
from service.runs.plugin_records import (
    FunctionRecord,
    PluginRecord,
    function_record,
    function_records,
    installed_record,
    plugin_record,
)
from service.runs.spec import Page, Principal


class Registered(Protocol):
    """Knows what tenants have registered; see `service.registrations.registry.Registry`."""

    async def plugins(self, tenant: str, needed: Collection[str] = ()) -> Mapping[str, Held]:
        """Return the tenant's plugins by id, those that are `needed` after they were read, or could not be."""
        ...


class NothingRegistered:
    """No tenant has registered anything."""

    async def plugins(self, tenant: str, needed: Collection[str] = ()) -> Mapping[str, Held]:
        """Return nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class _Installed:
    """The installed plugins: their records by id, and the one kernel that holds their functions."""

    plugins: Mapping[str, PluginRecord]
    functions: Mapping[str, FunctionRecord]
    kernel: Kernel


class TenantPlugins:
    """What one tenant can call at one moment; a run keeps to the one that it began with."""

    def __init__(self, installed: _Installed, held: Mapping[str, Held]) -> None:
        """Add what is `held`; where two plugins have one name the installed one is meant."""
        self._installed = installed
        self._held = {plugin_id: one for plugin_id, one in held.items() if plugin_id not in installed.plugins}
        self._registered = {
            record.name: record for one in self._held.values() for record in function_records(one) if _is_ready(one)
        }

    def plugins(self) -> Sequence[PluginRecord]:
        """Return the plugins, also those that cannot be called now."""
        return [*self._installed.plugins.values(), *map(plugin_record, self._held.values())]

    def plugin(self, name: str, field: str = "name") -> PluginRecord:
        """Return one plugin.

        Raises:
            NotFoundError: There is none of that name.
        """
        plugin_id = id_in(name, "plugins", field)
        record = self._installed.plugins.get(plugin_id)
        if record is None and plugin_id in self._held:
            record = plugin_record(self._held[plugin_id])
        if record is None:
            raise NotFoundError(f"There is no plugin {name}; PluginService.ListPlugins names those there are.")
        return record

    def functions(self) -> Sequence[FunctionRecord]:
        """Return the functions that can be called now."""
        return [*self._installed.functions.values(), *self._registered.values()]

    def functions_of(self, name: str, field: str = "name") -> Sequence[FunctionRecord]:
        """Return the functions of a plugin.

        Raises:
            NotFoundError: There is no such plugin.
            VaivenError: It cannot be called now.
        """
        record = self.plugin(name, field)
        self._check_ready(record.name)
        return [self.function(function) for function in record.functions]

    def function(self, name: str) -> FunctionRecord:
        """Return the function of that resource name.

        Raises:
            NotFoundError: There is none.
            VaivenError: Its plugin cannot be called now.
        """
        plugin, _ = function_parts(name)
        found = self._installed.functions.get(name) or self._registered.get(name)
        if found is None:
            self._check_ready(plugin_name(plugin))
            raise NotFoundError(f"There is no function {name}; PluginService.ListFunctions names those there are.")
        return found

    def allowed(self, names: Sequence[str]) -> tuple[FunctionRecord, ...]:
        """Return the functions that `names` allow, functions or whole plugins, in order of name; none: all of them.

        Raises:
            NotFoundError: One of the names does not exist.
            VaivenError: A plugin that is named cannot be called now.
        """
        found = [one for name in names for one in self._named(name)] if names else self.functions()
        by_name = {record.name: record for record in found}
        return tuple(by_name[name] for name in sorted(by_name))

    def kernel(self, allowed: Iterable[FunctionRecord], chat: ChatCompletionClientBase) -> Kernel:
        """Return a clone of the kernel for a run: the allowed functions, none other, `chat` as the service."""
        names: dict[str, list[str]] = {}
        for record in allowed:
            plugin, function = function_parts(record.name)
            names.setdefault(plugin, []).append(function)
        registered = {name: self._held[name].ready().kernel_plugin for name in names.keys() & self._held.keys()}
        kernel = clone_of(self._installed.kernel, registered, names)
        kernel.add_service(chat)
        return kernel

    def _named(self, name: str) -> Sequence[FunctionRecord]:
        return self.functions_of(name) if name.count("/") == 1 else [self.function(name)]

    def _check_ready(self, name: str) -> None:
        held = self._held.get(id_in(name, "plugins"))
        if held is not None:
            held.ready()


class PluginCatalogue:
    """Holds the plugins; see `service.rpc.ports.Plugins`."""

    def __init__(
        self,
        manifests: Iterable[PluginManifest],
        parts: Mapping[str, Mapping[str, Any]],
        registered: Registered | None = None,
    ) -> None:
        """Build every plugin's object with its `parts`, the keyword arguments of its class by the plugin's name.

        Raises:
            ManifestError: A class cannot be imported or does not implement its manifest.
        """
        kernel = Kernel()
        plugins: dict[str, PluginRecord] = {}
        functions: dict[str, FunctionRecord] = {}
        for manifest in manifests:
            plugin = build_class(manifest)(**parts.get(manifest.name, {}))
            kernel.add_plugin(plugin, manifest.name, description=manifest.description)
            records = [function_record(manifest.name, function) for function in manifest.functions]
            functions.update({record.name: record for record in records})
            plugins[manifest.name] = installed_record(manifest, records)
        self._installed = _Installed(plugins, functions, kernel)
        self._registered = registered or NothingRegistered()

    async def of(self, principal: Principal, named: Collection[str] = ()) -> TenantPlugins:
        """Return what the principal's tenant can call now.

        `named` are the plugins and functions that the caller is about to use: one that is being read is waited for.
        """
        needed = {name.split("/")[1] for name in named if name.startswith("plugins/")}
        return TenantPlugins(self._installed, await self._registered.plugins(principal.tenant, needed))

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PluginRecord]:
        """Return a page of the plugins, by name."""
        records = (await self.of(principal)).plugins()
        return page_by_name(records, lambda record: record.name, "plugins", page_size, page_token)

    async def get(self, principal: Principal, name: str) -> PluginRecord:
        """Return one plugin.

        Raises:
            NotFoundError: There is none of that name.
        """
        return (await self.of(principal)).plugin(name)

    async def functions(
        self,
        principal: Principal,
        plugin: str | None,
        page_size: int,
        page_token: str,
        size_of: Callable[[FunctionRecord], int] | None = None,
    ) -> Page[FunctionRecord]:
        """Return a page of the functions of one plugin or (None) of all, by name; see `page_by_name` on `size_of`.

        Raises:
            NotFoundError: There is no such plugin.
            VaivenError: It cannot be called now.
        """
        view = await self.of(principal, () if plugin is None else (plugin,))
        records = view.functions() if plugin is None else view.functions_of(plugin, "parent")
        scope = f"functions:{plugin or ''}"
        return page_by_name(records, lambda record: record.name, scope, page_size, page_token, size_of)


def choice(record: FunctionRecord) -> FunctionChoice:
    """Return the function as the planner sees it."""
    name = ".".join(function_parts(record.name))
    gives = tuple(record.output_schema.get("properties", {}))
    return FunctionChoice(
        name, record.description, record.input_schema, record.outside, record.effect == "write", gives
    )


def chosen_name(full_name: str) -> str:
    """Return the resource name of what the planner calls `plugin.function`."""
    plugin, _, function = full_name.partition(".")
    return function_name(plugin, function)


def _is_ready(held: Held) -> bool:
    return held.state is PluginState.READY
