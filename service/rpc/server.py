"""The gRPC server: services, guards, limits, health, and an end in which nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import grpc
import grpc.aio
import structlog
from google.longrunning import operations_pb2_grpc, operations_proto_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio  # pyright: ignore[reportAttributeAccessIssue] - not in typeshed's stub
from grpc_reflection.v1alpha import reflection
from prometheus_client import CollectorRegistry
from vaiven.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    cost_service_pb2,
    cost_service_pb2_grpc,
    knowledge_service_pb2,
    knowledge_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
    plan_service_pb2,
    plan_service_pb2_grpc,
    plugin_service_pb2,
    plugin_service_pb2_grpc,
    privacy_service_pb2,
    privacy_service_pb2_grpc,
    routing_service_pb2,
    routing_service_pb2_grpc,
    session_service_pb2,
    session_service_pb2_grpc,
    ticket_service_pb2,
    ticket_service_pb2_grpc,
)

from service.rpc.interceptors.auth import AuthGuard, Judge, PrincipalGuard
from service.rpc.interceptors.chain import GuardInterceptor
from service.rpc.interceptors.deadline import DeadlineGuard
from service.rpc.interceptors.drain import DrainGuard
from service.rpc.interceptors.errors import ErrorsGuard
from service.rpc.interceptors.observe import ObserveGuard
from service.rpc.interceptors.request_id import RequestIdGuard
from service.rpc.interceptors.validate import ValidateGuard
from service.rpc.listen import TlsFiles, listen
from service.rpc.ports import AppPorts, RunEngine
from service.rpc.servicers.agents import AgentServicer
from service.rpc.servicers.costs import CostServicer
from service.rpc.servicers.knowledge import KnowledgeServicer
from service.rpc.servicers.models import ModelServicer
from service.rpc.servicers.operations import OperationsServicer
from service.rpc.servicers.plans import PlanServicer
from service.rpc.servicers.plugins import PluginServicer
from service.rpc.servicers.privacy import PrivacyServicer
from service.rpc.servicers.routing import RoutingServicer
from service.rpc.servicers.run_stream import RunStreams
from service.rpc.servicers.sessions import SessionServicer
from service.rpc.servicers.tickets import TicketServicer
from service.runs.spec import LOCAL_PRINCIPAL, Principal

SERVICES: Final = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (agent_service_pb2, "AgentService"),
        (plugin_service_pb2, "PluginService"),
        (plan_service_pb2, "PlanService"),
        (session_service_pb2, "SessionService"),
        (knowledge_service_pb2, "KnowledgeService"),
        (model_service_pb2, "ModelService"),
        (cost_service_pb2, "CostService"),
        (routing_service_pb2, "RoutingService"),
        (ticket_service_pb2, "TicketService"),
        (privacy_service_pb2, "PrivacyService"),
    )
)
"""The full names of the services, each with a health status of its own beside that of the whole server (`""`)."""

OPERATIONS: Final = operations_proto_pb2.DESCRIPTOR.services_by_name["Operations"].full_name
"""The service of long operations, whose contract is Google's; it has a health status like the others."""

LAST_WORDS_S: Final = 2.0
"""How long callers have, after all runs have ended, to take what is left of their streams, in seconds."""

_log: Final[Any] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RpcOptions:
    """How the server listens and what it bounds. Sizes are bytes, times are seconds.

    `address` is `host:port` (port 0: any free one) or `unix:PATH`; without `tls`, or a judge of credentials, only the
    machine itself may reach it. With `reuse_port` other processes of this user may listen there, too, and the system
    shares the connections out.
    `default_deadline_s` holds where the caller set none, `max_deadline_s` where it set a longer one. A connection is
    closed after `connection_age_s` when its calls have ended, and after `connection_idle_s` without one.
    """

    address: str = "127.0.0.1:50051"
    tls: TlsFiles | None = None
    reuse_port: bool = False
    reflection: bool = False
    max_message_bytes: int = 16 * 1024 * 1024
    max_concurrent_streams: int = 128
    max_concurrent_rpcs: int = 512
    default_deadline_s: float = 300.0
    max_deadline_s: float = 3600.0
    keepalive_time_s: float = 60.0
    keepalive_timeout_s: float = 20.0
    min_ping_interval_s: float = 10.0
    connection_age_s: float = 1800.0
    connection_idle_s: float = 300.0


