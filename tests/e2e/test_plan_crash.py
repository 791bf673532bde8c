"""`kill -9` at every border of every step of a plan: the run goes on, and each write has its effect once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from vaiven.v1 import agent_service_pb2, plan_pb2, plan_service_pb2, plan_service_pb2_grpc, run_event_pb2, run_pb2

from service.rpc.convert.values import struct_to_proto
from tests.e2e.client import Client, connected, until_cut, watch
from tests.e2e.plan_entries import planning
from tests.e2e.processes import serving

pytestmark = pytest.mark.usefixtures("fork_server")

TOOLS = "plugins/tools/functions"
STEPS = ("pay", "book", "look")
BORDERS = range(1, 4 * len(STEPS) + 1)


class Tool:
    """A tool in another process than the service: it counts calls and effects, and answers a key as it did before."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.keys: defaultdict[str, set[str]] = defaultdict(set)
        self.kills = ""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = json.loads(await reader.readline())
        tool = asked["tool"]
        self.calls[tool] += 1
        if tool != "pay" or asked["key"] not in self.keys[tool]:
            self.effects[tool] += 1
        self.keys[tool].add(asked["key"])
        if self.kills == tool:
            self.kills = ""
            os.kill(asked["pid"], signal.SIGKILL)
        writer.write(f"{tool} {asked['item']}\n".encode())
        writer.close()


@asynccontextmanager
async def working_tool() -> AsyncIterator[Tool]:
    tool = Tool()
    server = await asyncio.start_server(tool.serve, "127.0.0.1", 0)
    async with server:
        tool.port = server.sockets[0].getsockname()[1]
        yield tool


def the_plan() -> plan_service_pb2.CreatePlanRequest:
    """Return a plan of three steps, each of which needs the one before."""
    items = ("rent", "${steps.pay.text}", "${steps.book.result.said}")
    steps = [
        plan_pb2.PlanStep(
            id=name, function=f"plugins/tools/functions/{name}", arguments=struct_to_proto({"item": item})
        )
        for name, item in zip(STEPS, items, strict=True)
    ]
    return plan_service_pb2.CreatePlanRequest(input="Pay and book", steps=steps)


async def begin(directory: Path, tool: Tool, border: int) -> str:
    """Execute the plan in a process that dies, and return the run."""
    async with serving(directory, planning, tool.port, border) as service, connected(service.address) as client:
        plans = plan_service_pb2_grpc.PlanServiceStub(client.channel)
        plan = (await plans.CreatePlan(the_plan())).plan
        stream = plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name=plan.name))
        seen = [event async for event in until_cut(stream)]
        assert await service.ended() == -signal.SIGKILL
        if seen:
            return seen[0].run
    async with serving(directory, planning, tool.port, 0) as service, connected(service.address) as client:
        (run,) = (await client.agents.ListRuns(agent_service_pb2.ListRunsRequest())).runs
        return str(run.name)


async def go_on(client: Client, run: str, tool: Tool) -> list[run_event_pb2.RunEvent]:
    """Follow the run in another process, answering what it asks by what the tool knows."""
    events: list[run_event_pb2.RunEvent] = []
    async for event in client.agents.WatchRun(watch(run)):
        events.append(event)
        if event.WhichOneof("payload") == "approval_required":
            asked = event.approval_required
            assert (asked.step, asked.why) == ("book", plan_pb2.ApprovalRequired.WHY_UNCERTAIN)
            happened = tool.calls["book"] > 0
            done = agent_service_pb2.APPROVAL_DECISION_DONE
            said = "book pay rent" if happened else ""
            await client.agents.DecideApproval(
                agent_service_pb2.DecideApprovalRequest(
                    name=asked.name,
                    decision=done if happened else agent_service_pb2.APPROVAL_DECISION_APPROVE,
                    text=said,
                    result=struct_to_proto({"said": said} if happened else {}),
                )
            )
    return events


async def assert_once(directory: Path, tool: Tool, run: str) -> list[run_event_pb2.RunEvent]:
    """Check that the run comes to its end and that each write had its effect once."""
    async with serving(directory, planning, tool.port, 0) as service, connected(service.address) as client:
        events = await go_on(client, run, tool)
        found = (await client.agents.GetRun(agent_service_pb2.GetRunRequest(name=run))).run
    assert found.state == run_pb2.RUN_STATE_COMPLETED
    assert found.completed.text == "look book pay rent"
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (tool.effects["pay"], tool.effects["book"], tool.calls["book"]) == (1, 1, 1)
    assert len(tool.keys["pay"]) == 1
    return events


@pytest.mark.parametrize("border", BORDERS)
async def test_a_plan_goes_on_from_every_border_and_writes_once(tmp_path: Path, border: int) -> None:
    async with working_tool() as tool:
        run = await begin(tmp_path, tool, border)
        finished = border // 4  # the steps whose end was written down
        before = tool.calls.copy()
        events = await assert_once(tmp_path, tool, run)

    for step in STEPS[:finished]:
        assert tool.calls[step] == before[step] == 1
    told_again = [event.step_finished.step for event in events if event.step_finished.replayed]
    assert told_again[: len(STEPS[:finished])] == list(STEPS[:finished])


@pytest.mark.parametrize("step", STEPS)
async def test_a_service_that_dies_while_the_tool_works_is_not_taken_for_one_that_did_not_call(
    tmp_path: Path, step: str
) -> None:
    async with working_tool() as tool:
        tool.kills = step
        run = await begin(tmp_path, tool, 0)
        assert tool.effects[step] == 1
        await assert_once(tmp_path, tool, run)


async def test_a_run_that_is_killed_again_and_again_comes_to_its_end(tmp_path: Path) -> None:
    async with working_tool() as tool:
        run = await begin(tmp_path, tool, 2)
        for border in (3, 4, 4):
            async with serving(tmp_path, planning, tool.port, border) as service, connected(service.address) as client:
                with pytest.raises(grpc.aio.AioRpcError):
                    await go_on(client, run, tool)
                await service.ended()
        await assert_once(tmp_path, tool, run)
