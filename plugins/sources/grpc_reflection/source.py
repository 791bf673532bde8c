"""A running gRPC service as a plugin."""

from __future__ import annotations

import asyncio
from typing import Final

import grpc

from plugins.sources.base import ImportedFunction, ImportedPlugin, LeftOut, SourceError, SourceLimits
from plugins.sources.grpc_reflection.channel import open_channel
from plugins.sources.grpc_reflection.description import Description, describe, service_of
from plugins.sources.grpc_reflection.files import FileSet
from plugins.sources.grpc_reflection.fingerprint import fingerprint
from plugins.sources.grpc_reflection.functions import FunctionBuilder
from plugins.sources.grpc_reflection.reflection import ReflectionReader
from plugins.sources.grpc_reflection.registration import GrpcRegistration

_DEFAULT_LIMITS: Final = SourceLimits()
_VERSION_CHARACTERS: Final = 12
_SHOWN_CHANGES: Final = 5


class GrpcSource:
    """Reads one registered service, by reflection or from its descriptor set; see `plugins.sources.base.PluginSource`.

    The functions of every plugin that it returned share one connection, and work until the source is closed.
    """

    def __init__(self, registration: GrpcRegistration, limits: SourceLimits = _DEFAULT_LIMITS) -> None:
        """Take what the host has checked; nothing is connected yet."""
        self._registration = registration
        self._limits = limits
        self._channel: grpc.aio.Channel | None = None
        self._last: ImportedPlugin | None = None

    async def read(self) -> ImportedPlugin:
        """Read the descriptors and return the plugin; the time that it takes is bounded by `read_timeout_s`.

        Raises:
            SourceError: the target cannot be reached, has no reflection, lies about its types, or is too large; no
                method can be a function; or a rule does not fit.
        """
        files, services, left_out = await self._files()
        # Minutes of a hostile service's descriptors would stop the event loop; they are bounded, and read in a thread.
        self._last = await asyncio.to_thread(self._build, files, services, left_out, self._open())
        return self._last

    async def refresh(self, fingerprint: str) -> ImportedPlugin:
        """Read the service again.

        Raises:
            SourceError: `PLUGIN_DRIFTED` if it changed since `fingerprint` and the registration says to refuse that;
                the functions read before stay as they are. Otherwise as `read`.
        """
        before = self._last
        now = await self.read()
        if now.fingerprint != fingerprint and self._registration.on_drift == "refuse":
            self._last = before
            known = before is not None and before.fingerprint == fingerprint
            changes = f": {_changes(before, now)}" if known else ""
            raise SourceError("PLUGIN_DRIFTED", f"the service is not what was registered{changes}")
        return now

    async def aclose(self) -> None:
        """Close the connection; calls in flight fail."""
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def _files(self) -> tuple[FileSet, list[str], list[LeftOut]]:
        wanted = tuple(dict.fromkeys(map(service_of, self._registration.services)))
        if self._registration.descriptor_set is not None:
            files = await asyncio.to_thread(_from_set, self._registration.descriptor_set, self._limits)
            return files, _services(files, wanted), []
        channel = open_channel(self._registration, max_message_bytes=self._limits.max_descriptor_response_bytes)
        try:
            async with asyncio.timeout(self._limits.read_timeout_s):
                return await ReflectionReader(channel, self._registration.headers(), self._limits).read(wanted)
        except TimeoutError as error:
            raise SourceError(
                "SOURCE_TIMEOUT", f"the descriptors did not come within {self._limits.read_timeout_s:g} s", "target"
            ) from error
        finally:
            await channel.close()

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = open_channel(self._registration, max_message_bytes=self._limits.max_response_bytes)
        return self._channel

    def _build(
        self, files: FileSet, services: list[str], left_out: list[LeftOut], channel: grpc.aio.Channel
    ) -> ImportedPlugin:
        registration = self._registration
        described = describe(files, services, registration.services, left_out, self._limits)
        functions, missed = FunctionBuilder(described, registration, channel, self._limits).build()
        if not functions:
            raise SourceError("SOURCE_EMPTY", "no method of the service can be a function", "services")
        digest = fingerprint(described.methods, described.annotations)
        return ImportedPlugin(
            name=registration.name,
            version=digest[:_VERSION_CHARACTERS],
            description=registration.description or _described(described, services),
            functions=functions,
            left_out=missed,
            fingerprint=digest,
            kind="grpc",
        )


def _from_set(data: bytes, limits: SourceLimits) -> FileSet:
    files = FileSet(limits)
    files.add_set(data)
    return files


def _services(files: FileSet, wanted: tuple[str, ...]) -> list[str]:
    for name in wanted:
        if name not in files.services:
            raise SourceError("SERVICE_NOT_FOUND", f"the descriptor set has no {name}", "services")
    return list(wanted or sorted(files.services))


def _described(description: Description, services: list[str]) -> str:
    said = [description.annotations.comments.get(name, "") for name in services]
    return next(filter(None, said), "") or f"The gRPC services {', '.join(services)[:250]}."


def _changes(before: ImportedPlugin | None, now: ImportedPlugin) -> str:
    """Return which functions came, went and changed, for a person."""
    old = {f.name: _facts(f) for f in before.functions} if before else {}
    new = {f.name: _facts(f) for f in now.functions}
    changes = [f"+{name}" for name in new if name not in old] + [f"-{name}" for name in old if name not in new]
    changes += [f"~{name}" for name in new if name in old and new[name] != old[name]]
    shown = ", ".join(changes[:_SHOWN_CHANGES]) or "what no function shows"
    return f"{shown}, and {len(changes) - _SHOWN_CHANGES} more" if len(changes) > _SHOWN_CHANGES else shown


def _facts(function: ImportedFunction) -> tuple[object, ...]:
    return function.description, function.effect, function.idempotent, function.input_schema, function.output_schema
