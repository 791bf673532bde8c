"""The plugins of the service: their manifests, their objects, and the one kernel that holds their functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from planners.call import FunctionChoice
from plugins.manifest import FunctionManifest, PluginManifest, build_class
from service.errors import NotFoundError
from service.runs.kernels import kernel_of
from service.runs.listing import page_by_name
from service.runs.names import function_name, function_parts, id_in, plugin_name
from service.runs.spec import Page, Principal


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """A plugin as callers see it; all names are resource names."""

    name: str
    version: str
    description: str
    owners: tuple[str, ...]
    kind: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """A function as callers see it; the schemas are JSON Schema 2020-12 of type object."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    effect: Literal["none", "read", "write"]


class PluginCatalogue:
    """Holds the plugins; see `service.rpc.ports.Plugins`."""

    def __init__(self, manifests: Iterable[PluginManifest], parts: Mapping[str, Mapping[str, Any]]) -> None:
        """Build every plugin's object with its `parts`, the keyword arguments of its class by the plugin's name.

        Raises:
            ManifestError: A class cannot be imported or does not implement its manifest.
        """
        self._plugins = {manifest.name: manifest for manifest in manifests}
        self._kernel = Kernel()
        for name, manifest in self._plugins.items():
            plugin = build_class(manifest)(**parts.get(name, {}))
            self._kernel.add_plugin(plugin, name, description=manifest.description)
        self._records = {
            record.name: record for manifest in self._plugins.values() for record in _function_records(manifest)
        }

    async def list(self, principal: Principal, page_size: int, page_token: str) -> Page[PluginRecord]:
        """Return a page of the plugins, by name."""
        records = [_plugin_record(manifest) for manifest in self._plugins.values()]
        return page_by_name(records, lambda record: record.name, "plugins", page_size, page_token)

    async def get(self, principal: Principal, name: str) -> PluginRecord:
        """Return one plugin.

        Raises:
            NotFoundError: There is none of that name.
        """
        return _plugin_record(self._manifest(id_in(name, "plugins")))

    async def functions(
        self, principal: Principal, plugin: str | None, page_size: int, page_token: str
    ) -> Page[FunctionRecord]:
        """Return a page of the functions of one plugin or (None) of all, by name.

        Raises:
            NotFoundError: There is no such plugin.
        """
        records: Iterable[FunctionRecord] = self._records.values()
        if plugin is not None:
            records = _function_records(self._manifest(id_in(plugin, "plugins", "parent")))
        return page_by_name(records, lambda record: record.name, f"functions:{plugin or ''}", page_size, page_token)

    def function(self, name: str) -> FunctionRecord:
        """Return the function of that resource name.

        Raises:
            NotFoundError: There is none.
        """
        function_parts(name)
        try:
            return self._records[name]
        except KeyError:
            raise NotFoundError(
                f"There is no function {name}; PluginService.ListFunctions names those there are."
            ) from None

    def allowed(self, names: Sequence[str]) -> tuple[FunctionRecord, ...]:
        """Return the functions that `names` allow, functions or whole plugins, in order of name; none: all of them.

        Raises:
            NotFoundError: One of the names does not exist.
        """
        chosen = {function for name in names for function in self._named(name)} if names else set(self._records)
        return tuple(self._records[name] for name in sorted(chosen))

    def kernel(self, allowed: Iterable[FunctionRecord], chat: ChatCompletionClientBase) -> Kernel:
        """Return a kernel for a run: the allowed functions, none other, `chat` as the service."""
        names: dict[str, list[str]] = {}
        for record in allowed:
            plugin, function = function_parts(record.name)
            names.setdefault(plugin, []).append(function)
        kernel = kernel_of(self._kernel, names)
        kernel.add_service(chat)
        return kernel

    def _named(self, name: str) -> Sequence[str]:
        if name.count("/") == 1:
            return [record.name for record in _function_records(self._manifest(id_in(name, "plugins")))]
        return [self.function(name).name]

    def _manifest(self, plugin: str) -> PluginManifest:
        try:
            return self._plugins[plugin]
        except KeyError:
            raise NotFoundError(
                f"There is no plugin {plugin_name(plugin)}; PluginService.ListPlugins names those there are."
            ) from None


def choice(record: FunctionRecord) -> FunctionChoice:
    """Return the function as the planner sees it."""
    return FunctionChoice(".".join(function_parts(record.name)), record.description, record.input_schema)


def chosen_name(full_name: str) -> str:
    """Return the resource name of what the planner calls `plugin.function`."""
    plugin, _, function = full_name.partition(".")
    return function_name(plugin, function)


def _plugin_record(manifest: PluginManifest) -> PluginRecord:
    return PluginRecord(
        name=plugin_name(manifest.name),
        version=manifest.version,
        description=manifest.description,
        owners=manifest.owners,
        kind=manifest.kind,
        functions=tuple(record.name for record in _function_records(manifest)),
    )


def _function_records(manifest: PluginManifest) -> Sequence[FunctionRecord]:
    return [_function_record(manifest.name, function) for function in manifest.functions]


def _function_record(plugin: str, function: FunctionManifest) -> FunctionRecord:
    return FunctionRecord(
        name=function_name(plugin, function.name),
        description=function.description,
        input_schema=function.input_schema,
        output_schema=function.output_schema,
        effect=function.effect,
    )
