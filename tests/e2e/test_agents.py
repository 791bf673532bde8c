"""Agents in turn, at once and handing over, through the RPCs, on a scripted model behind a loopback upstream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc.aio
import pytest
from google.protobuf import json_format
from vaiven.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    plan_pb2,
    plan_service_pb2,
    plan_service_pb2_grpc,
    run_event_pb2,
    run_pb2,
)

from service.backends.base import ToolCall
from service.bootstrap import open_app
from service.testing.app import scratch_settings
from service.testing.upstream import Received, Upstream
from service.testing.upstream_frames import Reply

pytestmark = pytest.mark.timeout(120)

AGENTS: Final = {
    "email": "You are the e-mail agent",
    "code": "You are the code agent",
    "support": "You are the support",
}
MAIL: Final = "Subject: Returns\n\nHello Ana,\n\nYou have thirty days."
DEPLOYMENT: Final = {
    "model_id": "gpt",
    "deployment": "gpt-prod",
    "api_key": "sk-loopback",
    "context_tokens": 8000,
    "max_output_tokens": 1000,
    "region": "swedencentral",
    "price": {"currency": "EUR", "input_per_mtok": 1.0, "output_per_mtok": 10.0},
}


def said_by(received: Received) -> str:
    """Return the agent that asks, `choose` where one is chosen, or `function`: one that an agent calls."""
    system = next(one["content"] for one in received.body["messages"] if one["role"] == "system")
    found = [name for name, words in AGENTS.items() if system.startswith(words)]
    if found:
        return found[0]
    return "choose" if "response_format" in received.body else "function"


def tools_of(received: Received) -> set[str]:
    """Return the names of the functions that a request offers."""
    return {one["function"]["name"] for one in received.body.get("tools", ())}


def user_words(received: Received) -> str:
    """Return the last thing that the user says."""
    return str([one["content"] for one in received.body["messages"] if one["role"] == "user"][-1])


def calls(name: str, **arguments: Any) -> Reply:
    """Return an answer that calls a function."""
    return Reply(text=(), calls=(ToolCall("call_1", name, json.dumps(arguments)),), finish_reason="tool_calls")


@dataclass
class Meeting:
    """What each says, by who asks; a list is said one after another. `broken` are those whose request is refused."""

    says: Mapping[str, Reply | list[Reply]]
    broken: frozenset[str] = frozenset()
    heard: dict[str, list[Received]] = field(default_factory=dict)

    def __call__(self, received: Received) -> Reply | str:
        who = said_by(received)
        before = self.heard.setdefault(who, [])
        before.append(received)
        if who in self.broken:
            return "status-400"
        said = self.says[who]
        return said[min(len(before), len(said)) - 1] if isinstance(said, list) else said


@dataclass(frozen=True, slots=True)
class Service:
    """The stubs of a service whose only model is the upstream."""

    plans: plan_service_pb2_grpc.PlanServiceAsyncStub
    agents: agent_service_pb2_grpc.AgentServiceAsyncStub

    async def plan(self, recipe: str, request: str) -> str:
        """Make a plan of a recipe and return its name."""
        made = await self.plans.CreatePlan(plan_service_pb2.CreatePlanRequest(recipe=recipe, input=request))
        return str(made.plan.name)

    def execute(self, plan: str) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Return the events of the plan's execution."""
        return aiter(self.plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name=plan)))

    async def run(self, recipe: str, request: str) -> list[run_event_pb2.RunEvent]:
        """Make a plan of a recipe, execute it, and return all events."""
        return [event async for event in self.execute(await self.plan(recipe, request))]


@asynccontextmanager
async def meeting(directory: Path, upstream: Upstream) -> AsyncIterator[Service]:
    deployment = {**DEPLOYMENT, "endpoint": upstream.url}
    settings = scratch_settings(directory, onnx={"embedded": False}, azure_openai={"deployments": [deployment]})
    async with open_app(settings) as app, grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel:
        yield Service(plan_service_pb2_grpc.PlanServiceStub(channel), agent_service_pb2_grpc.AgentServiceStub(channel))


def outcomes(events: list[run_event_pb2.RunEvent]) -> dict[str, str]:
    """Return how each step ended."""
    finished = [event.step_finished for event in events if event.HasField("step_finished")]
    return {one.step: plan_pb2.StepState.Name(one.state).removeprefix("STEP_STATE_") for one in finished}


def result_of(event: run_event_pb2.RunEvent) -> dict[str, Any]:
    assert event.WhichOneof("payload") == "completed", event
    found: dict[str, Any] = json_format.MessageToDict(event.completed.result)
    return found


