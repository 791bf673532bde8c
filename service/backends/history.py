"""Semantic Kernel's chat history as messages of a backend."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Literal

from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.function_call_content import FunctionCallContent
from semantic_kernel.contents.function_result_content import FunctionResultContent
from semantic_kernel.contents.image_content import ImageContent
from semantic_kernel.contents.text_content import TextContent
from semantic_kernel.contents.utils.author_role import AuthorRole

from service.backends.base import ChatMessage, Image, ToolCall
from service.errors import InvalidArgumentError

_ROLES: dict[AuthorRole, Literal["system", "user", "assistant"]] = {
    AuthorRole.SYSTEM: "system",
    AuthorRole.DEVELOPER: "system",
    AuthorRole.USER: "user",
    AuthorRole.ASSISTANT: "assistant",
}


def chat_messages(history: ChatHistory) -> tuple[ChatMessage, ...]:
    """Return the messages of `history`, each result of a tool as one.

    Raises:
        InvalidArgumentError: A message holds something other than text, calls and results, and the user's images.
    """
    return tuple(message for content in history.messages for message in _of_content(content))


def with_images(history: ChatHistory, images: Sequence[Image]) -> ChatHistory:
    """Return a history whose newest message of the user has `images` too; without images, `history` itself."""
    if not images:
        return history
    parts = [ImageContent(data_uri=image.url) for image in images]
    messages = list(history.messages)
    for place in reversed(range(len(messages))):
        if messages[place].role == AuthorRole.USER:
            # A copy: the function that made the prompt may use it again.
            items = [*messages[place].items, *parts]
            messages[place] = messages[place].model_copy(update={"items": items})
            return ChatHistory(messages=messages)
    return ChatHistory(messages=[*messages, ChatMessageContent(role=AuthorRole.USER, items=[*parts])])


def _of_content(content: ChatMessageContent) -> Iterator[ChatMessage]:
    text: list[str] = []
    images: list[Image] = []
    calls: list[ToolCall] = []
    results: list[FunctionResultContent] = []
    for item in content.items:
        if isinstance(item, TextContent):
            text.append(item.text or "")
        elif isinstance(item, ImageContent) and content.role == AuthorRole.USER:
            images.append(_image(item))
        elif isinstance(item, FunctionCallContent):
            calls.append(_call(item))
        elif isinstance(item, FunctionResultContent):
            results.append(item)
        else:
            raise InvalidArgumentError(f"This model cannot read a message part of type {item.content_type!r}.")
    if content.role == AuthorRole.TOOL:
        for result in results:
            yield ChatMessage("tool", str(result.result), tool_call_id=result.id or "")
        return
    yield ChatMessage(_ROLES[content.role], "".join(text), tool_calls=tuple(calls), images=tuple(images))


def _image(item: ImageContent) -> Image:
    if not item.can_read:
        return Image(str(item.uri or ""))
    # Semantic Kernel's own `data_uri` decodes a picture as UTF-8 unless it was told base64.
    data = item.data
    assert isinstance(data, bytes), "an array, too, is handed out as bytes"
    return Image(f"data:{item.mime_type};base64,{b64encode(data).decode('ascii')}")


def _call(item: FunctionCallContent) -> ToolCall:
    arguments = item.arguments
    words = arguments if isinstance(arguments, str) else json.dumps(dict(arguments or {}), ensure_ascii=False)
    return ToolCall(item.id or "", item.name or item.function_name, words or "{}")
