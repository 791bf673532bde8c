"""Any backend's model as a chat service of Semantic Kernel, with tool calling."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any, ClassVar

from openai.types.completion_usage import PromptTokensDetails
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.function_call_choice_configuration import FunctionCallChoiceConfiguration
from semantic_kernel.connectors.ai.function_calling_utils import update_settings_from_function_call_configuration
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.function_call_content import FunctionCallContent
from semantic_kernel.contents.streaming_chat_message_content import StreamingChatMessageContent
from semantic_kernel.contents.streaming_text_content import StreamingTextContent
from semantic_kernel.contents.text_content import TextContent
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.contents.utils.finish_reason import FinishReason

from service.backends.base import (
    CallPiece,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Generator,
    NoticePiece,
    Sampling,
    TextPiece,
    ToolSpec,
)
from service.backends.execution_settings import GeneratorPromptExecutionSettings
from service.backends.history import chat_messages
from service.errors import InternalError, InvalidArgumentError

logger = logging.getLogger(__name__)

DEFAULT_MAX_TOKENS = 512
"""The longest answer, in tokens, of a request that does not say; less where the model takes less."""


class GeneratorChatCompletion(ChatCompletionClientBase):
    """Semantic Kernel's view of any `Generator`; it streams, and a unary call collects its stream.

    Errors of ours leave as they are; `Kernel.invoke` wraps them, with ours as the cause. A `NoticePiece` is an empty
    chunk with the notice in `metadata["notice"]`; a whole answer has them all in `metadata["notices"]`.
    """

    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True

    def __init__(self, generator: Generator, *, service_id: str = "") -> None:
        """Serve `generator` under `service_id`, by default the model's id."""
        super().__init__(ai_model_id=generator.card.model_id, service_id=service_id)
        self._generator = generator

    def get_prompt_execution_settings_class(self) -> type[PromptExecutionSettings]:
        """Return the class of this service's settings."""
        return GeneratorPromptExecutionSettings

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        # Nobody reads before the end, which a backend may use.
        async with aclosing(self._answer(chat_history, settings, streamed=False)) as stream:
            messages = [message async for message in stream]
        text = "".join(message.content for message in messages)
        calls = [item for message in messages for item in message.items if isinstance(item, FunctionCallContent)]
        words: list[Any] = [TextContent(text=text)] if text or not calls else []
        return [
            ChatMessageContent(
                role=AuthorRole.ASSISTANT,
                items=[*words, *calls],
                ai_model_id=self.ai_model_id,
                finish_reason=messages[-1].finish_reason,
                metadata={**messages[-1].metadata, "notices": notices_of(messages)},
            )
        ]

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        async with aclosing(self._answer(chat_history, settings, function_invoke_attempt)) as stream:
            async for message in stream:
                yield [message]

    async def _answer(
        self, history: ChatHistory, settings: PromptExecutionSettings, attempt: int = 0, *, streamed: bool = True
    ) -> AsyncGenerator[StreamingChatMessageContent, None]:
        request, ignored = self._request(history, settings, streamed=streamed)
        calls = 0
        pieces = self._generator.generate(request)
        try:
            async for piece in pieces:
                yield self._message(piece, calls, attempt, ignored)
                calls += isinstance(piece, CallPiece)
                if isinstance(piece, Finished):
                    return
        finally:
            # Closing stops the model at once; a collector of garbage would do so some time.
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
        raise InternalError("The model's answer ended without its last piece.")

    def _request(
        self, history: ChatHistory, given: PromptExecutionSettings, *, streamed: bool
    ) -> tuple[GenerationRequest, tuple[str, ...]]:
        """Return what to generate, and the names of the settings that mean nothing here."""
        settings = self.get_prompt_execution_settings_from_settings(given)
        assert isinstance(settings, GeneratorPromptExecutionSettings)
        if settings.unknown_keys:
            logger.warning("settings without meaning for a model: %s", ", ".join(settings.unknown_keys))
        stop = [settings.stop] if isinstance(settings.stop, str) else settings.stop or []
        most = self._generator.card.max_output_tokens
        request = GenerationRequest(
            messages=chat_messages(history),
            max_output_tokens=min(DEFAULT_MAX_TOKENS, most) if settings.max_tokens is None else settings.max_tokens,
            sampling=Sampling(
                temperature=settings.temperature or 0.0,
                top_p=1.0 if settings.top_p is None else settings.top_p,
                top_k=settings.top_k,
                seed=settings.seed,
                stop=tuple(stop),
                min_p=settings.min_p or 0.0,
                repetition_penalty=1.0 if settings.repetition_penalty is None else settings.repetition_penalty,
                presence_penalty=settings.presence_penalty or 0.0,
                logit_bias=tuple((settings.logit_bias or {}).items()),
            ),
            guidance=settings.constraint(),
            tools=tuple(tool_spec(tool) for tool in settings.tools or ()),
            tool_choice="none" if settings.tool_choice is None else settings.tool_choice.value,
            deadline=settings.deadline,
            streamed=streamed,
            tenant=settings.tenant or "",
            priority=settings.priority or 0,
        )
        return request, settings.unknown_keys

    def _message(
        self, piece: GenerationPiece, calls: int, attempt: int, ignored: tuple[str, ...]
    ) -> StreamingChatMessageContent:
        items: list[Any] = []
        metadata: dict[str, Any] = {}
        finish: FinishReason | None = None
        match piece:
            case TextPiece(text):
                items.append(StreamingTextContent(choice_index=0, text=text, ai_model_id=self.ai_model_id))
            case CallPiece(call):
                items.append(
                    FunctionCallContent(id=call.call_id, index=calls, name=call.name, arguments=call.arguments)
                )
            case NoticePiece():
                metadata = {"notice": piece}
            case Finished(reason):
                finish = FinishReason(reason)
                metadata = {"finished": piece, "ignored_settings": ignored, "usage": _usage(piece)}
        return StreamingChatMessageContent(
            role=AuthorRole.ASSISTANT,
            choice_index=0,
            items=items,
            ai_model_id=self.ai_model_id,
            finish_reason=finish,
            metadata=metadata,
            function_invoke_attempt=attempt,
        )

    def _verify_function_choice_settings(self, settings: PromptExecutionSettings) -> None:
        if not isinstance(settings, GeneratorPromptExecutionSettings):
            raise InvalidArgumentError("The settings must be GeneratorPromptExecutionSettings.")

    def _update_function_choice_settings_callback(
        self,
    ) -> Callable[[FunctionCallChoiceConfiguration, PromptExecutionSettings, FunctionChoiceType], None]:
        return update_settings_from_function_call_configuration

    def _reset_function_choice_settings(self, settings: PromptExecutionSettings) -> None:
        assert isinstance(settings, GeneratorPromptExecutionSettings)
        settings.tools = None
        settings.tool_choice = None


def notices_of(contents: Iterable[ChatMessageContent]) -> tuple[NoticePiece, ...]:
    """Return what the caller should know besides the answer, of chunks or of whole answers, in order."""
    found: list[NoticePiece] = []
    for content in contents:
        found += content.metadata.get("notices", ())
        if isinstance(notice := content.metadata.get("notice"), NoticePiece):
            found.append(notice)
    return tuple(found)


def tool_spec(tool: dict[str, Any]) -> ToolSpec:
    """Return the tool that Semantic Kernel words in OpenAI's form."""
    function = tool["function"]
    return ToolSpec(function["name"], function["description"], function["parameters"])


def _usage(finished: Finished) -> CompletionUsage:
    usage = finished.usage
    return CompletionUsage(
        prompt_tokens=usage.input_tokens,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=usage.cached_input_tokens),
        completion_tokens=usage.output_tokens,
    )
