"""A chat service that says what a test wrote down, piece by piece, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from pydantic import Field
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import ChatHistory, ChatMessageContent, StreamingChatMessageContent
from semantic_kernel.contents.utils.author_role import AuthorRole


class ScriptedChat(ChatCompletionClientBase):
    """Answers each call with the next of `answers`, `piece` characters at a time.

    `asked` holds the (role, text) pairs of each call, `settings` its execution settings. `closed` counts the streams
    that ended, by exhaustion or because the caller left, and `ended` is set by the first.
    """

    ai_model_id: str = "scripted"
    answers: list[str]
    piece: int = 5
    asked: list[list[tuple[str, str]]] = Field(default_factory=list)
    settings: list[PromptExecutionSettings] = Field(default_factory=list)
    closed: int = 0
    ended: asyncio.Event = Field(default_factory=asyncio.Event)

    def _next(self, chat_history: ChatHistory, settings: PromptExecutionSettings) -> str:
        self.asked.append([(str(m.role.value), m.content) for m in chat_history.messages])
        self.settings.append(settings)
        return self.answers[len(self.asked) - 1]

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        return [ChatMessageContent(role=AuthorRole.ASSISTANT, content=self._next(chat_history, settings))]

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        text = self._next(chat_history, settings)
        try:
            for start in range(0, len(text), self.piece):
                content = text[start : start + self.piece]
                yield [StreamingChatMessageContent(role=AuthorRole.ASSISTANT, choice_index=0, content=content)]
        finally:
            self.closed += 1
            self.ended.set()


def scripted_kernel(*answers: str, piece: int = 5) -> tuple[Kernel, ScriptedChat]:
    """Return a kernel whose only service is a `ScriptedChat` with these answers, and that service."""
    chat = ScriptedChat(answers=list(answers), piece=piece)
    kernel = Kernel()
    kernel.add_service(chat)
    return kernel, chat
