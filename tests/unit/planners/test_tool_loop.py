"""The loop of function calls: what the model is told, what is called, and where it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.contents import ChatHistory

from planners.approvals import Decision
from planners.calling import CallContext, CallError
from planners.filling import Fill
from planners.loop_pieces import LoopFinished, LoopPiece, ToolCallReady, ToolCallResult, ToolCallStarted
from planners.plan_events import ApprovalRequired
from planners.tool_loop import LoopLimits, LoopRequest, ToolLoop
from planners.turn import TokenUsage
from plugins.output import FunctionResult, Note, TextDelta
from tests.unit.planners.chats import Call, ToolChat, ToolSettings
from tests.unit.planners.fakes import Behaviour, FakeTools, People, facts, schema

ORDER = facts("orders.get", "read", takes=schema(id={"type": "integer", "minimum": 1}))
SEARCH = facts("docs.search", "read", takes=schema(q={"type": "string", "x-vaiven-fill": "request"}))
SEND = facts("mail.send", "write", takes=schema(to={"type": "string"}))
ASK = facts("mail.ask", "write", takes=schema(), approval=True)


@dataclass
class Bench:
    chat: ToolChat
    tools: FakeTools = field(default_factory=FakeTools)
    people: People = field(default_factory=People)
    limits: LoopLimits = field(default_factory=LoopLimits)

    async def run(self, **more: Any) -> list[LoopPiece]:
        loop = ToolLoop(self.chat, self.tools, self.people, self.limits)
        history = ChatHistory(system_message="Help.")
        history.add_user_message("Where is order 7?")
        request = LoopRequest(history, [ORDER, SEARCH, SEND, ASK], "runs/r1", Fill("Where is order 7?"), **more)
        async with aclosing(loop.run(request)) as pieces:
            found = [piece async for piece in pieces]
        assert len(history.messages) == 2, "the caller's history stays as it was"
        assert self.chat.open == 0
        return found


def bench(*turns: list[str | Call], behaviours: dict[str, Behaviour] | None = None, **more: Any) -> Bench:
    return Bench(ToolChat(turns=list(turns)), FakeTools(behaviours or {}), **more)


def finished(pieces: list[LoopPiece]) -> LoopFinished:
    assert isinstance(pieces[-1], LoopFinished)
    return pieces[-1]


def results(pieces: list[LoopPiece]) -> list[tuple[str, bool]]:
    return [(piece.text, piece.is_error) for piece in pieces if isinstance(piece, ToolCallResult)]


def get(number: Any, call_id: str | None = "c1", **more: Any) -> Call:
    return Call("orders-get", {"id": number}, call_id, **more)


async def said(text: str) -> FunctionResult:
    return FunctionResult(text)


async def test_a_model_that_answers_calls_nothing() -> None:
    one = bench(["It ", "is sent."])
    pieces = await one.run(settings=ToolSettings(max_tokens=9))
    assert pieces == [
        TextDelta("It "),
        TextDelta("is sent."),
        LoopFinished("answer", "It is sent.", TokenUsage(10, 0, 2), 1, 0, "stop"),
    ]
    (asked,) = one.chat.asked
    assert asked.tools == ["orders-get", "docs-search", "mail-send", "mail-ask"]
    assert (asked.settings.max_tokens, asked.settings.tool_choice) == (9, FunctionChoiceType.AUTO)


async def test_a_call_is_made_and_its_result_is_told() -> None:
    one = bench(["Let me see.", get(7, pieces=3)], ["Sent."], behaviours={"orders.get": lambda *_: said("state: sent")})
    pieces = await one.run()
    assert pieces == [
        TextDelta("Let me see."),
        ToolCallStarted("c1", "orders.get"),
        ToolCallReady("c1", "orders.get", {"id": 7}),
        ToolCallResult("c1", "state: sent"),
        TextDelta("\n\nSent."),
        LoopFinished("answer", "Let me see.\n\nSent.", TokenUsage(20, 0, 3), 2, 1, "stop"),
    ]
    assert one.chat.asked[1].messages[1:] == [
        ("user", "Where is order 7?"),
        ("assistant", 'Let me see. c1=orders-get({"id": 7})'),
        ("tool", "c1: state: sent"),
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            Call("orders-cancel", {}),
            "There is no such function. There are: orders-get, docs-search, mail-send, mail-ask.",
        ),
        (Call("orders-get", '{"id": '), "The arguments are not valid JSON."),
        (Call("orders-get", "[7]"), "The arguments are not a JSON object."),
        (get(0), "The arguments do not fit: id must be at least 1."),
        (get("secret"), "The arguments do not fit: id must be of type integer."),
        (Call("orders-get", {"id": 7, "x": 1}), "The arguments do not fit: x is not known."),
        (Call("orders-get", {"id": "9" * 70_000}), "The arguments are too long."),
    ],
)
async def test_a_call_that_cannot_be_made_is_explained_to_the_model(call: Call, message: str) -> None:
    one = bench([call], ["Sorry."])
    pieces = await one.run()
    assert results(pieces) == [(message, True)]
    assert one.tools.calls == []
    assert not any(isinstance(piece, ToolCallReady) for piece in pieces)
    _, _, written, told = one.chat.asked[1].messages
    assert message in told[1]
    assert written[1].endswith("({})")


async def test_what_the_user_says_need_not_be_retyped() -> None:
    one = bench([Call("docs-search", {})], ["Found."])
    pieces = await one.run()
    assert [piece.arguments for piece in pieces if isinstance(piece, ToolCallReady)] == [{"q": "Where is order 7?"}]


async def test_calls_that_change_nothing_are_made_at_once_and_the_others_alone_in_order() -> None:
    gate = asyncio.Barrier(2)

    async def meet(_: Mapping[str, Any], context: CallContext) -> FunctionResult:
        await gate.wait()
        return FunctionResult(context.step)

    one = bench(
        [
            get(1, "a"),
            get(2, "b"),
            Call("mail-send", {"to": "x"}, "c"),
            Call("mail-send", {"to": "y"}, "d"),
            get(3, "e"),
            get(4, "f"),
        ],
        ["Done."],
        behaviours={"orders.get": meet},
    )
    pieces = await one.run()
    assert [text for text, _ in results(pieces)] == ["a", "b", "c done", "d done", "e", "f"]
    assert one.tools.most_running == 2
    assert [mark for mark in one.tools.order if mark[1] in "cd"] == ["+c", "-c", "+d", "-d"]
    assert set(one.tools.order[:4]) == {"+a", "+b", "-a", "-b"}
    assert len({call.idempotency_key for call in one.tools.calls}) == 6


async def test_at_most_so_many_calls_run_at_once() -> None:
    async def yields(*_: Any) -> FunctionResult:
        await asyncio.sleep(0)
        return FunctionResult("x")

    calls: list[str | Call] = [get(n, f"c{n}") for n in range(1, 6)]
    one = bench(calls, ["Done."], behaviours={"orders.get": yields}, limits=LoopLimits(max_parallel=2))
    await one.run()
    assert one.tools.most_running == 2


async def fails(error: BaseException) -> FunctionResult:
    raise error


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (CallError("X", "No such order.", happened="no"), "No such order.", "No such order."),
        (CallError("X", "Gone."), "Gone.", "Gone. Whether it had its effect is not known: do not call it again."),
        (
            RuntimeError("password=hunter2"),
            "orders-get failed.",
            "mail-send failed. Whether it had its effect is not known: do not call it again.",
        ),
        (
            asyncio.CancelledError(),
            "orders-get failed.",
            "mail-send failed. Whether it had its effect is not known: do not call it again.",
        ),
    ],
)
async def test_errors_are_worded_for_the_model(error: BaseException, read: str, write: str) -> None:
    behaviours: dict[str, Behaviour] = {name: lambda *_: fails(error) for name in ("orders.get", "mail.send")}
    one = bench([get(7), Call("mail-send", {"to": "x"}, "c2")], ["Sorry."], behaviours=behaviours)
    pieces = await one.run()
    assert results(pieces) == [(read, True), (write, True)]
    assert "hunter2" not in str(one.chat.asked)


async def test_a_call_has_the_time_of_its_function() -> None:
    slow = facts("orders.get", "read", takes=dict(ORDER.input_schema), deadline_s=0.01)

    async def hangs(*_: Any) -> FunctionResult:
        await asyncio.Event().wait()
        raise AssertionError

    chat, tools = ToolChat(turns=[[get(7)], ["Sorry."]]), FakeTools({"orders.get": hangs})
    async with aclosing(ToolLoop(chat, tools, People()).run(LoopRequest(ChatHistory(), [slow], "r"))) as pieces:
        found = [piece async for piece in pieces]
    assert results(found) == [("orders-get took too long.", True)]


async def test_a_long_result_is_cut_and_an_empty_one_is_data() -> None:
    async def gives(arguments: Mapping[str, Any], _: CallContext) -> FunctionResult:
        return FunctionResult("x" * 50) if arguments["id"] == 1 else FunctionResult("", {"state": "sent"})

    one = bench([get(1, "a"), get(2, "b")], ["Done."], behaviours={"orders.get": gives})
    one.limits = LoopLimits(max_result_characters=20)
    assert [text for text, _ in results(await one.run())] == [
        "x" * 20 + "\n[30 more characters left out]",
        '{"state":"sent"}',
    ]


async def test_a_model_that_goes_in_circles_does_not_write_twice() -> None:
    send = Call("mail-send", {"to": "x"}, "c1")
    one = bench([send], [Call("mail-send", {"to": "x"}, "c2")], [Call("mail-send", {"to": "y"}, "c3")], ["Done."])
    pieces = await one.run()
    assert results(pieces) == [("c1 done", False), ("This was called before. c1 done", False), ("c3 done", False)]
    assert [call.step for call in one.tools.calls] == ["c1", "c3"]


async def test_the_last_turn_is_without_functions() -> None:
    one = bench([get(1)], [get(2)], ["Enough.", get(3)], limits=LoopLimits(max_turns=3))
    end = finished(await one.run())
    assert (end.stopped, end.text, end.turns, end.calls) == ("turns", "Enough.", 3, 2)
    assert [bool(asked.tools) for asked in one.chat.asked] == [True, True, False]
    assert end.usage == TokenUsage(30, 0, 4)


async def test_calls_beyond_the_bound_are_refused_and_an_answer_is_asked_for() -> None:
    one = bench([get(1, "a"), get(2, "b"), get(3, "c")], ["Enough."], limits=LoopLimits(max_calls=2))
    pieces = await one.run()
    assert results(pieces)[-1] == ("No more calls are allowed. Answer with what you have.", True)
    assert (finished(pieces).stopped, finished(pieces).calls) == ("calls", 2)
    assert [message[1].split(":")[0] for message in one.chat.asked[1].messages if message[0] == "tool"] == [
        "a",
        "b",
        "c",
    ]
    assert one.chat.asked[1].tools == []


async def test_the_time_bounds_model_and_calls() -> None:
    one = bench(["Well"], limits=LoopLimits(max_s=0.01))
    one.chat.hang = True
    end = finished(await one.run())
    assert (end.stopped, end.text) == ("time", "Well")

    async def hangs(*_: Any) -> FunctionResult:
        await asyncio.Event().wait()
        raise AssertionError

    one = bench([get(1)], behaviours={"orders.get": hangs}, limits=LoopLimits(max_s=0.01))
    assert finished(await one.run()).stopped == "time"
    assert one.tools.running == 0


@pytest.mark.parametrize(
    ("verdict", "text", "calls"),
    [
        ("approved", "c1 done", 1),
        ("rejected", "A person refused this call; it was not made.", 0),
        ("postponed", "A person has to agree to this call first and has not yet; it was not made.", 0),
        ("done", "A person has done this by hand; the call was not made.", 0),
    ],
)
async def test_a_person_is_asked_before_the_call(verdict: Any, text: str, calls: int) -> None:
    one = bench([Call("mail-ask", {}, "c1")], ["Done."], people=People(Decision(verdict)))
    pieces = await one.run()
    assert [type(piece) for piece in pieces[:3]] == [ToolCallStarted, ToolCallReady, ApprovalRequired]
    assert results(pieces) == [(text, calls == 0)]
    assert len(one.tools.calls) == calls


async def test_a_function_may_end_the_loop() -> None:
    one = bench(["One moment.", get(7), Call("docs-search", {"q": "x"}, "c2")])
    end = finished(await one.run(ends_with=frozenset({"docs.search"})))
    assert (end.stopped, end.last) == ("ended", ToolCallReady("c2", "docs.search", {"q": "x"}))
    again = bench([Call("docs-search", {"q": 5}, "c2")], ["No."])
    assert finished(await again.run(ends_with=frozenset({"docs.search"}))).stopped == "answer"
    failing = bench(
        [Call("docs-search", {"q": "x"}, "c2")], ["No."], behaviours={"docs.search": lambda *_: fails(KeyError())}
    )
    assert finished(await failing.run(ends_with=frozenset({"docs.search"}))).stopped == "answer"


async def test_ids_that_are_missing_or_twice_are_made() -> None:
    one = bench([get(1, None), get(2, "x"), get(3, "x")], ["Done."])
    pieces = await one.run()
    ids = [piece.call_id for piece in pieces if isinstance(piece, ToolCallReady)]
    assert ids == ["call_1_1", "x", "call_1_3"]


async def test_remarks_of_functions_are_told() -> None:
    class Talking(FakeTools):
        async def call(self, function: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
            yield TextDelta("not for the caller")
            yield Note("N", "careful")
            yield FunctionResult("r")

    one = Bench(ToolChat(turns=[[get(7)], ["Done."]]), Talking())
    pieces = await one.run()
    assert Note("N", "careful") in pieces
    assert finished(pieces).text == "Done."


async def test_leaving_stops_the_model_and_the_calls() -> None:
    begun = asyncio.Event()

    async def hangs(*_: Any) -> FunctionResult:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    one = bench([get(1)], behaviours={"orders.get": hangs})
    task = asyncio.create_task(one.run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (one.tools.running, one.chat.open, len(asyncio.all_tasks())) == (0, 0, 1)
