"""The ways in which the service has a model call functions: one call decided beforehand, and a loop with tools."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, Protocol

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.contents import ChatHistory

from bench.calls.dataset import ABSTAIN, Asked, abstention, functions, offered
from bench.calls.scoring import Fault, Outcome
from planners.approvals import ApprovalRequest, Decision
from planners.call import CallPlanner, ChooserModel, FunctionChoice, PlanError
from planners.calling import CallContext
from planners.facts import FunctionFacts
from planners.layout import LOOP_SYSTEM
from planners.loop_limits import LoopLimits
from planners.loop_pieces import LoopFinished, ToolCallReady, ToolCallResult, ToolCallStarted
from planners.tool_loop import LoopRequest, ToolLoop
from plugins.output import FunctionOutput, FunctionResult
from service.backends.base import (
    CallPiece,
    ChatMessage,
    Finished,
    GenerationPiece,
    GenerationRequest,
    Generator,
    Guidance,
    ModelCard,
    TextPiece,
    ToolCall,
    ToolSpec,
)
from service.backends.execution_settings import GeneratorPromptExecutionSettings
from service.backends.onnx.tools import NO_TOOL, choosing_prompt, shown_name
from service.errors import FailedPreconditionError, VaivenError
from service.runs.chooser import RoutedChooser

MAX_TOKENS: Final = 96
"""Room for one call of these functions; the longest has 110 characters. A model that goes on is cut off there."""


class Way(Protocol):
    """Asks a model for the call of one request."""

    async def ask(self, asked: Asked) -> Outcome:
        """Return what the model wants called."""
        ...


class UnreadableError(ValueError):
    """A model that was not held to a form answered in another."""


class FreeChooser:
    """Asks as the service does, but holds the model to nothing: what it writes is read as JSON or not at all."""

    def __init__(self, chat: ChatCompletionClientBase) -> None:
        """Ask `chat`."""
        self._chat = chat

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the model's answer to `user`; `schema` is not told, as the embedded model never sees it.

        Raises:
            UnreadableError: It is no JSON object.
        """
        history = ChatHistory()
        history.add_system_message(system)
        history.add_user_message(user)
        settings = GeneratorPromptExecutionSettings(max_tokens=MAX_TOKENS, temperature=0.0)
        content = await self._chat.get_chat_message_content(history, settings)
        try:
            answer = json.loads(str(content))
        except ValueError as error:
            raise UnreadableError("no JSON") from error
        if not isinstance(answer, dict):
            raise UnreadableError("no JSON object")
        return answer


def chooser(chat: ChatCompletionClientBase, *, constrained: bool) -> ChooserModel:
    """Return the service's own chooser on `chat`, or the one that holds it to nothing."""
    return RoutedChooser(chat, max_tokens=MAX_TOKENS) if constrained else FreeChooser(chat)


class DirectWay:
    """One call, decided with at most two answers: which function, and its arguments (`planner: direct`).

    `count` functions are offered besides the one for what none can do; 0: only the right one, so that nothing but the
    arguments is asked for. `small`: both are narrowed to what the request says, as for the embedded model.
    """

    def __init__(self, model: ChooserModel, count: int, *, small: bool = False) -> None:
        """Ask `model`."""
        self._model = model
        self._count = count
        self._small = small

    async def ask(self, asked: Asked) -> Outcome:
        """Return what the model wants called; see `Way.ask`."""
        listed = [_choice(one) for one in self._offered(asked)]
        heard = _Heard(self._model)
        try:
            decided = await CallPlanner().decide(asked.say, listed, heard, small=self._small)
        except PlanError as error:
            return Outcome(heard.chosen(listed), fault=_fault(error))
        except (UnreadableError, FailedPreconditionError):
            return Outcome(heard.chosen(listed), fault="unreadable")
        except VaivenError:
            return Outcome(heard.chosen(listed), fault="refused")
        if decided.function == ABSTAIN:
            return Outcome()
        return Outcome(decided.function, decided.arguments)

    def _offered(self, asked: Asked) -> Sequence[FunctionFacts]:
        if self._count == 0:
            return [functions()[asked.function]] if asked.function else []
        return sorted([*offered(asked, self._count), abstention()], key=lambda one: one.name)


