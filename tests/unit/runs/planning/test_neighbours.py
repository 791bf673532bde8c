"""Plans and decisions where two processes are on one store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from plugins.manifest import PluginManifest
from service.backends.base import GenerationRequest, ToolCall
from service.backends.fake import FakeAnswer, Script
from service.runs import events
from service.runs.spec import RunSpec, RunState
from service.store.neighbours import Duties, Neighbours
from service.store.store import open_store
from tests.unit.runs.planning.house import House, question_in, step, told
from tests.unit.runs.planning.tools import Bench, manifest

LOOK = step("a", "tools.look", {"item": "order"})
PAY = step("b", "tools.pay", {"item": "${steps.a.text}"})
LAST = step("c", "tools.look", {"item": "${steps.b.text}"})
PAID = "look order"
KEYED = manifest(pay={"approval": False, "takes_idempotency_key": True})


class Street:
    """Two processes, each with what it does for the other."""

    def __init__(self, houses: list[House]) -> None:
        self.one, self.other = houses
        self.neighbours = {house: Neighbours(house.store) for house in houses}

    def duties(self, house: House) -> Duties:
        async def take_over() -> None:
            await house.engine.take_over()

        async def answer() -> None:
            await house.engine.look()
            await house.planning.approvals.look()

        return Duties(take_over, answer, lambda: house.engine.has_lost)

    async def look(self, house: House) -> None:
        await self.neighbours[house].look(self.duties(house))

    async def kill_one(self) -> None:
        """End the first as a power cut would: it says nothing more, and the system closes its files.

        Its writer ends first: a thread that goes on would write events of the run beside the one that took it over.
        """
        for live in self.one.engine._live.values():
            live.abandon()
        await self.one.store.writer.close()
        instance = self.one.store.instance
        os.close(instance._descriptor)
        instance._descriptor = os.open(os.devnull, os.O_RDONLY)
        await self.look(self.other)


def pays(request: GenerationRequest) -> FakeAnswer | str:
    """Be a model that pays once."""
    done = [message.content for message in request.messages if message.role == "tool"]
    return done[0] if done else FakeAnswer((ToolCall("c1", "tools-pay", '{"item": "rent"}'),), "tool_calls")


async def street(
    stack: AsyncExitStack, path: Path, bench: Bench, tools: PluginManifest, script: Script | str = ""
) -> Street:
    houses = []
    for _ in range(2):
        store = await stack.enter_async_context(open_store(path, shared=True))
        houses.append(House(store, bench, script, tools=tools))
        await houses[-1].enter()
        stack.push_async_callback(houses[-1].engine.drain, 0.0)
    return Street(houses)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def test_the_plan_of_a_killed_process_goes_on_and_nothing_that_ended_is_called_again(
    stack: AsyncExitStack, tmp_path: Path, bench: Bench
) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(_item: str) -> None:
        reached.set()
        await never.wait()

    bench.does["pay"] = hang
    here = await street(stack, tmp_path / "vaiven.db", bench, KEYED)
    run = await here.one.execute(await here.one.plan(LOOK, PAY, LAST))
    watched = asyncio.create_task(here.other.follow(run))
    await reached.wait()
    bench.does.clear()
    await here.kill_one()
    assert told(await watched)[-1] == "Completed"
    assert bench.calls == {("look", "order"): 1, ("pay", PAID): 2, ("look", f"pay {PAID}"): 1}
    assert len(set(bench.keys["pay", PAID])) == 1


async def test_a_run_that_was_put_aside_goes_on_with_the_process_that_takes_the_decision(
    stack: AsyncExitStack, tmp_path: Path, bench: Bench
) -> None:
    here = await street(stack, tmp_path / "vaiven.db", bench, manifest())
    run = await here.one.execute(await here.one.plan(LOOK, PAY, LAST))
    watched = asyncio.create_task(here.one.follow(run))
    question = question_in(await here.other.until(run, events.ApprovalRequired))
    assert (await here.one.waiting(run)).state is RunState.WAITING
    await here.other.decide(question)
    assert told(await here.other.follow(run))[-1] == "Completed"
    assert [event.sequence for event in await watched] == list(range(1, len(await here.other.follow(run)) + 1))
    assert bench.calls == {("look", "order"): 1, ("pay", PAID): 1, ("look", f"pay {PAID}"): 1}


async def test_a_decision_reaches_the_call_that_waits_in_another_process(
    stack: AsyncExitStack, tmp_path: Path, bench: Bench
) -> None:
    here = await street(stack, tmp_path / "vaiven.db", bench, manifest(), pays)
    run = await here.one.start(RunSpec(input="Pay", planner="tool_loop", allowed_functions=("plugins/tools",)))
    question = question_in(await here.other.until(run, events.ApprovalRequired))
    await here.other.decide(question)
    assert not here.other.engine._live
    assert not here.other.engine._resuming
    await here.look(here.one)
    assert told(await here.one.follow(run))[-1] == "Completed"
    assert bench.calls == {("pay", "rent"): 1}
