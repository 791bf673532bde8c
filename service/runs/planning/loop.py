"""One run in which the model calls functions until it answers."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Final

from semantic_kernel.contents import ChatHistory

from planners.agent_cards import PREFIX
from planners.facts import FunctionFacts
from planners.filling import Fill
from planners.layout import LOOP_SYSTEM
from planners.loop_pieces import LoopFinished
from planners.tool_loop import LoopLimits, LoopRequest, ToolLoop
from plugins.context import Turn
from plugins.output import FunctionResult
from service.errors import DeadlineExceededError
from service.routing.chat import RoutedChat
from service.routing.plan import RoutingPlan
from service.runs import events
from service.runs.asking import Asking
from service.runs.planning.approvals import ApprovalDesk, RunApprovals
from service.runs.planning.caller import AsideTrace, RunCaller
from service.runs.planning.functions import COLLECTIONS, FunctionBook
from service.runs.planning.loop_events import tell_loop
from service.runs.plugins import PluginCatalogue
from service.runs.scope import RunScope
from service.runs.spec import Principal

_BOUNDS: Final = {
    "turns": "The model had to answer after as many turns as are allowed (planning.max_turns).",
    "calls": "The model had to answer after as many calls as are allowed (planning.max_calls).",
}


class LoopRunner:
    """Runs loops for runs; it keeps nothing between them."""

    def __init__(
        self, plugins: PluginCatalogue, book: FunctionBook, asking: Asking, desk: ApprovalDesk, limits: LoopLimits
    ) -> None:
        """Call the functions of `plugins`, as `book` knows them."""
        self._plugins = plugins
        self._book = book
        self._asking = asking
        self._desk = desk
        self._limits = limits

    async def run(self, scope: RunScope, routing: RoutingPlan) -> str:
        """Let the model work; return what the session keeps as the user's turn.

        Raises:
            DeadlineExceededError: The loop ran out of time.
            VaivenError: The model failed.
        """
        spec, history = scope.spec, await self._asking.history(scope, routing)
        context = scope.context(history)
        asked = RunApprovals(self._desk, scope.principal.tenant, scope.run_id, patient=True)
        aside = AsideTrace(scope)

        def chat(name: str) -> RoutedChat:
            # The model that calls sees the images, and what it calls is told in words.
            return RoutedChat(routing.candidates, replace(self._asking.request(scope, routing, name), images=()), aside)

        answering = replace(self._asking.request(scope, routing, None), generation=spec.generation, images=spec.images)
        tools = RunCaller(await self._plugins.of(scope.principal, spec.allowed_functions), chat, context)
        loop = ToolLoop(RoutedChat(routing.candidates, answering, scope), tools, asked, self._limits)
        given = dict(spec.arguments) | ({COLLECTIONS: list(spec.collections)} if spec.collections else {})
        request = LoopRequest(
            history=_conversation(history.turns, spec.input),
            functions=await self._functions(scope.principal, spec.allowed_functions),
            execution=scope.name,
            fill=Fill(spec.input, history.last_answer, given),
        )
        async with aclosing(loop.run(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, LoopFinished):
                    await _end(scope, piece)
                else:
                    await tell_loop(scope, asked, piece)
        return spec.input

    async def _functions(self, principal: Principal, allowed: tuple[str, ...]) -> list[FunctionFacts]:
        """Return what the model may call; agents are for plans, since they would call loops within the loop."""
        found = await self._book.facts(principal, allowed)
        return [one for name, one in found.items() if one.allowed and not name.startswith(PREFIX)]


async def _end(scope: RunScope, end: LoopFinished) -> None:
    if end.stopped == "time":
        raise DeadlineExceededError("The loop of calls took longer than it may (planning.max_loop_s).")
    if end.stopped in _BOUNDS:
        await scope.emit(events.Warning("LOOP_BOUND_REACHED", _BOUNDS[end.stopped]))
    await scope.take(FunctionResult(end.text, {"answer": end.text}))


def _conversation(turns: tuple[Turn, ...], said: str) -> ChatHistory:
    history = ChatHistory(system_message=LOOP_SYSTEM)
    for turn in turns:
        if turn.role == "user":
            history.add_user_message(turn.text)
        else:
            history.add_assistant_message(turn.text)
    history.add_user_message(said)
    return history
