from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from service.backends.base import (
    ChatMessage,
    GenerationRequest,
    Guidance,
    Image,
    ModelCard,
    Price,
    Sampling,
    ToolCall,
    ToolSpec,
)
from service.backends.openai_protocol.options import Dialect
from service.backends.openai_protocol.request import body_of
from service.errors import InvalidArgumentError

CARD = ModelCard("m", "openai", "M", "cloud", 1000, 100, True, True, False, True, Price("EUR", 1.0, 1.0, 1.0))
BLIND = ModelCard("m", "openai", "M", "cloud", 1000, 100, False, False, False, False, Price("EUR", 1.0, 1.0, 1.0))
MESSAGES = (ChatMessage("user", "hi"),)
TOOL = ToolSpec("clock-tell", "Tell the time.", {"type": "object"})


def showing(url: str) -> ChatMessage:
    return ChatMessage("user", "", images=(Image(url),))


PICTURE = showing("https://pictures.example/a.png")
OPEN_SCHEMA = '{"type": "object"}'


def built(dialect: Dialect | None = None, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    request = GenerationRequest(**{"messages": MESSAGES, "max_output_tokens": 9, **fields})
    body, notices = body_of(request, "gpt", CARD, dialect or Dialect())
    return orjson.loads(body), [notice.code for notice in notices]


def test_the_least() -> None:
    body, notices = built()
    assert body == {
        "model": "gpt",
        "messages": [{"role": "user", "content": "hi"}],
        "max_completion_tokens": 9,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert notices == []


def test_an_answer_in_one_piece_is_asked_for_without_a_stream() -> None:
    body, _ = built(streamed=False)
    assert not {"stream", "stream_options"} & body.keys()


def test_a_dialect_without_usage_in_streams() -> None:
    body, _ = built(Dialect(stream_usage=False))
    assert body["stream"] is True
    assert "stream_options" not in body


def test_the_other_field_for_the_longest_answer() -> None:
    body, _ = built(Dialect(limit_field="max_tokens"))
    assert body["max_tokens"] == 9
    assert "max_completion_tokens" not in body


def test_sampling() -> None:
    body, notices = built(sampling=Sampling(0.7, 0.9, None, 4, ("a", "b")))
    assert {name: body[name] for name in ("temperature", "top_p", "seed", "stop")} == {
        "temperature": 0.7,
        "top_p": 0.9,
        "seed": 4,
        "stop": ["a", "b"],
    }
    assert notices == []


def test_a_model_with_fixed_sampling_is_not_told_any_and_the_caller_is() -> None:
    body, notices = built(Dialect(fixed_sampling=True), sampling=Sampling(0.7, 0.9, None, 4))
    assert not {"temperature", "top_p", "seed"} & body.keys()
    assert notices == ["SETTING_IGNORED"] * 3
    assert built(Dialect(fixed_sampling=True))[1] == []


def test_top_k_is_sent_only_where_it_is_known() -> None:
    body, notices = built(sampling=Sampling(top_k=5))
    assert "top_k" not in body
    assert notices == ["SETTING_IGNORED"]
    body, notices = built(Dialect(top_k=True), sampling=Sampling(top_k=5))
    assert (body["top_k"], notices) == (5, [])


def test_penalties_are_sent_where_the_protocol_has_them_and_told_where_not() -> None:
    asked = Sampling(presence_penalty=0.5, logit_bias=((7, -100.0),), min_p=0.1, repetition_penalty=1.1)
    body, notices = built(sampling=asked)
    assert (body["presence_penalty"], body["logit_bias"]) == (0.5, {"7": -100.0})
    assert notices == ["SETTING_IGNORED"] * 2
    body, notices = built(Dialect(fixed_sampling=True), sampling=asked)
    assert not {"presence_penalty", "logit_bias"} & body.keys()
    assert notices == ["SETTING_IGNORED"] * 4


def test_what_another_server_knows_is_sent_to_it() -> None:
    asked = Sampling(min_p=0.1, repetition_penalty=1.1)
    body, notices = built(Dialect(min_p=True, repetition_penalty=True), sampling=asked)
    assert (body["min_p"], body["repetition_penalty"], notices) == (0.1, 1.1, [])


def test_there_is_no_priority_in_the_cloud() -> None:
    body, notices = built(priority=2)
    assert "priority" not in body
    assert notices == ["SETTING_IGNORED"]


def test_log_probabilities_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="log-probabilities"):
        built(sampling=Sampling(logprobs=1))


def test_a_turn_of_tools() -> None:
    called = ChatMessage("assistant", "Wait.", tool_calls=(ToolCall("call_a", "clock-tell", "{}"),))
    body, _ = built(messages=(*MESSAGES, called, ChatMessage("tool", "noon", tool_call_id="call_a")), tools=[TOOL])
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "Wait.",
            "tool_calls": [{"id": "call_a", "type": "function", "function": {"name": "clock-tell", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "noon", "tool_call_id": "call_a"},
    ]
    assert body["tool_choice"] == "none"


def test_a_schema_that_is_not_enforced_is_said() -> None:
    body, notices = built(guidance=Guidance("json_schema", OPEN_SCHEMA))
    assert body["response_format"]["json_schema"]["strict"] is False
    assert notices == ["SCHEMA_NOT_ENFORCED"]
    body, notices = built(Dialect(any_schema=True), guidance=Guidance("json_schema", OPEN_SCHEMA))
    assert body["response_format"]["json_schema"]["strict"] is True
    assert notices == []


def test_text_in_any_script_is_sent_as_it_is() -> None:
    request = GenerationRequest((ChatMessage("user", "ñ ☀ 日本"),), 9)
    body, _ = body_of(request, "gpt", CARD, Dialect())
    assert "ñ ☀ 日本" in body.decode()


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({"sampling": Sampling(stop=tuple("abcde"))}, "sampling.stop"),
        ({"sampling": Sampling(top_k=0)}, "sampling.top_k"),
        ({"sampling": Sampling(temperature=float("nan"))}, "sampling.temperature"),
        ({"tools": [TOOL, TOOL]}, "tools"),
        ({"tools": [ToolSpec("clock.tell", "", {})]}, "tools.name"),
        ({"tools": [ToolSpec("x" * 65, "", {})]}, "tools.name"),
        ({"guidance": Guidance("regex", "a+")}, "guidance"),
        ({"guidance": Guidance("json_schema", "true")}, "guidance.value"),
        ({"guidance": Guidance("json_schema", "{")}, "guidance.value"),
        (
            {"messages": [ChatMessage("user", "", images=(Image("http://inside.example/a.png"),))]},
            "messages.images.url",
        ),
        ({"messages": [ChatMessage("user", "", images=(Image("file:///etc/passwd"),))]}, "messages.images.url"),
        ({"messages": [ChatMessage("system", "", images=PICTURE.images)]}, "messages.images"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], subject: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        built(**fields)
    assert subject in [violation.subject for violation in error.value.violations]


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({"tools": [TOOL]}, "tools"),
        ({"guidance": Guidance("json_schema", json.dumps({}))}, "guidance"),
        ({"messages": [PICTURE]}, "messages.images"),
    ],
)
def test_what_a_model_cannot_do_is_refused(fields: dict[str, Any], subject: str) -> None:
    request = GenerationRequest(**{"messages": MESSAGES, "max_output_tokens": 9, **fields})
    with pytest.raises(InvalidArgumentError) as error:
        body_of(request, "gpt", BLIND, Dialect())
    assert [violation.subject for violation in error.value.violations] == [subject]
