"""Agents of Semantic Kernel as functions that plans call: one after another, at once, or handing over.

`agents.<name>` asks one agent. `agents.choose` says which one suits a request, `agents.answer` asks the one that is
named, and `agents.take_over` goes on where an agent handed over, or passes its answer on where it did not: so a bounded
chain of hand-overs is a plan like any other, and goes on after a restart.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.contents import ChatHistory

from planners.agent_call import call_once
from planners.agent_cards import PREFIX, AgentCard
from planners.agent_functions import COSTS_UNKNOWN, HAND_OVER, AgentCosts, agent_functions, hand_over, object_schema
from planners.approvals import Approvals
from planners.call import ChooserModel
from planners.calling import CallContext, CallError, FunctionCaller
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.layout import FunctionLine, choice_system, choice_user
from planners.loop_pieces import LoopFinished, LoopPiece, ToolCallResult
from planners.tool_loop import LoopLimits, LoopRequest, ToolLoop
from planners.tools import tool_name
from plugins.output import Citation, FunctionOutput, FunctionResult, Note, TextDelta


async def nobody(_: LoopPiece) -> None:
    """Take no note of an agent's calls."""


@dataclass(frozen=True, slots=True)
class AgentPorts:
    """What agents work with in one run.

    `kernel` holds the functions that the run allows: an agent has those of them that its card lists. `tools` calls
    them. `chooser` chooses an agent. `given` are arguments that win over what an agent writes. `tell` hears of the
    agents' calls and of the approvals that they wait for. `small`: the models are too small for a loop of calls, so an
    agent makes one.
    """

    kernel: Kernel
    chat: ChatCompletionClientBase
    tools: FunctionCaller
    chooser: ChooserModel
    approvals: Approvals
    catalogue: Mapping[str, FunctionFacts]
    given: Mapping[str, Any] = field(default_factory=dict)
    tell: Callable[[LoopPiece], Awaitable[None]] = nobody
    small: bool = False


class AgentTeam:
    """The agents that there are, and the `limits` of the loop in which each calls its functions."""

    def __init__(self, cards: Sequence[AgentCard], limits: LoopLimits | None = None) -> None:
        self.cards = {card.name: card for card in cards}
        self.limits = limits or LoopLimits()

    def facts(
        self, catalogue: Mapping[str, FunctionFacts], costs: AgentCosts = COSTS_UNKNOWN
    ) -> dict[str, FunctionFacts]:
        """Return the functions by which plans call agents, given those that the agents call."""
        return agent_functions(list(self.cards.values()), catalogue, costs, self.limits)

    def agent(self, name: str, kernel: Kernel, chat: ChatCompletionClientBase) -> ChatCompletionAgent:
        """Return the agent as Semantic Kernel's, with those of its functions that `kernel` has, and no others.

        Raises:
            KeyError: there is no agent of that name.
        """
        card, own = self.cards[name], Kernel()
        for function in card.functions:
            plugin, _, short = function.partition(".")
            if plugin in kernel.plugins and short in kernel.plugins[plugin].functions:
                own.add_functions(plugin, [kernel.plugins[plugin].functions[short]])
        included = [tool_name(function) for function in card.functions]
        return ChatCompletionAgent(
            service=chat,
            kernel=own,
            name=card.name,
            description=card.description,
            instructions=card.instructions,
            function_choice_behavior=FunctionChoiceBehavior.Auto(filters={"included_functions": included}),
        )


