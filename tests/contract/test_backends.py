"""One suite for all backends: what `base.Generator` promises, whoever answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import jsonschema
import pytest
import pytest_asyncio

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    Image,
    Sampling,
    TextPiece,
    ToolCall,
    ToolSpec,
)
from service.errors import DeadlineExceededError, InvalidArgumentError, UnavailableError
from service.testing.upstream import Upstream
from service.testing.upstream_frames import USAGE, Reply
from tests.contract.backend_subjects import KEY, NETWORKED, Subject, fake, onnx_generator, over_network

pytestmark = pytest.mark.asyncio(loop_scope="module")

MESSAGES = [ChatMessage("system", "You answer briefly."), ChatMessage("user", "How is the weather in Cádiz?")]
WEATHER = ToolSpec(
    "weather-tell",
    "Tell the weather.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 8}, "days": {"type": "integer", "minimum": 0}},
        "required": ["city", "days"],
    },
)
CLOCK = ToolSpec("clock-tell", "Tell the time.", {"type": "object", "properties": {}, "required": []})
SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": ["Cádiz", "Jerez"]}, "sunny": {"type": "boolean"}},
    "required": ["city", "sunny"],
    "additionalProperties": False,
}
CALLS = (
    ToolCall("call_a", "weather-tell", '{"city": "Cádiz", "days": 2}'),
    ToolCall("call_b", "clock-tell", "{}"),
    ToolCall("call_c", "weather-tell", '{"city": "Jerez", "days": 1}'),
)

ALL = [*NETWORKED, "fake", "onnx"]
SCRIPTED = [*NETWORKED, "fake"]
both_ways = pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def onnx() -> AsyncIterator[Subject]:
    model = onnx_generator()
    model.start()
    await model.ready()
    yield Subject(model)
    await model.close()


@pytest_asyncio.fixture(loop_scope="module")
async def networked(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    async with Upstream() as upstream:
        made = over_network(request.node.callspec.params["subject"], upstream)
        yield made
        await made.generator.close()


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Subject:
    """Give the backend of the parameter; the local engine's worker is started by the first test that needs it."""
    if request.param == "fake":
        return fake()
    made = request.getfixturevalue("onnx" if request.param == "onnx" else "networked")
    assert isinstance(made, Subject)
    return made


def ask(**fields: Any) -> GenerationRequest:
    return GenerationRequest(**{"messages": MESSAGES, "max_output_tokens": 60, **fields})


async def pieces_of(subject: Subject, request: GenerationRequest) -> list[GenerationPiece]:
    return [piece async for piece in subject.generator.generate(request)]


def text_of(pieces: list[GenerationPiece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))


def end_of(pieces: list[GenerationPiece]) -> Finished:
    *before, last = pieces
    assert isinstance(last, Finished)
    assert not any(isinstance(piece, Finished) for piece in before)
    return last


@both_ways
@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_text_and_one_end(subject: Subject, streamed: bool) -> None:
    pieces = await pieces_of(subject, ask(streamed=streamed))
    end = end_of(pieces)
    assert end.finish_reason in ("stop", "length")
    assert 0 < end.usage.output_tokens <= 60
    assert end.usage.input_tokens > 0
    assert 0 <= end.first_token_s <= end.total_s
    if subject.say is not None:
        assert text_of(pieces) == "Good morning, Cádiz ☀."


@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_text_and_usage_are_the_same_in_one_piece(subject: Subject) -> None:
    streamed = await pieces_of(subject, ask())
    whole = await pieces_of(subject, ask(streamed=False))
    assert text_of(streamed) == text_of(whole)
    assert end_of(streamed).finish_reason == end_of(whole).finish_reason
    assert end_of(streamed).usage.input_tokens == end_of(whole).usage.input_tokens
    assert end_of(streamed).usage.output_tokens == end_of(whole).usage.output_tokens


@both_ways
@pytest.mark.parametrize("subject", list(NETWORKED), indirect=True)
async def test_usage_is_the_upstreams_with_its_cached_tokens(subject: Subject, streamed: bool) -> None:
    assert end_of(await pieces_of(subject, ask(streamed=streamed))).usage == USAGE


@both_ways
@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_a_required_call(subject: Subject, streamed: bool) -> None:
    if subject.say is not None:
        subject.say(Reply(text=(), calls=CALLS[:1], finish_reason="stop"))
    request = ask(streamed=streamed, tools=[WEATHER], tool_choice="required", max_output_tokens=300)
    pieces = await pieces_of(subject, request)
    (call,) = [piece.call for piece in pieces if isinstance(piece, CallPiece)]
    assert call.name == "weather-tell"
    assert call.call_id
    jsonschema.validate(json.loads(call.arguments), WEATHER.parameters)
    assert end_of(pieces).finish_reason == "tool_calls"


@both_ways
@pytest.mark.parametrize("subject", SCRIPTED, indirect=True)
async def test_parallel_calls_that_come_by_turns(subject: Subject, streamed: bool) -> None:
    assert subject.say is not None
    subject.say(Reply(text=("Let me see.",), calls=CALLS, finish_reason="tool_calls"))
    pieces = await pieces_of(subject, ask(streamed=streamed, tools=[WEATHER, CLOCK], tool_choice="auto"))
    assert tuple(piece.call for piece in pieces if isinstance(piece, CallPiece)) == CALLS
    assert end_of(pieces).finish_reason == "tool_calls"


