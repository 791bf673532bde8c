"""`AgentService`: runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import agent_service_pb2, agent_service_pb2_grpc, run_event_pb2

from service.rpc.convert.plans import verdict_from_proto
from service.rpc.convert.runs import run_spec_from_proto, run_to_proto, state_from_proto
from service.rpc.convert.values import optional_text, request_id_from_proto
from service.rpc.interceptors.chain import current_call, current_principal
from service.rpc.ports import Approvals, RunEngine
from service.rpc.servicers.run_stream import RunStreams

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class AgentServicer(agent_service_pb2_grpc.AgentServiceServicer):
    """Converts, calls the engine, converts back."""

    def __init__(self, runs: RunEngine, approvals: Approvals, streams: RunStreams) -> None:
        """Keep the engine, what takes decisions, and what streams runs."""
        self._runs = runs
        self._approvals = approvals
        self._streams = streams

    def Run(self, request: agent_service_pb2.RunRequest, context: Context) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Start a run and stream its events."""
        spec = run_spec_from_proto(request, current_call().deadline)
        return self._streams.start(current_principal(), spec)

    async def GetRun(
        self, request: agent_service_pb2.GetRunRequest, context: Context
    ) -> agent_service_pb2.GetRunResponse:
        """Return a run."""
        run = await self._runs.get(current_principal(), request.name)
        routing = await self._runs.routing(current_principal(), request.name)
        return agent_service_pb2.GetRunResponse(run=run_to_proto(run, routing))

    async def ListRuns(
        self, request: agent_service_pb2.ListRunsRequest, context: Context
    ) -> agent_service_pb2.ListRunsResponse:
        """Return a page of runs."""
        page = await self._runs.list(
            current_principal(),
            request.page_size,
            request.page_token,
            optional_text(request.session),
            state_from_proto(request.state),
        )
        return agent_service_pb2.ListRunsResponse(
            runs=[run_to_proto(run) for run in page.items], next_page_token=page.next_page_token
        )

    def WatchRun(
        self, request: agent_service_pb2.WatchRunRequest, context: Context
    ) -> AsyncIterator[run_event_pb2.RunEvent]:
        """Replay and follow a run."""
        return self._streams.follow(current_principal(), request.name, request.after_sequence)

    async def CancelRun(
        self, request: agent_service_pb2.CancelRunRequest, context: Context
    ) -> agent_service_pb2.CancelRunResponse:
        """Stop a run."""
        request_id = request_id_from_proto(request.request_id)
        run = await self._runs.cancel(current_principal(), request.name, request_id)
        return agent_service_pb2.CancelRunResponse(run=run_to_proto(run))

    async def DecideApproval(
        self, request: agent_service_pb2.DecideApprovalRequest, context: Context
    ) -> agent_service_pb2.DecideApprovalResponse:
        """Take a person's decision."""
        request_id = request_id_from_proto(request.request_id)
        run = await self._approvals.decide(current_principal(), request.name, verdict_from_proto(request), request_id)
        return agent_service_pb2.DecideApprovalResponse(run=run_to_proto(run))
