"""People decide about calls: the run is put aside, goes on where it was, and calls nothing that was not allowed."""

from __future__ import annotations

import asyncio

import pytest

from service.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, QueueFullError
from service.runs import events
from service.runs.engine import RunLimits
from service.runs.planning.approvals import Verdict
from service.runs.spec import LOCAL_PRINCIPAL, Principal, RunState
from service.store import sessions
from service.store.sessions import SessionRow
from service.store.store import Store
from tests.unit.rpc.fakes_runs import NOW
from tests.unit.runs.planning.house import House, question_in, step, told
from tests.unit.runs.planning.tools import Bench

LOOK = step("a", "tools.look", {"item": "order"})
PAY = step("b", "tools.pay", {"item": "${steps.a.text}"})
PAID = "look order"


async def test_a_run_waits_without_anything_working_on_it_and_goes_on_when_it_is_approved(
    house: House, bench: Bench
) -> None:
    run = await house.execute(await house.plan(LOOK, PAY))
    follower = asyncio.create_task(house.follow(run))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    waiting = await house.waiting(run)

    assert (waiting.state, house.engine.active, bench.calls["pay", PAID]) == (RunState.WAITING, 0, 0)
    assert (asked.step, asked.function, asked.effect, asked.why) == (
        "b",
        "plugins/tools/functions/pay",
        "write",
        "needed",
    )
    assert asked.arguments == {"item": PAID}
    paid = bench.gate("pay")
    assert (await house.decide(asked)).state is RunState.RUNNING
    paid.set()
    happened = await follower
    assert told(happened) == [
        *("RunStarted", "PlanUpdated", "a 1", "a DONE", "b needed?", "PlanUpdated"),
        *("PlanUpdated", "a DONE again", "b 1", "'pay look order'", "b DONE", "PlanUpdated", "Completed"),
    ]
    assert [event.sequence for event in happened] == list(range(1, len(happened) + 1))
    assert bench.calls == {("look", "order"): 1, ("pay", PAID): 1}
    update = happened[5].payload
    assert isinstance(update, events.PlanUpdated)
    assert [one.state.value for one in update.steps] == ["DONE", "WAITING"]


async def test_a_call_that_a_person_refused_is_not_made_and_ends_the_run(house: House, bench: Bench) -> None:
    run = await house.execute(await house.plan(LOOK, PAY))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    await house.waiting(run)
    await house.decide(asked, Verdict("rejected", "Too dear."))
    end = (await house.follow(run))[-1].payload

    assert isinstance(end, events.Failed)
    assert end.reason == "APPROVAL_REJECTED"
    assert "Too dear." in end.message
    assert bench.calls["pay", PAID] == 0


async def test_what_was_done_by_hand_is_the_step_s_result(house: House, bench: Bench) -> None:
    last = step("c", "tools.look", {"item": "${steps.b.result.said}"})
    run = await house.execute(await house.plan(LOOK, PAY, last))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    await house.waiting(run)
    await house.decide(asked, Verdict("done", text="Paid at the desk.", result={"said": "paid"}))
    end = (await house.follow(run))[-1].payload

    assert isinstance(end, events.Completed)
    assert bench.calls == {("look", "order"): 1, ("look", "paid"): 1}


async def test_other_steps_go_on_while_a_person_thinks_and_what_is_decided_meanwhile_counts(
    house: House, bench: Bench
) -> None:
    gate = bench.gate("look")
    alone = step("p", "tools.pay", {"item": "rent"})
    both = step("all", "gather", {"text": "${steps.a.text} ${steps.p.text}"})
    run = await house.execute(await house.plan(LOOK, alone, both))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    assert (await house.decide(asked)).state is RunState.RUNNING
    gate.set()
    happened = await house.follow(run)

    assert "WAITING" not in [(await house.get(run)).state.value]
    end = happened[-1].payload
    assert isinstance(end, events.Completed)
    assert end.text == "look order pay rent"
    assert bench.calls == {("look", "order"): 1, ("pay", "rent"): 1}


