"""A run that executes a plan goes on in another process: nothing that ended is called again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from plugins.manifest import PluginManifest
from service.errors import DrainingError
from service.runs import events
from service.runs.planning.approvals import Verdict
from service.runs.spec import RunRecord, RunState
from service.store.store import Store, open_store
from tests.unit.runs.planning.house import House, question_in, step, told
from tests.unit.runs.planning.tools import Bench, manifest

LOOK = step("a", "tools.look", {"item": "order"})
PAY = step("b", "tools.pay", {"item": "${steps.a.text}"})
LAST = step("c", "tools.look", {"item": "${steps.b.text}"})
PAID = "look order"
UNASKED = manifest(pay={"approval": False})
KEYED = manifest(pay={"approval": False, "takes_idempotency_key": True})


class Power:
    """Processes one after the other on one store."""

    def __init__(self, path: Path, bench: Bench) -> None:
        self.path = path
        self.bench = bench

    async def on(self, tools: PluginManifest, use: Callable[[House, Store], Awaitable[RunRecord]]) -> RunRecord:
        """Use a process that then drains at once, as one that is told to stop does."""
        async with open_store(self.path) as store:
            house = House(store, self.bench, tools=tools)
            await house.enter()
            try:
                return await use(house, store)
            finally:
                await house.engine.drain(0)


@pytest.fixture
def power(tmp_path: Path, bench: Bench) -> Power:
    return Power(tmp_path / "power.db", bench)


async def test_a_drain_leaves_the_run_to_the_next_process(power: Power, bench: Bench) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(item: str) -> None:
        if item == f"pay {PAID}":
            reached.set()
            await never.wait()

    async def begin(house: House, store: Store) -> RunRecord:
        run = await house.execute(await house.plan(LOOK, PAY, LAST))
        follower = asyncio.create_task(house.follow(run))
        await reached.wait()
        await house.engine.drain(0)
        with pytest.raises(DrainingError, match="watch it again"):
            await follower
        return run

    bench.does["look"] = hang
    run = await power.on(UNASKED, begin)
    bench.does.clear()
    words: list[str] = []

    async def go_on(house: House, store: Store) -> RunRecord:
        words.extend(told(await house.follow(run)))
        return await house.get(run)

    ended = await power.on(UNASKED, go_on)
    assert ended.state is RunState.COMPLETED
    assert words.count("Completed") == 1
    again = words[words.index("PlanUpdated", 3) :]
    assert again == [
        *("PlanUpdated", "a DONE again", "b DONE again", "c 2"),
        *(f"'look pay {PAID}'", "c DONE", "PlanUpdated", "Completed"),
    ]
    assert bench.calls == {("look", "order"): 1, ("pay", PAID): 1, ("look", f"pay {PAID}"): 2}


async def _cut_off_in_pay(power: Power, bench: Bench, tools: PluginManifest) -> RunRecord:
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(item: str) -> None:
        reached.set()
        await never.wait()

    async def begin(house: House, store: Store) -> RunRecord:
        run = await house.execute(await house.plan(LOOK, PAY, LAST))
        await reached.wait()
        return run

    bench.does["pay"] = hang
    run = await power.on(tools, begin)
    bench.does.clear()
    return run


@pytest.mark.parametrize(
    ("verdict", "calls", "state"),
    [
        ("approved", 2, RunState.COMPLETED),
        ("done", 1, RunState.COMPLETED),
        ("rejected", 1, RunState.FAILED),
    ],
)
async def test_a_write_that_was_cut_off_is_not_made_again_unless_a_person_says_so(
    power: Power, bench: Bench, verdict: str, calls: int, state: RunState
) -> None:
    run = await _cut_off_in_pay(power, bench, UNASKED)

    async def go_on(house: House, store: Store) -> RunRecord:
        asked = question_in(await house.until(run, events.ApprovalRequired))
        assert (asked.step, asked.why) == ("b", "uncertain")
        assert (await house.waiting(run)).state is RunState.WAITING
        assert bench.calls["pay", PAID] == 1
        said = Verdict("done", text="paid", result={"said": "paid"}) if verdict == "done" else Verdict(verdict)  # type: ignore[arg-type]
        await house.decide(asked, said)
        await house.follow(run)
        return await house.get(run)

    ended = await power.on(UNASKED, go_on)
    assert (ended.state, bench.calls["pay", PAID]) == (state, calls)


async def test_a_write_with_a_key_that_was_cut_off_is_made_again_with_the_same_key(power: Power, bench: Bench) -> None:
    run = await _cut_off_in_pay(power, bench, KEYED)

    async def go_on(house: House, store: Store) -> RunRecord:
        await house.follow(run)
        return await house.get(run)

    ended = await power.on(KEYED, go_on)
    assert (ended.state, bench.calls["pay", PAID]) == (RunState.COMPLETED, 2)
    assert len(set(bench.keys["pay", PAID])) == 1


async def test_a_run_that_waits_goes_on_waiting_and_is_decided_later(power: Power, bench: Bench) -> None:
    questions: list[events.ApprovalRequired] = []

    async def begin(house: House, store: Store) -> RunRecord:
        run = await house.execute(await house.plan(LOOK, PAY))
        questions.append(question_in(await house.until(run, events.ApprovalRequired)))
        await house.waiting(run)
        return run

    run = await power.on(manifest(), begin)

    async def look(house: House, store: Store) -> RunRecord:
        assert house.engine.active == 0
        return await house.get(run)

    assert (await power.on(manifest(), look)).state is RunState.WAITING

    async def decide(house: House, store: Store) -> RunRecord:
        follower = asyncio.create_task(house.follow(run))
        await house.decide(questions[0])
        await follower
        return await house.get(run)

    assert (await power.on(manifest(), decide)).state is RunState.COMPLETED
    assert bench.calls == {("look", "order"): 1, ("pay", PAID): 1}


async def test_time_that_nobody_worked_does_not_count(power: Power, bench: Bench) -> None:
    """The deadline of a run that waits stands still: what is left is kept in seconds."""
    left: list[float] = []

    async def begin(house: House, store: Store) -> RunRecord:
        deadline = asyncio.get_running_loop().time() + 30
        run = await house.execute(await house.plan(PAY | {"arguments": {"item": "x"}}), deadline=deadline)
        await house.until(run, events.ApprovalRequired)
        await house.waiting(run)
        row = await store.read(lambda c: c.exec_driver_sql("SELECT remaining_s FROM plan_runs").scalar_one())
        left.append(float(row))
        return run

    await power.on(manifest(), begin)
    assert 0 < left[0] <= 30
