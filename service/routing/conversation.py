"""A Semantic Kernel chat history as plain messages, to count their tokens before a model is chosen."""

from __future__ import annotations

import json

from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.function_call_content import FunctionCallContent
from semantic_kernel.contents.function_result_content import FunctionResultContent
from semantic_kernel.contents.utils.author_role import AuthorRole

from service.backends.base import ChatMessage, ToolCall


def messages_of(history: ChatHistory) -> list[ChatMessage]:
    """Return the history's messages in order; a message of several tool results becomes one for each."""
    return [message for content in history.messages for message in _messages(content)]


def _messages(content: ChatMessageContent) -> list[ChatMessage]:
    if content.role == AuthorRole.TOOL:
        results = [item for item in content.items if isinstance(item, FunctionResultContent)]
        return [ChatMessage("tool", str(item.result), tool_call_id=item.id or "") for item in results]
    calls = tuple(
        ToolCall(item.id or "", item.name or "", _arguments(item))
        for item in content.items
        if isinstance(item, FunctionCallContent)
    )
    if content.role == AuthorRole.ASSISTANT:
        return [ChatMessage("assistant", content.content, tool_calls=calls)]
    return [ChatMessage("user" if content.role == AuthorRole.USER else "system", content.content)]


def _arguments(call: FunctionCallContent) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(dict(call.arguments or {}))
