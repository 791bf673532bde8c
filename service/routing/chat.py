"""The one chat service of a run: decides which model answers, lets it answer, and notes what that took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from pydantic import Field, PrivateAttr
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.function_call_choice_configuration import FunctionCallChoiceConfiguration
from semantic_kernel.connectors.ai.function_calling_utils import update_settings_from_function_call_configuration
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.streaming_chat_message_content import StreamingChatMessageContent

from service.backends.base import Finished, ModelCard, Usage
from service.backends.onnx.history import chat_messages
from service.errors import UnavailableError
from service.routing.candidates import Candidate, Candidates
from service.routing.decision import Decision, Needs, decide, limits_broken
from service.routing.request import RouteRequest, RouteTrace

SERVICE_ID: Final = "routed"

_OVERRIDES: Final = {"max_output_tokens": "max_tokens"}
"""The contract's name of a generation parameter to the settings' name, where they differ."""


class RoutedSettings(PromptExecutionSettings):
    """What a prompt may say of its generation, in the words of the OpenAI API that prompt files use."""

    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=1)
    seed: int | None = None
    stop: list[str] | None = Field(default=None, max_length=8)
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: FunctionChoiceType | None = None


@dataclass(frozen=True, slots=True)
class _Route:
    candidate: Candidate
    settings: PromptExecutionSettings
    prompt_tokens: int


class RoutedChat(ChatCompletionClientBase):
    """A chat service of Semantic Kernel that holds one run's limits and hands each call to the model they lead to.

    Only the inner methods are overridden, so that the tool loop of the base class routes every turn anew.
    """

    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True

    _candidates: Candidates = PrivateAttr()
    _request: RouteRequest = PrivateAttr()
    _trace: RouteTrace = PrivateAttr()
    _ignored: set[str] = PrivateAttr(default_factory=set)

    def __init__(self, candidates: Candidates, request: RouteRequest, trace: RouteTrace) -> None:
        """Serve one run with `request`'s limits and tell `trace` what happens."""
        super().__init__(ai_model_id=SERVICE_ID, service_id=SERVICE_ID)
        self._candidates = candidates
        self._request = request
        self._trace = trace

    def get_prompt_execution_settings_class(self) -> type[PromptExecutionSettings]:
        """Return the settings that prompts are read into."""
        return RoutedSettings

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        route = await self._route(chat_history, settings)
        inner = route.candidate.chat._inner_get_chat_message_contents
        with self._accounting(route) as account:
            contents = await inner(chat_history, route.settings)
            account(contents)
        return contents

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        route = await self._route(chat_history, settings)
        inner = route.candidate.chat._inner_get_streaming_chat_message_contents
        with self._accounting(route) as account:
            async with aclosing(inner(chat_history, route.settings, function_invoke_attempt)) as stream:
                async for contents in stream:
                    account(contents)
                    yield contents

    @contextmanager
    def _accounting(self, route: _Route) -> Iterator[Callable[[Sequence[ChatMessageContent]], None]]:
        """Give a function that takes what the model says; tell the trace what it took, to its end or broken off."""
        pieces, finished = 0, False

        def account(contents: Sequence[ChatMessageContent]) -> None:
            nonlocal pieces, finished
            for content in contents:
                pieces += bool(content.items)
                if isinstance(end := content.metadata.get("finished"), Finished):
                    finished = True
                    self._trace.generated(route.candidate.card, end)

        try:
            yield account
            if not finished:
                raise _truncated(route.candidate.card)
        finally:
            if not finished:
                usage = Usage(input_tokens=route.prompt_tokens, output_tokens=pieces)
                self._trace.broken_off(route.candidate.card, usage)

    async def _route(self, history: ChatHistory, settings: PromptExecutionSettings) -> _Route:
        settings = self._overridden(settings)
        decision = await self._decide(history, settings)
        candidate = self._candidates.get(decision.model)
        settings.max_tokens = decision.max_output_tokens
        if self._request.deadline is not None:
            settings.extension_data["deadline"] = self._request.deadline
        for_backend = candidate.chat.get_prompt_execution_settings_from_settings(settings)
        await self._tell_ignored(for_backend, candidate.card)
        return _Route(candidate, for_backend, decision.prompt_tokens)

    async def _decide(self, history: ChatHistory, settings: RoutedSettings) -> Decision:
        needs = Needs(
            max_output_tokens=settings.max_tokens,
            tools=bool(settings.tools) and settings.tool_choice != FunctionChoiceType.NONE,
            json_schema=(settings.response_format or {}).get("type") == "json_schema",
            model=self._request.model,
            locality=self._request.locality,
        )
        models = [(candidate.card, candidate) for candidate in self._candidates]
        able = [(card, candidate) for card, candidate in models if not limits_broken(card, needs)]
        messages = chat_messages(history)
        counts = await asyncio.gather(*(candidate.generator.count_tokens(messages) for _, candidate in able))
        prompt_tokens = {card.model_id: count for (card, _), count in zip(able, counts, strict=True)}
        decision = decide([card for card, _ in models], needs, prompt_tokens)
        await self._trace.decided(decision)
        return decision

    def _overridden(self, settings: PromptExecutionSettings) -> RoutedSettings:
        own = self.get_prompt_execution_settings_from_settings(settings)
        if not isinstance(own, RoutedSettings):  # the method above is typed for all services
            raise TypeError(f"settings of {type(own).__name__}")
        for name, value in self._given():
            setattr(own, name, list(value) if isinstance(value, tuple) else value)
        return own

    def _given(self) -> list[tuple[str, Any]]:
        given = asdict(self._request.generation)
        return [(_OVERRIDES.get(name, name), value) for name, value in given.items() if value is not None]

    async def _tell_ignored(self, for_backend: PromptExecutionSettings, card: ModelCard) -> None:
        for name, _ in self._given():
            if name not in type(for_backend).model_fields and name not in self._ignored:
                self._ignored.add(name)
                await self._trace.ignored(name, card.model_id)

    def _update_function_choice_settings_callback(
        self,
    ) -> Callable[[FunctionCallChoiceConfiguration, PromptExecutionSettings, FunctionChoiceType], None]:
        return update_settings_from_function_call_configuration

    def _reset_function_choice_settings(self, settings: PromptExecutionSettings) -> None:
        if isinstance(settings, RoutedSettings):
            settings.tools = None
            settings.tool_choice = None


def _truncated(card: ModelCard) -> UnavailableError:
    # A stream that merely stops is not an answer: someone upstream died politely.
    return UnavailableError(
        f"{card.display_name} stopped without saying that it had finished.",
        reason="STREAM_TRUNCATED",
        retry_after_s=0.0,
    )
