"""Any backend's model as a chat service of Semantic Kernel, with tool calling."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
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
    Generator,
    NoticePiece,
    TextPiece,
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
        return [whole(messages, self.ai_model_id)]

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        async with aclosing(self._answer(chat_history, settings, function_invoke_attempt)) as stream:
            async for message in stream:
                yield [message]

    async def _answer(
        self, history: ChatHistory, settings: PromptExecutionSettings, attempt: int = 0, *, streamed: bool = True
    ) -> AsyncGenerator[StreamingChatMessageContent, None]:
        own = self.get_prompt_execution_settings_from_settings(settings)
        assert isinstance(own, GeneratorPromptExecutionSettings)
        most = self._generator.card.max_output_tokens
        room = min(DEFAULT_MAX_TOKENS, most) if own.max_tokens is None else own.max_tokens
        contents = Contents(self.ai_model_id, own.unknown_keys, attempt)
        pieces = self._generator.generate(own.request(chat_messages(history), room, streamed=streamed))
        try:
            async for piece in pieces:
                yield contents.of(piece)
                if isinstance(piece, Finished):
                    return
        finally:
            # Closing stops the model at once; a collector of garbage would do so some time.
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
        raise InternalError("The model's answer ended without its last piece.")

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


class Contents:
    """Turns the pieces of one answer into what Semantic Kernel streams."""

    def __init__(self, model_id: str, ignored: tuple[str, ...] = (), attempt: int = 0) -> None:
        """Begin an answer of `model_id`, to which the settings `ignored` mean nothing, in the tool loop's `attempt`."""
        self._model_id = model_id
        self._ignored = ignored
        self._attempt = attempt
        self._calls = 0
        if ignored:
            logger.warning("settings without meaning for a model: %s", ", ".join(ignored))

    def of(self, piece: GenerationPiece) -> StreamingChatMessageContent:
        """Return the next piece as a chunk of the message."""
        items: list[Any] = []
        metadata: dict[str, Any] = {}
        finish: FinishReason | None = None
        match piece:
            case TextPiece(text):
                items.append(StreamingTextContent(choice_index=0, text=text, ai_model_id=self._model_id))
            case CallPiece(call):
                items.append(
                    FunctionCallContent(id=call.call_id, index=self._calls, name=call.name, arguments=call.arguments)
                )
                self._calls += 1
            case NoticePiece():
                metadata = {"notice": piece}
            case Finished(reason):
                finish = FinishReason(reason)
                metadata = {"finished": piece, "ignored_settings": self._ignored, "usage": _usage(piece)}
        return StreamingChatMessageContent(
            role=AuthorRole.ASSISTANT,
            choice_index=0,
            items=items,
            ai_model_id=self._model_id,
            finish_reason=finish,
            metadata=metadata,
            function_invoke_attempt=self._attempt,
        )


def whole(chunks: Sequence[StreamingChatMessageContent], model_id: str) -> ChatMessageContent:
    """Return the chunks of one answer as one message."""
    text = "".join(chunk.content for chunk in chunks)
    calls = [item for chunk in chunks for item in chunk.items if isinstance(item, FunctionCallContent)]
    words: list[Any] = [TextContent(text=text)] if text or not calls else []
    return ChatMessageContent(
        role=AuthorRole.ASSISTANT,
        items=[*words, *calls],
        ai_model_id=model_id,
        finish_reason=chunks[-1].finish_reason,
        metadata={**chunks[-1].metadata, "notices": notices_of(chunks)},
    )


def notices_of(contents: Iterable[ChatMessageContent]) -> tuple[NoticePiece, ...]:
    """Return what the caller should know besides the answer, of chunks or of whole answers, in order."""
    found: list[NoticePiece] = []
    for content in contents:
        found += content.metadata.get("notices", ())
        if isinstance(notice := content.metadata.get("notice"), NoticePiece):
            found.append(notice)
    return tuple(found)


def _usage(finished: Finished) -> CompletionUsage:
    usage = finished.usage
    return CompletionUsage(
        prompt_tokens=usage.input_tokens,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=usage.cached_input_tokens),
        completion_tokens=usage.output_tokens,
    )
