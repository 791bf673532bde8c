"""A running server over a domain in memory, and stubs before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from google.longrunning import operations_pb2_grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from vaiven.v1 import (
    agent_service_pb2_grpc,
    cost_service_pb2_grpc,
    knowledge_service_pb2_grpc,
    model_service_pb2_grpc,
    plan_service_pb2_grpc,
    plugin_service_pb2_grpc,
    privacy_service_pb2_grpc,
    routing_service_pb2_grpc,
    session_service_pb2_grpc,
    ticket_service_pb2_grpc,
)

from service.rpc.server import RpcServer
from tests.unit.rpc.fakes import FakeDomain

REQUEST_ID = "0b5c1a4e-0000-4000-8000-000000000000"


@dataclass
class Edge:
    """A running server with fakes behind it, and stubs before it."""

    channel: grpc.aio.Channel
    server: RpcServer
    domain: FakeDomain
    agents: agent_service_pb2_grpc.AgentServiceAsyncStub = field(init=False)
    plans: plan_service_pb2_grpc.PlanServiceAsyncStub = field(init=False)
    plugins: plugin_service_pb2_grpc.PluginServiceAsyncStub = field(init=False)
    sessions: session_service_pb2_grpc.SessionServiceAsyncStub = field(init=False)
    knowledge: knowledge_service_pb2_grpc.KnowledgeServiceAsyncStub = field(init=False)
    models: model_service_pb2_grpc.ModelServiceAsyncStub = field(init=False)
    costs: cost_service_pb2_grpc.CostServiceAsyncStub = field(init=False)
    routing: routing_service_pb2_grpc.RoutingServiceAsyncStub = field(init=False)
    tickets: ticket_service_pb2_grpc.TicketServiceAsyncStub = field(init=False)
    operations: operations_pb2_grpc.OperationsStub = field(init=False)
    privacy: privacy_service_pb2_grpc.PrivacyServiceAsyncStub = field(init=False)

    def __post_init__(self) -> None:
        self.agents = agent_service_pb2_grpc.AgentServiceStub(self.channel)
        self.plans = plan_service_pb2_grpc.PlanServiceStub(self.channel)
        self.plugins = plugin_service_pb2_grpc.PluginServiceStub(self.channel)
        self.sessions = session_service_pb2_grpc.SessionServiceStub(self.channel)
        self.knowledge = knowledge_service_pb2_grpc.KnowledgeServiceStub(self.channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(self.channel)
        self.costs = cost_service_pb2_grpc.CostServiceStub(self.channel)
        self.routing = routing_service_pb2_grpc.RoutingServiceStub(self.channel)
        # Google ships this code without types.
        self.operations = operations_pb2_grpc.OperationsStub(self.channel)  # type: ignore[no-untyped-call]
        self.tickets = ticket_service_pb2_grpc.TicketServiceStub(self.channel)
        self.privacy = privacy_service_pb2_grpc.PrivacyServiceStub(self.channel)


async def to_its_end(call: Any) -> None:
    if not hasattr(call, "__aiter__"):
        await call
        return
    async for _ in call:
        pass


async def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    """Return code and reason with which the call ends."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await to_its_end(call)
    status = await rpc_status.aio.from_call(call)
    info = error_details_pb2.ErrorInfo()
    assert status is not None
    assert status.details[0].Unpack(info)
    return raised.value.code(), info.reason
