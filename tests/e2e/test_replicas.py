"""Two service processes on one store: each does for any caller what the other would, and outlives it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from vaiven.v1 import (
    agent_service_pb2,
    cost_pb2,
    cost_service_pb2,
    cost_service_pb2_grpc,
    plan_pb2,
    plan_service_pb2,
    plan_service_pb2_grpc,
    plugin_pb2,
    plugin_service_pb2,
    plugin_service_pb2_grpc,
    routing_pb2,
    routing_service_pb2,
    routing_service_pb2_grpc,
    run_event_pb2,
    run_pb2,
    session_service_pb2,
)

from service.rpc.convert.values import struct_to_proto
from tests.e2e.client import Client, connected, hello, refusal, until, until_cut, watch
from tests.e2e.entries import stepped
from tests.e2e.plan_entries import planning
from tests.e2e.processes import Service, serving
from tests.e2e.test_plan_crash import go_on, the_plan, working_tool

pytestmark = pytest.mark.usefixtures("fork_server")

WORDS = 3
PROMPT = """\
name: greet
description: Greet somebody.
template: Greet {{$name}}.
template_format: semantic-kernel
input_variables:
  - name: name
    description: Whom.
    is_required: true
"""


@dataclass(frozen=True, slots=True)
class Replica:
    """A process on the store, and a client of it."""

    service: Service
    client: Client


async def replica(stack: AsyncExitStack, directory: Path, name: str, entry: object, *arguments: object) -> Replica:
    (directory / name).mkdir()
    shared = {"VAIVEN_STORE__PATH": str(directory / "vaiven.db")}
    service = await stack.enter_async_context(
        serving(directory / name, entry, *arguments, environment=shared)  # type: ignore[arg-type]
    )
    return Replica(service, await stack.enter_async_context(connected(service.address)))


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def two(stack: AsyncExitStack, tmp_path: Path) -> tuple[Replica, Replica]:
    """Two processes whose models say a word when they are allowed to."""
    return (
        await replica(stack, tmp_path, "one", stepped, WORDS),
        await replica(stack, tmp_path, "other", stepped, WORDS),
    )


async def test_a_killed_process_s_run_ends_through_the_other_whose_own_goes_on(two: tuple[Replica, Replica]) -> None:
    one, other = two
    one.service.allow(1)
    other.service.allow(1)
    left, own = aiter(one.client.agents.Run(hello())), aiter(other.client.agents.Run(hello()))
    seen = await until(left, "text_delta")
    kept = await until(own, "text_delta")
    watched = aiter(other.client.agents.WatchRun(watch(seen[0].run)))
    first = await until(watched, "text_delta")
    assert first == seen

    one.service.kill()
    seen += [event async for event in until_cut(left)]
    assert await one.service.ended() == -signal.SIGKILL
    rest = [event async for event in watched]
    assert rest[-1].failed.reason == "SERVICE_RESTARTED"
    assert rest[-1].failed.text == "w1 "

    other.service.allow(WORDS)
    kept += [event async for event in own]
    assert kept[-1].completed.text == "w1 w2 w3 "


async def test_a_run_is_watched_and_cancelled_through_the_process_that_does_not_own_it(
    two: tuple[Replica, Replica],
) -> None:
    one, other = two
    one.service.allow(2)
    run = aiter(one.client.agents.Run(hello()))
    seen = await until(run, "text_delta")
    name = seen[0].run
    listed = await other.client.agents.ListRuns(agent_service_pb2.ListRunsRequest(state=run_pb2.RUN_STATE_RUNNING))
    assert [found.name for found in listed.runs] == [name]

    cancelled = (await other.client.agents.CancelRun(agent_service_pb2.CancelRunRequest(name=name))).run
    assert (cancelled.state, cancelled.cancelled.reason) == (run_pb2.RUN_STATE_CANCELLED, "CANCELLED_BY_CALLER")
    seen += [event async for event in run]
    assert seen[-1].cancelled.reason == "CANCELLED_BY_CALLER"
    assert [event async for event in other.client.agents.WatchRun(watch(name))] == seen


async def test_a_session_has_one_run_whichever_process_gets_it(two: tuple[Replica, Replica]) -> None:
    one, other = two
    session = (await one.client.sessions.CreateSession(session_service_pb2.CreateSessionRequest())).session.name
    one.service.allow(1)
    run = aiter(one.client.agents.Run(hello(session=session)))
    await until(run, "text_delta")
    refused = await refusal(other.client.agents.Run(hello(session=session)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.ABORTED, "SESSION_BUSY")
    one.service.allow(WORDS)
    assert [event async for event in run][-1].HasField("completed")
    other.service.allow(WORDS)
    assert [event async for event in other.client.agents.Run(hello(session=session))][-1].HasField("completed")
    messages = session_service_pb2.ListMessagesRequest(parent=session)
    assert len((await one.client.sessions.ListMessages(messages)).messages) == 4


async def test_a_small_budget_is_never_overspent_by_many_calls_through_both(two: tuple[Replica, Replica]) -> None:
    one, other = two
    costs = cost_service_pb2_grpc.CostServiceStub(one.client.channel)
    limit = 3 * 1_100  # a call may take the 1,000 tokens that `hello` allows, and its prompt
    budget = cost_pb2.Budget(name="budgets/small", period=cost_pb2.BUDGET_PERIOD_DAY, token_limit=limit)
    await costs.SetBudget(cost_service_pb2.SetBudgetRequest(budget=budget))

    async def ask(client: Client) -> list[run_event_pb2.RunEvent]:
        return await until_first(aiter(client.agents.Run(hello())), {"text_delta", "failed"})

    one.service.allow(1)
    other.service.allow(1)
    began = await asyncio.gather(*(ask(both.client) for both in two for _ in range(5)))
    ends = [events[-1] for events in began]
    assert sum(end.HasField("text_delta") for end in ends) == 3
    assert {end.failed.reason for end in ends if end.HasField("failed")} == {"BUDGET_EXCEEDED"}

    other_costs = cost_service_pb2_grpc.CostServiceStub(other.client.channel)
    status = (await other_costs.GetBudget(cost_service_pb2.GetBudgetRequest(name="budgets/small"))).budget.status
    assert 0 < status.reserved_tokens + status.spent_tokens <= limit


async def until_first(stream: AsyncIterator[run_event_pb2.RunEvent], kinds: set[str]) -> list[run_event_pb2.RunEvent]:
    events = [await anext(stream)]
    while events[-1].WhichOneof("payload") not in kinds:
        events.append(await anext(stream))
    return events


async def test_what_is_registered_and_ruled_through_one_holds_at_once_in_the_other(
    two: tuple[Replica, Replica],
) -> None:
    one, other = two
    for each in two:
        each.service.allow(WORDS)
    assert [event async for event in other.client.agents.Run(hello())][-1].HasField("completed")

    plugins = [plugin_service_pb2_grpc.PluginServiceStub(each.client.channel) for each in two]
    source = plugin_pb2.PluginSource(prompt=plugin_pb2.PromptSource(text=PROMPT))
    request = plugin_service_pb2.RegisterPluginRequest(plugin_id="greeter", plugin=plugin_pb2.Plugin(source=source))
    made = (await plugins[0].RegisterPlugin(request)).plugin
    call = plugin_service_pb2.InvokeFunctionRequest(
        name=f"{made.name}/functions/greet", arguments=struct_to_proto({"name": "Ana"})
    )
    assert [event async for event in plugins[1].InvokeFunction(call)][-1].HasField("completed")

    routing = routing_service_pb2_grpc.RoutingServiceStub(one.client.channel)
    policy = routing_pb2.StoredPolicy(limits=routing_pb2.RoutingPolicy(excluded_models=["models/fake"]))
    await routing.UpdatePolicy(routing_service_pb2.UpdatePolicyRequest(policy=policy))
    refused = [event async for event in other.client.agents.Run(hello())]
    assert refused[-1].failed.reason == "NO_ROUTE"

    await plugins[1].DeletePlugin(plugin_service_pb2.DeletePluginRequest(name=made.name))
    assert (await refusal(plugins[0].InvokeFunction(call))).code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("border", [2, 4, 5, 6, 8, 11])
async def test_the_plan_of_a_killed_process_is_taken_over_and_writes_once(
    stack: AsyncExitStack, tmp_path: Path, border: int
) -> None:
    async with working_tool() as tool:
        one = await replica(stack, tmp_path, "one", planning, tool.port, border)
        other = await replica(stack, tmp_path, "other", planning, tool.port, 0)
        plan = (await plan_service_pb2_grpc.PlanServiceStub(other.client.channel).CreatePlan(the_plan())).plan
        executing = plan_service_pb2_grpc.PlanServiceStub(one.client.channel).ExecutePlan(
            plan_service_pb2.ExecutePlanRequest(name=plan.name)
        )
        _ = [event async for event in until_cut(executing)]
        assert await one.service.ended() == -signal.SIGKILL
        before = tool.calls.copy()
        (run,) = (await other.client.agents.ListRuns(agent_service_pb2.ListRunsRequest())).runs
        events = await go_on(other.client, run.name, tool)
        assert events[-1].completed.text == "look book pay rent"
        assert (tool.effects["pay"], tool.effects["book"], tool.calls["book"]) == (1, 1, 1)
        for finished in ("pay", "book", "look")[: border // 4]:
            assert tool.calls[finished] == before[finished] == 1


async def test_a_run_that_was_put_aside_is_approved_through_the_other(stack: AsyncExitStack, tmp_path: Path) -> None:
    async with working_tool() as tool:
        one = await replica(stack, tmp_path, "one", planning, tool.port, 0)
        other = await replica(stack, tmp_path, "other", planning, tool.port, 0)
        asked = the_plan()
        asked.steps[1].approval = plan_pb2.STEP_APPROVAL_ALWAYS
        plan = (await plan_service_pb2_grpc.PlanServiceStub(one.client.channel).CreatePlan(asked)).plan
        executing = aiter(
            plan_service_pb2_grpc.PlanServiceStub(one.client.channel).ExecutePlan(
                plan_service_pb2.ExecutePlanRequest(name=plan.name)
            )
        )
        question = (await until(executing, "approval_required"))[-1].approval_required
        await approve(other, question.name)
        assert [event async for event in executing][-1].completed.text == "look book pay rent"
        assert (tool.calls["pay"], tool.calls["book"], tool.calls["look"]) == (1, 1, 1)


async def approve(replica: Replica, name: str) -> None:
    await replica.client.agents.DecideApproval(
        agent_service_pb2.DecideApprovalRequest(name=name, decision=agent_service_pb2.APPROVAL_DECISION_APPROVE)
    )
