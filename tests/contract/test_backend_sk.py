"""Every backend in a kernel of Semantic Kernel: what prompts, tools and readers of a stream may rely on.

`test_backends.py` holds the same backends to `base.Generator`, `test_backend_chat.py` what goes over the network.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import jsonschema
import pytest
import pytest_asyncio
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.function_call_content import FunctionCallContent
from semantic_kernel.contents.streaming_chat_message_content import StreamingChatMessageContent
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.exceptions import KernelInvokeException
from semantic_kernel.functions import KernelArguments, KernelFunctionFromPrompt, kernel_function

from service.backends.base import Finished, ToolCall
from service.backends.connector import GeneratorChatCompletion
from service.backends.execution_settings import GeneratorPromptExecutionSettings
from service.backends.onnx.client import OnnxModel
from service.errors import InvalidArgumentError
from service.runs.failures import worded
from service.testing.upstream import Upstream
from service.testing.upstream_frames import Reply
from tests.contract.backend_subjects import NETWORKED, Subject, fake, onnx_generator, over_network

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = [*NETWORKED, "fake", "onnx"]
every_backend = pytest.mark.parametrize("subject", ALL, indirect=True)
CITIES = ("Cádiz", "Jerez")
SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": list(CITIES)}, "sunny": {"type": "boolean"}},
    "required": ["city", "sunny"],
    "additionalProperties": False,
}


class Weather:
    """A plugin that remembers what it was asked, and then lets a scripted backend speak."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.asked: list[str] = []

    @kernel_function(description="Tell the weather.")
    async def tell(self, city: str) -> str:
        self.asked.append(city)
        if self._subject.say is not None:
            self._subject.say(Reply(text=("Sun.",)))
        return f"{city}: sun"


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
    """Give the backend of the parameter."""
    if request.param == "fake":
        return fake()
    made = request.getfixturevalue("onnx" if request.param == "onnx" else "networked")
    assert isinstance(made, Subject)
    return made


def kernel_of(subject: Subject) -> tuple[Kernel, GeneratorChatCompletion]:
    service = GeneratorChatCompletion(subject.generator)
    return Kernel(services=[service]), service


def history() -> ChatHistory:
    chat = ChatHistory(system_message="You answer briefly.")
    chat.add_user_message("How is the weather in Cádiz?")
    return chat


def settings(**fields: Any) -> GeneratorPromptExecutionSettings:
    return GeneratorPromptExecutionSettings(**{"max_tokens": 40, **fields})


async def streamed(service: GeneratorChatCompletion, **fields: Any) -> list[StreamingChatMessageContent]:
    stream = service.get_streaming_chat_message_contents(history(), settings(**fields))
    return [message async for (message,) in stream]


@every_backend
async def test_a_stream_and_an_answer_in_one_piece_say_the_same(subject: Subject) -> None:
    _, service = kernel_of(subject)
    pieces = await streamed(service)
    (whole,) = await service.get_chat_message_contents(history(), settings())
    assert "".join(piece.content for piece in pieces) == whole.content
    assert {piece.role for piece in pieces} == {whole.role} == {AuthorRole.ASSISTANT}
    assert [piece.finish_reason for piece in pieces[:-1]] == [None] * (len(pieces) - 1)
    assert pieces[-1].finish_reason == whole.finish_reason
    for last in (pieces[-1], whole):
        finished, usage = last.metadata["finished"], last.metadata["usage"]
        assert isinstance(finished, Finished)
        assert usage.prompt_tokens == finished.usage.input_tokens > 0
        assert usage.prompt_tokens_details.cached_tokens == finished.usage.cached_input_tokens
        assert usage.completion_tokens == finished.usage.output_tokens > 0


@every_backend
async def test_a_prompt_function(subject: Subject) -> None:
    kernel, _ = kernel_of(subject)
    function = KernelFunctionFromPrompt(
        function_name="greet",
        plugin_name="test",
        prompt='<message role="system">Be brief.</message><message role="user">{{$input}}</message>',
        prompt_execution_settings=settings(),
    )
    result = await kernel.invoke(function, KernelArguments(input="Good morning."))
    said = [
        piece
        async for (piece,) in kernel.invoke_stream(function, arguments=KernelArguments(input="Good morning."))
        if isinstance(piece, StreamingChatMessageContent)
    ]
    assert str(result) == "".join(str(piece) for piece in said) != ""


