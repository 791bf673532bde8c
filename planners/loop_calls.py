"""The calls that a model asks for: read, checked, made, and worded for the model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import structlog

from planners.calling import CallContext, CallError, FunctionCaller, is_being_cancelled
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.journal import idempotency_key
from planners.loop_pieces import ToolCallResult
from planners.tools import CallFormError, call_arguments, tool_name
from planners.turn import WrittenCall
from planners.validation import violations
from plugins.output import Citation, FunctionResult, Note

_NAMED_FUNCTIONS: Final = 20
"""How many functions are named to a model that asked for one that does not exist."""

_NOT_KNOWN: Final = "Whether it had its effect is not known: do not call it again."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A call that was read: `facts` and `arguments` where it may be made, else `refusal`, which is for the model."""

    written: WrittenCall
    facts: FunctionFacts | None = None
    arguments: Mapping[str, Any] | None = None
    refusal: str = ""

    @property
    def stands_alone(self) -> bool:
        """Return whether nothing else may be called meanwhile."""
        return self.facts is not None and (self.facts.writes or self.facts.needs_approval)

    @property
    def question(self) -> str:
        """Return what makes two calls the same."""
        name = "" if self.facts is None else self.facts.name
        return json.dumps([name, self.arguments], sort_keys=True)


@dataclass(frozen=True, slots=True)
class MadeCall:
    """What came of a call, and what the function remarked."""

    result: ToolCallResult
    remarks: tuple[Note | Citation, ...] = ()


class LoopCalls:
    """The calls of one loop."""

    def __init__(
        self,
        caller: FunctionCaller,
        functions: Sequence[FunctionFacts],
        execution: str,
        fill: Fill,
        *,
        max_result_characters: int,
        max_argument_characters: int,
    ) -> None:
        self._caller = caller
        self._by_tool = {tool_name(one.name): one for one in functions}
        self._execution = execution
        self._fill = fill
        self._max_result = max_result_characters
        self._max_arguments = max_argument_characters
        self._written_once: dict[str, ToolCallResult] = {}

    def name_of(self, call: WrittenCall) -> str:
        """Return the function's full name, or what the model wrote where there is none."""
        return self._by_tool[call.name].name if call.name in self._by_tool else call.name

    def read(self, call: WrittenCall) -> ReadCall:
        """Return the call with its arguments filled and checked."""
        facts = self._by_tool.get(call.name)
        if facts is None:
            names = ", ".join(list(self._by_tool)[:_NAMED_FUNCTIONS])
            return ReadCall(call, refusal=f"There is no such function. There are: {names}.")
        if len(call.arguments) > self._max_arguments:
            return ReadCall(call, facts, refusal="The arguments are too long.")
        try:
            written = call_arguments(call.arguments)
        except CallFormError as error:
            return ReadCall(call, facts, refusal=str(error))
        arguments = self._fill.completed(facts.input_schema, written)
        if wrong := violations(facts.input_schema, arguments, outside=facts.outside):
            said = "; ".join(f"{one.field} {one.message}".strip() for one in wrong)
            return ReadCall(call, facts, refusal=f"The arguments do not fit: {said}.")
        return ReadCall(call, facts, arguments)

    async def make(self, calls: Sequence[ReadCall], deadline_s: float) -> list[MadeCall]:
        """Make `calls`, none of which is refused, at once; return what came of them in their order."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._make(call, deadline_s)) for call in calls]
        return [task.result() for task in tasks]

    async def _make(self, call: ReadCall, deadline_s: float) -> MadeCall:
        facts, call_id = call.facts, call.written.call_id
        if facts is None or call.arguments is None:
            raise ValueError("a refused call is not made")
        if facts.writes and (before := self._written_once.get(call.question)) is not None:
            # A model that goes in circles must not send the same mail again.
            return MadeCall(ToolCallResult(call_id, f"This was called before. {before.text}", before.is_error))
        result, remarks = await self._called(facts, call.arguments, call_id, deadline_s)
        if facts.writes:
            self._written_once[call.question] = result
        return MadeCall(result, remarks)

    async def _called(
        self, facts: FunctionFacts, arguments: Mapping[str, Any], call_id: str, deadline_s: float
    ) -> tuple[ToolCallResult, tuple[Note | Citation, ...]]:
        key, within_s = idempotency_key(self._execution, call_id), min(deadline_s, facts.deadline_s)
        context = CallContext(self._execution, call_id, 1, key, within_s)
        remarks: list[Note | Citation] = []
        result: FunctionResult | None = None
        limit = asyncio.timeout(facts.deadline_s)
        try:
            async with (
                limit,
                aclosing(self._caller.call(facts.name, arguments, context)) as pieces,
            ):
                async for piece in pieces:
                    if isinstance(piece, FunctionResult):
                        result = piece
                    elif isinstance(piece, Note | Citation):
                        remarks.append(piece)
        except CallError as error:
            return self._failed(facts, call_id, error.message, known=error.happened == "no"), tuple(remarks)
        except asyncio.CancelledError as error:
            if is_being_cancelled():
                raise
            return self._broken(facts, call_id, error), tuple(remarks)
        except Exception as error:  # noqa: BLE001 - whatever a function does, the model gets an answer
            if isinstance(error, TimeoutError) and limit.expired():
                return self._failed(facts, call_id, f"{tool_name(facts.name)} took too long."), tuple(remarks)
            return self._broken(facts, call_id, error), tuple(remarks)
        if result is None:
            return self._failed(facts, call_id, f"{tool_name(facts.name)} gave no result."), tuple(remarks)
        return ToolCallResult(call_id, self._cut(_worded(result))), tuple(remarks)

    def _broken(self, facts: FunctionFacts, call_id: str, error: BaseException) -> ToolCallResult:
        _log.error("tool_call_failed", execution=self._execution, function=facts.name, exc_info=error)
        return self._failed(facts, call_id, f"{tool_name(facts.name)} failed.")

    def _failed(self, facts: FunctionFacts, call_id: str, message: str, *, known: bool = False) -> ToolCallResult:
        said = message if known or facts.repeatable else f"{message} {_NOT_KNOWN}"
        return ToolCallResult(call_id, self._cut(said), is_error=True)

    def _cut(self, text: str) -> str:
        if len(text) <= self._max_result:
            return text
        return f"{text[: self._max_result]}\n[{len(text) - self._max_result} more characters left out]"


def batches(calls: Iterable[ReadCall], size: int) -> Iterator[list[ReadCall]]:
    """Yield `calls` in their order, as many at once as may be made together, at most `size`."""
    batch: list[ReadCall] = []
    for call in calls:
        if batch and (call.stands_alone or batch[-1].stands_alone or len(batch) == size):
            yield batch
            batch = []
        batch.append(call)
    if batch:
        yield batch


def _worded(result: FunctionResult) -> str:
    return result.text or json.dumps(result.data, ensure_ascii=False, separators=(",", ":"), default=str)
