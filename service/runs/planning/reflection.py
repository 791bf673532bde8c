"""One run in which a draft is held against a checklist and revised."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing

from planners.agent_cards import PREFIX
from planners.call import CallPlanner, FunctionChoice, PlanError
from planners.calling import CallError
from planners.facts import FunctionFacts
from planners.journal import StepState
from planners.reflect import CHECKLIST, DraftJudged, DraftReady, Reflection, ReflectionRequest
from service.errors import FailedPreconditionError, InvalidArgumentError, VaivenError, Violation
from service.routing.chat import RoutedChat
from service.routing.plan import RoutingPlan
from service.runs import events
from service.runs.asking import Asking
from service.runs.chooser import RoutedChooser
from service.runs.failures import chain
from service.runs.planning.caller import RunCaller
from service.runs.planning.functions import FunctionBook
from service.runs.plugins import PluginCatalogue
from service.runs.scope import RunScope
from service.runs.spec import Principal

_DRAFT, _INSTRUCTION = "draft", "instruction"
"""The arguments by which a function is known that revises what another of its plugin drafted."""


class ReflectionRunner:
    """Runs reflections for runs; it keeps nothing between them."""

    def __init__(self, plugins: PluginCatalogue, book: FunctionBook, asking: Asking) -> None:
        """Call the functions of `plugins`, as `book` knows them."""
        self._plugins = plugins
        self._book = book
        self._asking = asking

    async def check(self, principal: Principal, allowed: tuple[str, ...]) -> None:
        """Refuse a request that no draft can answer.

        Raises:
            InvalidArgumentError: No allowed function drafts what another revises.
        """
        if not self._drafting(await self._allowed(principal, allowed)):
            said = "allow no function whose drafts another of its plugin revises; allow e.g. plugins/email"
            raise InvalidArgumentError(
                f"allowed_functions {said}.",
                reason="NOTHING_TO_REVISE",
                violations=(Violation("allowed_functions", said),),
            )

    async def run(self, scope: RunScope, routing: RoutingPlan, explanation: str) -> str:
        """Draft, criticise and revise; return what the session keeps as the user's turn.

        Raises:
            VaivenError: The first draft failed, or no function and arguments could be found for the request.
        """
        spec, history = scope.spec, await self._asking.history(scope, routing)
        facts = await self._allowed(scope.principal, spec.allowed_functions)

        def chat(name: str | None) -> RoutedChat:
            return RoutedChat(routing.candidates, self._asking.request(scope, routing, name), scope)

        chooser = RoutedChooser(chat(None))
        choices = [FunctionChoice.of(one) for one in self._drafting(facts)]
        try:
            decision = await CallPlanner().decide(
                spec.input, choices, chooser, last_answer=history.last_answer, given=spec.arguments
            )
        except PlanError as error:
            raise InvalidArgumentError(error.message, reason=error.code) from error
        await scope.emit(events.RunStarted("", "chosen", decision.arguments, scope.session, "reflect", explanation))
        scope.function_begins()
        draft = facts[decision.function]
        context = scope.context(history)
        plugins = await self._plugins.of(scope.principal, spec.allowed_functions)
        reflection = Reflection(RunCaller(plugins, chat, context), chooser)
        request = ReflectionRequest(
            spec.input, scope.name, draft, decision.arguments, _revising(draft, facts), CHECKLIST
        )
        try:
            async with aclosing(reflection.run(request)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, DraftReady | DraftJudged):
                        await scope.emit(_told(piece))
                    else:
                        await scope.take(piece)
        except CallError as error:
            for link in chain(error):
                if isinstance(link, VaivenError):
                    raise link from error
            raise FailedPreconditionError(error.message, reason="STEP_FAILED") from error
        return spec.input

    async def _allowed(self, principal: Principal, allowed: tuple[str, ...]) -> Mapping[str, FunctionFacts]:
        found = await self._book.facts(principal, allowed)
        return {
            name: one for name, one in found.items() if one.allowed and not one.writes and not name.startswith(PREFIX)
        }

    def _drafting(self, facts: Mapping[str, FunctionFacts]) -> list[FunctionFacts]:
        revising = {name for name, one in facts.items() if _revises(one)}
        plugins = {name.partition(".")[0] for name in revising}
        return [one for name, one in facts.items() if name not in revising and name.partition(".")[0] in plugins]


def _revises(facts: FunctionFacts) -> bool:
    return {_DRAFT, _INSTRUCTION} <= set(facts.input_schema.get("properties", {}))


def _revising(draft: FunctionFacts, facts: Mapping[str, FunctionFacts]) -> FunctionFacts:
    plugin = draft.name.partition(".")[0]
    return next(one for name, one in facts.items() if name.partition(".")[0] == plugin and _revises(one))


def _told(piece: DraftReady | DraftJudged) -> events.StepFinished:
    if isinstance(piece, DraftReady):
        return events.StepFinished(f"draft_{piece.round}", StepState.DONE, piece.text, dict(piece.data))
    verdicts = {one.item: {"passes": one.passes, "advice": one.advice} for one in piece.verdicts}
    advice = " ".join(one.advice for one in piece.verdicts if one.advice)
    return events.StepFinished(f"critique_{piece.round}", StepState.DONE, advice, verdicts)
