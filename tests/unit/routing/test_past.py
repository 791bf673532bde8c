"""Earlier turns are left out for the model that answers, and for no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory

from service.backends.base import ChatMessage, Price
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.backends.openai_protocol import UpstreamUnavailableError
from service.privacy.detect import Detector
from service.privacy.masked import Masking
from service.privacy.masking import NOTE
from service.privacy.vaults import Vaults
from service.routing.candidates import Candidate, Candidates
from service.routing.chat import RoutedChat
from service.routing.past import Past
from service.routing.policy import Privacy, RoutingPolicy
from service.routing.request import RouteRequest
from service.store.store import Store
from tests.unit.routing.test_chat import Trace

DOWN = UpstreamUnavailableError("Down.", reason="UPSTREAM_FAILED")
WORDS = "word " * 9
PAST = Past(
    tuple((ChatMessage("user", f"q{turn} {WORDS}"), ChatMessage("assistant", f"a{turn} {WORDS}")) for turn in range(10))
)
"""Twenty words a turn."""


def model(name: str, context_tokens: int, script: Any = "Fine.", **facts: Any) -> FakeGenerator:
    return FakeGenerator(script, replace(FAKE_CARD, model_id=name, context_tokens=context_tokens, **facts))


def routed(*models: FakeGenerator, **limits: Any) -> tuple[RoutedChat, Trace]:
    trace = Trace()
    return RoutedChat(Candidates(map(Candidate, models)), RouteRequest(**{"past": PAST, **limits}), trace), trace


def conversation(*, system: str = "You answer.") -> ChatHistory:
    history = ChatHistory(system_message=system)
    for turn in PAST.turns:
        history.add_user_message(turn[0].content)
        history.add_assistant_message(turn[1].content)
    history.add_user_message("And now?")
    return history


async def said(chat: RoutedChat, history: ChatHistory, **settings: Any) -> str:
    pieces = [
        str(content)
        async for contents in chat.get_streaming_chat_message_contents(history, PromptExecutionSettings(**settings))
        for content in contents
    ]
    return "".join(pieces)


def turns_sent(asked: FakeGenerator) -> list[str]:
    return [message.content.split()[0] for message in asked.requests[-1].messages if WORDS.strip() in message.content]


async def test_all_is_sent_to_who_has_the_room_whoever_else_there_is() -> None:
    small, large = model("small", 100, price=Price("EUR", 9.0, 9.0, 9.0)), model("large", 1000)
    chat, trace = routed(small, large)
    assert await said(chat, conversation()) == "Fine."
    assert len(turns_sent(large)) == 20
    assert (trace.decisions[0].model, trace.trims) == ("large", [])


async def test_what_is_left_out_is_whole_turns_the_oldest_and_the_prediction_knows() -> None:
    small = model("small", 100)
    chat, trace = routed(small)
    assert await said(chat, conversation()) == "Fine."
    # A quarter is kept for the answer; four words are the function's and the user's own.
    assert turns_sent(small) == ["q7", "a7", "q8", "a8", "q9", "a9"]
    assert [small.requests[-1].messages[place].content for place in (0, -1)] == ["You answer.", "And now?"]
    assert trace.trims == [14]
    prediction = trace.decisions[0].chosen.prediction
    assert prediction is not None
    assert prediction.prompt_tokens == 3 * 20 + 4


async def test_what_is_asked_for_is_kept_for_the_answer() -> None:
    small = model("small", 100)
    chat, _ = routed(small)
    await said(chat, conversation(), max_tokens=70)
    assert turns_sent(small) == ["q9", "a9"]
    assert small.requests[-1].max_output_tokens == 70


async def test_who_answers_instead_gets_as_much_as_it_has_room_for() -> None:
    large, small = model("large", 1000, FakeAnswer(error=DOWN)), model("small", 100, price=Price("EUR", 9.0, 9.0, 9.0))
    chat, trace = routed(large, small)
    assert await said(chat, conversation()) == "Fine."
    assert (len(turns_sent(large)), len(turns_sent(small)), trace.trims) == (20, 6, [14])
    assert [after for _, after, _, _ in trace.switches] == ["small"]


async def test_pseudonyms_do_not_move_what_is_left_out() -> None:
    masking = Masking(Detector(), Vaults(cast("Store", None), None)).begin("local", None)
    policy = RoutingPolicy(privacy=Privacy.PSEUDONYMISED)
    cloud = model("cloud", 200, locality="cloud")
    history = conversation()
    del history.messages[0]  # so that the word on pseudonyms becomes a message of its own
    history.messages[-1].content = "And what of ana.costa@alder.example?"
    chat, trace = routed(cloud, masking=masking, policy=policy)
    assert await said(chat, history) == "Fine."
    first, *rest = cloud.requests[-1].messages
    assert first.content == NOTE
    sent = turns_sent(cloud)
    assert 0 < len(sent) < 20
    assert sent == [message.content.split()[0] for turn in PAST.turns for message in turn][-len(sent) :]
    assert rest[-1].content == "And what of ‹EMAIL_1›?"
    assert trace.trims == [20 - len(sent)]


@pytest.mark.parametrize("past", [None, Past(((ChatMessage("user", "elsewhere"),),))])
async def test_a_prompt_without_the_turns_is_left_as_it_is(past: Past | None) -> None:
    large = model("large", 1000)
    chat, trace = routed(large, past=past)
    await said(chat, conversation())
    assert (len(turns_sent(large)), trace.trims) == (20, [])