async def test_two_questions_are_answered_one_by_one(house: House, bench: Bench) -> None:
    run = await house.execute(
        await house.plan(step("p", "tools.pay", {"item": "x"}), step("q", "tools.book", {"item": "y"}))
    )
    happened = await house.until(run, events.ApprovalRequired, 2)
    first, second = (event.payload for event in happened if isinstance(event.payload, events.ApprovalRequired))
    await house.waiting(run)
    await house.decide(first)
    await house.until(run, events.StepFinished)
    await house.resting(run)
    assert bench.calls == {("pay", "x"): 1}
    await house.decide(second)
    happened = await house.follow(run)

    assert isinstance(happened[-1].payload, events.Completed)
    assert bench.calls == {("pay", "x"): 1, ("book", "y"): 1}
    assert [word for word in told(happened) if word.endswith("?")] == ["p needed?", "q needed?"]


async def test_a_decision_is_taken_once(house: House) -> None:
    run = await house.execute(await house.plan(PAY | {"arguments": {"item": "x"}}))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    await house.waiting(run)
    await house.decide(asked)
    await house.follow(run)

    assert (await house.decide(asked)).state is RunState.COMPLETED
    with pytest.raises(FailedPreconditionError) as refused:
        await house.decide(asked, Verdict("rejected"))
    assert refused.value.reason == "APPROVAL_DECIDED"


async def test_nobody_decides_about_what_was_not_asked_or_is_another_tenant_s(house: House) -> None:
    run = await house.execute(await house.plan(PAY | {"arguments": {"item": "x"}}))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    await house.waiting(run)
    for principal, name in ((LOCAL_PRINCIPAL, f"{run.name}/approvals/no"), (Principal("other", "o"), asked.name)):
        with pytest.raises(NotFoundError):
            await house.decided.decide(principal, name, Verdict("approved"), None)
    with pytest.raises(InvalidArgumentError):
        await house.decide(asked, Verdict("approved", text="x"))
    assert (await house.get(run)).state is RunState.WAITING


async def test_a_run_that_waits_can_be_cancelled(house: House, bench: Bench) -> None:
    run = await house.execute(await house.plan(LOOK, PAY))
    follower = asyncio.create_task(house.follow(run))
    asked = question_in(await house.until(run, events.ApprovalRequired))
    await house.waiting(run)
    ended = await house.engine.cancel(LOCAL_PRINCIPAL, run.name)

    assert ended.state is RunState.CANCELLED
    assert isinstance((await follower)[-1].payload, events.Cancelled)
    with pytest.raises(FailedPreconditionError) as refused:
        await house.decide(asked)
    assert refused.value.reason == "APPROVAL_DECIDED"
    assert bench.calls["pay", PAID] == 0


async def test_runs_that_wait_take_nobody_s_place_but_going_on_takes_one(store: Store, bench: Bench) -> None:
    house = House(store, bench, limits=RunLimits(max_concurrent=1))
    first = await house.execute(await house.plan(PAY | {"arguments": {"item": "x"}}))
    asked = question_in(await house.until(first, events.ApprovalRequired))
    await house.waiting(first)
    gate = bench.gate("look")
    second = await house.execute(await house.plan(LOOK))
    with pytest.raises(QueueFullError):
        await house.decide(asked)
    gate.set()
    await house.waiting(second)
    await house.decide(asked)
    assert isinstance((await house.follow(first))[-1].payload, events.Completed)


async def test_a_run_that_waits_leaves_its_session_to_others_and_takes_it_again(store: Store, bench: Bench) -> None:
    house = House(store, bench)
    row = SessionRow("local", "s1", "", NOW, NOW)
    await store.write(lambda connection: sessions.insert_session(connection, row))
    first = await house.execute(await house.plan(PAY | {"arguments": {"item": "x"}}), session="sessions/s1")
    asked = question_in(await house.until(first, events.ApprovalRequired))
    await house.waiting(first)
    second = await house.execute(await house.plan(LOOK, input="look"), session="sessions/s1")
    await house.follow(second)
    await house.decide(asked)
    await house.follow(first)

    kept = await store.read(lambda connection: sessions.last_messages(connection, "local", "s1", limit=9))
    assert [(one.role, one.text) for one in kept][:2] == [("user", "look"), ("assistant", "look order")]
    assert [one.text for one in kept if one.role == "assistant"] == ["look order", "pay x"]
