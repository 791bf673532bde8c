"""Drafts that are criticised and revised: when that ends, which draft stays, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import pytest

from planners.calling import CallContext, CallError
from planners.facts import FunctionFacts
from planners.layout import critic_system, critic_user
from planners.reflect import (
    CheckItem,
    DraftJudged,
    DraftReady,
    Reflection,
    ReflectionPiece,
    ReflectionRequest,
    Verdict,
)
from plugins.output import FunctionResult, Note, TextDelta
from tests.unit.planners.fakes import FakeTools, facts, schema
from tests.unit.planners.test_call import ScriptedModel

TEXT = {"type": "string", "maxLength": 400}
DRAFT = facts("mail.draft", takes=schema(purpose=TEXT))
REVISE = facts("mail.revise", takes=schema(["draft", "instruction"], draft=TEXT, instruction=TEXT, tone=TEXT))
CHECKLIST = (CheckItem("date", "Does it name the date?"), CheckItem("polite", "Is it polite?"))


def judged(*passes: bool, advice: str = "") -> dict[str, Any]:
    return {item.name: {"passes": passed, "advice": advice} for item, passed in zip(CHECKLIST, passes, strict=True)}


def ask(**more: Any) -> ReflectionRequest:
    known: dict[str, Any] = {"draft": DRAFT, "revise": REVISE, "checklist": CHECKLIST, "arguments": {"purpose": "x"}}
    return ReflectionRequest(request="a mail", execution="runs/r1", **{**known, **more})


class Writer(FakeTools):
    """Numbers its drafts and remembers what it was told."""

    def __init__(self, fails_at: int = 99) -> None:
        super().__init__({"mail.draft": self.write, "mail.revise": self.write})
        self.told: list[Mapping[str, Any]] = []
        self.fails_at = fails_at

    async def write(self, arguments: Mapping[str, Any], _: CallContext) -> FunctionResult:
        if len(self.told) == self.fails_at:
            raise CallError("UNAVAILABLE", "Busy.")
        self.told.append(arguments)
        return FunctionResult(f"draft {len(self.told)}", {"n": len(self.told)})


async def run(
    *answers: dict[str, Any],
    request: ReflectionRequest | None = None,
    writer: Writer | None = None,
    checked: bool = True,
) -> tuple[list[ReflectionPiece], Writer, ScriptedModel]:
    tools, critic = writer or Writer(), ScriptedModel(*answers, checked=checked)
    async with aclosing(Reflection(tools, critic).run(request or ask())) as pieces:
        return [piece async for piece in pieces], tools, critic


async def test_a_draft_that_passes_is_not_revised() -> None:
    pieces, tools, critic = await run(judged(True, True))
    assert pieces == [
        DraftReady(0, "draft 1", {"n": 1}),
        DraftJudged(0, (Verdict("date", True, ""), Verdict("polite", True, ""))),
        TextDelta("draft 1"),
        FunctionResult("draft 1", {"n": 1}),
    ]
    assert len(tools.told) == 1
    ((system, user, _),) = critic.asked
    assert system == critic_system({item.name: item.question for item in CHECKLIST})
    assert system.endswith("\ndate: Does it name the date?\npolite: Is it polite?")
    assert user == critic_user("a mail", "draft 1") == "Request:\na mail\n\nDraft:\ndraft 1"


async def test_what_fails_is_revised_by_the_critic_s_advice() -> None:
    first = {"date": {"passes": False, "advice": "Name the date."}, "polite": {"passes": False, "advice": " "}}
    pieces, tools, _ = await run(first, judged(True, True), request=ask(revise_arguments={"tone": "warm"}))
    assert pieces[-1] == FunctionResult("draft 2", {"n": 2})
    assert tools.told[1] == {
        "draft": "draft 1",
        "instruction": "Name the date. Mend this: Is it polite?",
        "tone": "warm",
    }
    assert not any(isinstance(piece, Note) for piece in pieces)


@pytest.mark.parametrize(
    ("answers", "best", "open_items"),
    [
        ([judged(False, True), judged(False, False), judged(False, False)], 1, 1),
        ([judged(False, False), judged(False, True), judged(False, False)], 2, 1),
        ([judged(False, False), judged(False, True), judged(True, False)], 3, 1),
        ([judged(False, False)] * 3, 3, 2),
    ],
)
async def test_rounds_are_bounded_and_the_best_draft_stays(
    answers: list[dict[str, Any]], best: int, open_items: int
) -> None:
    pieces, tools, _ = await run(*answers)
    assert len(tools.told) == 3
    assert pieces[-2:] == [TextDelta(f"draft {best}"), FunctionResult(f"draft {best}", {"n": best})]
    assert Note("REFLECTION_UNRESOLVED", f"{open_items} of 2 points do not pass.") in pieces


async def test_without_rounds_it_is_only_judged() -> None:
    pieces, tools, _ = await run(judged(False, True), request=ask(max_rounds=0))
    assert len(tools.told) == 1
    assert pieces[-1] == FunctionResult("draft 1", {"n": 1})


async def test_criticism_that_cannot_be_read_ends_it() -> None:
    pieces, tools, _ = await run({"date": "yes"}, checked=False)
    assert [piece.code for piece in pieces if isinstance(piece, Note)] == ["REFLECTION_UNREADABLE"]
    assert (pieces[-1], len(tools.told)) == (FunctionResult("draft 1", {"n": 1}), 1)


async def test_a_revision_that_fails_leaves_the_best_draft() -> None:
    pieces, _, _ = await run(judged(False, True), writer=Writer(fails_at=1))
    assert [piece for piece in pieces if isinstance(piece, Note)] == [
        Note("REFLECTION_STOPPED", "The revision failed: Busy."),
        Note("REFLECTION_UNRESOLVED", "1 of 2 points do not pass."),
    ]
    assert pieces[-1] == FunctionResult("draft 1", {"n": 1})


async def test_advice_that_does_not_fit_the_function_is_no_call() -> None:
    pieces, tools, _ = await run(judged(False, False, advice="x" * 300))
    assert [piece.code for piece in pieces if isinstance(piece, Note)] == [
        "REFLECTION_STOPPED",
        "REFLECTION_UNRESOLVED",
    ]
    assert len(tools.told) == 1


@pytest.mark.parametrize("function", ["draft", "revise"])
async def test_what_writes_is_not_drafted(function: str) -> None:
    writes = facts("mail.send", "write")
    with pytest.raises(ValueError, match="must not write"):
        await run(request=ask(**{function: writes}))


async def test_a_first_draft_that_fails_is_an_error() -> None:
    with pytest.raises(CallError, match="Busy"):
        await run(writer=Writer(fails_at=0))
    with pytest.raises(CallError, match="purpose is required"):
        await run(request=ask(arguments={}))


async def test_a_draft_has_the_time_of_its_function() -> None:
    async def hangs(*_: Any) -> FunctionResult:
        await asyncio.Event().wait()
        raise AssertionError

    slow = FunctionFacts("mail.draft", "Slow.", {"type": "object"}, {"type": "object"}, "none", deadline_s=0.01)
    tools = FakeTools({"mail.draft": hangs})
    with pytest.raises(CallError, match="took too long"):
        async with aclosing(Reflection(tools, ScriptedModel()).run(ask(draft=slow))) as pieces:
            await anext(pieces)
    assert tools.running == 0
