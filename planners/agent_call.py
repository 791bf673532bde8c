"""An agent of a small model: one call of one of its functions, decided beforehand, or a hand-over."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from planners.agent_cards import AgentCard
from planners.call import CallPlanner, ChooserModel, FunctionChoice, PlanError
from planners.calling import CallContext, CallError, FunctionCaller
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.loop_pieces import ToolCallReady, ToolCallResult, ToolCallStarted
from plugins.output import FunctionOutput, FunctionResult

CALL_ID: Final = "call_1"
"""The id of the agent's one call."""

_NOTHING: Final[Mapping[str, Any]] = {"type": "object", "properties": {}, "additionalProperties": False}


async def call_once(
    request: str,
    material: str,
    functions: Sequence[FunctionFacts],
    others: Sequence[AgentCard],
    *,
    model: ChooserModel,
    caller: FunctionCaller,
    given: Mapping[str, Any],
    context: CallContext,
) -> AsyncGenerator[FunctionOutput | ToolCallStarted | ToolCallReady | ToolCallResult, None]:
    """Yield the call and what it says; a `FunctionResult` whose data have `handed_to` is a hand-over to that agent.

    A model that was not made for loops calls the same function again and again and then has no words left. It was made
    to choose one of its functions, whose words are the agent's.

    Raises:
        CallError: no call could be made of the request, or the call failed.
    """
    choices = [FunctionChoice.of(one) for one in functions]
    hand_overs = {card.name: FunctionChoice(card.name, card.description, _NOTHING) for card in others}
    said = f"{request}\n\n{material}" if material else request
    try:
        decision = await CallPlanner().decide(
            said, [*choices, *hand_overs.values()], model, last_answer=material, small=True
        )
    except PlanError as error:
        raise CallError(error.code, error.message, happened="no") from error
    if decision.function in hand_overs:
        yield FunctionResult("", {"handed_to": decision.function})
        return
    chosen = next(one for one in functions if one.name == decision.function)
    arguments = Fill(given=given).completed(chosen.input_schema, decision.arguments)
    yield ToolCallStarted(CALL_ID, chosen.name)
    yield ToolCallReady(CALL_ID, chosen.name, arguments)
    last = FunctionResult("")
    async with aclosing(caller.call(chosen.name, arguments, context)) as pieces:
        async for piece in pieces:
            if isinstance(piece, FunctionResult):
                last = piece
            else:
                yield piece
    yield ToolCallResult(CALL_ID, last.text)
    yield last
