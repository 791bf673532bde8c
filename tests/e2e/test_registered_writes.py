"""A write of a registered service, cut off by a restart, is not called again: a person says what became of it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from vaiven.v1 import (
    agent_service_pb2,
    plan_pb2,
    plan_service_pb2,
    plan_service_pb2_grpc,
    plugin_service_pb2_grpc,
    run_event_pb2,
    run_pb2,
)

from bench.plans.orders import Orders, running
from service.rpc.convert.values import struct_to_proto
from tests.contract.registering import registering
from tests.e2e.client import Client, connected, until, watch
from tests.e2e.plan_entries import planning
from tests.e2e.processes import Service, serving

pytestmark = [pytest.mark.usefixtures("fork_server"), pytest.mark.timeout(180)]

CANCEL = "plugins/orders/functions/cancel_order"
APPROVED = agent_service_pb2.APPROVAL_DECISION_APPROVE
BEFORE_THE_END_IS_KEPT = 3
"""The border of the first step between its call and the stored result; see `tests.e2e.plan_entries.planning`."""


@asynccontextmanager
async def open_service(directory: Path, border: int = 0) -> AsyncIterator[tuple[Service, Client]]:
    async with serving(directory, planning, 0, border) as service, connected(service.address) as client:
        yield service, client


def decision(name: str, decided: Any, result: dict[str, Any] | None = None) -> agent_service_pb2.DecideApprovalRequest:
    return agent_service_pb2.DecideApprovalRequest(name=name, decision=decided, result=struct_to_proto(result or {}))


async def begin(client: Client, target: str, **arguments: Any) -> tuple[str, Any]:
    """Register the service, execute a plan that cancels an order, agree to it; return the run and its stream."""
    await plugin_service_pb2_grpc.PluginServiceStub(client.channel).RegisterPlugin(registering(target))
    plans = plan_service_pb2_grpc.PlanServiceStub(client.channel)
    steps = [plan_pb2.PlanStep(id="cancel", function=CANCEL, arguments=struct_to_proto(arguments))]
    plan = (await plans.CreatePlan(plan_service_pb2.CreatePlanRequest(input="Cancel it", steps=steps))).plan
    stream = aiter(plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name=plan.name)))
    asked = (await until(stream, "approval_required"))[-1]
    assert asked.approval_required.why == plan_pb2.ApprovalRequired.WHY_NEEDED
    await client.agents.DecideApproval(decision(asked.approval_required.name, APPROVED))
    return asked.run, stream


async def cut_off(directory: Path, orders: Orders, *, answered: bool) -> str:
    """Leave a run whose call reached the service, and whose process was killed before it had kept the answer."""
    async with open_service(directory, BEFORE_THE_END_IS_KEPT if answered else 0) as (service, client):
        reason = {} if answered else {"reason": "silence"}
        run, stream = await begin(client, orders.target, number=1042, **reason)
        assert await orders.next_call() == "CancelOrder 1042"
        if not answered:
            service.kill()
        assert await service.ended() == -signal.SIGKILL
        await stream.aclose()
    return run


@dataclass
class Resumed:
    """The run in another process, up to where it asks."""

    client: Client
    run: str
    stream: Any
    asked: plan_pb2.ApprovalRequired
    events: list[run_event_pb2.RunEvent]

    async def decide(self, decided: Any, result: dict[str, Any] | None = None) -> run_event_pb2.RunEvent:
        """Answer and return the run's last event."""
        await self.client.agents.DecideApproval(decision(self.asked.name, decided, result))
        last: run_event_pb2.RunEvent = [event async for event in self.stream][-1]
        return last

    async def state(self) -> Any:
        """Return the state of the run."""
        return (await self.client.agents.GetRun(agent_service_pb2.GetRunRequest(name=self.run))).run.state


@asynccontextmanager
async def resumed(directory: Path, run: str) -> AsyncIterator[Resumed]:
    async with open_service(directory) as (_, client):
        stream = aiter(client.agents.WatchRun(watch(run)))
        await until(stream, "approval_required")
        events = await until(stream, "approval_required")
        yield Resumed(client, run, stream, events[-1].approval_required, events)


@pytest.mark.parametrize("answered", [True, False])
async def test_a_write_that_was_cut_off_is_handed_to_a_person_and_never_called_again(
    tmp_path: Path, answered: bool
) -> None:
    async with running("node") as orders:
        run = await cut_off(tmp_path, orders, answered=answered)
        async with resumed(tmp_path, run) as going_on:
            assert going_on.asked.why == plan_pb2.ApprovalRequired.WHY_UNCERTAIN
            assert (going_on.asked.step, going_on.asked.function) == ("cancel", CANCEL)
            assert json_format.MessageToDict(going_on.asked.arguments)["number"] == 1042
            told = [event.step_finished for event in going_on.events if event.HasField("step_finished")]
            assert [(one.step, one.state) for one in told] == [("cancel", plan_pb2.STEP_STATE_UNCERTAIN)]
            assert await going_on.state() == run_pb2.RUN_STATE_WAITING
            seen = {"state": "STATE_CANCELLED"}
            last = await going_on.decide(agent_service_pb2.APPROVAL_DECISION_DONE, seen)
            assert json_format.MessageToDict(last.completed.result) == seen
            assert await going_on.state() == run_pb2.RUN_STATE_COMPLETED
    assert orders.calls == ["CancelOrder 1042"]


async def test_the_person_may_end_the_plan_instead(tmp_path: Path) -> None:
    async with running("node") as orders:
        run = await cut_off(tmp_path, orders, answered=True)
        async with resumed(tmp_path, run) as going_on:
            last = await going_on.decide(agent_service_pb2.APPROVAL_DECISION_REJECT)
            assert last.WhichOneof("payload") == "failed"
            assert await going_on.state() == run_pb2.RUN_STATE_FAILED
    assert orders.calls == ["CancelOrder 1042"]


async def test_only_the_person_has_it_called_again_and_a_second_restart_asks_again(tmp_path: Path) -> None:
    async with running("node") as orders:
        run = await cut_off(tmp_path, orders, answered=True)
        async with resumed(tmp_path, run):
            pass  # it dies while the person thinks
        async with resumed(tmp_path, run) as going_on:
            assert going_on.asked.why == plan_pb2.ApprovalRequired.WHY_UNCERTAIN
            assert orders.calls == ["CancelOrder 1042"]
            last = await going_on.decide(APPROVED)
            assert json_format.MessageToDict(last.completed.result)["state"] == "STATE_CANCELLED"
    assert orders.calls == ["CancelOrder 1042"] * 2
