"""A draft that is held against a checklist and revised, until everything passes or the rounds are over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from planners.call import ChooserModel
from planners.calling import CallContext, CallError, FunctionCaller
from planners.facts import FunctionFacts
from planners.journal import idempotency_key
from planners.layout import critic_system, critic_user
from planners.validation import violations
from plugins.output import FunctionResult, Note, TextDelta

ADVICE_CHARACTERS = 300
"""The longest advice that a critic may give on one item."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One point of a checklist: a name and a question that a good draft answers with yes."""

    name: str
    question: str


CHECKLIST = (
    CheckItem("complete", "Does the draft do all that the request asks?"),
    CheckItem("faithful", "Is every name, date and number as in the request, and none added?"),
    CheckItem("clear", "Is the draft clear, polite and no longer than it needs to be?"),
)
"""What holds for any draft."""


@dataclass(frozen=True, slots=True)
class ReflectionRequest:
    """What is drafted, revised and checked.

    `draft` is called with `arguments` and `revise` with `revise_arguments` and two more: the draft's text and what to
    change, under the names `draft_argument` and `instruction_argument`. Neither may write. `max_rounds` counts the
    revisions. `request` is what the critic takes the draft to be for.
    """

    request: str
    execution: str
    draft: FunctionFacts
    arguments: Mapping[str, Any]
    revise: FunctionFacts
    checklist: Sequence[CheckItem]
    revise_arguments: Mapping[str, Any] = field(default_factory=dict)
    draft_argument: str = "draft"
    instruction_argument: str = "instruction"
    max_rounds: int = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the critic says on one item of the checklist; `advice` is empty where it passes."""

    item: str
    passes: bool
    advice: str


@dataclass(frozen=True, slots=True)
class DraftReady:
    """A draft, the first of which has `round` 0."""

    round: int
    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftJudged:
    """The verdicts on the draft of that round, in the order of the checklist."""

    round: int
    verdicts: tuple[Verdict, ...]


ReflectionPiece: TypeAlias = DraftReady | DraftJudged | Note | TextDelta | FunctionResult


class Reflection:
    """Drafts, criticises and revises; it keeps nothing between requests."""

    def __init__(self, caller: FunctionCaller, critic: ChooserModel) -> None:
        self._caller = caller
        self._critic = critic

    async def run(self, request: ReflectionRequest) -> AsyncGenerator[ReflectionPiece, None]:
        """Yield each draft and its verdicts, then the text of the best draft and its `FunctionResult`, which is last.

        The best draft is the one that passes most; of several the latest. What still does not pass is said in a `Note`.

        Raises:
            ValueError: one of the functions writes.
            CallError: the first draft failed.
            Exception: what the critic raised.
        """
        if request.draft.writes or request.revise.writes:
            raise ValueError("what is drafted again and again must not write")
        draft = await self._write(request, request.draft, request.arguments, 0)
        best, open_items = draft, len(request.checklist) + 1
        for number in range(request.max_rounds + 1):
            yield DraftReady(number, draft.text, draft.data)
            verdicts = await self._judge(request, draft.text)
            if verdicts is None:
                yield Note("REFLECTION_UNREADABLE", "The criticism of a draft could not be read; it was not revised.")
                break
            yield DraftJudged(number, verdicts)
            failed = [verdict for verdict in verdicts if not verdict.passes]
            if len(failed) <= open_items:
                best, open_items = draft, len(failed)
            if not failed or number == request.max_rounds:
                break
            try:
                draft = await self._revise(request, draft.text, failed, number + 1)
            except CallError as error:
                yield Note("REFLECTION_STOPPED", f"The revision failed: {error.message}")
                break
        if 0 < open_items <= len(request.checklist):
            yield Note("REFLECTION_UNRESOLVED", f"{open_items} of {len(request.checklist)} points do not pass.")
        if best.text:
            yield TextDelta(best.text)
        yield best

    async def _judge(self, request: ReflectionRequest, text: str) -> tuple[Verdict, ...] | None:
        """Return the verdicts, None where the answer is not of the form that was asked for."""
        schema = _critic_schema(request.checklist)
        system = critic_system({item.name: item.question for item in request.checklist})
        answer = await self._critic.complete_json(system, critic_user(request.request, text), schema)
        if violations(schema, answer):
            return None
        return tuple(_verdict(item, answer[item.name]) for item in request.checklist)

    async def _revise(
        self, request: ReflectionRequest, text: str, failed: Sequence[Verdict], number: int
    ) -> FunctionResult:
        instruction = " ".join(verdict.advice for verdict in failed)
        arguments = {
            **request.revise_arguments,
            request.draft_argument: text,
            request.instruction_argument: instruction,
        }
        return await self._write(request, request.revise, arguments, number)

    async def _write(
        self, request: ReflectionRequest, facts: FunctionFacts, arguments: Mapping[str, Any], number: int
    ) -> FunctionResult:
        if wrong := violations(facts.input_schema, arguments, outside=facts.outside):
            said = "; ".join(f"{one.field} {one.message}".strip() for one in wrong)
            raise CallError("ARGUMENT_INVALID", f"{facts.name}: {said}.", happened="no")
        step = f"round_{number}"
        context = CallContext(request.execution, step, 1, idempotency_key(request.execution, step), facts.deadline_s)
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
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise CallError("DEADLINE_EXCEEDED", f"{facts.name} took too long.", retryable=True) from error
        if result is None:
            raise CallError("PLUGIN_BROKEN", f"{facts.name} ended without a result.")
        return result


def _critic_schema(checklist: Sequence[CheckItem]) -> dict[str, Any]:
    verdict = {
        "type": "object",
        "properties": {"passes": {"type": "boolean"}, "advice": {"type": "string", "maxLength": ADVICE_CHARACTERS}},
        "required": ["passes", "advice"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {item.name: verdict for item in checklist},
        "required": [item.name for item in checklist],
        "additionalProperties": False,
    }


def _verdict(item: CheckItem, answer: Mapping[str, Any]) -> Verdict:
    if answer["passes"]:
        return Verdict(item.name, True, "")
    return Verdict(item.name, False, str(answer["advice"]).strip() or f"Mend this: {item.question}")
