"""The one chat service of a run: decides which model answers, lets it answer, and goes on with another if it fails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, TypeAlias

from pydantic import Field
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.function_call_choice_configuration import FunctionCallChoiceConfiguration
from semantic_kernel.connectors.ai.function_calling_utils import update_settings_from_function_call_configuration
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.contents.chat_message_content import ChatMessageContent
from semantic_kernel.contents.streaming_chat_message_content import StreamingChatMessageContent

from service.backends.base import (
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    ModelCard,
    NoticePiece,
)
from service.backends.connector import Contents, whole
from service.backends.execution_settings import (
    GeneratorPromptExecutionSettings,
    GuidanceSetting,
    constraint_of,
    tool_spec,
)
from service.backends.history import chat_messages, with_images
from service.errors import InvalidArgumentError, NoRouteError, UnavailableError, VaivenError, Violation
from service.privacy.masked import MaskedRequest
from service.routing.candidates import Candidate, Candidates
from service.routing.decision import Verdict
from service.routing.dispatch import Account, dispatched, may_switch
from service.routing.facts import Needs, Prediction
from service.routing.leaving import LeavingPrompt
from service.routing.past import Cut
from service.routing.request import GenerationParameters, RouteRequest, RouteTrace
from service.routing.router import Router

SERVICE_ID: Final = "routed"

_MAX_READ: Final = 128
"""Settings of so many prompts are kept as they were read."""

Form: TypeAlias = str | Callable[[], str]
"""A grammar, empty for none, or what makes it."""

GO_ON: Final = "Your answer broke off. Go on exactly where it ended; repeat nothing of it and say nothing about this."
"""What the model is told that continues another one's answer."""

_OVERRIDES: Final = {"max_output_tokens": "max_tokens"}
"""The contract's name of a generation parameter to the settings' name, where they differ."""


def _guidance_setting(guidance: Guidance) -> GuidanceSetting:
    return GuidanceSetting(kind=guidance.kind, value=guidance.value)


_SHAPES: Final[dict[str, Callable[[Any], Any]]] = {"stop": list, "logit_bias": dict, "guidance": _guidance_setting}
"""What a generation parameter becomes as a setting, where they differ."""


