from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from service.backends.base import ChatMessage, Finished, GenerationPiece, GenerationRequest, Sampling, TextPiece, Usage
from service.backends.openai_protocol import ModelOptions, PriceOptions, ProtocolModel, RateLimits, WireOptions
from service.backends.openai_protocol.errors import (
    UpstreamMalformedError,
    UpstreamThrottledError,
    UpstreamTruncatedError,
    UpstreamUnavailableError,
)
from service.errors import DeadlineExceededError, InvalidArgumentError, QueueFullError, UnavailableError, VaivenError
from service.testing.upstream_frames import USAGE, Reply, completion, event, frames
from tests.unit.backends_cloud.scripted_connection import JSON, ScriptedConnection, ScriptedExchange

HELLO = [event(frame) for frame in frames(Reply(), "gpt", with_usage=True)]
DONE = b"data: [DONE]\n\n"
WHOLE = "Good morning, Cádiz ☀."


def model_on(connection: ScriptedConnection, **wire: Any) -> ProtocolModel:
    options = ModelOptions(
        model_id="m",
        display_name="Model",
        context_tokens=1000,
        max_output_tokens=100,
        price=PriceOptions(currency="EUR", input_per_mtok=1.0, output_per_mtok=2.0),
        wire=WireOptions(**{"retry_wait_s": 0.001, **wire}),
    )
    return ProtocolModel(options, "openai", "gpt", connection)


def ask(**fields: Any) -> GenerationRequest:
    return GenerationRequest(**{"messages": [ChatMessage("user", "hi")], "max_output_tokens": 9, **fields})


async def pieces_of(model: ProtocolModel, request: GenerationRequest | None = None) -> list[GenerationPiece]:
    return [piece async for piece in model.generate(request or ask())]


async def read_into(seen: list[GenerationPiece], model: ProtocolModel) -> None:
    async for piece in model.generate(ask()):
        seen.append(piece)  # noqa: PERF401 - what came before an error is wanted


def text_of(pieces: list[GenerationPiece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))


async def test_a_packet_is_handed_on_as_one_piece() -> None:
    exchange = ScriptedExchange([b"".join(HELLO[:3]), b"".join(HELLO[3:]) + DONE])
    pieces = await pieces_of(model_on(ScriptedConnection(exchange)))
    assert [piece.text for piece in pieces if isinstance(piece, TextPiece)] == ["Good morning, ", "Cádiz ☀."]
    assert isinstance(pieces[-1], Finished)
    assert exchange.closed == 1


async def test_an_answer_in_one_piece() -> None:
    body = orjson.dumps(completion(Reply(), "gpt"))
    connection = ScriptedConnection(ScriptedExchange([body[:50], body[50:]], headers=JSON))
    pieces = await pieces_of(model_on(connection), ask(streamed=False))
    assert text_of(pieces) == WHOLE
    assert connection.sent[0][1] is False


async def test_a_stream_where_a_whole_answer_was_asked_for() -> None:
    pieces = await pieces_of(model_on(ScriptedConnection(ScriptedExchange([*HELLO, DONE]))), ask(streamed=False))
    assert text_of(pieces) == WHOLE


async def test_a_failure_before_the_first_token_is_repeated() -> None:
    beginning = ScriptedExchange([HELLO[0], UpstreamTruncatedError("cut")])
    connection = ScriptedConnection(UpstreamUnavailableError("no", reason="UPSTREAM_UNREACHABLE"), beginning)
    connection.answers.append(ScriptedExchange([*HELLO, DONE]))
    assert text_of(await pieces_of(model_on(connection))) == WHOLE
    assert len(connection.sent) == 3
    assert beginning.closed == 1


async def test_a_failure_after_it_is_not_and_what_came_is_handed_on() -> None:
    exchange = ScriptedExchange([HELLO[1], UpstreamTruncatedError("cut")])
    connection = ScriptedConnection(exchange)
    seen: list[GenerationPiece] = []
    with pytest.raises(UpstreamTruncatedError) as error:
        await read_into(seen, model_on(connection))
    assert text_of(seen) == "Good "
    assert error.value.retry_after_s == 1.0
    assert (len(connection.sent), exchange.closed) == (1, 1)