class AgentCaller:
    """Calls agents, and everything else by way of the run's other functions."""

    def __init__(self, team: AgentTeam, ports: AgentPorts) -> None:
        self._team = team
        self._ports = ports

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        """Yield what the function says; see `planners.calling.FunctionCaller`."""
        async with aclosing(self._pieces(function, arguments, context)) as pieces:
            async for piece in pieces:
                yield piece

    def _pieces(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        request, material = str(arguments.get("request", "")), str(arguments.get("material", ""))
        alone = not arguments.get("may_hand_over", True)
        match function:
            case "agents.choose":
                return self._choose(request)
            case "agents.answer":
                return self._ask(str(arguments["agent"]), request, material, context, alone=alone)
            case "agents.take_over":
                return self._take_over(request, arguments["previous"], context)
        name = function.removeprefix(PREFIX)
        if function.startswith(PREFIX) and name in self._team.cards:
            return self._ask(name, request, material, context, alone=alone)
        return self._ports.tools.call(function, arguments, context)

    async def _choose(self, request: str) -> AsyncGenerator[FunctionOutput, None]:
        names = list(self._team.cards)
        lines = [FunctionLine(card.name, (), card.description) for card in self._team.cards.values()]
        schema = object_schema({"name": {"enum": names}})
        answer = await self._ports.chooser.complete_json(choice_system(lines), choice_user(request), schema)
        if answer.get("name") not in names:
            raise CallError("MODEL_ANSWER_INVALID", "The model chose none of the agents.", happened="no")
        yield FunctionResult(str(answer["name"]), {"agent": answer["name"]})

    async def _take_over(
        self, request: str, previous: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        if not previous["handed_to"]:
            if previous["text"]:
                yield TextDelta(previous["text"])
            yield FunctionResult(previous["text"], dict(previous))
            return
        material = "\n".join(filter(None, [previous["text"], previous["reason"]]))
        async with aclosing(self._ask(previous["handed_to"], request, material, context)) as pieces:
            async for piece in pieces:
                yield piece

    async def _ask(
        self, name: str, request: str, material: str, context: CallContext, *, alone: bool = False
    ) -> AsyncGenerator[FunctionOutput, None]:
        agent = self._team.agent(name, self._ports.kernel, self._ports.chat)
        functions = self._functions(agent)
        others = [] if alone else [self._team.cards[one] for one in self._team.cards[name].hands_over_to]
        if self._ports.small and functions and not any(one.needs_approval for one in functions):
            async with aclosing(self._one_call(name, request, material, functions, others, context)) as pieces:
                async for one in pieces:
                    yield one
            return
        if others:
            functions.append(hand_over(others))
        loop = ToolLoop(self._ports.chat, _HandingOver(self._ports.tools), self._ports.approvals, self._team.limits)
        asked = LoopRequest(
            history=await _history(agent, request, material),
            functions=functions,
            execution=f"{context.idempotency_key}/{context.attempt}",
            fill=Fill(request, material, self._ports.given),
            ends_with=frozenset({HAND_OVER}),
        )
        found = ""
        async with aclosing(loop.run(asked)) as pieces:
            async for piece in pieces:
                if isinstance(piece, TextDelta | Note | Citation):
                    yield piece
                elif isinstance(piece, LoopFinished):
                    if piece.stopped == "time":
                        raise CallError("DEADLINE_EXCEEDED", f"The agent {name} ran out of time.", retryable=True)
                    handed = {} if piece.last is None else piece.last.arguments
                    text = piece.text
                    if not text.strip() and not handed and found:
                        # A model that says nothing after its calls lets them speak for it.
                        text = found
                        yield TextDelta(text)
                    yield _reply(name, text, str(handed.get("to", "")), str(handed.get("reason", "")))
                else:
                    if isinstance(piece, ToolCallResult) and not piece.is_error:
                        found = piece.text
                    await self._ports.tell(piece)

    async def _one_call(
        self,
        name: str,
        request: str,
        material: str,
        functions: Sequence[FunctionFacts],
        others: Sequence[AgentCard],
        context: CallContext,
    ) -> AsyncGenerator[FunctionOutput, None]:
        ports = self._ports
        said = call_once(
            request,
            material,
            functions,
            others,
            model=ports.chooser,
            caller=ports.tools,
            given=ports.given,
            context=context,
        )
        async with aclosing(said) as pieces:
            async for piece in pieces:
                match piece:
                    case TextDelta() | Note() | Citation():
                        yield piece
                    case FunctionResult():
                        yield _reply(
                            name, piece.text, str(piece.data.get("handed_to", "")) if not piece.text else "", ""
                        )
                    case _:
                        await ports.tell(piece)

    def _functions(self, agent: ChatCompletionAgent) -> list[FunctionFacts]:
        """Return what the agent may call: what its kernel holds and the catalogue allows."""
        held = [f"{plugin}.{name}" for plugin, one in agent.kernel.plugins.items() for name in one.functions]
        known = [self._ports.catalogue[name] for name in held if name in self._ports.catalogue]
        return [one for one in known if one.allowed]


class _HandingOver:
    """Answers a hand-over itself; the loop ends with it."""

    def __init__(self, tools: FunctionCaller) -> None:
        self._tools = tools

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        if function == HAND_OVER:
            yield FunctionResult("Handed over.")
            return
        async with aclosing(self._tools.call(function, arguments, context)) as pieces:
            async for piece in pieces:
                yield piece


async def _history(agent: ChatCompletionAgent, request: str, material: str) -> ChatHistory:
    history = ChatHistory()
    history.add_system_message(await agent.format_instructions(agent.kernel) or "")
    history.add_user_message(f"{request}\n\nMaterial:\n{material}" if material else request)
    return history


def _reply(name: str, text: str, handed_to: str, reason: str) -> FunctionResult:
    said = text if text or not handed_to else f"That is for the agent {handed_to}."
    return FunctionResult(said, {"text": text, "agent": name, "handed_to": handed_to, "reason": reason})
