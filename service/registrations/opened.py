"""A source while it is in use: read within bounds, its calls counted, closed when the last of them has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import structlog

from plugins.context import RunContext
from plugins.output import FunctionOutput, FunctionResult
from plugins.sources.base import (
    CallContext,
    ImportedFunction,
    ImportedPlugin,
    Invoke,
    PluginSource,
    SourceError,
    SourceLimits,
    Stream,
)
from plugins.sources.kernel_plugin import to_kernel_plugin

if TYPE_CHECKING:
    from semantic_kernel.functions import KernelPlugin

_log = structlog.get_logger(__name__)

READINGS_PER_TIMEOUT: Final = 2.0
"""Reading in all may take this many times what the network may: what came is understood after that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source gave, and its functions as the kernel calls them."""

    imported: ImportedPlugin
    kernel_plugin: KernelPlugin


class OpenedSource:
    """One source; its functions work until it was retired and the last call has ended."""

    def __init__(
        self, source: PluginSource, limits: SourceLimits, gate: asyncio.Semaphore, on_gone: Callable[[], None]
    ) -> None:
        """Read at most as many sources at a time as `gate` lets through; `on_gone`: a function is no longer there."""
        self._source = source
        self._limits = limits
        self._gate = gate
        self._on_gone = on_gone
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def read(self, fingerprint: str | None, held: Reading | None = None) -> Reading:
        """Read the source; `held` is returned where nothing changed since it was read.

        `fingerprint` None: whatever it is now is taken.

        Raises:
            SourceError: It cannot be read, takes too long, or is not the one of `fingerprint` and that is refused.
        """
        limit_s = self._limits.read_timeout_s * READINGS_PER_TIMEOUT
        async with self._gate:
            try:
                async with asyncio.timeout(limit_s):
                    if fingerprint is None:
                        imported = await self._source.read()
                    else:
                        imported = await self._source.refresh(fingerprint)
                    if held is not None and held.imported.fingerprint == imported.fingerprint:
                        return held
                    return await self._compiled(imported)
            except TimeoutError:
                raise SourceError("SOURCE_TIMEOUT", f"reading the source took more than {limit_s:g} s") from None

    async def retire(self) -> None:
        """Close the source when the calls in flight have ended, at the latest when they must have."""
        try:
            async with asyncio.timeout(self._limits.call_timeout_s):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("plugin_calls_cut_off", calls=self._calls)
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the source at once; calls in flight fail."""
        if not self._closed:
            self._closed = True
            await self._source.aclose()

    async def _compiled(self, imported: ImportedPlugin) -> Reading:
        counted = replace(imported, functions=tuple(map(self._counted, imported.functions)))
        # 0.3 ms a function, and there may be thousands.
        kernel_plugin = await asyncio.to_thread(
            to_kernel_plugin, counted, limits=self._limits, remaining_s=_remaining_of(asyncio.get_running_loop())
        )
        return Reading(counted, kernel_plugin)

    def _counted(self, function: ImportedFunction) -> ImportedFunction:
        streams = function.stream
        return replace(
            function,
            invoke=self._counted_invoke(function.invoke),
            stream=None if streams is None else self._counted_stream(streams),
        )

    def _counted_invoke(self, invoke: Invoke) -> Invoke:
        async def counted(arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
            self._enter()
            try:
                return await invoke(arguments, context)
            except SourceError as error:
                self._noticed(error)
                raise
            finally:
                self._leave()

        return counted

    def _counted_stream(self, stream: Stream) -> Stream:
        async def counted(arguments: Mapping[str, Any], context: CallContext) -> AsyncGenerator[FunctionOutput, None]:
            self._enter()
            try:
                async with aclosing(stream(arguments, context)) as pieces:
                    async for piece in pieces:
                        yield piece
            finally:
                self._leave()

        return counted

    def _enter(self) -> None:
        if self._closed:
            raise SourceError("METHOD_GONE", "the plugin was changed or removed meanwhile", retryable=True)
        self._calls += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._calls -= 1
        if self._calls == 0:
            self._idle.set()

    def _noticed(self, error: SourceError) -> None:
        if error.code == "METHOD_GONE":
            self._on_gone()


def _remaining_of(loop: asyncio.AbstractEventLoop) -> Callable[[RunContext], float | None]:
    """Return what tells how long a run still has, in seconds; the loop is told here, a thread has none."""
    return lambda run: None if run.deadline is None else max(0.0, run.deadline - loop.time())
