"""The planners by request, each on a scripted model: loops, written plans, drafts under criticism, agents."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from planners.journal import StepState
from service.backends.base import GenerationRequest, Price, ToolCall
from service.backends.fake import FAKE_CARD, FakeAnswer
from service.economics.money import Money
from service.runs import events
from service.runs.planning.desk import PlanRequest
from service.runs.spec import LOCAL_PRINCIPAL, GenerationParameters, RunSpec, RunState
from service.store.store import Store
from tests.unit.runs.planning.house import House, question_in, told
from tests.unit.runs.planning.tools import Bench

TOOLS = ("plugins/tools",)
MAIL = "Subject: Lunch\n\nHello Ana,\n\nlunch is at noon.\n\nBest,\nBo"


def called(request: GenerationRequest) -> list[str]:
    """Return what the tools have answered in this conversation."""
    return [message.content for message in request.messages if message.role == "tool"]


def call(name: str, **arguments: Any) -> FakeAnswer:
    return FakeAnswer((ToolCall("c1", name, json.dumps(arguments)),), "tool_calls")


def end_of(happened: list[events.RunEvent]) -> events.Completed:
    end = happened[-1].payload
    assert isinstance(end, events.Completed), end
    return end


async def test_a_loop_calls_functions_until_it_answers(store: Store, bench: Bench) -> None:
    def script(request: GenerationRequest) -> FakeAnswer | str:
        return f"Seen: {called(request)[0]}" if called(request) else call("tools-look", item="order")

    house = House(store, bench, script)
    happened = await house.follow(
        await house.start(RunSpec(input="Look", planner="tool_loop", allowed_functions=TOOLS))
    )

    assert [word for word in told(happened) if word != "RoutingDecision"] == [
        *("RunStarted", "ToolCallStarted", "ToolCallReady", "ToolResult", "'Seen: look order'", "Completed")
    ]
    started, ready = (
        next(event.payload for event in happened if isinstance(event.payload, kind))
        for kind in (events.RunStarted, events.ToolCallReady)
    )
    assert isinstance(started, events.RunStarted)
    assert (started.planner, started.explanation) == ("tool_loop", "The caller asked for a loop of function calls.")
    assert isinstance(ready, events.ToolCallReady)
    assert ready.name == "plugins/tools/functions/look"
    end = end_of(happened)
    assert (end.text, end.result) == ("Seen: look order", {"answer": "Seen: look order"})
    assert end.usage.output_tokens == 4  # both turns
    assert bench.calls == {("look", "order"): 1}


async def test_a_call_in_a_loop_waits_for_its_person(store: Store, bench: Bench) -> None:
    def script(request: GenerationRequest) -> FakeAnswer | str:
        return called(request)[0] if called(request) else call("tools-pay", item="rent")

    house, paid = House(store, bench, script), bench.gate("pay")
    run = await house.start(RunSpec(input="Pay", planner="tool_loop", allowed_functions=TOOLS))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    assert bench.calls["pay", "rent"] == 0
    assert (await house.decide(asked)).state is RunState.RUNNING
    paid.set()
    assert end_of(await house.follow(run)).text == "pay rent"
    assert bench.calls == {("pay", "rent"): 1}


PRICED = replace(FAKE_CARD, price=Price("EUR", 0.0, 1_000_000.0, 0.0), max_output_tokens=1000)
"""A token of an answer costs a euro."""


@pytest.mark.parametrize("most", [13, 14])
async def test_all_turns_of_a_loop_together_cost_what_the_run_may(store: Store, bench: Bench, most: int) -> None:
    """Each turn may take ten tokens; the one that calls takes one, the one that answers three."""

    def script(request: GenerationRequest) -> FakeAnswer | str:
        results = called(request)
        return f"Seen: {results[0]}" if len(results) == 4 else call("tools-look", item=f"order-{len(results)}")

    house = House(store, bench, script, card=PRICED)
    spec = RunSpec(
        input="Look",
        planner="tool_loop",
        allowed_functions=TOOLS,
        generation=GenerationParameters(max_output_tokens=10),
        max_cost=Money("EUR", most),
    )
    happened = await house.follow(await house.start(spec))
    end = happened[-1].payload
    if most >= 14:  # four calls are paid for, and ten are left for the answer
        assert isinstance(end, events.Completed)
        assert end.cost == Money("EUR", 7)
    else:  # what the answer may cost is not left, though what it would take is
        assert isinstance(end, events.Failed)
        assert (end.reason, end.retryable, end.cost) == ("RUN_COST_EXCEEDED", False, Money("EUR", 4))
        assert [v.description for v in end.violations] == ["it may cost 10 EUR and the run has 9 EUR of 13 EUR left"]
    assert sum(bench.calls.values()) == 4


@pytest.mark.parametrize(("most", "steps"), [(1000, 0), (1001, 1), (3000, 2)])
async def test_all_steps_of_a_plan_together_cost_what_the_run_may(
    store: Store, bench: Bench, most: int, steps: int
) -> None:
    """The plan takes a token of a thousand that it may, and so do the drafts, with a few more."""
    written = planned(
        {"name": "email.draft", "arguments": {"purpose": "lunch"}},
        {"name": "email.revise", "arguments": {"draft": {"from": "steps.s1.text"}, "instruction": "shorter"}},
    )
    house = House(store, bench, lambda request: FakeAnswer((written,)) if request.guidance else MAIL, card=PRICED)
    spec = RunSpec(
        input="Write to Ana about lunch, and make it shorter",
        planner="structured",
        allowed_functions=("plugins/email",),
        generation=GenerationParameters(max_output_tokens=1000),
        max_cost=Money("EUR", most),
    )
    happened = await house.follow(await house.start(spec))
    end = happened[-1].payload
    done = [
        e.payload for e in happened if isinstance(e.payload, events.StepFinished) and e.payload.state is StepState.DONE
    ]
    assert len(done) == steps, told(happened)
    assert isinstance(end, events.Completed) if steps == 2 else getattr(end, "reason", "") == "RUN_COST_EXCEEDED"


async def test_a_loop_that_has_to_answer_says_so(store: Store, bench: Bench) -> None:
    def script(request: GenerationRequest) -> FakeAnswer | str:
        return call("tools-look", item="more") if request.tools else "Enough."

    house = House(store, bench, script, max_turns=2)
    happened = await house.follow(
        await house.start(RunSpec(input="Look", planner="tool_loop", allowed_functions=TOOLS))
    )
    warning = next(event.payload for event in happened if isinstance(event.payload, events.Warning))
    assert (warning.code, end_of(happened).text) == ("LOOP_BOUND_REACHED", "Enough.")


def planned(*steps: dict[str, Any]) -> str:
    return json.dumps({"steps": list(steps)})


WRITTEN = planned(
    {"name": "tools.look", "arguments": {"item": "order"}},
    {"name": "tools.look", "arguments": {"item": {"from": "steps.s1.text"}}},
)


async def test_a_model_writes_the_plan_that_is_executed(store: Store, bench: Bench) -> None:
    house = House(store, bench, lambda _: FakeAnswer((WRITTEN,)))
    happened = await house.follow(
        await house.start(RunSpec(input="Look twice", planner="structured", allowed_functions=TOOLS))
    )

    assert end_of(happened).text == "look look order"
    update = next(event.payload for event in happened if isinstance(event.payload, events.PlanUpdated))
    assert (update.plan.planner, update.plan.goal) == ("structured", "Look twice")
    assert house.generator.requests[0].max_output_tokens > 512


async def test_a_written_plan_is_kept_and_may_be_read_before_it_runs(store: Store, bench: Bench) -> None:
    house = House(store, bench, lambda _: FakeAnswer((WRITTEN,)))
    plan = await house.planning.plans.create(LOCAL_PRINCIPAL, PlanRequest(input="Look twice", allowed_functions=TOOLS))

    assert (plan.planner, [one.id for one in plan.steps], bench.calls) == ("structured", ["s1", "s2"], {})
    happened = await house.follow(await house.execute(plan))
    assert end_of(happened).text == "look look order"
    started = next(event.payload for event in happened if isinstance(event.payload, events.RunStarted))
    assert (started.planner, started.how) == ("structured", "named")
    assert started.explanation == f"The caller named the plan {plan.name}."


async def test_a_written_plan_that_is_wrong_twice_is_refused_with_the_validator_s_words(
    store: Store, bench: Bench
) -> None:
    wrong = planned({"name": "tools.fly", "arguments": {}})
    house = House(store, bench, lambda _: FakeAnswer((wrong,)))
    happened = await house.follow(
        await house.start(RunSpec(input="Fly", planner="structured", allowed_functions=TOOLS))
    )

    end = happened[-1].payload
    assert isinstance(end, events.Failed)
    assert (end.code, end.reason, len(house.generator.requests)) == ("FAILED_PRECONDITION", "PLAN_INVALID", 2)


@pytest.mark.parametrize(("passes", "drafts"), [(True, 1), (False, 2)])
async def test_a_draft_is_revised_until_it_passes(store: Store, bench: Bench, passes: bool, drafts: int) -> None:
    judged = 0

    def script(request: GenerationRequest) -> FakeAnswer | str:
        nonlocal judged
        if request.guidance is None:
            return MAIL
        schema = json.loads(request.guidance.value)
        if "complete" in schema["properties"]:
            judged += 1
            verdict = {"passes": passes or judged > 1, "advice": "Name the day."}
            return FakeAnswer((json.dumps(dict.fromkeys(schema["properties"], verdict)),))
        if "enum" in schema["properties"]["name"]:
            return FakeAnswer((json.dumps({"name": "email.draft"}),))
        arguments = {"purpose": "lunch", "points": [], "recipient": "Ana", "sender": "Bo"}
        return FakeAnswer((json.dumps({"name": "email.draft", "arguments": arguments}),))

    house = House(store, bench, script)
    happened = await house.follow(
        await house.start(RunSpec(input="Write to Ana", planner="reflect", allowed_functions=("plugins/email",)))
    )

    assert [word for word in told(happened) if word.startswith("draft")] == [f"draft_{n} DONE" for n in range(drafts)]
    assert end_of(happened).text.startswith("Subject: Lunch")
    started = next(event.payload for event in happened if isinstance(event.payload, events.RunStarted))
    assert started.planner == "reflect"


async def test_agents_work_in_turn_each_with_its_own_functions(store: Store, bench: Bench) -> None:
    def script(request: GenerationRequest) -> FakeAnswer | str:
        names = {one.name for one in request.tools}
        if "support-answer" in names:
            assert not any(name.startswith("email-") for name in names)
            return f"Found: {called(request)[0]}" if called(request) else call("support-answer", question="How long?")
        if "email-draft" in names:
            assert not any(name.startswith("support-") for name in names)
            return "Subject: Returns\n\nThirty days."
        return "no tools"

    house = House(store, bench, script)
    happened = await house.follow(await house.start(RunSpec(input="How long?", recipe="agents_in_turn")))

    assert end_of(happened).text == "Subject: Returns\n\nThirty days."
    ready = [event.payload.name for event in happened if isinstance(event.payload, events.ToolCallReady)]
    assert ready == ["plugins/support/functions/answer"]
    words = told(happened)
    assert words.index("find DONE") < words.index("mail 1")


async def test_an_agent_has_none_of_what_the_request_does_not_allow(store: Store, bench: Bench) -> None:
    def script(request: GenerationRequest) -> str:
        return ", ".join(sorted(one.name for one in request.tools))

    house = House(store, bench, script)
    spec = RunSpec(
        input="Hi",
        recipe="agents_at_once",
        allowed_functions=("plugins/agents", "plugins/email/functions/draft"),
    )
    end = end_of(await house.follow(await house.start(spec)))
    assert end.result["email"] == "agents-hand_over, email-draft"
    assert end.result["code"] == end.result["support"] == "agents-hand_over"
