"""One answer of a model that may call functions, put together from its stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.contents import (
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
    StreamingChatMessageContent,
    StreamingTextContent,
    TextContent,
)
from semantic_kernel.contents.utils.author_role import AuthorRole


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of one or more turns; `cached_input_tokens` is a part of `input_tokens`."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        """Return the sum, field by field."""
        return TokenUsage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(slots=True)
class WrittenCall:
    """A call as the model wrote it; `name` is a tool's, `arguments` are text as it came."""

    call_id: str
    name: str
    arguments: str = ""


@dataclass(slots=True)
class Turn:
    """What came of one answer until now. `number` counts the turns from 1 and makes ids for calls that have none."""

    number: int
    text: str = ""
    calls: list[WrittenCall] = field(default_factory=list)
    usage: TokenUsage = field(default_factory=TokenUsage)
    finish_reason: str = ""
    _by_index: dict[int | str, WrittenCall] = field(default_factory=dict)

    def take(self, content: StreamingChatMessageContent) -> Iterator[str | WrittenCall]:
        """Yield the text of a piece, and each call that begins with it; pieces of calls may come in any order."""
        for item in content.items:
            if isinstance(item, FunctionCallContent):
                yield from self._take_call(item)
            elif isinstance(item, StreamingTextContent | TextContent) and item.text:
                self.text += item.text
                yield item.text
        if isinstance(usage := content.metadata.get("usage"), CompletionUsage):
            self.usage = _tokens(usage)
        if content.finish_reason is not None:
            self.finish_reason = str(content.finish_reason.value)

    def _take_call(self, item: FunctionCallContent) -> Iterator[WrittenCall]:
        # Only the first piece of a call has its id and name; the others are known by the index alone.
        key = item.index if item.index is not None else item.id or len(self.calls)
        call = self._by_index.get(key)
        if call is None:
            known = {one.call_id for one in self.calls}
            call_id = item.id if item.id and item.id not in known else f"call_{self.number}_{len(self.calls) + 1}"
            call = WrittenCall(call_id, item.name or item.function_name or "")
            self._by_index[key] = call
            self.calls.append(call)
            yield call
        elif not call.name:
            call.name = item.name or ""
        call.arguments += _text(item)

    def message(self, readable: frozenset[str]) -> ChatMessageContent:
        """Return the turn as a message of the history; calls that are not `readable`, by id, lose their arguments."""
        # Any: Semantic Kernel's own type is a list of all kinds of content.
        items: list[Any] = [TextContent(text=self.text)] if self.text else []
        for call in self.calls:
            arguments = call.arguments if call.call_id in readable else "{}"
            items.append(FunctionCallContent(id=call.call_id, name=call.name, arguments=arguments or "{}"))
        return ChatMessageContent(role=AuthorRole.ASSISTANT, items=items)


def result_message(call: WrittenCall, text: str) -> ChatMessageContent:
    """Return what a call gave back as a message of the history."""
    return ChatMessageContent(
        role=AuthorRole.TOOL, items=[FunctionResultContent(id=call.call_id, name=call.name, result=text)]
    )


def _text(item: FunctionCallContent) -> str:
    if isinstance(item.arguments, str):
        return item.arguments
    return "" if item.arguments is None else json.dumps(dict(item.arguments), ensure_ascii=False)


def _tokens(usage: CompletionUsage) -> TokenUsage:
    details = usage.prompt_tokens_details
    cached = 0 if details is None else details.cached_tokens or 0
    return TokenUsage(usage.prompt_tokens or 0, cached, usage.completion_tokens or 0)