class RpcServer:
    """A server that is bound, then started once, then drained once."""

    def __init__(
        self,
        server: grpc.aio.Server,
        port: int,
        health_servicer: health_aio.HealthServicer,
        gate: DrainGuard,
        runs: RunEngine,
    ) -> None:
        """Keep the parts that `build_server` made."""
        self._server = server
        self._port = port
        self._health = health_servicer
        self._gate = gate
        self._runs = runs
        self._draining: asyncio.Task[None] | None = None
        self._backends: dict[str, bool] = {}

    @property
    def port(self) -> int:
        """Return the bound port; 0 for a unix socket."""
        return self._port

    @property
    def draining(self) -> bool:
        """Return whether the end has begun."""
        return self._gate.closed

    async def start(self) -> None:
        """Serve, and say so in the health service."""
        await self._server.start()
        for name in ("", *SERVICES, OPERATIONS):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def tell_backends(self, serving: Mapping[str, bool]) -> None:
        """Say in the health service which backends (`backends/onnx`) would answer; those that are gone do not."""
        response = health_pb2.HealthCheckResponse
        for backend in self._backends.keys() - serving.keys():
            await self._health.set(f"backends/{backend}", response.NOT_SERVING)
        for backend, serves in serving.items():
            if self._backends.get(backend) != serves:
                await self._health.set(f"backends/{backend}", response.SERVING if serves else response.NOT_SERVING)
        self._backends = dict(serving)

    async def wait(self) -> None:
        """Return when the server has stopped."""
        await self._server.wait_for_termination()

    async def drain(self, grace_s: float) -> None:
        """Stop within about `grace_s` seconds without losing a run; calling it again waits for the same end.

        Health says NOT_SERVING first, then new calls are refused; runs may finish until the grace period is over, are
        then cancelled, and every follower gets the terminal event before its stream ends.
        """
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain(grace_s))
        await asyncio.shield(self._draining)

    async def _drain(self, grace_s: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_s
        await self._health.enter_graceful_shutdown()
        self._gate.close()
        await self._runs.drain(grace_s)
        if not await self._gate.wait_empty(max(end - loop.time(), LAST_WORDS_S)):
            _log.warning("calls were cut off at the end of the grace period")
        await self._server.stop(LAST_WORDS_S)


def build_server(
    ports: AppPorts,
    options: RpcOptions,
    *,
    registry: CollectorRegistry | None = None,
    judge: Judge | None = None,
    principal: Principal = LOCAL_PRINCIPAL,
) -> RpcServer:
    """Return a server that is bound to its address and not started; call it in a running event loop.

    `registry` takes the metrics of the calls; None keeps them in one of its own. `judge` tells who calls; without one
    everybody is `principal`. Health and reflection ask for no credentials either way: probes have none, and what they
    tell is no secret.

    Raises:
        ConfigurationError: The address may not or cannot be listened on.
    """
    gate = DrainGuard()
    guards = (
        RequestIdGuard(),
        ObserveGuard(registry or CollectorRegistry()),
        ErrorsGuard(),
        gate,
        PrincipalGuard(principal) if judge is None else AuthGuard(judge),
        DeadlineGuard(options.default_deadline_s, options.max_deadline_s),
        ValidateGuard(),
    )
    server = grpc.aio.server(
        interceptors=(GuardInterceptor(guards),),
        options=_channel_arguments(options),
        maximum_concurrent_rpcs=options.max_concurrent_rpcs,
    )
    health_servicer = health_aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    _add_services(server, ports)
    if options.reflection:
        reflection.enable_server_reflection(
            (*SERVICES, OPERATIONS, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )
    port = listen(server, options.address, options.tls, authenticated=judge is not None)
    return RpcServer(server, port, health_servicer, gate, ports.runs)


class _ByName:
    """A server that looks methods up by their names.

    The generated code registers them, too, and for each that is registered gRPC keeps one request for a call in flight;
    its loop goes over all of them at every call, which with this many methods costs more than it saves.
    Source: grpc's `_cython/_cygrpc/aio/server.pyx.pxi`, `_server_main_loop`.
    """

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: object) -> None:
        """Leave them out; the generic handlers have them."""


def _add_services(bound: grpc.aio.Server, ports: AppPorts) -> None:
    # The generated functions ask for a whole server and call these two methods of it.
    server = cast("grpc.aio.Server", _ByName(bound))
    streams = RunStreams(ports.runs)
    agent_service_pb2_grpc.add_AgentServiceServicer_to_server(
        AgentServicer(ports.runs, ports.approvals, streams), server
    )
    plan_service_pb2_grpc.add_PlanServiceServicer_to_server(PlanServicer(ports.plans, streams), server)
    plugins = PluginServicer(ports.plugins, ports.registrations, streams)
    plugin_service_pb2_grpc.add_PluginServiceServicer_to_server(plugins, server)
    session_service_pb2_grpc.add_SessionServiceServicer_to_server(SessionServicer(ports.sessions), server)
    knowledge_service_pb2_grpc.add_KnowledgeServiceServicer_to_server(KnowledgeServicer(ports.library), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelServicer(ports.models), server)
    # Google ships this code without types.
    operations_pb2_grpc.add_OperationsServicer_to_server(  # type: ignore[no-untyped-call]
        OperationsServicer(ports.operations), server
    )
    cost_service_pb2_grpc.add_CostServiceServicer_to_server(CostServicer(ports.budgets, ports.usage), server)
    routing_service_pb2_grpc.add_RoutingServiceServicer_to_server(RoutingServicer(ports.routes), server)
    ticket_service_pb2_grpc.add_TicketServiceServicer_to_server(TicketServicer(ports.tickets), server)
    privacy_service_pb2_grpc.add_PrivacyServiceServicer_to_server(PrivacyServicer(ports.privacy), server)


def _channel_arguments(options: RpcOptions) -> Sequence[tuple[str, int]]:
    """Return the limits by the names that gRPC has for them.

    Source: grpc's `include/grpc/impl/channel_arg_names.h`.
    """
    return (
        ("grpc.max_receive_message_length", options.max_message_bytes),
        ("grpc.max_send_message_length", options.max_message_bytes),
        ("grpc.max_concurrent_streams", options.max_concurrent_streams),
        ("grpc.keepalive_time_ms", _ms(options.keepalive_time_s)),
        ("grpc.keepalive_timeout_ms", _ms(options.keepalive_timeout_s)),
        # The one that decides for a peer which is gone altogether; a minute unless it is said.
        ("grpc.http2.ping_timeout_ms", _ms(options.keepalive_timeout_s)),
        ("grpc.http2.min_ping_interval_without_data_ms", _ms(options.min_ping_interval_s)),
        ("grpc.max_connection_age_ms", _ms(options.connection_age_s)),
        # An old connection takes no new calls, but those on it may use up their deadline.
        ("grpc.max_connection_age_grace_ms", _ms(options.max_deadline_s)),
        ("grpc.max_connection_idle_ms", _ms(options.connection_idle_s)),
        # Two servers on one port share its connections in silence; unless that is wanted, the second shall fail.
        ("grpc.so_reuseport", int(options.reuse_port)),
    )


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
