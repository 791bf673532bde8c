"""Asks a service for a plan of each sentence, runs it, and judges what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import grpc.aio
import yaml
from google.protobuf import json_format
from vaiven.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    plan_service_pb2,
    plan_service_pb2_grpc,
    plugin_pb2,
    plugin_service_pb2,
    plugin_service_pb2_grpc,
)

from bench.plans.orders import Orders
from service.bootstrap import open_app
from service.testing.app import scratch_settings

_SENTENCES: Final = Path(__file__).parent / "sentences.yaml"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is asked, and what should come of it; `unseen`: the planner's rules were made without it."""

    say: str
    functions: tuple[str, ...]
    number: int
    says: tuple[str, ...]
    greets: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a sentence: the functions of its plan, the registered call's arguments, and the mail, if any."""

    functions: tuple[str, ...] = ()
    arguments: Mapping[str, Any] | None = None
    mail: str = ""
    failure: str = ""

    def planned(self, asked: Sentence) -> bool:
        """Return whether the right functions are called in their order, the registered one with the number alone."""
        return self.functions == asked.functions and self.arguments == {"number": asked.number}

    def right(self, asked: Sentence) -> bool:
        """Return whether besides the mail greets whom it should, and says what the service answered."""
        folded = self.mail.casefold()
        said = all(word.casefold() in folded for word in (asked.greets, *asked.says))
        return self.planned(asked) and not self.failure and bool(self.mail) and said


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return all sentences."""
    read = yaml.safe_load(_SENTENCES.read_text(encoding="utf-8"))
    return tuple(Sentence(**{**one, "functions": tuple(one["functions"]), "says": tuple(one["says"])}) for one in read)


@dataclass(frozen=True, slots=True)
class Planner:
    """The stubs of a service with which `orders` is registered."""

    plans: plan_service_pb2_grpc.PlanServiceAsyncStub
    agents: agent_service_pb2_grpc.AgentServiceAsyncStub

    async def make(self, say: str) -> Made:
        """Return what comes of a sentence; each call that needs a person is approved."""
        try:
            plan = (await self.plans.CreatePlan(plan_service_pb2.CreatePlanRequest(input=say))).plan
        except grpc.aio.AioRpcError as error:
            return Made(failure=error.details() or error.code().name)
        functions = tuple(step.function.removeprefix("plugins/").replace("/functions/", ".") for step in plan.steps)
        arguments = next(
            (
                json_format.MessageToDict(step.arguments)
                for name, step in zip(functions, plan.steps, strict=True)
                if name.startswith("orders.")
            ),
            None,
        )
        mail = failure = ""
        async for event in self.plans.ExecutePlan(plan_service_pb2.ExecutePlanRequest(name=plan.name)):
            match event.WhichOneof("payload"):
                case "approval_required":
                    await self.agents.DecideApproval(
                        agent_service_pb2.DecideApprovalRequest(
                            name=event.approval_required.name,
                            decision=agent_service_pb2.APPROVAL_DECISION_APPROVE,
                        )
                    )
                case "completed":
                    mail = event.completed.text if "body" in event.completed.result.fields else ""
                case "failed":
                    failure = event.failed.reason
                case "incomplete" | "cancelled" as ending:
                    failure = ending
        return Made(functions, arguments, mail, failure)


@asynccontextmanager
async def planner(directory: Path, orders: Orders) -> AsyncIterator[Planner]:
    """Run a service with the embedded model, its store in `directory`, and register `orders` with it."""
    async with (
        open_app(scratch_settings(directory)) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel,
    ):
        source = plugin_pb2.PluginSource(
            grpc=plugin_pb2.GrpcSource(target=orders.target, services=["warehouse.v1.Orders"])
        )
        await plugin_service_pb2_grpc.PluginServiceStub(channel).RegisterPlugin(
            plugin_service_pb2.RegisterPluginRequest(plugin_id="orders", plugin=plugin_pb2.Plugin(source=source))
        )
        yield Planner(plan_service_pb2_grpc.PlanServiceStub(channel), agent_service_pb2_grpc.AgentServiceStub(channel))


def share(asked: Sequence[Sentence], right: Sequence[bool]) -> str:
    """Return how many are right, as `9 of 10`."""
    return f"{sum(right)} of {len(asked)}"
