"""The openai SDK as the judge of the wire client: what is built, and what is read, from the same upstream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, get_type_hints

import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import TypeAdapter

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationRequest,
    Guidance,
    Image,
    Sampling,
    TextPiece,
    ToolCall,
    ToolSpec,
    Usage,
)
from service.testing.upstream import Upstream
from service.testing.upstream_frames import Reply, completion, frames
from tests.contract.backend_subjects import KEY, networked

CALLS = (
    ToolCall("call_a", "weather-tell", '{"city": "Cádiz", "days": 2}'),
    ToolCall("call_b", "clock-tell", "{}"),
    ToolCall("call_c", "weather-tell", '{"city": "Jerez", "days": 1}'),
)
REPLIES = {
    "text": Reply(),
    "nothing": Reply(text=()),
    "length": Reply(finish_reason="length"),
    "calls": Reply(text=("Let me see. ",), calls=CALLS, finish_reason="tool_calls"),
    "filtered": Reply(text=("Good ",), finish_reason="content_filter"),
    "uncached": Reply(usage=Usage(5, 0, 9)),
}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
WEATHER = ToolSpec("weather-tell", "Tell the weather.", {"type": "object", "properties": {}})
REQUEST = GenerationRequest(
    [
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "What is this?", images=(Image("https://pictures.example/a.png"),)),
        ChatMessage("assistant", "", tool_calls=CALLS[:1]),
        ChatMessage("tool", "sun", tool_call_id="call_a"),
        ChatMessage("user", "And tomorrow?"),
    ],
    77,
    sampling=Sampling(temperature=0.5, top_p=0.9, seed=4, stop=("END",)),
    guidance=Guidance("json_schema", json.dumps(SCHEMA)),
    tools=[WEATHER],
    tool_choice="auto",
)


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as running:
        yield running


@pytest_asyncio.fixture
async def sdk(upstream: Upstream) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=f"{upstream.url}/v1", max_retries=0) as client:
        yield client


async def read_by_us(upstream: Upstream, *, streamed: bool) -> tuple[str, list[ToolCall], str, Usage]:
    text, calls = "", []
    request = GenerationRequest([ChatMessage("user", "hi")], 50, streamed=streamed)
    async with networked("openai", upstream.url) as model:
        async for piece in model.generate(request):
            match piece:
                case TextPiece(part):
                    text += part
                case CallPiece(call):
                    calls.append(call)
                case Finished(reason, usage):
                    return text, calls, reason, usage
    raise AssertionError("no end")


def usage_of(told: Any) -> Usage:
    return Usage(told.prompt_tokens, told.prompt_tokens_details.cached_tokens, told.completion_tokens)


def calls_of(message: Any) -> list[ToolCall]:
    return [ToolCall(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("reply", list(REPLIES.values()), ids=list(REPLIES))
async def test_an_answer_is_read_as_the_sdk_reads_it(
    upstream: Upstream, sdk: AsyncOpenAI, reply: Reply, streamed: bool
) -> None:
    upstream.reply = reply
    asked: Any = {"model": "gpt-loop", "messages": [{"role": "user", "content": "hi"}]}
    if streamed:
        async with sdk.chat.completions.stream(**asked, stream_options={"include_usage": True}) as stream:
            async for _ in stream:
                pass
            whole: Any = stream.current_completion_snapshot
    else:
        whole = await sdk.chat.completions.create(**asked)
    (choice,) = whole.choices
    theirs = (choice.message.content or "", calls_of(choice.message), choice.finish_reason, usage_of(whole.usage))
    assert await read_by_us(upstream, streamed=streamed) == theirs


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_a_request_is_built_as_the_sdk_builds_it(upstream: Upstream, sdk: AsyncOpenAI, streamed: bool) -> None:
    async with networked("openai", upstream.url) as model:
        async for _ in model.generate(replace(REQUEST, streamed=streamed)):
            pass
    ours = upstream.requests[-1].body
    await sdk.chat.completions.create(**ours)
    assert upstream.requests[-1].body == ours


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_a_request_has_the_sdks_types_and_no_field_beside_them(upstream: Upstream, streamed: bool) -> None:
    async with networked("openai", upstream.url) as model:
        async for _ in model.generate(replace(REQUEST, streamed=streamed)):
            pass
    ours = upstream.requests[-1].body
    kind: Any = CompletionCreateParamsStreaming if streamed else CompletionCreateParamsNonStreaming
    TypeAdapter(kind).validate_python(ours)
    assert ours.keys() <= get_type_hints(kind).keys()


@pytest.mark.parametrize("reply", list(REPLIES.values()), ids=list(REPLIES))
def test_the_loopback_upstream_speaks_as_the_sdk_expects(reply: Reply) -> None:
    ChatCompletion.model_validate(completion(reply, "gpt-loop"), strict=True)
    for frame in frames(reply, "gpt-loop", with_usage=True):
        ChatCompletionChunk.model_validate(frame, strict=True)
