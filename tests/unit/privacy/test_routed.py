"""What a model elsewhere is sent, and what comes back of it, whatever way an answer comes about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.functions import kernel_function

from service.backends.base import ChatMessage, GenerationRequest, Image, Price, ToolCall
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.backends.openai_protocol import UpstreamUnavailableError
from service.economics.money import Money
from service.errors import Code, NoRouteError, VaivenError
from service.privacy.detect import Detector
from service.privacy.kinds import Finding
from service.privacy.masked import ALTERED, UNKNOWN, Masking, RunMasking
from service.privacy.masking import NOTE
from service.privacy.pseudonyms import MaskingError
from service.privacy.vaults import Vaults
from service.routing.candidates import Candidate, Candidates
from service.routing.chat import GO_ON, RoutedChat
from service.routing.policy import Privacy, RoutingPolicy
from service.routing.request import RouteRequest
from service.store.store import Store
from tests.unit.privacy.strategies import texts
from tests.unit.routing.test_chat import Trace, _say

SAID = "Write to Ana Costa (ana.costa@alder.example, +34 600 111 222) that she owes us; from Tom Rivera."
VALUES = ("Ana", "Costa", "ana.costa", "alder.example", "600 111 222", "Tom", "Rivera")
DOWN = UpstreamUnavailableError("Down.", reason="UPSTREAM_FAILED")
MASKED = RoutingPolicy(privacy=Privacy.PSEUDONYMISED, allow_continuation=True)


def masking(detector: Detector | None = None) -> RunMasking:
    # Without a session nothing is read from a store or written to it.
    return Masking(detector or Detector(), Vaults(cast("Store", None), None)).begin("local", None)


def model(name: str, script: Any, *, locality: Any = "cloud", **facts: Any) -> FakeGenerator:
    return FakeGenerator(script, replace(FAKE_CARD, model_id=name, locality=locality, **facts))


def routed(*models: FakeGenerator, mask: RunMasking | None = None, **limits: Any) -> tuple[RoutedChat, Trace]:
    trace = Trace()
    candidates = Candidates(Candidate(one) for one in models)
    request = RouteRequest(masking=mask or masking(), **{"policy": MASKED, **limits})
    return RoutedChat(candidates, request, trace), trace


def echo(request: GenerationRequest) -> FakeAnswer:
    """Say what the user said last, a character at a time."""
    said = next(message.content for message in reversed(request.messages) if message.role == "user")
    return FakeAnswer(tuple(said))


def words_sent(*models: FakeGenerator) -> str:
    return "\n".join(
        "\n".join(
            [
                *(message.content for message in request.messages),
                *(call.arguments for message in request.messages for call in message.tool_calls),
                *(f"{tool.description} {json.dumps(tool.parameters, ensure_ascii=False)}" for tool in request.tools),
                *request.sampling.stop,
                "" if request.guidance is None else request.guidance.value,
            ]
        )
        for one in models
        for request in one.requests
    )


def assert_hidden(*models: FakeGenerator) -> None:
    assert any(one.requests for one in models)
    sent = words_sent(*models)
    assert [value for value in VALUES if value in sent] == []


async def test_a_stream_comes_back_with_its_values() -> None:
    cloud = model("cloud", echo)
    chat, trace = routed(cloud)
    assert await _say(chat, SAID, max_tokens=1000) == SAID
    assert_hidden(cloud)
    assert NOTE in cloud.requests[0].messages[0].content
    assert trace.masks == [("cloud", {"EMAIL": 1, "PERSON": 2, "PHONE": 1})]
    assert trace.notices == []


@settings(deadline=None, max_examples=60)
@given(texts)
@example("{\\u2039")
def test_any_text_comes_back_as_it_was(text: str) -> None:
    async def answered() -> str:
        chat, _ = routed(model("cloud", echo, context_tokens=100_000, max_output_tokens=10_000))
        return await _say(chat, text, max_tokens=10_000)

    if text.strip():
        assert asyncio.run(answered()) == text


async def test_unary_and_a_whole_answer_from_another_one() -> None:
    first = model("first", FakeAnswer(("Dear ‹PERSON_1", "›, I"), error=DOWN))
    second = model("second", echo)
    chat, trace = routed(first, second)
    history = ChatHistory()
    history.add_system_message("You write for Tom Rivera.")
    history.add_user_message(SAID)
    (content,) = await chat.get_chat_message_contents(
        history, PromptExecutionSettings(extension_data={"max_tokens": 999})
    )
    assert str(content) == SAID
    assert_hidden(first, second)
    assert [name for name, _ in trace.masks] == ["first", "second"]


async def test_from_local_to_cloud_is_masked_and_local_never() -> None:
    local = model("local", FakeAnswer(error=DOWN), locality="local")
    cloud = model("cloud", echo, price=Price("USD", 1.0, 1.0, 1.0))
    chat, trace = routed(local, cloud)
    assert await _say(chat, SAID, max_tokens=1000) == SAID
    assert local.requests[0].messages == (ChatMessage("user", SAID),)
    assert_hidden(cloud)
    assert [name for name, _ in trace.masks] == ["cloud"]


async def test_a_continuation_has_the_values_here_and_pseudonyms_elsewhere() -> None:
    broken = FakeAnswer(("Dear ‹PERS", "ON_1›", ", Tom", " ‹EMAI"), error=DOWN)
    for locality in ("local", "cloud"):
        first, second = model("first", broken), model("second", "goes on", locality=locality)
        chat, _ = routed(first, second)
        assert await _say(chat, SAID, max_tokens=1000) == "Dear Ana Costa, Tom goes on"
        (asked,) = second.requests
        if locality == "local":
            assert [message.content for message in asked.messages] == [SAID, "Dear Ana Costa, Tom ", GO_ON]
        else:
            assert_hidden(first, second)
            assert asked.messages[-1].content == GO_ON


async def test_what_counts_is_what_is_sent() -> None:
    """The word on what marks are is longer than the request: it is part of the prompt, for limits and for the bill."""
    euro_a_token = Price("EUR", 1_000_000.0, 0.0, 0.0)
    plain = len(SAID.split())

    async def asked(limit: int, *others: FakeGenerator) -> tuple[FakeGenerator, Trace]:
        cloud = model("cloud", "Sent.", price=euro_a_token)
        limits = replace(MASKED, max_costs=(Money("EUR", limit),))
        chat, trace = routed(cloud, *others, policy=limits)
        await _say(chat, SAID)
        return cloud, trace

    cloud, trace = await asked(10_000)
    sent = sum(len(message.content.split()) for message in cloud.requests[0].messages)
    assert sent > plain
    prediction = trace.decisions[0].chosen.prediction
    assert prediction is not None
    assert prediction.prompt_tokens == sent
    await asked(sent)
    with pytest.raises(NoRouteError) as refusal:
        await asked(sent - 1)
    assert f"it may cost {sent} EUR" in refusal.value.violations[0].description
    local = model("local", "Here.", locality="local")
    _, trace = await asked(sent - 1, local)
    assert local.requests[0].messages == (ChatMessage("user", SAID),)
    verdict = trace.decisions[0].chosen.prediction
    assert verdict is not None
    assert verdict.prompt_tokens == plain


async def test_calls_get_the_values_and_their_results_are_masked() -> None:
    called: list[tuple[str, str]] = []

    class Mail:
        @kernel_function(description="Looks a customer up, e.g. ana.costa@alder.example.")
        async def find(self, who: str, address: str) -> str:
            called.append((who, address))
            return json.dumps({"name": who, "phone": "+34 600 111 222", "friend": "Tom Rivera", "note": 'a"b'})

    def script(request: GenerationRequest) -> FakeAnswer | str:
        if request.messages[-1].role == "tool":
            return "‹PERSON_1› has ‹PHONE_1›."
        return FakeAnswer((ToolCall("c1", "mail-find", '{"who": "‹PERSON_1›", "address": "‹EMAIL_1›"}'),), "tool_calls")

    cloud = model("cloud", script)
    chat, _ = routed(cloud)
    kernel = Kernel()
    kernel.add_plugin(Mail(), "mail")
    history = ChatHistory()
    history.add_user_message("What is the number of Ana Costa (ana.costa@alder.example)?")
    asked = PromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    said = ""
    async for contents in chat.get_streaming_chat_message_contents(history, asked, kernel=kernel):
        said += "".join(str(content) for content in contents)
    assert said == "Ana Costa has +34 600 111 222."
    assert called == [("Ana Costa", "ana.costa@alder.example")]
    assert len(cloud.requests) == 2
    assert_hidden(cloud)
    (call,) = next(m for m in cloud.requests[1].messages if m.tool_calls).tool_calls
    assert json.loads(call.arguments) == {"who": "‹PERSON_1›", "address": "‹EMAIL_1›"}


async def test_a_number_in_a_call_stays_valid_json() -> None:
    request = GenerationRequest(
        (
            ChatMessage("user", "My mobile is 34600111222."),
            ChatMessage("assistant", "", (ToolCall("c", "call", '{"phone": 34600111222, "x": "‹"}'),)),
        ),
        9,
    )
    masked = (await masking().masked(request)).request
    assert json.loads(masked.messages[-1].tool_calls[0].arguments) == {"phone": "‹PHONE_1›", "x": "‹"}


async def test_a_structured_answer_is_restored_as_json_and_its_schema_lets_pseudonyms_in() -> None:
    nick = 'Ana "La Jefa" Costa'
    cloud = model("cloud", FakeAnswer(('{"name": "‹PERS', 'ON_1›", "mail": "‹EMAIL_1›"}')))
    mask = masking()
    mask.know([nick])
    chat, _ = routed(cloud, mask=mask)
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "enum": [nick, "nobody"]},
            "mail": {"type": "string", "format": "email", "description": "of Ana Costa"},
        },
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    said = await _say(chat, f"{nick} is ana.costa@alder.example", response_format=form)
    assert json.loads(said) == {"name": nick, "mail": "ana.costa@alder.example"}
    assert_hidden(cloud)
    guidance = cloud.requests[0].guidance
    assert guidance is not None
    told = json.loads(guidance.value)["properties"]
    assert told["name"]["enum"] == ["‹PERSON_1›", "nobody"]
    assert "format" not in told["mail"]


async def test_what_the_model_made_of_pseudonyms_is_told() -> None:
    chat, trace = routed(model("cloud", "Dear ‹PERSON_7›, PERSON_1 says hello"))
    assert await _say(chat, SAID) == "Dear ‹PERSON_7›, PERSON_1 says hello"
    assert trace.notices == [UNKNOWN, ALTERED]


async def test_nothing_personal_leaves_as_it_is() -> None:
    cloud = model("cloud", "Paris.")
    chat, trace = routed(cloud)
    assert await _say(chat, "What is the capital of France?") == "Paris."
    assert cloud.requests[0].messages == (ChatMessage("user", "What is the capital of France?"),)
    assert trace.masks == [("cloud", {})]


class Broken(Detector):
    """Fails, with what it read in its words."""

    def detect(self, text: str) -> tuple[Finding, ...]:
        raise ValueError(f"cannot read {text}")


@pytest.mark.parametrize("others", [(), (lambda: model("local", "here", locality="local"),)])
async def test_what_cannot_be_masked_is_refused_and_sent_nowhere(
    others: tuple[Callable[[], FakeGenerator], ...],
) -> None:
    cloud = model("cloud", echo, price=FAKE_CARD.price)
    chat, trace = routed(cloud, *(make() for make in others), mask=masking(Broken()))
    with pytest.raises(VaivenError) as refusal:
        await _say(chat, SAID)
    assert isinstance(refusal.value, MaskingError)
    assert (refusal.value.code, refusal.value.reason) == (Code.PERMISSION_DENIED, "MASKING_FAILED")
    assert [value for value in VALUES if value in str(refusal.value)] == []
    assert (cloud.requests, trace.switches, trace.masks) == ([], [], [])


async def test_pictures_do_not_leave() -> None:
    cloud = model("cloud", echo, supports_vision=True)
    chat, _ = routed(cloud, images=(Image("data:image/png;base64,aGVsbG8="),))
    with pytest.raises(NoRouteError) as refusal:
        await _say(chat, "Who is this?")
    assert "images" in refusal.value.violations[0].description
    assert cloud.requests == []


async def test_without_the_policy_nothing_is_read() -> None:
    cloud = model("cloud", echo)
    candidates = Candidates([Candidate(cloud)])
    trace = Trace()
    assert await _say(RoutedChat(candidates, RouteRequest(), trace), SAID, max_tokens=999) == SAID
    assert cloud.requests[0].messages == (ChatMessage("user", SAID),)
    assert trace.masks == []
