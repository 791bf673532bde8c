"""Plans that run: order, parallel steps, repetition, approvals, deadlines, cancellation, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from planners.approvals import Decision
from planners.calling import CallContext, CallError
from planners.journal import Attempt, StepOutcome, StepRecord, StepState, idempotency_key
from planners.plan_events import ApprovalRequired, PlanEvent, PlanUpdated, StepFinished, StepStarted
from planners.plan_findings import InvalidPlanError, PlanLimits
from planners.step_call import MAX_RESULT_BYTES, exponential
from plugins.output import Citation, FunctionResult, Note, TextDelta
from tests.unit.planners.fakes import (
    Behaviour,
    Bench,
    CrashError,
    FakeTools,
    MemoryJournal,
    People,
    catalogue,
    ending,
    facts,
    plan_of,
    step,
)

FUNCTIONS = catalogue(
    facts("a.read", "read", takes={"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}}),
    facts("a.write", "write"),
    facts("a.keyed", "write", takes_idempotency_key=True),
    facts("a.put", "write", idempotent=True),
    facts("a.send", "write", approval=None),
)


def bench(behaviours: dict[str, Behaviour] | None = None, **more: Any) -> Bench:
    return Bench(FUNCTIONS, FakeTools(behaviours or {}), **more)


def failing(*errors: BaseException, then: str = "ok") -> Callable[..., Awaitable[FunctionResult]]:
    left = list(errors)

    async def behave(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
        if left:
            raise left.pop(0)
        return FunctionResult(then)

    return behave


async def forever(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
    await asyncio.Event().wait()
    raise AssertionError


def outcomes(events: list[PlanEvent]) -> dict[str, StepOutcome]:
    return {event.step: event.outcome for event in events if isinstance(event, StepFinished)}


def started(events: list[PlanEvent]) -> list[tuple[str, int]]:
    return [(event.step, event.attempt.number) for event in events if isinstance(event, StepStarted)]


def text(events: list[PlanEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


BUSY = CallError("UNAVAILABLE", "Busy.", retryable=True)


async def test_results_flow_and_the_answer_is_told() -> None:
    plan = plan_of(
        step("a", "a.read", {"n": 1}),
        step("b", "a.read", {"said": "${steps.a.text}!", "n": {"$ref": "steps.a.result.said.n"}}),
        step("c", "gather", {"text": "${steps.a.text}, ${steps.b.text}", "b": {"$ref": "steps.b.result"}}),
    )
    events = await bench().run(plan)
    finished = ending(events)
    assert (finished.state, finished.step, finished.outcome.text) == (StepState.DONE, "c", "a done, b done")
    assert finished.outcome.data["b"] == {"said": {"said": "a done!", "n": 1}}
    assert text(events) == "a done, b done"
    first, last = (event for event in events if isinstance(event, PlanUpdated))
    assert set(first.states.values()) == {StepState.PENDING}
    assert set(last.states.values()) == {StepState.DONE}
    assert [event.answers for event in events if isinstance(event, StepStarted)] == [False, False, True]


async def test_independent_steps_run_at_once_up_to_the_limit() -> None:
    gate = asyncio.Barrier(3)

    async def meet(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
        await gate.wait()
        return FunctionResult("met")

    together = bench({"a.read": meet}, limits=PlanLimits(max_parallel=3))
    assert ending(await together.run(plan_of(*(step(f"s{n}", "a.read") for n in range(6))))).state is StepState.DONE
    assert together.tools.most_running == 3


async def test_an_invalid_plan_does_nothing() -> None:
    journal, one = MemoryJournal(), bench()
    with pytest.raises(InvalidPlanError):
        await one.run(plan_of(step("a", "a.none")), journal)
    assert (journal.writes, one.tools.calls) == (0, [])


@pytest.mark.parametrize("function", ["a.read", "a.keyed", "a.put"])
async def test_what_may_be_repeated_is_repeated_with_one_key(function: str) -> None:
    one = bench({function: failing(BUSY, BUSY)})
    events = await one.run(plan_of(step("a", function)))
    assert ending(events).outcome.text == "ok"
    assert started(events) == [("a", 1), ("a", 2), ("a", 3)]
    assert {call.idempotency_key for call in one.tools.calls} == {idempotency_key("runs/r1", "a")}
    assert one.naps.taken == [exponential(1), exponential(2)]


def test_pauses_grow_to_a_bound() -> None:
    assert [exponential(retry) for retry in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, 30.0]


@pytest.mark.parametrize(
    ("function", "error", "calls"),
    [
        ("a.read", BUSY, 3),
        ("a.read", CallError("REFUSED", "No."), 1),
        ("a.write", CallError("UNAVAILABLE", "Busy.", retryable=True, happened="no"), 1),
    ],
)
async def test_repetition_has_bounds(function: str, error: CallError, calls: int) -> None:
    one = bench({function: failing(*[error] * 9)})
    finished = ending(await one.run(plan_of(step("a", function), step("b", "a.read", depends_on=["a"]))))
    assert (finished.state, finished.step, finished.cause) == (StepState.FAILED, "a", error)
    assert (finished.outcome.code, finished.outcome.message) == (error.code, error.message)
    assert one.tools.times("a") == calls
    assert one.people.asked == []


async def test_no_pause_goes_beyond_the_deadline() -> None:
    one = bench({"a.read": failing(BUSY)})
    finished = ending(await one.run(plan_of(step("a", "a.read", deadline_s=0.4))))
    assert (finished.outcome.code, one.naps.taken) == ("UNAVAILABLE", [])


async def test_a_step_ends_at_its_deadline() -> None:
    one = bench({"a.read": forever})
    finished = ending(await one.run(plan_of(step("a", "a.read", deadline_s=0.01))))
    assert (finished.state, finished.outcome.code) == (StepState.FAILED, "DEADLINE_EXCEEDED")
    assert one.tools.running == 0


async def test_after_a_failure_nothing_begins_but_what_runs_ends() -> None:
    release = asyncio.Event()

    async def slow(_: Mapping[str, Any], context: CallContext) -> FunctionResult:
        if context.step == "bad":
            raise CallError("REFUSED", "No.", happened="no")
        await release.wait()
        return FunctionResult("late")

    one = bench({"a.write": slow}, limits=PlanLimits(max_parallel=2))
    plan = plan_of(step("good", "a.write"), step("bad", "a.write"), step("other", "a.write"), step("end", "a.read"))
    async with aclosing(one.executor().execute(plan, FUNCTIONS, MemoryJournal(), "runs/r1")) as stream:
        events = []
        async for event in stream:
            events.append(event)
            if isinstance(event, StepFinished) and event.step == "bad":
                release.set()
    assert {call.step for call in one.tools.calls} == {"good", "bad"}
    last = [event for event in events if isinstance(event, PlanUpdated)][-1]
    assert last.states == {
        "good": StepState.DONE,
        "bad": StepState.FAILED,
        "other": StepState.SKIPPED,
        "end": StepState.SKIPPED,
    }


@pytest.mark.parametrize("error", [CallError("UNAVAILABLE", "Gone."), ValueError("inside"), TimeoutError()])
@pytest.mark.parametrize("function", ["a.write", "a.keyed"])
async def test_a_write_of_which_nobody_knows_stops_and_asks(function: str, error: Exception) -> None:
    one = bench({function: failing(error)}, people=People(Decision("postponed")))
    events = await one.run(plan_of(step("a", function), step("b", "a.read", {"x": "${steps.a.text}"})))
    finished = ending(events)
    assert (finished.state, finished.step) == (StepState.UNCERTAIN, "a")
    (asked,) = (event.request for event in events if isinstance(event, ApprovalRequired))
    assert (asked.why, asked.step, asked.effect) == ("uncertain", "a", "write")
    assert one.tools.times("a") == 1
    assert "inside" not in str(outcomes(events))
    last = [event for event in events if isinstance(event, PlanUpdated)][-1]
    assert last.states == {"a": StepState.UNCERTAIN, "b": StepState.PENDING}


@pytest.mark.parametrize(
    ("decision", "calls", "state", "answer"),
    [
        (Decision("approved"), 2, StepState.DONE, "ok"),
        (Decision("done", text="sent by hand", data={"id": 1}), 1, StepState.DONE, "sent by hand"),
        (Decision("rejected", "it was sent"), 1, StepState.FAILED, ""),
    ],
)
async def test_a_person_settles_what_is_uncertain(
    decision: Decision, calls: int, state: StepState, answer: str
) -> None:
    journal, one = MemoryJournal(), bench({"a.write": failing(ValueError())}, people=People(decision))
    finished = ending(await one.run(plan_of(step("a", "a.write")), journal))
    assert (finished.state, finished.outcome.text) == (state, answer)
    assert one.tools.times("a") == calls
    assert journal.records["a"].outcome == finished.outcome
    if state is StepState.FAILED:
        assert finished.outcome.message == "a.write failed. it was sent"


@pytest.mark.parametrize(
    ("decision", "state", "calls"),
    [
        (Decision("approved"), StepState.DONE, 1),
        (Decision("rejected", "too late"), StepState.FAILED, 0),
        (Decision("postponed"), StepState.WAITING, 0),
        (Decision("done", text="by hand"), StepState.DONE, 0),
    ],
)
async def test_a_person_is_asked_before_a_write(decision: Decision, state: StepState, calls: int) -> None:
    journal, one = MemoryJournal(), bench(people=People(decision))
    events = await one.run(plan_of(step("a", "a.send", {"to": "Ana"})), journal)
    assert ending(events).state is state
    assert one.tools.times("a") == calls
    (asked,) = one.people.asked
    assert (asked.why, asked.function, asked.arguments) == ("needed", "a.send", {"to": "Ana"})
    assert (journal.records["a"].outcome is None) == (state is StepState.WAITING)
    if decision.verdict == "rejected":
        assert ending(events).outcome == StepOutcome(
            StepState.REJECTED, code="REJECTED", message="A person refused the call. too late"
        )


async def test_the_question_is_known_again_and_is_another_for_other_arguments() -> None:
    people = People(Decision("postponed"))
    one = bench(people=people)
    for arguments in ({"to": "Ana"}, {"to": "Ana"}, {"to": "Bo"}):
        await one.run(plan_of(step("a", "a.send", arguments)))
    first, again, other = (asked.key for asked in people.asked)
    assert first == again != other


async def test_waiting_for_a_person_holds_up_only_what_depends_on_it() -> None:
    free = asyncio.Event()

    class Slow(People):
        async def ask(self, request: Any) -> Decision:
            await free.wait()
            return await super().ask(request)

    async def releases(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
        free.set()
        return FunctionResult("x")

    one = bench({"a.read": releases}, people=Slow(), limits=PlanLimits(max_parallel=1))
    plan = plan_of(step("send", "a.send"), step("read", "a.read"), step("end", "gather", depends_on=["send", "read"]))
    assert ending(await one.run(plan)).state is StepState.DONE
    assert one.tools.order == ["+read", "-read", "+send", "-send"]


async def test_leaving_cancels_the_steps_and_waits_for_them() -> None:
    one, cleaned = bench(), asyncio.Event()

    async def hangs(_: Mapping[str, Any], context: CallContext) -> FunctionResult:
        try:
            return await forever({}, context)
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    one.tools.behaviours["a.read"] = hangs
    journal = MemoryJournal()
    plan = plan_of(*(step(f"s{n}", "a.read") for n in range(3)))
    async with aclosing(one.executor().execute(plan, FUNCTIONS, journal, "runs/r1")) as events:
        async for event in events:
            if isinstance(event, StepStarted) and event.step == "s2":
                break
    assert cleaned.is_set()
    assert one.tools.running == 0
    assert all(record.outcome is None for record in journal.records.values())
    assert len(asyncio.all_tasks()) == 1


async def test_cancelling_the_reader_ends_everything() -> None:
    begun = asyncio.Event()

    async def hangs(_: Mapping[str, Any], context: CallContext) -> FunctionResult:
        begun.set()
        return await forever({}, context)

    one = bench({"a.read": hangs})
    task = asyncio.create_task(one.run(plan_of(step("a", "a.read"))))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert one.tools.running == 0
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("function", ["a.read", "a.write"])
async def test_a_cancellation_from_within_a_function_is_a_failure_of_the_function(function: str) -> None:
    one = bench({function: failing(asyncio.CancelledError())}, people=People(Decision("rejected")))
    plan = plan_of(step("a", function), step("b", "a.read", depends_on=["a"]))
    assert ending(await one.run(plan)).outcome.code == "FUNCTION_FAILED"


async def test_a_broken_journal_ends_everything_with_its_error() -> None:
    one = bench({"a.read": forever})
    plan = plan_of(step("s", "a.read"), step("w", "a.write"), step("x", "a.write", depends_on=["w"]))
    with pytest.raises(CrashError):
        await one.run(plan, MemoryJournal(crash_at=2))
    assert one.tools.running == 0
    assert len(asyncio.all_tasks()) == 1


async def test_broken_approvals_end_everything_with_their_error() -> None:
    class Gone(People):
        async def ask(self, request: Any) -> Decision:
            raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="were cancelled"):
        await bench(people=Gone()).run(plan_of(step("a", "a.send"), step("b", "a.read", depends_on=["a"])))


async def test_notes_of_all_steps_and_citations_of_the_answer_are_told() -> None:
    class Talking(FakeTools):
        async def call(self, function: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
            yield Note("N", context.step)
            yield Citation(1, "d", "p", context.step)
            yield TextDelta(context.step)
            yield FunctionResult(context.step)

    one = Bench(FUNCTIONS, Talking())
    events = await one.run(plan_of(step("a", "a.read"), step("b", "a.read", depends_on=["a"])))
    assert [event.message for event in events if isinstance(event, Note)] == ["a", "b"]
    assert [event.quote for event in events if isinstance(event, Citation)] == ["b"]
    assert text(events) == "b"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (FunctionResult("x" * MAX_RESULT_BYTES), "RESULT_TOO_LARGE"),
        (FunctionResult("x", {"when": object()}), "PLUGIN_BROKEN"),
    ],
)
async def test_a_result_that_cannot_be_kept_fails_the_step_without_a_second_call(
    result: FunctionResult, code: str
) -> None:
    async def gives(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
        return result

    one = bench({"a.write": gives})
    finished = ending(await one.run(plan_of(step("a", "a.write"))))
    assert (finished.state, finished.outcome.code, one.tools.times("a")) == (StepState.FAILED, code, 1)


async def test_a_function_without_a_result_is_broken() -> None:
    class Silent(FakeTools):
        async def call(self, function: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
            yield TextDelta("hm")

    finished = ending(await Bench(FUNCTIONS, Silent()).run(plan_of(step("a", "a.read"))))
    assert finished.outcome == StepOutcome(
        StepState.FAILED, code="PLUGIN_BROKEN", message="a.read ended without a result."
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"n": {"$ref": "steps.a.result.said.n"}}, "ARGUMENT_INVALID"),
        ({"n": {"$ref": "steps.a.result.said.m"}}, "REFERENCE_UNRESOLVED"),
        ({"n": {"$ref": "steps.a.result.said"}}, "ARGUMENT_INVALID"),
    ],
)
async def test_what_an_earlier_step_gave_is_checked_before_the_call(arguments: dict[str, Any], code: str) -> None:
    async def gives(_: Mapping[str, Any], __: CallContext) -> FunctionResult:
        return FunctionResult("secret", {"said": {"n": 10}})

    one = bench({"a.write": gives})
    finished = ending(await one.run(plan_of(step("a", "a.write"), step("b", "a.read", arguments))))
    assert (finished.step, finished.outcome.code, one.tools.times("b")) == ("b", code, 0)
    assert "secret" not in finished.outcome.message


async def test_a_finished_step_is_told_and_not_called_again() -> None:
    journal = MemoryJournal()
    journal.records["a"] = StepRecord(Attempt(1, "k"), StepOutcome(StepState.DONE, "before", {"n": 2}))
    one = bench()
    events = await one.run(plan_of(step("a", "a.write"), step("b", "a.read", {"x": "${steps.a.text}"})), journal)
    assert ending(events).outcome.data == {"said": {"x": "before"}}
    assert one.tools.times("a") == 0
    assert [event.step for event in events if isinstance(event, StepFinished) and event.replayed] == ["a"]


async def test_a_failed_step_stays_failed_and_nothing_else_begins() -> None:
    journal = MemoryJournal()
    journal.records["z"] = StepRecord(Attempt(1, "k"), StepOutcome(StepState.FAILED, code="REFUSED", message="No."))
    one = bench()
    finished = ending(await one.run(plan_of(step("a", "a.write"), step("z", "a.read")), journal))
    assert (finished.state, finished.step, one.tools.calls) == (StepState.FAILED, "z", [])


@pytest.mark.parametrize(
    ("function", "more", "asked", "attempt"),
    [
        ("a.read", {}, 0, 2),
        ("a.keyed", {}, 0, 2),
        ("a.put", {}, 0, 2),
        ("a.send", {}, 1, 2),
        ("a.write", {}, 1, 2),
        ("a.read", {"idempotent": False}, 1, 2),
        ("a.put", {"idempotent": False}, 1, 2),
    ],
)
async def test_a_step_that_was_begun_before_a_restart(
    function: str, more: dict[str, Any], asked: int, attempt: int
) -> None:
    journal = MemoryJournal()
    journal.records["a"] = StepRecord(Attempt(1, idempotency_key("runs/r1", "a")))
    one = bench()
    events = await one.run(plan_of(step("a", function, **more)), journal)
    assert ending(events).state is StepState.DONE
    assert [request.why for request in one.people.asked] == ["uncertain"] * asked
    assert started(events) == [("a", attempt)]
    first = next(event for event in events if isinstance(event, PlanUpdated))
    assert first.states["a"] is (StepState.UNCERTAIN if asked else StepState.PENDING)


async def test_a_step_that_ends_the_process_each_time_is_not_begun_for_ever() -> None:
    journal = MemoryJournal()
    journal.records["a"] = StepRecord(Attempt(3, "k"))
    one = bench()
    finished = ending(await one.run(plan_of(step("a", "a.read")), journal))
    assert (finished.outcome.code, one.tools.calls) == ("ATTEMPTS_EXHAUSTED", [])
    journal.records["b"] = StepRecord(Attempt(3, "k"))
    finished = ending(await bench(people=People(Decision("postponed"))).run(plan_of(step("b", "a.keyed")), journal))
    assert (finished.state, finished.outcome.code) == (StepState.UNCERTAIN, "ATTEMPTS_EXHAUSTED")


async def test_what_was_begun_once_and_cannot_go_on_is_not_called_skipped() -> None:
    journal = MemoryJournal()
    journal.records["a"] = StepRecord(Attempt(1, "k"))
    journal.records["z"] = StepRecord(Attempt(1, "k"), StepOutcome(StepState.FAILED, code="REFUSED"))
    events = await bench().run(plan_of(step("a", "a.keyed"), step("b", "a.read"), step("z", "a.read")), journal)
    last = [event for event in events if isinstance(event, PlanUpdated)][-1]
    assert last.states == {"a": StepState.UNCERTAIN, "b": StepState.SKIPPED, "z": StepState.FAILED}


async def test_the_deadline_of_a_call_is_what_remains() -> None:
    one = bench()
    await one.run(plan_of(step("a", "a.read", {"n": 1}, deadline_s=7)))
    (call,) = one.tools.calls
    assert (call.execution, call.step, call.attempt) == ("runs/r1", "a", 1)
    assert 0 < call.deadline_s <= 7
