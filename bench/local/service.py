"""This engine, asked through gRPC as any client does."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc.aio
from google.protobuf import struct_pb2
from vaiven.v1 import agent_service_pb2, generation_pb2, plugin_pb2, plugin_service_pb2, run_pb2
from vaiven.v1.agent_service_pb2_grpc import AgentServiceStub
from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

from bench.child import Child, child
from bench.load import RunFailedError
from bench.local.asks import Ask, Load, Reading, Reckoning
from bench.local.callers import Callers
from bench.local.prompts import FUNCTION, PROMPT

if TYPE_CHECKING:
    from vaiven.v1.agent_service_pb2_grpc import AgentServiceAsyncStub
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceAsyncStub

_SETTLED_S: Final = 0.02


class ServiceAnswerer:
    """See `bench.local.callers.Answerer`.

    Deltas are text; how many tokens they are is told at the end of a run. Until then they are reckoned from the runs
    before, and the end puts right what was wrong.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Ask by `channel`."""
        self._plugins: PluginServiceAsyncStub = PluginServiceStub(channel)
        self._runs: AgentServiceAsyncStub = AgentServiceStub(channel)
        self._reckoning = Reckoning()

    async def register(self) -> None:
        """Register the function that is asked for."""
        source = plugin_pb2.PluginSource(prompt=plugin_pb2.PromptSource(text=PROMPT))
        await self._plugins.RegisterPlugin(
            plugin_service_pb2.RegisterPluginRequest(
                plugin_id=FUNCTION.split("/")[1], plugin=plugin_pb2.Plugin(source=source)
            )
        )

    async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
        """Yield how many tokens came.

        Raises:
            RunFailedError: The run failed, or its prompt was not the one that the peers are given.
        """
        arguments = struct_pb2.Struct()
        arguments.update({"instructions": ask.system, "request": ask.user})
        request = plugin_service_pb2.InvokeFunctionRequest(
            name=FUNCTION,
            arguments=arguments,
            generation=generation_pb2.GenerationParameters(max_output_tokens=ask.max_tokens),
            cancel_on_disconnect=True,
        )
        counted, chars = 0.0, 0
        call = self._plugins.InvokeFunction(request)
        try:
            async for event in call:
                match event.WhichOneof("payload"):
                    case "text_delta":
                        chars += len(event.text_delta.text)
                        counted += (amount := self._reckoning.tokens(event.text_delta.text))
                        yield amount
                    case "completed" | "incomplete" as kind:
                        usage = getattr(event, kind).usage
                        if usage.input_tokens != len(ask.prompt):
                            raise RunFailedError(f"the prompt had {usage.input_tokens} tokens, not {len(ask.prompt)}")
                        self._reckoning.learn(usage.output_tokens, chars)
                        yield usage.output_tokens - counted
                        return
                    case "failed":
                        raise RunFailedError(f"{event.failed.reason}: {event.failed.message}")
            raise RunFailedError("the stream ended without a terminal event")
        finally:
            call.cancel()

    async def settle(self) -> None:
        """Wait until no run is going on."""
        request = agent_service_pb2.ListRunsRequest(page_size=1, state=run_pb2.RUN_STATE_RUNNING)
        while (await self._runs.ListRuns(request)).runs:  # noqa: ASYNC110 - only the service knows, and it is asked
            await asyncio.sleep(_SETTLED_S)


class Service:
    """The service's process and its client."""

    def __init__(self, served: Child, answerer: ServiceAnswerer) -> None:
        """Measure `answerer`, whose process is `served`."""
        self._served = served
        self.answerer = answerer
        self.pid = served.pid

    async def measure(self, load: Load) -> Reading:
        """Return what was found, with the lag of the service's loop."""
        await self._served.tell("watch")
        reading = await Callers(self.answerer, load).measure()
        await self._served.tell("end")
        lags_s, core_wait_s = json.loads(await self._served.line())
        return dataclasses.replace(reading, lags_s=lags_s, core_wait_s=core_wait_s)


@asynccontextmanager
async def service(model: Path, directory: Path, most: int, *, guesses: bool) -> AsyncIterator[Service]:
    """Start the service with `model`, its store in `directory`."""
    options = ["--most", str(most), *([] if guesses else ["--no-guesses"])]
    async with (
        child("bench.local.served", str(model), str(directory), *options) as served,
        grpc.aio.insecure_channel(f"127.0.0.1:{await served.line()}") as channel,
    ):
        answerer = ServiceAnswerer(channel)
        await answerer.register()
        yield Service(served, answerer)