async def test_in_turn_the_second_agent_writes_what_the_first_found(tmp_path: Path) -> None:
    script = Meeting(
        {
            "support": Reply(text=("Thirty days.",)),
            "email": [calls("email-draft", purpose="tell how long", points=["Thirty days"]), Reply(text=(MAIL,))],
            "function": Reply(text=(MAIL,)),
        }
    )
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        events = await service.run("agents_in_turn", "How long may I return it?")
    assert outcomes(events) == {"find": "DONE", "mail": "DONE"}
    assert events[-1].completed.text == MAIL
    assert result_of(events[-1])["agent"] == "email"
    # The first agent's answer reached the second, and each was offered its own functions alone.
    (first,), (second, _) = script.heard["support"], script.heard["email"]
    assert "Thirty days." in user_words(second)
    assert tools_of(first) == {"support-answer", "support-classify"}
    assert tools_of(second) == {"email-draft", "email-reply", "email-revise", "email-summarize_thread"}
    ready = [event.tool_call_ready.name for event in events if event.HasField("tool_call_ready")]
    assert ready == ["plugins/email/functions/draft"]
    assert events[-1].completed.usage.output_tokens == 7 * len(upstream.requests)


async def test_at_once_all_agents_answer_side_by_side(tmp_path: Path) -> None:
    script = Meeting({name: Reply(text=(f"{name} speaking.",)) for name in AGENTS})
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        events = await service.run("agents_at_once", "What do you do?")
    assert outcomes(events) == {"email": "DONE", "code": "DONE", "support": "DONE", "all": "DONE"}
    result = result_of(events[-1])
    assert {name: result[name] for name in AGENTS} == {name: f"{name} speaking." for name in AGENTS}
    assert events[-1].completed.text == "email speaking.\n\ncode speaking.\n\nsupport speaking."


async def test_an_agent_hands_over_and_the_last_one_answers(tmp_path: Path) -> None:
    script = Meeting(
        {
            "choose": Reply(text=('{"name": "support"}',)),
            "support": calls("agents-hand_over", to="email", reason="It is a mail."),
            "email": Reply(text=(MAIL,)),
        }
    )
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        events = await service.run("agents_hand_over", "Write to Ana.")
    assert set(outcomes(events).values()) == {"DONE"}
    assert events[-1].completed.text == MAIL
    assert (result_of(events[-1])["agent"], result_of(events[-1])["handed_to"]) == ("email", "")
    assert {who: len(asked) for who, asked in script.heard.items()} == {"choose": 1, "support": 1, "email": 1}
    assert "It is a mail." in user_words(script.heard["email"][0])


async def test_an_agent_that_fails_ends_the_plan_in_words_and_no_other_begins(tmp_path: Path) -> None:
    script = Meeting({"support": Reply(text=("Thirty days.",))}, broken=frozenset({"email"}))
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        events = await service.run("agents_in_turn", "How long?")
    assert outcomes(events) == {"find": "DONE", "mail": "FAILED"}
    assert events[-1].failed.reason == "UPSTREAM_REJECTED"


async def test_of_agents_at_once_the_others_come_to_their_end_where_one_fails(tmp_path: Path) -> None:
    script = Meeting({name: Reply(text=("Done.",)) for name in AGENTS}, broken=frozenset({"code"}))
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        events = await service.run("agents_at_once", "What do you do?")
    assert outcomes(events) == {"email": "DONE", "code": "FAILED", "support": "DONE"}
    assert events[-1].failed.reason == "UPSTREAM_REJECTED"


async def test_agents_at_once_are_asked_at_the_same_time_and_cancelled_together(tmp_path: Path) -> None:
    async with Upstream(fault="stall-at-once") as upstream, meeting(tmp_path, upstream) as service:
        stream = service.execute(await service.plan("agents_at_once", "What do you do?"))
        first = await anext(stream)
        while len(upstream.requests) < len(AGENTS):  # none is answered, so all are asked at once
            upstream.arrived.clear()
            await upstream.arrived.wait()
        assert {said_by(one) for one in upstream.requests} == set(AGENTS)
        upstream.gone.clear()
        await service.agents.CancelRun(agent_service_pb2.CancelRunRequest(name=first.run))
        events = [event async for event in stream]
        await upstream.gone.wait()
        found = (await service.agents.GetRun(agent_service_pb2.GetRunRequest(name=first.run))).run
    assert events[-1].WhichOneof("payload") == "cancelled"
    assert found.state == run_pb2.RUN_STATE_CANCELLED
    assert "DONE" not in outcomes(events).values()


async def test_an_agent_that_may_write_and_fails_is_for_a_person_to_judge(tmp_path: Path) -> None:
    script = Meeting({}, broken=frozenset({"support"}))
    events = []
    async with Upstream(script) as upstream, meeting(tmp_path, upstream) as service:
        async for event in service.execute(await service.plan("agents_in_turn", "How long?")):
            events.append(event)
            if event.HasField("approval_required"):
                assert event.approval_required.why == plan_pb2.ApprovalRequired.WHY_UNCERTAIN
                assert outcomes(events) == {"find": "UNCERTAIN"}
                reject = agent_service_pb2.APPROVAL_DECISION_REJECT
                await service.agents.DecideApproval(
                    agent_service_pb2.DecideApprovalRequest(name=event.approval_required.name, decision=reject)
                )
    assert outcomes(events) == {"find": "FAILED"}
    assert events[-1].WhichOneof("payload") == "failed"
    assert set(script.heard) == {"support"}
