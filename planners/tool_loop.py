"""A model that calls functions until it has its answer, within bounds.

This is not Semantic Kernel's own loop: that one reports the usage of the last turn alone, does not check arguments
against the functions' schemas, tells the model the text of any exception, and cannot read functions that answer in
pieces.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents import ChatHistory

from planners.approvals import ApprovalRequest, Approvals
from planners.calling import FunctionCaller
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.loop_calls import LoopCalls, ReadCall, batches
from planners.loop_limits import LoopLimits
from planners.loop_pieces import (
    LoopFinished,
    LoopPiece,
    Stop,
    ToolCallReady,
    ToolCallResult,
    ToolCallStarted,
)
from planners.plan_events import ApprovalRequired
from planners.tools import tool_declarations
from planners.turn import TokenUsage, Turn, WrittenCall, result_message
from plugins.output import TextDelta

__all__ = ["LoopLimits", "LoopRequest", "ToolLoop"]

_BETWEEN_TURNS = "\n\n"
_NO_MORE_CALLS = "No more calls are allowed. Answer with what you have."
_REFUSALS = {
    "rejected": "A person refused this call; it was not made.",
    "postponed": "A person has to agree to this call first and has not yet; it was not made.",
    "done": "A person has done this by hand; the call was not made.",
}

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LoopRequest:
    """What a loop is about: the conversation, the functions, and what arguments are filled with.

    `execution` names it, for the calls' idempotency keys. A call of one of `ends_with` ends the loop. `settings` are
    the generation's own; functions are added to them.
    """

    history: ChatHistory
    functions: Sequence[FunctionFacts]
    execution: str
    fill: Fill = field(default_factory=Fill)
    ends_with: frozenset[str] = frozenset()
    settings: PromptExecutionSettings | None = None


class ToolLoop:
    """Runs loops; it keeps nothing between them."""

    def __init__(
        self,
        chat: ChatCompletionClientBase,
        caller: FunctionCaller,
        approvals: Approvals,
        limits: LoopLimits | None = None,
    ) -> None:
        """Ask `chat`, whose settings must take `tools` and `tool_choice` as OpenAI's do."""
        self._chat = chat
        self._caller = caller
        self._approvals = approvals
        self._limits = limits or LoopLimits()

    async def run(self, request: LoopRequest) -> AsyncGenerator[LoopPiece, None]:
        """Yield what happens, a `LoopFinished` last. Closing the generator stops the model and the calls.

        Raises:
            Exception: what the chat service or the approvals raised.
        """
        loop = _Loop(self._chat, self._caller, self._approvals, self._limits, request)
        async with aclosing(loop.pieces()) as pieces:
            async for piece in pieces:
                yield piece


class _TimeOverError(Exception):
    """The loop has no time left."""