async def test_text_in_the_same_packet_as_a_failure_is_handed_on() -> None:
    seen: list[GenerationPiece] = []
    exchange = ScriptedExchange([HELLO[1] + b"data: {\n\n"])
    with pytest.raises(UpstreamMalformedError):
        await read_into(seen, model_on(ScriptedConnection(exchange)))
    assert text_of(seen) == "Good "


async def test_a_call_that_has_begun_is_not_repeated() -> None:
    call = b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one"}}]}}]}\n\n'
    connection = ScriptedConnection(ScriptedExchange([call, UpstreamTruncatedError("cut")]))
    with pytest.raises(UpstreamTruncatedError):
        await pieces_of(model_on(connection))
    assert len(connection.sent) == 1


async def test_leaving_closes_the_exchange() -> None:
    exchange = ScriptedExchange([HELLO[1], asyncio.Event()])
    async with aclosing(model_on(ScriptedConnection(exchange)).generate(ask())) as pieces:
        await anext(pieces)
        assert exchange.closed == 0
    assert exchange.closed == 1


async def test_cancelling_before_the_answer_closes_the_exchange() -> None:
    exchange = ScriptedExchange([asyncio.Event()])
    reader = asyncio.create_task(pieces_of(model_on(ScriptedConnection(exchange))))
    for _ in range(5):
        await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert exchange.closed == 1


async def test_one_request_more_than_there_are_places_is_refused_and_places_come_back() -> None:
    hold = asyncio.Event()
    connection = ScriptedConnection(ScriptedExchange([HELLO[1], hold]), ScriptedExchange([*HELLO, DONE]))
    model = model_on(connection, max_concurrent=1)
    async with aclosing(model.generate(ask())) as first:
        await anext(first)
        with pytest.raises(QueueFullError) as error:
            await pieces_of(model)
        assert error.value.retry_after_s
    assert text_of(await pieces_of(model)) == WHOLE


async def test_a_malformed_request_takes_no_place() -> None:
    model = model_on(ScriptedConnection(ScriptedExchange([*HELLO, DONE])), max_concurrent=1)
    with pytest.raises(InvalidArgumentError):
        await pieces_of(model, ask(sampling=Sampling(temperature=9.0)))
    assert text_of(await pieces_of(model)) == WHOLE


@pytest.mark.parametrize(
    ("parts", "wire", "reason"),
    [
        ([asyncio.Event], {"first_token_timeout_s": 0.01}, "UPSTREAM_STALLED"),
        ([b": alive\n\n", HELLO[0], asyncio.Event], {"first_token_timeout_s": 0.01}, "UPSTREAM_STALLED"),
        ([HELLO[1], asyncio.Event], {"idle_timeout_s": 0.01}, "UPSTREAM_STALLED"),
        ([HELLO[1], asyncio.Event], {"total_timeout_s": 0.01}, "UPSTREAM_TIMEOUT"),
    ],
)
async def test_silence(parts: list[Any], wire: dict[str, float], reason: str) -> None:
    exchange = ScriptedExchange([part() if part is asyncio.Event else part for part in parts])
    with pytest.raises(UpstreamUnavailableError) as error:
        await pieces_of(model_on(ScriptedConnection(exchange), **wire))
    assert error.value.reason == reason
    assert exchange.closed == 1


async def test_the_callers_deadline() -> None:
    connection = ScriptedConnection(ScriptedExchange([HELLO[1], asyncio.Event()]))
    with pytest.raises(DeadlineExceededError):
        await pieces_of(model_on(connection), ask(deadline=asyncio.get_running_loop().time() + 0.01))


async def test_usage_that_is_not_told_is_estimated_and_said() -> None:
    silent = [event(frame) for frame in frames(Reply(usage=None), "gpt", with_usage=True)]
    *_, notice, end = await pieces_of(model_on(ScriptedConnection(ScriptedExchange([*silent, DONE]))))
    assert getattr(notice, "code", "") == "USAGE_ESTIMATED"
    assert isinstance(end, Finished)
    assert end.usage.input_tokens > 0
    assert end.usage.output_tokens > 0