class ToolWay:
    """A loop in which the model has the functions as tools (`planner: tool_loop`); its first call is what counts.

    Words instead of a call are an abstention. Nothing is called: each function answers with nothing.
    """

    def __init__(self, chat: ChatCompletionClientBase, count: int) -> None:
        """Offer `count` functions to `chat`."""
        self._chat = chat
        self._count = count

    async def ask(self, asked: Asked) -> Outcome:
        """Return what the model wants called; see `Way.ask`."""
        listed = offered(asked, self._count)
        history = ChatHistory()
        history.add_system_message(LOOP_SYSTEM)
        history.add_user_message(asked.say)
        settings = GeneratorPromptExecutionSettings(max_tokens=MAX_TOKENS, temperature=0.0)
        request = LoopRequest(
            history,
            listed,
            f"request-{asked.number}",
            ends_with=frozenset(one.name for one in listed),
            settings=settings,
        )
        loop = ToolLoop(self._chat, _Nothing(), _Nobody(), LoopLimits(max_turns=2, max_calls=1))
        try:
            return await _first_call(loop, request, {one.name for one in listed})
        except VaivenError:
            return Outcome(fault="refused")


async def _first_call(loop: ToolLoop, request: LoopRequest, known: set[str]) -> Outcome:
    begun: str | None = None
    async with aclosing(loop.run(request)) as pieces:
        async for piece in pieces:
            match piece:
                case ToolCallReady(_, name, arguments):
                    return Outcome(name, arguments)
                case ToolCallStarted(_, name) if begun is None:
                    begun = name
                case ToolCallResult(is_error=True):
                    return Outcome(begun, fault="misfit") if begun in known else Outcome(fault="unknown")
                case LoopFinished(finish_reason="length") if begun is None:
                    return Outcome(fault="unreadable")
    return Outcome()


class FreeTools:
    """A model with tools that is held to nothing: it is shown what the service shows it, and what it writes is read."""

    def __init__(self, model: Generator) -> None:
        """Ask `model`."""
        self._model = model

    @property
    def card(self) -> ModelCard:
        """Return the model's card."""
        return self._model.card

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
        """Yield what the model answers; see `service.backends.base.Generator`.

        Raises:
            FailedPreconditionError: It wrote no call, nor that it wants none.
        """
        names = {shown_name(tool.name): tool.name for tool in request.tools}
        shown = replace(
            request, messages=choosing_prompt(request.messages, request.tools), tools=(), tool_choice="none"
        )
        text: list[str] = []
        async for piece in self._model.generate(shown):
            match piece:
                case TextPiece(said):
                    text.append(said)
                case Finished():
                    name, arguments = _read_call("".join(text))
                    if name != NO_TOOL:
                        yield CallPiece(ToolCall("call_1", _known(name, names), json.dumps(arguments)))
                    yield piece if name == NO_TOOL else replace(piece, finish_reason="tool_calls")

    async def count_tokens(
        self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = (), guidance: Guidance | None = None
    ) -> int:
        """Return how many tokens the prompt takes."""
        return await self._model.count_tokens(messages, tools, guidance)

    async def close(self) -> None:
        """Leave the model to whoever opened it."""


def _read_call(text: str) -> tuple[str, Any]:
    try:
        call = json.loads(text)
        return call["name"], call.get("arguments", {})
    except (ValueError, TypeError, KeyError) as error:
        raise FailedPreconditionError("The model wrote no call.", reason="NO_CALL") from error


def _known(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise FailedPreconditionError("The model called what there is not.", reason="NO_CALL")
    return names[name]


class _Heard:
    """Passes questions on and keeps the first answer, which says what was chosen even if no call comes of it."""

    def __init__(self, model: ChooserModel) -> None:
        self._model = model
        self._first: Mapping[str, Any] | None = None

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        answer = await self._model.complete_json(system, user, schema)
        self._first = self._first or answer
        return answer

    def chosen(self, listed: Sequence[FunctionChoice]) -> str | None:
        name = str((self._first or {}).get("name"))
        return name if name in {one.name for one in listed} else None


class _Nothing:
    """Calls no function."""

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        yield FunctionResult("")


class _Nobody:
    """Is never asked, since none of the functions needs an approval."""

    async def ask(self, request: ApprovalRequest) -> Decision:
        raise AssertionError(f"{request.function} needs no approval")


def _choice(facts: FunctionFacts) -> FunctionChoice:
    return FunctionChoice.of(facts)


def _fault(error: PlanError) -> Fault:
    return "unknown" if error.code == "MODEL_ANSWER_INVALID" else "misfit"
