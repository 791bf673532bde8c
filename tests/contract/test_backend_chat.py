"""Each backend as a chat service of Semantic Kernel: the tool loop, structured output, usage in the last message."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.functions import kernel_function

from service.backends.base import Finished, ToolCall
from service.backends.connector import GeneratorChatCompletion
from service.backends.execution_settings import GeneratorPromptExecutionSettings
from service.testing.upstream import Received, Upstream
from service.testing.upstream_frames import USAGE, Reply
from tests.contract.backend_subjects import NETWORKED, networked

CALLS = tuple(ToolCall(f"call_{city}", "weather-tell", f'{{"city": "{city}"}}') for city in ("Cádiz", "Jerez"))


class Weather:
    @kernel_function(description="Tell the weather.")
    async def tell(self, city: str) -> str:
        return f"{city}: sun"


def calls_then_text(received: Received) -> Reply:
    answered = any(message["role"] == "tool" for message in received.body["messages"])
    return Reply(text=("Sun in both.",)) if answered else Reply(text=(), calls=CALLS, finish_reason="tool_calls")


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream(calls_then_text) as running:
        yield running


async def answer_of(
    kernel: Kernel, settings: GeneratorPromptExecutionSettings, *, streamed: bool
) -> ChatMessageContent:
    service = kernel.get_service(type=GeneratorChatCompletion)
    history = ChatHistory(system_message="Be brief.")
    history.add_user_message("How is the weather?")
    if not streamed:
        (message,) = await service.get_chat_message_contents(history, settings, kernel=kernel)
        return message
    stream = service.get_streaming_chat_message_contents(history, settings, kernel=kernel)
    said = [message async for (message,) in stream if message.role == AuthorRole.ASSISTANT]
    # The last turn only: the first one's pieces are its calls.
    words = [message for message in said if message.function_invoke_attempt == said[-1].function_invoke_attempt]
    return sum(words[1:], words[0])


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("backend", list(NETWORKED))
async def test_the_tool_loop(upstream: Upstream, backend: str, streamed: bool) -> None:
    settings = GeneratorPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    async with networked(backend, upstream.url) as model:
        kernel = Kernel(services=[GeneratorChatCompletion(model)])
        kernel.add_plugin(Weather(), "weather")
        message = await answer_of(kernel, settings, streamed=streamed)
    assert message.content == "Sun in both."
    assert message.finish_reason == "stop"
    finished = message.metadata["finished"]
    assert isinstance(finished, Finished)
    assert finished.usage == USAGE
    first, second = (received.body for received in upstream.requests)
    assert first["tool_choice"] == "auto"
    assert [tool["function"]["name"] for tool in first["tools"]] == ["weather-tell"]
    called, *results = second["messages"][2:]
    assert [call["id"] for call in called["tool_calls"]] == ["call_Cádiz", "call_Jerez"]
    assert [(result["role"], result["tool_call_id"], result["content"]) for result in results] == [
        ("tool", "call_Cádiz", "Cádiz: sun"),
        ("tool", "call_Jerez", "Jerez: sun"),
    ]


@pytest.mark.parametrize("backend", list(NETWORKED))
async def test_a_response_format_reaches_the_model(upstream: Upstream, backend: str) -> None:
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    response_format = {"type": "json_schema", "json_schema": {"name": "mail", "schema": schema}}
    async with networked(backend, upstream.url) as model:
        kernel = Kernel(services=[GeneratorChatCompletion(model)])
        await answer_of(kernel, GeneratorPromptExecutionSettings(response_format=response_format), streamed=False)
    sent = upstream.requests[0].body["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