async def test_usage_is_the_upstreams() -> None:
    end = (await pieces_of(model_on(ScriptedConnection(ScriptedExchange([*HELLO, DONE])))))[-1]
    assert isinstance(end, Finished)
    assert end.usage == USAGE == Usage(21, 16, 7)


async def test_rate_limits_are_learned_from_answers_and_refusals() -> None:
    told = {
        "x-ratelimit-remaining-requests": "9",
        "x-ratelimit-remaining-tokens": "100",
        "x-ratelimit-limit-tokens": "-1",
    }
    connection = ScriptedConnection(
        ScriptedExchange([*HELLO, DONE]), ScriptedExchange([], status=429, headers={**told, "Retry-After": "60"})
    )
    connection.answers.append(ScriptedExchange([*HELLO, DONE]))
    model = model_on(connection)
    await pieces_of(model)
    assert model.rate_limits is None
    with pytest.raises(UpstreamThrottledError):
        await pieces_of(model)
    await pieces_of(model)
    assert isinstance(model.rate_limits, RateLimits)
    assert (model.rate_limits.remaining_requests, model.rate_limits.remaining_tokens) == (9, 100)
    assert (model.rate_limits.limit_requests, model.rate_limits.limit_tokens) == (None, None)


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({"x-request-id": "req_1"}, "req_1"),
        ({"x-request-id": "a", "apim-request-id": "b-2"}, "b-2"),
        ({"x-request-id": "Bearer sk-secret"}, "-"),
        ({}, "-"),
    ],
)
async def test_a_failure_is_logged_by_what_identifies_it(
    headers: dict[str, str], shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = ScriptedExchange([b'{"error": {"message": "secret prose"}}'], status=400, headers=headers)
    with pytest.raises(InvalidArgumentError):
        await pieces_of(model_on(ScriptedConnection(refusal)))
    ((_, level, message),) = caplog.record_tuples
    assert (level, message) == (logging.WARNING, f"m: UPSTREAM_REJECTED, upstream's request {shown}")


async def test_the_body_of_an_error_is_read_no_further_than_its_bound() -> None:
    refusal = ScriptedExchange([b"x" * 60_000] * 50, status=400)
    with pytest.raises(InvalidArgumentError):
        await pieces_of(model_on(ScriptedConnection(refusal)))
    assert len(refusal._left) == 48


async def test_an_error_whose_body_breaks_off_is_still_that_error() -> None:
    refusal = ScriptedExchange([b"{", UpstreamTruncatedError("cut")], status=400)
    with pytest.raises(InvalidArgumentError):
        await pieces_of(model_on(ScriptedConnection(refusal)))


async def test_an_upstream_that_does_not_close_after_the_end_is_not_waited_for() -> None:
    pieces = await pieces_of(model_on(ScriptedConnection(ScriptedExchange([*HELLO, DONE, asyncio.Event()]))))
    assert text_of(pieces) == WHOLE


async def test_a_failure_after_the_end_does_not_matter() -> None:
    pieces = await pieces_of(
        model_on(ScriptedConnection(ScriptedExchange([*HELLO, DONE, UpstreamTruncatedError("x")])))
    )
    assert text_of(pieces) == WHOLE


async def test_closing() -> None:
    connection = ScriptedConnection()
    model = model_on(connection)
    await model.close()
    assert connection.closed
    assert model.card.state == "failed"
    with pytest.raises(UnavailableError):
        await pieces_of(model)


async def test_an_error_that_waiting_does_not_mend_has_no_time() -> None:
    spent = ScriptedExchange([b'{"error":{"code":"insufficient_quota"}}'], status=429)
    with pytest.raises(VaivenError) as error:
        await pieces_of(model_on(ScriptedConnection(spent)))
    assert error.value.retry_after_s is None
