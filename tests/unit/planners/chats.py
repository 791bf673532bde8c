"""A chat service that says what a test wrote down, words and calls, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import (
    ChatHistory,
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
    StreamingChatMessageContent,
    StreamingTextContent,
)
from semantic_kernel.contents.utils.author_role import AuthorRole
from semantic_kernel.contents.utils.finish_reason import FinishReason


class ToolSettings(PromptExecutionSettings):
    tools: list[dict[str, Any]] | None = None
    tool_choice: FunctionChoiceType | None = None
    max_tokens: int | None = None


@dataclass(frozen=True)
class Call:
    """A call as a model writes it; `pieces` cuts its arguments, as streams do."""

    name: str
    arguments: dict[str, Any] | str
    call_id: str | None = None
    pieces: int = 1


@dataclass(frozen=True)
class Asked:
    """What one call of the service was given: (role, text or calls or result) of each message, and its settings."""

    messages: list[tuple[str, str]]
    settings: ToolSettings

    @property
    def tools(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.settings.tools or ()]


class ToolChat(ChatCompletionClientBase):
    """Answers each call with the next of `turns`; `hang` at the end of a turn waits for ever."""

    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True

    ai_model_id: str = "scripted"
    turns: list[list[str | Call]]
    hang: bool = False
    asked: list[Asked] = Field(default_factory=list)
    open: int = 0

    def get_prompt_execution_settings_class(self) -> type[PromptExecutionSettings]:
        return ToolSettings

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        assert isinstance(settings, ToolSettings)
        self.asked.append(Asked([(m.role.value, _shown(m)) for m in chat_history.messages], settings))
        script = self.turns[len(self.asked) - 1]
        self.open += 1
        try:
            index = 0
            for said in script:
                if isinstance(said, str):
                    yield [self._piece(StreamingTextContent(choice_index=0, text=said))]
                    continue
                for item in _pieces(said, index):
                    yield [self._piece(item)]
                index += 1
            if self.hang:
                await asyncio.Event().wait()
            usage = CompletionUsage(prompt_tokens=10, completion_tokens=len(script))
            reason = FinishReason.TOOL_CALLS if index else FinishReason.STOP
            yield [self._piece(metadata={"usage": usage}, finish_reason=reason)]
        finally:
            self.open -= 1

    def _piece(self, *items: Any, **more: Any) -> StreamingChatMessageContent:
        return StreamingChatMessageContent(role=AuthorRole.ASSISTANT, choice_index=0, items=list(items), **more)


def _pieces(call: Call, index: int) -> list[FunctionCallContent]:
    text = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
    size = max(1, -(-len(text) // call.pieces))
    cut = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    first, *rest = cut
    return [
        FunctionCallContent(id=call.call_id, index=index, name=call.name, arguments=first),
        *(FunctionCallContent(id=None, index=index, name="", arguments=part) for part in rest),
    ]


def _shown(message: ChatMessageContent) -> str:
    shown = [message.content] if message.content else []
    for item in message.items:
        if isinstance(item, FunctionCallContent):
            shown.append(f"{item.id}={item.name}({item.arguments})")
        elif isinstance(item, FunctionResultContent):
            shown.append(f"{item.id}: {item.result}")
    return " ".join(shown)
