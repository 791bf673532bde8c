"""The ways to the model: directly, through the service, and through another gateway that speaks OpenAI's protocol."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
import grpc.aio
import orjson
from google.protobuf import struct_pb2
from google.type import money_pb2
from vaiven.v1 import cost_pb2, cost_service_pb2, plugin_service_pb2
from vaiven.v1.cost_service_pb2_grpc import CostServiceStub
from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

from bench.gateway.answers import Asked
from plugins.prompt_file import system_text
from service.backends.openai_protocol.events import EventReader

if TYPE_CHECKING:
    from vaiven.v1.cost_service_pb2_grpc import CostServiceAsyncStub
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceAsyncStub

FUNCTION: Final = "plugins/chat/functions/reply"
MAX_OUTPUT_TOKENS: Final = 512
_MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_OK: Final = 200


class WrongAnswerError(RuntimeError):
    """An answer was not what the upstream says; then there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer: when it was asked for, when its first and its last text came, and its end; on `perf_counter`."""

    asked: float
    first_text: float
    last_text: float
    ended: float


class Caller(Protocol):
    """Asks for an answer and reads it to its end."""

    async def ask(self, asked: Asked) -> Timed:
        """Return when what came.

        Raises:
            WrongAnswerError: The answer is not the one that was asked for.
        """
        ...


class HttpCaller:
    """Asks an upstream in OpenAI's words, or a gateway that speaks them too."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Post to `url`/chat/completions, with the messages that the service's function sends."""
        self._session = session
        self._url = f"{url}/chat/completions"
        self._system = system_text("chat", "reply")

    async def ask(self, asked: Asked) -> Timed:
        """Ask for `asked`."""
        body = orjson.dumps(
            {
                "model": "loopback",
                "messages": [{"role": "system", "content": self._system}, {"role": "user", "content": asked.prompt}],
                "max_completion_tokens": MAX_OUTPUT_TOKENS,
                **({"stream": True, "stream_options": {"include_usage": True}} if asked.streamed else {}),
            }
        )
        began = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self._url, data=body, headers=headers) as response:
            if response.status != _OK:
                raise WrongAnswerError(f"{self._url}: {response.status} {(await response.text())[:500]}")
            if not asked.streamed:
                text = orjson.loads(await response.read())["choices"][0]["message"]["content"]
                first = last = time.perf_counter()
            else:
                text, first, last = await _streamed(response)
        _check(text, asked)
        return Timed(began, first, last, time.perf_counter())


async def _streamed(response: aiohttp.ClientResponse) -> tuple[str, float, float]:
    """Return the text, and when the first and the last of it came."""
    reader = EventReader(max_event_bytes=_MAX_ANSWER_BYTES, max_total_bytes=_MAX_ANSWER_BYTES)
    text, first, last = "", 0.0, 0.0
    async for data in response.content.iter_any():
        for payload in reader.feed(data):
            if payload == b"[DONE]":
                continue
            for choice in orjson.loads(payload)["choices"]:
                if said := choice["delta"].get("content"):
                    text += said
                    last = time.perf_counter()
                    first = first or last
    return text, first, last


class ServiceCaller:
    """Runs the function through gRPC; a run is a stream also where its answer comes in one piece."""

    def __init__(self, channel: grpc.aio.Channel, key: str | None = None) -> None:
        """Call over `channel`, with a key where the service asks for one."""
        self._metadata = None if key is None else (("authorization", f"Bearer {key}"),)
        self._stub: PluginServiceAsyncStub = PluginServiceStub(channel)
        self._costs: CostServiceAsyncStub = CostServiceStub(channel)

    async def set_budgets(self) -> None:
        """Let two budgets, of money and of tokens, bound every call from now on; neither is ever reached."""
        for number, subject in enumerate(("", "plugins/chat")):
            budget = cost_pb2.Budget(
                name=f"budgets/bench-{number}",
                subject=subject,
                period=cost_pb2.BUDGET_PERIOD_MONTH,
                money_limit=money_pb2.Money(currency_code="EUR", units=100_000_000),
                token_limit=10**12,
            )
            await self._costs.SetBudget(cost_service_pb2.SetBudgetRequest(budget=budget), metadata=self._metadata)

    async def ask(self, asked: Asked) -> Timed:
        """Ask for `asked`."""
        arguments = struct_pb2.Struct()
        arguments["message"] = asked.prompt
        request = plugin_service_pb2.InvokeFunctionRequest(name=FUNCTION, arguments=arguments)
        request.generation.max_output_tokens = MAX_OUTPUT_TOKENS
        began, text, first, last, ended = time.perf_counter(), "", 0.0, 0.0, False
        async for event in self._stub.InvokeFunction(request, metadata=self._metadata):
            kind = event.WhichOneof("payload")
            if kind == "text_delta":
                text += event.text_delta.text
                last = time.perf_counter()
                first = first or last
            elif kind == "completed":
                ended = True
            elif kind in ("failed", "incomplete", "cancelled"):
                raise WrongAnswerError(f"the run ended otherwise: {event}")
        if not ended:
            raise WrongAnswerError("the stream ended without a terminal event")
        _check(text, asked)
        return Timed(began, first, last, time.perf_counter())


def _check(text: str, asked: Asked) -> None:
    if text != asked.text:
        raise WrongAnswerError(f"{len(text)} characters instead of {len(asked.text)}: {text[:200]!r}")
