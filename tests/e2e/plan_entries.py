"""A service whose plans call a tool of another process, and which dies where its test says."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from multiprocessing.connection import Connection
from typing import ClassVar, Final

from semantic_kernel.functions import KernelArguments, kernel_function

from planners.journal import Attempt, StepOutcome
from plugins.context import CallContext
from plugins.manifest import PluginManifest
from plugins.output import FunctionOutput, FunctionResult, TextDelta
from service.backends.fake import FakeGenerator
from service.bootstrap import App, open_app
from service.runs.planning import runner
from service.runs.planning.journal import StoredPlanJournal
from service.settings_sources import load_settings
from service.telemetry.logging import configure_logging

_TAKES: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["item"],
    "properties": {"item": {"type": "string", "description": "What."}},
}
_GIVES: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"said": {"type": "string", "description": "What was done."}},
}


def tools() -> PluginManifest:
    """Return the plugin: `pay` writes and takes a key, `book` writes and does not, `look` reads."""
    return PluginManifest.model_validate(
        {
            "name": "tools",
            "version": "1.0.0",
            "kind": "python",
            "description": "Tools of a test.",
            "class": "tests.e2e.plan_entries:Tools",
            "functions": [
                {
                    "name": name,
                    "description": f"Do {name}.",
                    "effect": effect,
                    "approval": False,
                    "takes_idempotency_key": name == "pay",
                    "input_schema": _TAKES,
                    "output_schema": _GIVES,
                }
                for name, effect in (("pay", "write"), ("book", "write"), ("look", "read"))
            ],
        }
    )


class Tools:
    """Calls the tool at `port` of loopback: a line of JSON there, a line back."""

    port: ClassVar[int] = 0

    @kernel_function(name="pay", description="Do pay.")
    async def pay(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._call("pay", item, arguments):
            yield piece

    @kernel_function(name="book", description="Do book.")
    async def book(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._call("book", item, arguments):
            yield piece

    @kernel_function(name="look", description="Do look.")
    async def look(self, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        async for piece in self._call("look", item, arguments):
            yield piece

    async def _call(self, tool: str, item: str, arguments: KernelArguments) -> AsyncGenerator[FunctionOutput, None]:
        context: CallContext = arguments["call_context"]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            asked = {"tool": tool, "item": item, "key": context.idempotency_key, "pid": os.getpid()}
            writer.write(json.dumps(asked).encode() + b"\n")
            said = (await reader.readline()).decode().strip()
        finally:
            writer.close()
        yield TextDelta(said)
        yield FunctionResult(said, {"said": said})


def planning(_control: Connection, tool_port: int, border: int) -> None:
    """Serve plans and die at the `border`-th border of a step, from 1; 0: at none.

    A step has four: before and after its beginning is written down, before and after its end is.
    """
    configure_logging("warning", "json")
    left = [border]

    def die_here() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    class DyingJournal(StoredPlanJournal):
        async def step_started(self, step: str, attempt: Attempt) -> None:
            die_here()
            await super().step_started(step, attempt)
            die_here()

        async def step_finished(self, step: str, outcome: StepOutcome) -> None:
            die_here()
            await super().step_finished(step, outcome)
            die_here()

    setattr(runner, "StoredPlanJournal", DyingJournal)  # noqa: B010 - a name that the module only borrows
    Tools.port = tool_port
    asyncio.run(_serve())


async def _serve() -> None:
    settings = load_settings({"server": {"address": "127.0.0.1:0"}})
    async with open_app(settings, generators=[FakeGenerator("")], manifests=[tools()]) as app:
        _announce(app)
        await app.server.wait()


def _announce(app: App) -> None:
    sys.stdout.write(json.dumps({"port": app.port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