class _Loop:
    """One loop."""

    def __init__(
        self,
        chat: ChatCompletionClientBase,
        caller: FunctionCaller,
        approvals: Approvals,
        limits: LoopLimits,
        request: LoopRequest,
    ) -> None:
        self._chat = chat
        self._approvals = approvals
        self._limits = limits
        self._request = request
        self._calls = LoopCalls(
            caller,
            request.functions,
            request.execution,
            request.fill,
            max_result_characters=limits.max_result_characters,
            max_argument_characters=limits.max_argument_characters,
        )
        self._history = ChatHistory(messages=list(request.history.messages))
        self._clock = asyncio.get_running_loop().time
        self._end = self._clock() + limits.max_s
        self._turns = 0
        self._made = 0
        self._usage = TokenUsage()
        self._text = ""
        self._finish_reason = ""

    async def pieces(self) -> AsyncGenerator[LoopPiece, None]:
        try:
            while True:
                turn, offered = Turn(self._turns + 1), self._may_call
                async with aclosing(self._speak(turn, offered=offered)) as pieces:
                    async for piece in pieces:
                        yield piece
                if not (offered and turn.calls):
                    yield self._finished(self._why_answered(offered=offered))
                    return
                last: ToolCallReady | None = None
                async with aclosing(self._act(turn)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, ToolCallReady) and piece.name in self._request.ends_with:
                            last = piece
                        elif isinstance(piece, ToolCallResult) and piece.is_error and _is_of(piece, last):
                            last = None
                        yield piece
                if last is not None:
                    yield self._finished("ended", last)
                    return
        except _TimeOverError:
            yield self._finished("time")

    @property
    def _may_call(self) -> bool:
        last = self._turns + 1 >= self._limits.max_turns
        return bool(self._request.functions) and not last and self._made < self._limits.max_calls

    def _why_answered(self, *, offered: bool) -> Stop:
        if offered or not self._request.functions:
            return "answer"
        return "calls" if self._made >= self._limits.max_calls else "turns"

    def _finished(self, stopped: Stop, last: ToolCallReady | None = None) -> LoopFinished:
        return LoopFinished(stopped, self._text, self._usage, self._turns, self._made, self._finish_reason, last)

    async def _speak(self, turn: Turn, *, offered: bool) -> AsyncGenerator[LoopPiece, None]:
        """Let the model speak once."""
        self._turns += 1
        separator = _BETWEEN_TURNS if self._text else ""
        try:
            async with aclosing(
                self._chat.get_streaming_chat_message_contents(self._history, self._settings(offered=offered))
            ) as stream:
                while (contents := await self._in_time(anext(stream, None))) is not None:
                    for said in turn.take(contents[0]) if contents else ():
                        if isinstance(said, WrittenCall):
                            yield ToolCallStarted(said.call_id, self._calls.name_of(said))
                            continue
                        self._text += separator + said
                        yield TextDelta(separator + said)
                        separator = ""
        finally:
            self._usage += turn.usage
            self._finish_reason = turn.finish_reason

    async def _act(self, turn: Turn) -> AsyncGenerator[LoopPiece, None]:
        """Make the calls of a turn, those that change nothing at once, the others one by one in their order."""
        read = [self._calls.read(call) for call in turn.calls]
        self._history.add_message(turn.message(frozenset(one.written.call_id for one in read if not one.refusal)))
        allowed = read[: self._limits.max_calls - self._made]
        self._made += len(allowed)
        texts: dict[str, str] = {}
        for batch in batches(allowed, self._limits.max_parallel):
            async with aclosing(self._make(batch)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ToolCallResult):
                        texts[piece.call_id] = piece.text
                    yield piece
        for call in turn.calls:
            if call.call_id not in texts:
                texts[call.call_id] = _NO_MORE_CALLS
                yield ToolCallResult(call.call_id, _NO_MORE_CALLS, is_error=True)
            self._history.add_message(result_message(call, texts[call.call_id]))

    async def _make(self, batch: Sequence[ReadCall]) -> AsyncGenerator[LoopPiece, None]:
        made: list[ReadCall] = []
        for call in batch:
            call_id, refusal = call.written.call_id, call.refusal
            if call.facts is not None and call.arguments is not None:
                yield ToolCallReady(call_id, call.facts.name, call.arguments)
                if call.facts.needs_approval:
                    question = ApprovalRequest(
                        self._request.execution, call_id, call.facts.name, call.facts.effect, call.arguments, "needed"
                    )
                    yield ApprovalRequired(question)
                    refusal = await self._asked(question)
            if refusal:
                yield ToolCallResult(call_id, refusal, is_error=True)
            else:
                made.append(call)
        for done in await self._in_time(self._calls.make(made, self._end - self._clock())):
            for remark in done.remarks:
                yield remark
            yield done.result

    async def _asked(self, question: ApprovalRequest) -> str:
        """Return why the call is not made, empty if a person agreed to it."""
        began = self._clock()
        decision = await self._approvals.ask(question)
        self._end += self._clock() - began
        return _REFUSALS.get(decision.verdict, "")

    def _settings(self, *, offered: bool) -> PromptExecutionSettings:
        given = self._request.settings or PromptExecutionSettings()
        settings = self._chat.get_prompt_execution_settings_from_settings(given).model_copy(deep=True)
        if offered:
            declared = {"tools": tool_declarations(self._request.functions), "tool_choice": FunctionChoiceType.AUTO}
            for name, value in declared.items():
                setattr(settings, name, value)
        return settings

    async def _in_time(self, work: Awaitable[_T]) -> _T:
        limit = asyncio.timeout_at(self._end)
        try:
            async with limit:
                return await work
        except TimeoutError:
            if limit.expired():
                raise _TimeOverError from None
            raise


def _is_of(result: ToolCallResult, call: ToolCallReady | None) -> bool:
    return call is not None and call.call_id == result.call_id