@both_ways
@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_structured_output(subject: Subject, streamed: bool) -> None:
    if subject.say is not None:
        subject.say(Reply(text=('{"city": "Cá', 'diz", "sunny"', ": true}")))
    guidance = Guidance("json_schema", json.dumps(SCHEMA))
    pieces = await pieces_of(subject, ask(streamed=streamed, guidance=guidance))
    jsonschema.validate(json.loads(text_of(pieces)), SCHEMA)


@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_text_comes_before_the_end_and_leaving_stops_the_work(subject: Subject) -> None:
    if subject.upstream is not None:
        subject.upstream.fault = "stall"
    async with aclosing(subject.generator.generate(ask())) as pieces:  # type: ignore[type-var]
        assert isinstance(await anext(pieces), TextPiece)
    if subject.upstream is not None:
        # The connection is closed: the upstream sees that its reader has gone.
        await asyncio.wait_for(subject.upstream.gone.wait(), 10)
        subject.upstream.fault = "none"
    assert end_of(await pieces_of(subject, ask()))


@pytest.mark.parametrize("subject", list(NETWORKED), indirect=True)
async def test_cancelling_the_reader_closes_the_connection(subject: Subject) -> None:
    assert subject.upstream is not None
    subject.upstream.fault = "stall-at-once"
    reader = asyncio.create_task(pieces_of(subject, ask(streamed=False)))
    await asyncio.wait_for(subject.upstream.arrived.wait(), 10)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await asyncio.wait_for(subject.upstream.gone.wait(), 10)


@both_ways
@pytest.mark.parametrize("subject", [*NETWORKED, "onnx"], indirect=True)
async def test_the_deadline_ends_it(subject: Subject, streamed: bool) -> None:
    if subject.upstream is not None:
        subject.upstream.fault = "stall"
    deadline = asyncio.get_running_loop().time() + 0.01
    with pytest.raises(DeadlineExceededError):
        await pieces_of(subject, ask(streamed=streamed, deadline=deadline, max_output_tokens=900))


@pytest.mark.parametrize("subject", [*NETWORKED, "onnx"], indirect=True)
@pytest.mark.parametrize(
    "fields",
    [
        {"messages": []},
        {"max_output_tokens": 0},
        {"max_output_tokens": 10**6},
        {"sampling": Sampling(temperature=2.5)},
        {"sampling": Sampling(top_p=0.0)},
        {"sampling": Sampling(seed=-1)},
        {"sampling": Sampling(stop=("",))},
        {"sampling": Sampling(stop=tuple("abcdefghi"))},
        {"tool_choice": "required"},
        {"guidance": Guidance("lark_grammar", "start: (")},
    ],
    ids=str,
)
async def test_malformed_requests_are_refused_unsent(subject: Subject, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        await pieces_of(subject, ask(**fields))
    assert subject.upstream is None or not subject.upstream.requests


@pytest.mark.parametrize("subject", ALL, indirect=True)
async def test_tokens_are_counted(subject: Subject) -> None:
    few = await subject.generator.count_tokens(MESSAGES[:1])
    assert 0 < few < await subject.generator.count_tokens(MESSAGES)


@pytest.mark.parametrize("subject", list(NETWORKED), indirect=True)
async def test_images_are_sent(subject: Subject) -> None:
    picture = Image("data:image/png;base64,iVBORw0KGgo=")
    messages = [ChatMessage("user", "What is this?", images=(picture,))]
    await pieces_of(subject, ask(messages=messages))
    assert subject.upstream is not None
    (received,) = subject.upstream.requests
    assert received.body["messages"][0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": picture.url}},
    ]


@pytest.mark.parametrize(
    ("subject", "path", "query", "header", "value"),
    [
        ("azure_openai", "/openai/v1/chat/completions", {}, "api-key", KEY),
        (
            "azure_openai_dated",
            "/openai/deployments/gpt-loop/chat/completions",
            {"api-version": "2024-10-21"},
            "api-key",
            KEY,
        ),
        ("openai", "/v1/chat/completions", {}, "authorization", f"Bearer {KEY}"),
        ("huggingface", "/v1/chat/completions", {}, "authorization", f"Bearer {KEY}"),
        ("foundry", "/models/chat/completions", {"api-version": "2024-05-01-preview"}, "api-key", KEY),
    ],
    indirect=["subject"],
)
async def test_where_and_with_what_a_request_goes(
    subject: Subject, path: str, query: dict[str, str], header: str, value: str
) -> None:
    await pieces_of(subject, ask())
    assert subject.upstream is not None
    (received,) = subject.upstream.requests
    assert (received.path, received.query) == (path, query)
    assert received.headers[header] == value
    assert received.body["model"] == "gpt-loop"


@pytest.mark.parametrize("name", list(NETWORKED))
async def test_a_closed_model_answers_no_more(name: str) -> None:
    async with Upstream() as upstream:
        subject = over_network(name, upstream)
        await pieces_of(subject, ask())
        await subject.generator.close()
        assert subject.generator.card.state == "failed"
        with pytest.raises(UnavailableError):
            await pieces_of(subject, ask())