class RoutedSettings(GeneratorPromptExecutionSettings):
    """What a prompt may say of its generation, in the words of the OpenAI API that prompt files use, within bounds."""

    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=1)
    stop: list[str] | None = Field(  # pyright: ignore[reportIncompatibleVariableOverride]
        default=None, max_length=8
    )
    min_p: float | None = Field(default=None, ge=0, le=1)
    repetition_penalty: float | None = Field(default=None, gt=0, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[int, float] | None = Field(default=None, max_length=300)
    logprobs: int | None = Field(default=None, ge=0, le=20)
    preferred_models: list[str] | None = Field(default=None, max_length=8)
    priority: int | None = Field(default=None, ge=-10, le=10)


@dataclass(frozen=True, slots=True)
class _Leg:
    """A part of an answer that one deployment gives."""

    candidate: Candidate
    prediction: Prediction
    request: GenerationRequest
    contents: Contents
    masked: MaskedRequest | None = None

    def pieces(self) -> AsyncIterator[GenerationPiece]:
        """Ask the model; where the request was masked, with pseudonyms, and with values in what it says."""
        generator = self.candidate.generator
        return generator.generate(self.request) if self.masked is None else self.masked.answer(generator)


@dataclass(slots=True)
class _Course:
    """How one answer comes about; `rest` are those who may answer in the place of who does, in order.

    `leaving` is the prompt as it leaves; None: as it is. `cuts` are what is left out of it, by deployment. `form` is a
    grammar that only small models are held to, or makes it: to read the prompt closely takes time.
    """

    messages: tuple[ChatMessage, ...]
    settings: RoutedSettings
    current: Verdict
    rest: list[Verdict]
    leaving: LeavingPrompt | None
    cuts: Mapping[str, Cut]
    form: Form = ""
    tried: frozenset[str] = frozenset()


class RoutedChat(ChatCompletionClientBase):
    """A chat service of Semantic Kernel that holds one run's limits and hands each call to the model they lead to.

    The tool loop is that of the base class, which calls the inner methods, so that every turn is routed anew.
    """

    # Not Pydantic's private attributes: a chat is made for each generation, and to make and find those takes 80 µs.
    __slots__ = ("_candidates", "_request", "_router", "_trace")

    SUPPORTS_FUNCTION_CALLING: ClassVar[bool] = True

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

    def get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings, **kwargs: Any
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        """Yield the answer as it comes; see the base class.

        Small models are held to the grammar `form`, if given; a function makes it, where one answers.
        """
        if settings.function_choice_behavior is None:
            # Without a tool loop the base class copies the settings, deeply, and hands on.
            form = kwargs.get("form", "")
            return self._inner_get_streaming_chat_message_contents(chat_history, settings, form=form)
        return super().get_streaming_chat_message_contents(chat_history, settings, **kwargs)

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, settings: PromptExecutionSettings
    ) -> list[ChatMessageContent]:
        course = await self._course(chat_history, settings)
        while True:
            leg = self._leg(course, streamed=False)
            if course.leaving is not None or course.cuts:
                leg = await self._as_sent(leg, course)
            try:
                async with self._dispatched(leg) as account:
                    pieces = await _all(leg.pieces())
                    for piece in pieces:
                        account.take(piece)
            except VaivenError as error:
                # Nothing of it was shown to anyone, so another answer may take its place.
                await self._switch(course, error, None)
            else:
                await self._tell(account, leg.candidate.card)
                chunks = [leg.contents.of(piece) for piece in pieces]
                return [whole(chunks, leg.candidate.card.model_id)]

    async def _inner_get_streaming_chat_message_contents(
        self,
        chat_history: ChatHistory,
        settings: PromptExecutionSettings,
        function_invoke_attempt: int = 0,
        form: Form = "",
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        course = await self._course(chat_history, settings, form)
        while True:
            leg = self._leg(course, function_invoke_attempt)
            if course.leaving is not None or course.cuts:
                leg = await self._as_sent(leg, course)
            account = Account()
            try:
                async with self._dispatched(leg) as account:
                    pieces = leg.pieces()
                    try:
                        async for piece in pieces:
                            account.take(piece)
                            yield [leg.contents.of(piece)]
                            if account.end is not None:
                                break
                    finally:
                        await _closed(pieces)
            except VaivenError as error:
                await self._switch(course, error, account if account.pieces else None)
            else:
                await self._tell(account, leg.candidate.card)
                return

    def _dispatched(self, leg: _Leg) -> AbstractAsyncContextManager[Account]:
        request = self._request
        return dispatched(leg.candidate, leg.prediction, request.guard, self._trace, request.allowance)

    async def _course(self, history: ChatHistory, settings: PromptExecutionSettings, form: Form = "") -> _Course:
        own = self._overridden(settings)
        messages = chat_messages(with_images(history, self._request.images))
        needs, leaving = self._needs(own, messages), self._leaving(own, messages)
        request = self._request
        routed = await self._router.route(messages, needs, request.guard, leaving=leaving, past=request.past)
        await self._trace.decided(routed.decision)
        if routed.decision.unmet:
            await self._trace.noticed(NoticePiece("PREFERRED_MODEL_NOT_USED", routed.decision.unmet))
        if routed.degraded:
            await self._trace.degraded(routed.decision)
        first, *rest = routed.decision.order
        return _Course(messages, own, first, rest, leaving, routed.cuts, form)

    def _leg(self, course: _Course, attempt: int = 0, *, streamed: bool = True) -> _Leg:
        candidate, prediction = self._candidates.deployed(course.current.deployment), course.current.prediction
        assert prediction is not None, "who is admitted has a prediction"
        settings = course.settings
        request = settings.request(course.messages, prediction.max_output_tokens, streamed=streamed)
        card = candidate.card
        if course.form and request.guidance is None and card.small and card.supports_grammar:
            if callable(course.form):
                course.form = course.form()
            if course.form:
                request = replace(request, guidance=Guidance("lark_grammar", course.form))
        contents = Contents(card.model_id, settings.unknown_keys, attempt)
        return _Leg(candidate, prediction, request, contents)

    def _leaving(self, settings: RoutedSettings, messages: tuple[ChatMessage, ...]) -> LeavingPrompt | None:
        masking = self._request.masking
        if masking is None:
            return None
        offered = bool(settings.tools) and settings.tool_choice != FunctionChoiceType.NONE
        return LeavingPrompt(masking, settings.request(messages, 1), offered=offered)

    async def _as_sent(self, leg: _Leg, course: _Course) -> _Leg:
        """Return a leg that fits its model, and leaves the house only with pseudonyms.

        Raises:
            MaskingError: They could not be made, so that nobody is asked.
        """
        card, cut, leaving = leg.candidate.card, course.cuts.get(leg.candidate.deployment), course.leaving
        if cut is not None:
            await self._trace.trimmed(cut.count)
        if leaving is None or card.locality == "local":
            return leg if cut is None else replace(leg, request=replace(leg.request, messages=cut.of(course.messages)))
        masked = await leaving.masked()
        await leaving.keep()
        sent = masked.request
        messages = tuple(sent.messages)
        if cut is not None:
            messages = cut.of(messages, more=len(messages) - len(course.messages))
        request = replace(
            leg.request, messages=messages, tools=sent.tools, guidance=sent.guidance, sampling=sent.sampling
        )
        masked = replace(masked, request=request)
        await self._trace.masked(masked.counts, course.current)
        return replace(leg, masked=masked)

    async def _switch(self, course: _Course, error: VaivenError, said: Account | None) -> None:
        """Let another deployment answer, or go on with what was `said`; raise `error` where none may."""
        if said is not None:
            await self._tell(said, self._candidates.deployed(course.current.deployment).card)
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
        held = course.settings.response_format is not None or course.settings.guidance is not None
        whole_or_nothing = said.has_calls or held
        if whole_or_nothing or not self._request.policy.allow_continuation:
            raise error
        so_far = ChatMessage("assistant", "".join(said.text))
        messages = (*course.messages, so_far, ChatMessage("user", GO_ON))
        needs = self._needs(course.settings, messages)
        assert course.current.prediction is not None
        left = max(1, course.current.prediction.max_output_tokens - said.pieces)
        leaving = self._leaving(course.settings, messages)
        try:
            routed = await self._router.route(
                messages,
                replace(needs, max_output_tokens=left),
                self._request.guard,
                course.tried,
                leaving,
                self._request.past,
            )
        except (NoRouteError, UnavailableError):
            raise error from None
        course.messages, course.leaving, course.cuts = messages, leaving, routed.cuts
        course.form = ""  # of a whole answer, not of the rest of one
        course.current, *course.rest = routed.decision.order

    def _needs(self, settings: RoutedSettings, messages: Sequence[ChatMessage]) -> Needs:
        request = self._request
        may_call = bool(settings.tools) and settings.tool_choice != FunctionChoiceType.NONE
        guidance = settings.constraint()
        # OpenAI's `json_object` is asked of every model: one that cannot be held to it may still write it.
        any_object = (settings.response_format or {}).get("type") == "json_object"
        return Needs(
            max_output_tokens=settings.max_tokens,
            tools=may_call,
            json_schema=guidance is not None and guidance.kind == "json_schema" and not any_object,
            grammar=guidance is not None and guidance.kind != "json_schema",
            logprobs=settings.logprobs is not None,
            offered=tuple(map(tool_spec, settings.tools or ())) if may_call else (),
            guidance=guidance,
            may_decline=may_call and settings.tool_choice != FunctionChoiceType.REQUIRED,
            vision=any(message.images for message in messages),
            masking=request.masking is not None,
            adapter=settings.adapter or "",
            preferred=tuple(settings.preferred_models or ()),
            model=request.model,
            locality=request.locality,
            policy=request.policy,
            conflicts=request.conflicts,
            allowance=request.allowance,
        )

    def _overridden(self, settings: PromptExecutionSettings) -> RoutedSettings:
        """Return the settings with what the request says instead; neither is changed."""
        request = self._request
        own = settings if isinstance(settings, RoutedSettings) else _routed(settings)
        given: dict[str, Any] = {"tenant": request.tenant}
        if request.deadline is not None:
            given["deadline"] = request.deadline
        for name in GenerationParameters.__slots__:
            if (value := getattr(request.generation, name)) is not None:
                given[_OVERRIDES.get(name, name)] = _SHAPES[name](value) if name in _SHAPES else value
        if request.generation.guidance is not None:
            if constraint_of(own.response_format) is not None:
                raise InvalidArgumentError(
                    "The function holds its answer to a schema of its own: ask without another constraint.",
                    violations=(Violation("generation.constraint", "excludes the function's own schema"),),
                )
            given["response_format"] = None
        return own.model_copy(update=given)

    async def _tell(self, account: Account, card: ModelCard) -> None:
        # After the answer and not amid it: who fails to take a notice is not the deployment.
        for notice in account.notices:
            await self._trace.noticed(notice)
        if account.logprobs:
            await self._trace.logprobs(card, account.logprobs)

    def _update_function_choice_settings_callback(
        self,
    ) -> Callable[[FunctionCallChoiceConfiguration, PromptExecutionSettings, FunctionChoiceType], None]:
        return update_settings_from_function_call_configuration

    def _reset_function_choice_settings(self, settings: PromptExecutionSettings) -> None:
        if isinstance(settings, RoutedSettings):
            settings.tools = None
            settings.tool_choice = None


_read: Final[OrderedDict[int, tuple[PromptExecutionSettings, dict[str, Any], RoutedSettings]]] = OrderedDict()
"""Settings by the identity of those that they were read from, which are kept alive, with what those said then."""


def _routed(settings: PromptExecutionSettings) -> RoutedSettings:
    """Return what a prompt's settings say; they are the same for all its calls, and to read them takes 25 µs."""
    source, said, read = _read.get(id(settings), (None, None, None))
    if read is None or source is not settings or said != settings.extension_data:
        read = RoutedSettings.from_prompt_execution_settings(settings)
        _read[id(settings)] = settings, dict(settings.extension_data), read
        if len(_read) > _MAX_READ:
            _read.popitem(last=False)
    return read


async def _all(pieces: AsyncIterator[GenerationPiece]) -> list[GenerationPiece]:
    """Return the pieces up to the last, of which nobody sees any before."""
    found: list[GenerationPiece] = []
    try:
        async for piece in pieces:
            found.append(piece)
            if isinstance(piece, Finished):
                break
    finally:
        await _closed(pieces)
    return found


async def _closed(pieces: AsyncIterator[GenerationPiece]) -> None:
    # Closing stops the model at once; a collector of garbage would do so some time.
    if isinstance(pieces, AsyncGenerator):
        await pieces.aclose()
