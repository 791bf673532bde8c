"""The process dies at every border of a step and goes on: what writes has written once, whatever happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planners.approvals import ApprovalRequest, Decision
from planners.calling import CallContext, CallError
from planners.journal import StepRecord, StepState
from planners.plan import Plan
from planners.plan_events import PlanEvent, PlanFinished, StepFinished, StepStarted
from planners.plan_findings import PlanLimits
from plugins.output import FunctionOutput, FunctionResult
from tests.unit.planners.fakes import (
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
    facts("a.read", "read"),
    facts("a.write", "write"),
    facts("a.keyed", "write", takes_idempotency_key=True),
    facts("a.put", "write", idempotent=True),
)
ONCE = ("a.write", "a.keyed")
"""What has an effect of its own with each call, unless the tool knows the key."""

Fate = Literal["ok", "lost before", "lost after", "refused"]


@dataclass
class World(FakeTools):
    """Tools whose effects last while processes come and go; `fates` says what becomes of a step's calls, in order."""

    fates: dict[str, list[Fate]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    async def call(
        self, function: str, arguments: Mapping[str, Any], context: CallContext
    ) -> AsyncGenerator[FunctionOutput, None]:
        self.calls.append(context)
        self.order.append(f"+{context.step}")
        self.running += 1
        try:
            await asyncio.sleep(0)
            fate = self.fates[context.step].pop(0) if self.fates.get(context.step) else "ok"
            if fate == "refused":
                raise CallError("REFUSED", "No.", happened="no")
            if fate == "lost before":
                raise CallError("UNAVAILABLE", "Gone.", retryable=True)
            known = function == "a.keyed" and self.done[context.step]
            self.done[context.step] += not known
            if fate == "lost after":
                raise CallError("UNAVAILABLE", "Gone.", retryable=True)
            yield FunctionResult(f"{context.step} done")
        finally:
            self.running -= 1
            self.order.append(f"-{context.step}")


@dataclass
class Witness(People):
    """A person who looks whether the call had its effect, and says so."""

    world: World = field(default_factory=World)

    async def ask(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        happened = request.why == "uncertain" and self.world.done[request.step]
        return Decision("done", text=f"{request.step} done") if happened else Decision("approved")


CHAIN = plan_of(
    step("look", "a.read"),
    step("order", "a.write", {"x": "${steps.look.text}"}),
    step("pay", "a.keyed", {"x": "${steps.order.text}"}),
    step("file", "a.put", {"x": "${steps.pay.text}"}),
    step("tell", "a.write", {"x": "${steps.file.text}"}),
    step("all", "gather", {"text": "${steps.tell.text}", "paid": {"$ref": "steps.pay.text"}}),
)
CHAIN_WRITES = 11
"""Two for each step that calls, one for the one that gathers."""


def world_and_bench(plan_attempts: int = 3, **fates: list[Fate]) -> tuple[World, Bench]:
    world = World(fates=dict(fates))
    return world, Bench(FUNCTIONS, world, Witness(world=world), limits=PlanLimits(max_attempts=plan_attempts))


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("point", range(CHAIN_WRITES))
async def test_a_crash_at_any_border_leads_to_the_same_end_with_each_write_once(point: int, kept: bool) -> None:
    world, bench = world_and_bench()
    journal = MemoryJournal(crash_at=point, kept=kept)
    with pytest.raises(CrashError):
        await bench.run(CHAIN, journal)
    assert journal.writes == point + 1
    finished_before = {name for name, record in journal.records.items() if record.outcome is not None}
    called_before = Counter(call.step for call in world.calls)

    resumed = MemoryJournal(journal.records)
    finished = ending(await bench.run(CHAIN, resumed))

    assert (finished.state, finished.outcome.text) == (StepState.DONE, "tell done")
    assert {name: world.done[name] for name in ("order", "pay", "tell")} == {"order": 1, "pay": 1, "tell": 1}
    assert {call.step for call in world.calls[sum(called_before.values()) :]} & finished_before == set()
    assert len({call.idempotency_key for call in world.calls if call.step == "pay"}) == 1
    assert {request.step for request in bench.people.asked} <= {"order", "tell"}


async def test_without_a_crash_nobody_is_asked() -> None:
    world, bench = world_and_bench()
    journal = MemoryJournal()
    assert ending(await bench.run(CHAIN, journal)).state is StepState.DONE
    assert (journal.writes, bench.people.asked, max(world.done.values())) == (CHAIN_WRITES, [], 1)


@pytest.mark.parametrize("happened", [True, False])
async def test_a_write_that_was_begun_waits_for_a_person_and_is_not_called(happened: bool) -> None:
    world, bench = world_and_bench()
    # Lost: the crash comes after the call, before its end is written down. Kept: before the call.
    journal = MemoryJournal(crash_at=3 if happened else 2, kept=not happened)
    with pytest.raises(CrashError):
        await bench.run(CHAIN, journal)
    assert world.times("order") == int(happened)

    bench.people = People(Decision("postponed"))
    for _ in range(2):
        finished = ending(await bench.run(CHAIN, MemoryJournal(journal.records)))
        assert (finished.state, finished.step) == (StepState.UNCERTAIN, "order")
    assert world.times("order") == int(happened)

    bench.people = Witness(world=world)
    assert ending(await bench.run(CHAIN, MemoryJournal(journal.records))).state is StepState.DONE
    assert (world.done["order"], world.times("order")) == (1, 1)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a graph of up to seven steps, each of which needs some of those before it."""
    steps: list[dict[str, Any]] = []
    for at in range(draw(st.integers(1, 7))):
        function = draw(st.sampled_from([*FUNCTIONS, "gather"]))
        needs = draw(st.lists(st.sampled_from([one["id"] for one in steps]), max_size=3, unique=True)) if steps else []
        referred = {f"r{n}": {"$ref": f"steps.{name}.text"} for n, name in enumerate(needs[1:])}
        steps.append(step(f"s{at}", function, referred, depends_on=needs[:1]))
    return plan_of(*draw(st.permutations(steps)))


FATES = st.dictionaries(
    st.sampled_from([f"s{n}" for n in range(7)]),
    st.lists(st.sampled_from(["ok", "lost before", "lost after", "refused"]), max_size=4),
)


def assert_dependencies_were_respected(plan: Plan, events: list[PlanEvent]) -> None:
    ended: set[str] = set()
    needs = {one.id: set(one.needs) for one in plan.steps}
    for event in events:
        if isinstance(event, StepStarted):
            assert needs[event.step] <= ended
        elif isinstance(event, StepFinished) and event.outcome.state is StepState.DONE:
            ended.add(event.step)


async def assert_all_tasks_ended(world: World) -> None:
    assert world.running == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


@given(plans(), FATES, st.integers(1, 4), st.sampled_from(["postponed", "rejected"]))
@settings(max_examples=60, deadline=None)
def test_whatever_fails_nothing_is_called_twice_that_writes_once(
    plan: Plan, fates: dict[str, list[Fate]], parallel: int, verdict: Literal["postponed", "rejected"]
) -> None:
    async def scenario() -> None:
        world = World(fates={name: list(found) for name, found in fates.items()})
        limits = PlanLimits(max_parallel=parallel)
        bench = Bench(FUNCTIONS, world, People(Decision(verdict)), limits=limits)
        events = await bench.run(plan, MemoryJournal())
        await assert_all_tasks_ended(world)
        assert_dependencies_were_respected(plan, events)
        assert sum(isinstance(event, PlanFinished) for event in events) == 1
        for one in plan.steps:
            if one.function == "a.write":
                assert world.times(one.id) <= 1
            if one.function in ONCE:
                assert world.done[one.id] <= 1
            assert world.times(one.id) <= limits.max_attempts
        if not any(fate != "ok" for found in fates.values() for fate in found):
            assert ending(events).state is StepState.DONE

    asyncio.run(scenario())


@given(plans(), FATES, st.lists(st.tuples(st.integers(0, 14), st.booleans()), max_size=4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_however_often_it_dies_it_goes_on_to_its_end_with_each_write_once(
    plan: Plan, fates: dict[str, list[Fate]], crashes: list[tuple[int, bool]], parallel: int
) -> None:
    async def scenario() -> None:
        lost: dict[str, list[Fate]] = {
            name: [fate for fate in found if fate != "refused"] for name, found in fates.items()
        }
        world = World(fates=lost)
        bench = Bench(FUNCTIONS, world, Witness(world=world), limits=PlanLimits(max_parallel=parallel, max_attempts=20))
        records: dict[str, StepRecord] = MemoryJournal().records
        for point, kept in crashes:
            with suppress(CrashError):
                await bench.run(plan, MemoryJournal(records, crash_at=point, kept=kept))
            await assert_all_tasks_ended(world)
        finished = ending(await bench.run(plan, MemoryJournal(records)))
        await assert_all_tasks_ended(world)
        assert finished.state is StepState.DONE
        assert {name: records[name].outcome is not None for name in records} == dict.fromkeys(
            [one.id for one in plan.steps], True
        )
        for one in plan.steps:
            if one.function in ONCE:
                assert world.done[one.id] == 1

    asyncio.run(scenario())
