"""The function of the plugin `chat`: a reply to what no other function does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.contents import AuthorRole, ChatHistory, ChatMessageContent
from semantic_kernel.functions import KernelArguments, kernel_function

from plugins.chat import layout
from plugins.chat.forms import chat_form
from plugins.context import RunContext, Turn
from plugins.output import FunctionOutput, FunctionResult, TextDelta
from plugins.prompt_file import system_text
from plugins.prompts import load_prompts

_ROLES = {"user": AuthorRole.USER, "assistant": AuthorRole.ASSISTANT}


class ChatPlugin:
    """Replies to small talk in the light of the session's earlier turns, and declines what it cannot do."""

    def __init__(self) -> None:
        self._prompt = load_prompts("chat")["reply"]
        self._system = system_text("chat", "reply")

    @kernel_function(name="reply", description="Small talk, or a request that no other function can do.")
    async def reply(
        self, kernel: Kernel, arguments: KernelArguments, message: str
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Reply to `message` in one to three sentences."""
        context: RunContext | None = arguments.get("run_context")
        text = ""
        async with aclosing(self._stream(kernel, context.history if context else (), message)) as pieces:
            async for piece in pieces:
                text += piece
                yield TextDelta(piece)
        yield FunctionResult(text, dict(layout.parse_reply(text)))

    async def _stream(self, kernel: Kernel, turns: Sequence[Turn], message: str) -> AsyncGenerator[str, None]:
        """Yield the model's text as it comes.

        The messages are built as objects instead of by the prompt's template: nothing that somebody wrote earlier is
        then read as markup, and so no turn can pose as another role.
        """
        user = layout.reply_input(message)
        history = ChatHistory(
            messages=[
                ChatMessageContent(AuthorRole.SYSTEM, content=self._system),
                *(ChatMessageContent(_ROLES[turn.role], content=turn.text) for turn in turns),
                ChatMessageContent(AuthorRole.USER, content=user),
            ]
        )
        service, settings = kernel.select_ai_service(self._prompt, KernelArguments(), type=ChatCompletionClientBase)
        if not isinstance(service, ChatCompletionClientBase):
            raise TypeError(f"not a chat service: {type(service).__name__}")
        async with aclosing(
            service.get_streaming_chat_message_contents(history, settings, form=partial(chat_form, user))
        ) as pieces:
            async for messages in pieces:
                for said in messages:
                    if said.content:
                        yield said.content
