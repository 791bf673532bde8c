"""The one chat service of a run: decides which model answers, lets it answer, and goes on with another if it fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
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

from service.backends.base import ChatMessage, ModelCard
from service.backends.connector import tool_spec
from service.backends.execution_settings import constraint_of
from service.backends.history import chat_messages, with_images
from service.errors import NoRouteError, UnavailableError, VaivenError
from service.routing.candidates import Candidate, Candidates
from service.routing.decision import Verdict
from service.routing.dispatch import Account, dispatched, may_switch
from service.routing.facts import Needs, Prediction
from service.routing.request import RouteRequest, RouteTrace
from service.routing.router import Router

SERVICE_ID: Final = "routed"

GO_ON: Final = "Your answer broke off. Go on exactly where it ended; repeat nothing of it and say nothing about this."
"""What the model is told that continues another one's answer."""

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
class _Leg:
    """A part of an answer that one deployment gives."""

    candidate: Candidate
    prediction: Prediction
    settings: PromptExecutionSettings


@dataclass(slots=True)
class _Course:
    """How one answer comes about; `rest` are those who may answer in the place of who does, in order."""

    history: ChatHistory
    settings: RoutedSettings
    current: Verdict
    rest: list[Verdict]
    tried: frozenset[str] = frozenset()


class RoutedChat(ChatCompletionClientBase):
    """A chat service of Semantic Kernel that holds one run's limits and hands each call to the model they lead to.

    Only the inner methods are overridden, so that the tool loop of the base class routes every turn anew.
    """

    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True

    _candidates: Candidates = PrivateAttr()
    _router: Router = PrivateAttr()
    _request: RouteRequest = PrivateAttr()
    _trace: RouteTrace = PrivateAttr()
    _ignored: set[str] = PrivateAttr(default_factory=set)

    def __init__(self, candidates: Candidates, request: RouteRequest, trace: RouteTrace) -> None:
        """Serve one run with `request`'s limits and tell `trace` what happens."""
        super().__init__(ai_model_id=SERVICE_ID, service_id=SERVICE_ID)
        self._candidates = candidates
        self._router = Router(candidates, request.weights)
        self._request = request
        self._trace = trace

    def get_prompt_execution_settings_class(self) -> type[PromptExecutionSettings]:
        """Return the settings that prompts are read into."""
        return RoutedSettings

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        course = await self._course(chat_history, settings)
        while True:
            leg = await self._leg(course)
            try:
                async with dispatched(leg.candidate, leg.prediction, self._request.guard, self._trace) as account:
                    contents = await leg.candidate.chat._inner_get_chat_message_contents(course.history, leg.settings)
                    account.take(contents)
            except VaivenError as error:
                # Nothing of it was shown to anyone, so another answer may take its place.
                await self._switch(course, error, None)
            else:
                await self._tell_notices(account)
                return contents

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        course = await self._course(chat_history, settings)
        while True:
            leg = await self._leg(course)
            account = Account()
            try:
                async with dispatched(leg.candidate, leg.prediction, self._request.guard, self._trace) as account:
                    inner = leg.candidate.chat._inner_get_streaming_chat_message_contents
                    async with aclosing(inner(course.history, leg.settings, function_invoke_attempt)) as stream:
                        async for contents in stream:
                            account.take(contents)
                            yield contents
            except VaivenError as error:
                await self._switch(course, error, account if account.pieces else None)
            else:
                await self._tell_notices(account)
                return

    async def _course(self, history: ChatHistory, settings: PromptExecutionSettings) -> _Course:
        own = self._overridden(settings)
        history = with_images(history, self._request.images)
        messages = chat_messages(history)
        routed = await self._router.route(messages, self._needs(own, messages), self._request.guard)
        await self._trace.decided(routed.decision)
        if routed.degraded:
            await self._trace.degraded(routed.decision)
        first, *rest = routed.decision.order
        return _Course(history, own, first, rest)

    async def _leg(self, course: _Course) -> _Leg:
        candidate, prediction = self._candidates.deployed(course.current.deployment), course.current.prediction
        assert prediction is not None, "who is admitted has a prediction"
        settings = course.settings.model_copy()
        settings.max_tokens = prediction.max_output_tokens
        own: dict[str, Any] = {"tenant": self._request.tenant}
        if self._request.deadline is not None:
            own["deadline"] = self._request.deadline
        settings.extension_data = {**settings.extension_data, **own}
        for_backend = candidate.chat.get_prompt_execution_settings_from_settings(settings)
        await self._tell_ignored(for_backend, candidate.card)
        return _Leg(candidate, prediction, for_backend)

    async def _switch(self, course: _Course, error: VaivenError, said: Account | None) -> None:
        """Let another deployment answer, or go on with what was `said`; raise `error` where none may."""
        if said is not None:
            await self._tell_notices(said)
        if not may_switch(error):
            raise error
        before = course.current
        course.tried |= {before.deployment}
        if said is not None:
            await self._go_on(course, error, said)
        elif course.rest:
            course.current = course.rest.pop(0)
        else:
            raise error
        await self._trace.switched(before, course.current, error, continued=said is not None)

    async def _go_on(self, course: _Course, error: VaivenError, said: Account) -> None:
        whole_or_nothing = said.has_calls or course.settings.response_format is not None
        if whole_or_nothing or not self._request.policy.allow_continuation:
            raise error
        history = ChatHistory(messages=list(course.history.messages))
        history.add_assistant_message("".join(said.text))
        history.add_user_message(GO_ON)
        messages = chat_messages(history)
        needs = self._needs(course.settings, messages)
        assert course.current.prediction is not None
        left = max(1, course.current.prediction.max_output_tokens - said.pieces)
        try:
            routed = await self._router.route(
                messages, replace(needs, max_output_tokens=left), self._request.guard, course.tried
            )
        except (NoRouteError, UnavailableError):
            raise error from None
        course.history = history
        course.current, *course.rest = routed.decision.order

    def _needs(self, settings: RoutedSettings, messages: Sequence[ChatMessage]) -> Needs:
        may_call = bool(settings.tools) and settings.tool_choice != FunctionChoiceType.NONE
        return Needs(
            max_output_tokens=settings.max_tokens,
            tools=may_call,
            json_schema=(settings.response_format or {}).get("type") == "json_schema",
            offered=tuple(map(tool_spec, settings.tools or ())) if may_call else (),
            guidance=constraint_of(settings.response_format),
            may_decline=may_call and settings.tool_choice != FunctionChoiceType.REQUIRED,
            vision=any(message.images for message in messages),
            model=self._request.model,
            locality=self._request.locality,
            policy=self._request.policy,
            conflicts=self._request.conflicts,
        )

    def _overridden(self, settings: PromptExecutionSettings) -> RoutedSettings:
        own = self.get_prompt_execution_settings_from_settings(settings)
        if not isinstance(own, RoutedSettings):  # the method above is typed for all services
            raise TypeError(f"settings of {type(own).__name__}")
        own = own.model_copy()
        for name, value in self._given():
            setattr(own, name, list(value) if isinstance(value, tuple) else value)
        return own

    def _given(self) -> list[tuple[str, Any]]:
        given = asdict(self._request.generation)
        return [(_OVERRIDES.get(name, name), value) for name, value in given.items() if value is not None]

    async def _tell_notices(self, account: Account) -> None:
        # After the answer and not amid it: who fails to take a notice is not the deployment.
        for notice in account.notices:
            await self._trace.noticed(notice)

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