@every_backend
async def test_an_answer_by_a_schema(subject: Subject) -> None:
    if subject.say is not None:
        subject.say(Reply(text=('{"city":"Cádiz",', '"sunny":true}')))
    _, service = kernel_of(subject)
    response_format = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA}}
    pieces = await streamed(service, response_format=response_format, max_tokens=100)
    jsonschema.validate(json.loads("".join(piece.content for piece in pieces)), SCHEMA)


@every_backend
async def test_a_call_that_is_not_carried_out(subject: Subject) -> None:
    if subject.say is not None:
        subject.say(Reply(text=(), calls=(ToolCall("c1", "weather-tell", '{"city": "Cádiz"}'),)))
    kernel, service = kernel_of(subject)
    weather = Weather(subject)
    kernel.add_plugin(weather, "weather")
    behavior = FunctionChoiceBehavior.Required(auto_invoke=False)
    given = settings(function_choice_behavior=behavior, max_tokens=200)
    (message,) = await service.get_chat_message_contents(history(), given, kernel=kernel)
    (call,) = message.items
    assert isinstance(call, FunctionCallContent)
    assert (call.plugin_name, call.function_name) == ("weather", "tell")
    assert isinstance(json.loads(str(call.arguments))["city"], str)
    assert message.finish_reason == "tool_calls"
    assert weather.asked == []


@pytest.mark.parametrize("in_pieces", [True, False], ids=["streamed", "whole"])
@every_backend
async def test_a_required_call_is_carried_out_once(subject: Subject, in_pieces: bool) -> None:
    if subject.say is not None:
        subject.say(Reply(text=(), calls=(ToolCall("c1", "weather-tell", '{"city": "Cádiz"}'),)))
    kernel, service = kernel_of(subject)
    weather = Weather(subject)
    kernel.add_plugin(weather, "weather")
    # Required in the first turn, and not offered in the next: also a model of random weights comes to an end.
    given = settings(function_choice_behavior=FunctionChoiceBehavior.Required(), max_tokens=200)
    if in_pieces:
        # After a required call, a stream ends with the call's result; the next turn is its reader's.
        stream = service.get_streaming_chat_message_contents(history(), given, kernel=kernel)
        (result,) = [m for messages in [m async for m in stream] for m in messages if m.role == AuthorRole.TOOL]
        assert str(result.items[0]) == f"{weather.asked[0]}: sun"
    else:
        (whole,) = await service.get_chat_message_contents(history(), given, kernel=kernel)
        assert whole.metadata["finished"].usage.output_tokens > 0
        assert subject.say is None or whole.content == "Sun."
    assert len(weather.asked) == 1
    assert subject.say is None or weather.asked == ["Cádiz"]


@every_backend
async def test_who_stops_reading_stops_the_work(subject: Subject) -> None:
    _, service = kernel_of(subject)
    if subject.upstream is not None:
        subject.upstream.fault = "stall"
    stream = service.get_streaming_chat_message_contents(history(), settings(max_tokens=600))
    async with aclosing(stream):
        await anext(stream)
    if subject.upstream is not None:
        await subject.upstream.gone.wait()
    if isinstance(subject.generator, OnnxModel):
        # Semantic Kernel's own generator leaves the closing of ours to the loop's next turn: the first answer takes it.
        await subject.generator.stats()
        stats = await subject.generator.stats()
        assert stats["active"] == 0
        assert await subject.generator.stats() == stats


@every_backend
async def test_an_error_of_ours_is_found_under_what_the_kernel_makes_of_it(subject: Subject) -> None:
    kernel, service = kernel_of(subject)
    too_many = settings(stop=[str(number) for number in range(9)])
    if isinstance(subject.generator, OnnxModel) or subject.upstream is not None:
        with pytest.raises(InvalidArgumentError):
            await service.get_chat_message_contents(history(), too_many)
        with pytest.raises(KernelInvokeException) as caught:
            await kernel.invoke_prompt("hi", arguments=KernelArguments(too_many))
        assert isinstance(worded(caught.value), InvalidArgumentError)
