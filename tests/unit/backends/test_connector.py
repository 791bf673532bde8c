"""Any backend as Semantic Kernel sees it, over a scripted generator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.function_call_content import FunctionCallContent
from semantic_kernel.contents.function_result_content import FunctionResultContent
from semantic_kernel.contents.image_content import ImageContent
from semantic_kernel.contents.text_content import TextContent
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.exceptions import KernelInvokeException
from semantic_kernel.functions import kernel_function

from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    Guidance,
    Image,
    NoticePiece,
    Sampling,
    TextPiece,
    ToolCall,
    Usage,
)
from service.backends.connector import DEFAULT_MAX_TOKENS, GeneratorChatCompletion, notices_of
from service.backends.execution_settings import GeneratorPromptExecutionSettings
from service.backends.history import chat_messages
from service.errors import InternalError, InvalidArgumentError, QueueFullError
from service.runs.failures import worded
from tests.unit.backends.scripted_generator import CARD, ScriptedGenerator, called, said


class Weather:
    """A plugin to be called."""

    @kernel_function(description="Tell the weather.")
    async def tell(self, city: str, day: str = "today") -> str:
        """Tell the weather of `city`."""
        return f"{city} {day}: sun"


def history(text: str = "hi") -> ChatHistory:
    chat = ChatHistory(system_message="Be brief.")
    chat.add_user_message(text)
    return chat


def kernel_of(model: ScriptedGenerator) -> Kernel:
    kernel = Kernel()
    kernel.add_service(GeneratorChatCompletion(model))
    kernel.add_plugin(Weather(), "weather")
    return kernel


CALL = CallPiece(ToolCall("call_1", "weather-tell", '{"city":"Cádiz"}'))


async def test_unary_answer_has_text_usage_and_reason() -> None:
    service = GeneratorChatCompletion(ScriptedGenerator(said("Good morning.")))
    (message,) = await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    assert message.content == "Good morning."
    assert message.finish_reason == "stop"
    assert message.ai_model_id == "scripted"
    usage = message.metadata["usage"]
    assert (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens, usage.completion_tokens) == (10, 4, 5)
    assert isinstance(message.metadata["finished"], Finished)


async def test_streaming_is_the_same_piece_by_piece() -> None:
    service = GeneratorChatCompletion(ScriptedGenerator(said("Good morning.")))
    stream = service.get_streaming_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    messages = [message async for (message,) in stream]
    assert [message.content for message in messages] == ["Goo", "d m", "orn", "ing", ".", ""]
    assert [message.finish_reason for message in messages] == [None] * 5 + ["stop"]
    assert messages[-1].metadata["usage"].prompt_tokens == 10
    whole = sum(messages[1:], messages[0])
    assert whole.content == "Good morning."


async def test_a_whole_answer_is_asked_for_as_one() -> None:
    model = ScriptedGenerator(said("a"), said("a"))
    service = GeneratorChatCompletion(model)
    await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    async for _ in service.get_streaming_chat_message_contents(history(), GeneratorPromptExecutionSettings()):
        pass
    assert [request.streamed for request in model.requests] == [False, True]


async def test_notices_are_beside_the_text() -> None:
    notices = (NoticePiece("PROMPT_FLAGGED", "Found."), NoticePiece("USAGE_ESTIMATED", "Estimated."))
    text, end = said("Hi.")
    script = [notices[0], text, notices[1], end]
    service = GeneratorChatCompletion(ScriptedGenerator(script, script))
    stream = service.get_streaming_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    chunks = [message async for (message,) in stream]
    assert [(chunk.content, chunk.metadata.get("notice")) for chunk in chunks] == [
        ("", notices[0]),
        ("Hi.", None),
        ("", notices[1]),
        ("", None),
    ]
    assert [bool(chunk.items) for chunk in chunks] == [False, True, False, False]
    (whole,) = await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    assert whole.content == "Hi."
    assert whole.metadata["notices"] == notices_of(chunks) == notices_of([whole]) == notices


async def test_empty_answer_is_empty_text() -> None:
    service = GeneratorChatCompletion(ScriptedGenerator([Finished("length", Usage())]))
    (message,) = await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    assert (message.content, message.finish_reason) == ("", "length")


async def test_settings_reach_the_model() -> None:
    model = ScriptedGenerator(said("a"))
    settings = GeneratorPromptExecutionSettings(
        max_tokens=7,
        temperature=0.5,
        top_p=0.9,
        top_k=3,
        seed=4,
        stop="x",
        deadline=99.0,
        tenant="t",
        priority=2,
        min_p=0.1,
        repetition_penalty=1.2,
        presence_penalty=0.3,
        logit_bias={5: 1.5},
    )
    await GeneratorChatCompletion(model).get_chat_message_contents(history(), settings)
    (request,) = model.requests
    assert request.max_output_tokens == 7
    assert request.sampling == Sampling(0.5, 0.9, 3, 4, ("x",), 0.1, 1.2, 0.3, ((5, 1.5),))
    assert (request.deadline, request.tenant, request.priority) == (99.0, "t", 2)
    assert request.messages == (ChatMessage("system", "Be brief."), ChatMessage("user", "hi"))
    assert (request.tools, request.tool_choice, request.guidance) == ((), "none", None)


async def test_defaults_and_settings_of_other_services() -> None:
    model = ScriptedGenerator(said("a"))
    given = PromptExecutionSettings(extension_data={"temperature": 0.3, "frequency_penalty": 1.0})
    (message,) = await GeneratorChatCompletion(model).get_chat_message_contents(history(), given)
    assert model.requests[0].max_output_tokens == min(DEFAULT_MAX_TOKENS, CARD.max_output_tokens)
    assert model.requests[0].sampling == Sampling(0.3)
    assert message.metadata["ignored_settings"] == ("frequency_penalty",)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"response_format": {"type": "text"}}, None),
        ({"response_format": {"type": "json_object"}}, Guidance("json_schema", '{"type":"object"}')),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"enum": ["ñ"]}}}},
            Guidance("json_schema", '{"enum": ["ñ"]}'),
        ),
        ({"guidance": {"kind": "regex", "value": "a+"}}, Guidance("regex", "a+")),
    ],
)
def test_constraints(fields: dict[str, Any], expected: Guidance | None) -> None:
    assert GeneratorPromptExecutionSettings(**fields).constraint() == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"response_format": {"type": "xml"}},
        {"response_format": {"type": "json_schema"}},
        {"response_format": {"type": "text"}, "guidance": {"kind": "regex", "value": "a"}},
    ],
)
def test_malformed_constraints(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        GeneratorPromptExecutionSettings(**fields).constraint()


@pytest.mark.parametrize("streaming", [False, True])
async def test_automatic_tool_loop(streaming: bool) -> None:
    model = ScriptedGenerator(called(CALL), said("Sun in Cádiz."))
    kernel = kernel_of(model)
    service = kernel.get_service(type=GeneratorChatCompletion)
    settings = GeneratorPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    if streaming:
        stream = service.get_streaming_chat_message_contents(history(), settings, kernel=kernel)
        text = "".join([message.content async for (message,) in stream if message.role == AuthorRole.ASSISTANT])
    else:
        (message,) = await service.get_chat_message_contents(history(), settings, kernel=kernel)
        text = message.content
    assert text == "Sun in Cádiz."
    first, second = model.requests
    assert (first.tool_choice, [tool.name for tool in first.tools]) == ("auto", ["weather-tell"])
    assert first.tools[0].description == "Tell the weather."
    assert first.tools[0].parameters["required"] == ["city"]
    assert second.messages[2:] == (
        ChatMessage("assistant", "", (ToolCall("call_1", "weather-tell", '{"city":"Cádiz"}'),)),
        ChatMessage("tool", "Cádiz today: sun", tool_call_id="call_1"),
    )


async def test_required_tool_is_called_once_and_then_not_offered() -> None:
    model = ScriptedGenerator(called(CALL), said("Sun."))
    kernel = kernel_of(model)
    settings = GeneratorPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Required())
    service = kernel.get_service(type=GeneratorChatCompletion)
    await service.get_chat_message_contents(history(), settings, kernel=kernel)
    assert [request.tool_choice for request in model.requests] == ["required", "none"]
    assert model.requests[1].tools == ()


async def test_without_automatic_calling_the_call_is_returned() -> None:
    kernel = kernel_of(ScriptedGenerator(called(CALL)))
    behavior = FunctionChoiceBehavior.Required(auto_invoke=False)
    service = kernel.get_service(type=GeneratorChatCompletion)
    (message,) = await service.get_chat_message_contents(
        history(), GeneratorPromptExecutionSettings(function_choice_behavior=behavior), kernel=kernel
    )
    (call,) = message.items
    assert isinstance(call, FunctionCallContent)
    assert (call.id, call.plugin_name, call.function_name) == ("call_1", "weather", "tell")
    assert message.finish_reason == "tool_calls"


async def test_tools_may_be_described_and_not_called() -> None:
    model = ScriptedGenerator(said("I would ask for the weather."))
    kernel = kernel_of(model)
    settings = GeneratorPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.NoneInvoke())
    service = kernel.get_service(type=GeneratorChatCompletion)
    await service.get_chat_message_contents(history(), settings, kernel=kernel)
    assert model.requests[0].tool_choice == "none"


async def test_errors_pass_and_can_be_found_under_the_kernels() -> None:
    full = QueueFullError("full", retry_after_s=1.0)
    service = GeneratorChatCompletion(ScriptedGenerator([TextPiece("a"), full]))
    with pytest.raises(QueueFullError):
        await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    with pytest.raises(KernelInvokeException) as caught:
        await kernel_of(ScriptedGenerator([full])).invoke_prompt("hi")
    assert worded(caught.value) is full


async def test_answer_without_an_end_is_a_failure() -> None:
    service = GeneratorChatCompletion(ScriptedGenerator([TextPiece("a")]))
    with pytest.raises(InternalError):
        await service.get_chat_message_contents(history(), GeneratorPromptExecutionSettings())


async def test_closing_the_stream_closes_the_generation() -> None:
    model = ScriptedGenerator(said("Good morning."))
    service = GeneratorChatCompletion(model)
    stream = service._inner_get_streaming_chat_message_contents(history(), GeneratorPromptExecutionSettings())
    await anext(stream)
    await stream.aclose()
    assert model.closed_early == 1


def test_history_of_every_role() -> None:
    chat = history("question")
    chat.add_message(ChatMessageContent(role=AuthorRole.DEVELOPER, content="rules"))
    call = FunctionCallContent(id="1", name="a-b", arguments={"x": "ñ"})
    chat.add_message(ChatMessageContent(role=AuthorRole.ASSISTANT, items=[call]))
    results: list[Any] = [FunctionResultContent(id=str(number), name="a-b", result=number) for number in (1, 2)]
    chat.add_message(ChatMessageContent(role=AuthorRole.TOOL, items=results))
    assert chat_messages(chat)[2:] == (
        ChatMessage("system", "rules"),
        ChatMessage("assistant", "", (ToolCall("1", "a-b", '{"x": "ñ"}'),)),
        ChatMessage("tool", "1", tool_call_id="1"),
        ChatMessage("tool", "2", tool_call_id="2"),
    )


PNG = b"\x89PNG\r\n"


@pytest.mark.parametrize(
    ("image", "url"),
    [
        (ImageContent(uri="https://pictures.example/a.png"), "https://pictures.example/a.png"),
        (ImageContent(data=PNG, mime_type="image/png"), "data:image/png;base64,iVBORw0K"),
        (ImageContent(data=PNG, mime_type="image/png", data_format="base64"), "data:image/png;base64,iVBORw0K"),
        (ImageContent(data_uri="data:image/png;base64,iVBORw0K"), "data:image/png;base64,iVBORw0K"),
        (ImageContent(data=np.frombuffer(PNG, np.uint8), mime_type="image/png"), "data:image/png;base64,iVBORw0K"),
    ],
    ids=["address", "bytes", "bytes, base64", "data URI", "array"],
)
def test_images_of_the_user_are_read(image: ImageContent, url: str) -> None:
    chat = ChatHistory()
    chat.add_message(ChatMessageContent(role=AuthorRole.USER, items=[TextContent(text="What is this?"), image]))
    assert chat_messages(chat) == (ChatMessage("user", "What is this?", images=(Image(url),)),)


@pytest.mark.parametrize("role", [AuthorRole.SYSTEM, AuthorRole.ASSISTANT, AuthorRole.TOOL])
def test_images_of_others_are_refused(role: AuthorRole) -> None:
    chat = ChatHistory()
    chat.add_message(ChatMessageContent(role=role, items=[ImageContent(uri="https://pictures.example/a.png")]))
    with pytest.raises(InvalidArgumentError, match="image"):
        chat_messages(chat)
