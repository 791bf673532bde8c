"""Plans made, kept, refused and executed."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    RequestIdReusedError,
    VaivenError,
)
from service.runs import events
from service.runs.planning.desk import PlanRequest
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunSpec, RunState
from service.store.store import Store
from tests.unit.runs.planning.house import House, step, told
from tests.unit.runs.planning.tools import Bench

LOOK = step("a", "tools.look", {"item": "order"})
THEN = step("b", "tools.look", {"item": "${steps.a.result.said} twice"})


async def test_a_plan_of_steps_is_kept_with_its_bounds_and_executed(house: House, bench: Bench) -> None:
    plan = await house.plan(LOOK, THEN, input="Look twice")
    run = await house.execute(plan)
    happened = await house.follow(run)

    assert [one.function for one in plan.steps] == ["plugins/tools/functions/look"] * 2
    assert (plan.goal, plan.planner, plan.answer_step, plan.name[:6]) == ("Look twice", None, "b", "plans/")
    assert plan.bounds is not None
    assert (plan.bounds.step_count, plan.bounds.call_count, plan.bounds.duration_s) == (2, 6, 120.0)
    assert told(happened) == [
        "RunStarted",
        "PlanUpdated",
        "a 1",
        "a DONE",
        "b 1",
        "'look look order twice'",
        "b DONE",
        "PlanUpdated",
        "Completed",
    ]
    end = happened[-1].payload
    assert isinstance(end, events.Completed)
    assert (end.text, end.result) == ("look look order twice", {"said": "look look order twice"})
    assert bench.calls == {("look", "order"): 1, ("look", "look order twice"): 1}
    kept = await house.planning.plans.get(LOCAL_PRINCIPAL, plan.name)
    assert (kept.last_run, kept.steps) == (run.name, plan.steps)
    started = happened[0].payload
    assert isinstance(started, events.RunStarted)
    assert (started.function, started.planner, started.how) == ("", "recipe", "named")  # the caller's own steps
    assert plan.name in started.explanation


async def test_a_recipe_takes_the_words_as_its_parameter_and_the_collections(store: Store, bench: Bench) -> None:
    house = House(store, bench, "Subject: Hello\n\nDear Ana,\n\nthirty days.\n\nBest,\nBo")
    request = PlanRequest(input="How long?", recipe="answer_and_email", collections=("collections/shop",))
    plan = await house.planning.plans.create(LOCAL_PRINCIPAL, request)

    assert (plan.planner, plan.recipe, plan.goal) == ("recipe", "answer_and_email", "How long?")
    assert plan.steps[0].arguments == {"question": "How long?", "collections": ["collections/shop"]}
    assert plan.bounds is not None
    assert [(one.step, one.needs_approval) for one in plan.bounds.effects] == [("answer", False), ("mail", False)]


async def test_a_run_by_a_recipe_says_why(store: Store, bench: Bench) -> None:
    house = House(store, bench, "Subject: Hello\n\nDear Ana,\n\nlunch at noon.\n\nBest,\nBo")
    spec = RunSpec(recipe="draft_and_revise", arguments={"purpose": "lunch", "instruction": "shorter"})
    happened = await house.follow(await house.start(spec))

    started = happened[0].payload
    assert isinstance(started, events.RunStarted)
    assert (started.planner, started.explanation) == ("recipe", "The caller named the recipe draft_and_revise.")
    assert isinstance(happened[-1].payload, events.Completed)


REFUSED: list[tuple[PlanRequest, type[VaivenError], str, str]] = [
    (PlanRequest(steps=(step("a", "tools.fly"),)), InvalidArgumentError, "PLAN_INVALID", "steps.a.function"),
    (PlanRequest(steps=(step("a", "tools.look"),)), InvalidArgumentError, "PLAN_INVALID", "steps.a.arguments"),
    (PlanRequest(steps=(LOOK,), answer_step="z"), InvalidArgumentError, "PLAN_INVALID", "answer"),
    (
        PlanRequest(steps=(LOOK,), allowed_functions=("plugins/email",)),
        InvalidArgumentError,
        "PLAN_INVALID",
        "steps.a.function",
    ),
    (PlanRequest(recipe="draft_and_revise"), InvalidArgumentError, "INVALID_FIELD", "arguments"),
    (PlanRequest(recipe="none"), NotFoundError, "RESOURCE_NOT_FOUND", ""),
    (PlanRequest(steps=(LOOK,), allowed_functions=("plugins/no",)), NotFoundError, "RESOURCE_NOT_FOUND", ""),
    (PlanRequest(steps=(LOOK,), collections=("collections/no",)), NotFoundError, "RESOURCE_NOT_FOUND", ""),
]


@pytest.mark.parametrize(("request_", "kind", "reason", "subject"), REFUSED)
async def test_a_plan_that_may_not_run_is_refused_by_step_and_field(
    house: House, request_: PlanRequest, kind: type[VaivenError], reason: str, subject: str
) -> None:
    with pytest.raises(kind) as refused:
        await house.planning.plans.create(LOCAL_PRINCIPAL, request_)

    assert refused.value.reason == reason
    assert not subject or refused.value.violations[0].subject.startswith(subject)


async def test_a_request_id_makes_one_plan(house: House) -> None:
    plan = await house.plan(LOOK, request_id="1")

    assert await house.plan(LOOK, request_id="1") == plan
    with pytest.raises(RequestIdReusedError):
        await house.plan(THEN | {"arguments": {"item": "x"}}, request_id="1")


async def test_a_plan_that_is_only_checked_is_not_kept(house: House) -> None:
    plan = await house.plan(LOOK, validate_only=True)

    assert (plan.name, len(plan.steps)) == ("", 1)
    assert (await house.planning.plans.list(LOCAL_PRINCIPAL, 0, "")).items == ()


async def test_plans_are_the_tenant_s_and_listed_newest_first(house: House) -> None:
    made = [await house.plan(LOOK, input=f"plan {number}") for number in range(3)]
    page = await house.planning.plans.list(LOCAL_PRINCIPAL, 2, "")
    rest = await house.planning.plans.list(LOCAL_PRINCIPAL, 2, page.next_page_token)

    assert [one.goal for one in (*page.items, *rest.items)] == ["plan 2", "plan 1", "plan 0"]
    assert rest.next_page_token == ""
    other = Principal("other", "other")
    assert (await house.planning.plans.list(other, 0, "")).items == ()
    with pytest.raises(NotFoundError):
        await house.planning.plans.get(other, made[0].name)
    with pytest.raises(NotFoundError):
        await house.engine.start(other, RunSpec(plan=made[0].name))


async def test_a_plan_whose_functions_are_gone_may_not_run_any_more(store: Store, bench: Bench) -> None:
    plan = await House(store, bench).plan(LOOK)
    later = House(store, bench, max_steps=1, max_duration_s=1.0)

    with pytest.raises(FailedPreconditionError) as refused:
        await later.execute(plan)
    assert refused.value.reason == "PLAN_INVALID"


async def test_a_step_that_fails_ends_the_run_with_its_name(house: House, bench: Bench) -> None:
    async def refuse(item: str) -> None:
        raise ValueError(f"there is no {item}")

    bench.does["look"] = refuse
    happened = await house.follow(await house.execute(await house.plan(LOOK, THEN)))

    end = happened[-1].payload
    assert isinstance(end, events.Failed)
    assert (end.code, end.reason) == ("FAILED_PRECONDITION", "STEP_FAILED")
    assert end.violations[0].subject == "steps.a"
    assert told(happened)[-4:] == ["a 1", "a FAILED", "PlanUpdated", "Failed"]
    update = happened[-2].payload
    assert isinstance(update, events.PlanUpdated)
    assert [one.state.value for one in update.steps] == ["FAILED", "SKIPPED"]


@pytest.mark.parametrize(
    ("spec", "subject"),
    [
        (RunSpec(recipe="draft_and_revise", function="plugins/tools/functions/look"), "function"),
        (RunSpec(input="x", recipe="draft_and_revise", planner="structured"), "planner"),
        (RunSpec(input="x", planner="recipe"), "planner"),
        (RunSpec(input="", planner="tool_loop"), "input"),
        (RunSpec(input="x", planner="reflect", allowed_functions=("plugins/tools",)), "allowed_functions"),
    ],
)
async def test_a_planner_that_cannot_work_is_refused(house: House, spec: RunSpec, subject: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        await house.start(spec)
    assert refused.value.violations[0].subject == subject


async def test_what_a_request_gets_that_does_not_say_is_the_operator_s_choice(store: Store, bench: Bench) -> None:
    spec = RunSpec(input="look", allowed_functions=("plugins/tools/functions/look",))
    plain: Any = (await House(store, bench).engine.start(LOCAL_PRINCIPAL, spec)).state
    assert plain is RunState.RUNNING
    auto = House(store, bench, default="auto")
    happened = await auto.follow(await auto.start(spec))

    started = next(event.payload for event in happened if isinstance(event.payload, events.RunStarted))
    assert (started.planner, started.function) == ("direct", "plugins/tools/functions/look")
    assert started.explanation == "Only tools.look is allowed, so it is called directly."
