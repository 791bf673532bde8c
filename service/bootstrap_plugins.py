"""The plugins of the service: those that are installed, and what keeps those that tenants register."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from plugins.manifest import PluginManifest, load_installed, load_listed
from plugins.sources.base import SourceError
from plugins.sources.mcp import StdioServer
from service.registrations.desk import RegistrationDesk
from service.registrations.live import Pace
from service.registrations.registry import Registry
from service.registrations.secrets import HeldSecret, SecretBook
from service.registrations.sources import Allowed, SourceMaker
from service.runs.planning.functions import AGENTS
from service.settings_plugins import PluginsSettings
from service.settings_sources import SettingsError
from service.store.store import Store


@dataclass(frozen=True, slots=True)
class Plugins:
    """`manifests` are of installed plugins; `registry` knows those that are registered, `desk` changes them."""

    manifests: tuple[PluginManifest, ...]
    registry: Registry
    desk: RegistrationDesk


async def open_plugins(
    stack: AsyncExitStack, settings: PluginsSettings, store: Store, manifests: tuple[PluginManifest, ...] | None
) -> Plugins:
    """Load what is installed (or take `manifests`) and begin to read what is registered.

    Raises:
        ManifestError: An installed plugin is not as it says.
        SettingsError: A pattern of targets is none, or two plugins have one name.
    """
    installed = (load_installed() if manifests is None else manifests) + load_listed(settings.entry_points)
    names = [*(manifest.name for manifest in installed), AGENTS.removeprefix("plugins/")]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"plugins.entry_points: there is another plugin {twice}.")
    try:
        maker = SourceMaker(_allowed(settings))
    except SourceError as error:
        raise SettingsError(f"plugins.allowed_targets: {error.message}.") from None
    pace = Pace(settings.refresh_interval_s, min(settings.retry_s, settings.refresh_interval_s))
    registry = Registry(store, maker, pace, parallel_reads=settings.parallel_reads)
    stack.push_async_callback(registry.aclose)
    await registry.start()
    desk = RegistrationDesk(store, registry, installed=names, max_registered=settings.max_registered)
    return Plugins(installed, registry, desk)


def _allowed(settings: PluginsSettings) -> Allowed:
    return Allowed(
        targets=settings.allowed_targets,
        network=settings.network(),
        secrets=SecretBook(
            {
                name: HeldSecret(secret.value, secret.file, secret.hosts, secret.tenants)
                for name, secret in settings.secrets.items()
            }
        ),
        programs={
            name: StdioServer(program.command, program.arguments, program.env, program.working_directory)
            for name, program in settings.mcp_programs.items()
        },
        limits=settings.limits(),
    )
