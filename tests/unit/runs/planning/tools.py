"""A plugin whose functions do what the test says: `look` reads, `pay` and `book` write."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from semantic_kernel.functions import KernelArguments, kernel_function

from plugins.context import CallContext
from plugins.manifest import PluginManifest
from plugins.output import FunctionOutput, FunctionResult, TextDelta

_TAKES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["item"],
    "properties": {"item": {"type": "string", "description": "What.", "x-vaiven-fill": "request"}},
}
_GIVES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["said"],
    "properties": {"said": {"type": "string", "description": "What was done."}},
}


def manifest(**more: dict[str, Any]) -> PluginManifest:
    """Return the plugin's; `more` are further fields by function."""
    return PluginManifest.model_validate(
        {
            "name": "tools",
            "version": "1.0.0",
            "kind": "python",
            "description": "Tools of a test.",
            "class": "tests.unit.runs.planning.tools:Tools",
            "functions": [
                {
                    "name": name,
                    "description": f"Do {name}.",
                    "effect": effect,
                    "input_schema": _TAKES,
                    "output_schema": _GIVES,
                    **more.get(name, {}),
                }
                for name, effect in (("look", "read"), ("pay", "write"), ("book", "write"))
            ],
        }
    )


class Bench:
    """What the tools are at: how often each was called for what, and what it does then."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self.keys: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.does: dict[str, Callable[[str], Awaitable[None]]] = {}

    def gate(self, tool: str) -> asyncio.Event:
        """Let each call of `tool` wait until the event that is returned is set."""
        opened = asyncio.Event()

        async def wait(item: str) -> None:
            await opened.wait()

        self.does[tool] = wait
        return opened

    async def use(self, tool: str, item: str, key: str) -> None:
        self.calls[tool, item] += 1
        self.keys[tool, item].append(key)
        if tool in self.does:
            await self.does[tool](item)


class Tools:
    """The plugin."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @kernel_function(name="look", description="Do look.")
    async def look(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._use("look", item, arguments):
            yield piece

    @kernel_function(name="pay", description="Do pay.")
    async def pay(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._use("pay", item, arguments):
            yield piece

    @kernel_function(name="book", description="Do book.")
    async def book(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._use("book", item, arguments):
            yield piece

    async def _use(self, tool: str, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        context: CallContext | None = arguments.get("call_context")
        await self._bench.use(tool, item, context.idempotency_key if context else "")
        yield TextDelta(f"{tool} {item}")
        yield FunctionResult(f"{tool} {item}", {"said": f"{tool} {item}"})
