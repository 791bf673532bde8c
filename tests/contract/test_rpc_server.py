"""What the server does around the RPCs, over real sockets: metadata, disconnects, deadlines, limits, TLS, the end."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import CollectorRegistry
from vaiven.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    knowledge_service_pb2,
    knowledge_service_pb2_grpc,
    session_service_pb2,
    session_service_pb2_grpc,
)

from service.errors import InvalidArgumentError, Violation
from service.rpc.listen import ConfigurationError, TlsFiles
from service.rpc.server import SERVICES, RpcOptions, RpcServer, build_server
from service.rpc.side_port import SidePort
from service.runs.engine import CLIENT_DISCONNECTED, SERVICE_DRAINING
from service.runs.events import TextDelta
from tests.unit.rpc.fakes import FakeDomain
from tests.unit.rpc.fakes_runs import DONE, SCRIPT

LOOPBACK = "127.0.0.1:0"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
HI = agent_service_pb2.RunRequest(input="Hi")


@asynccontextmanager
async def serving(domain: FakeDomain, options: RpcOptions | None = None, **more: Any) -> AsyncIterator[RpcServer]:
    server = build_server(domain.ports(), options or RpcOptions(address=LOOPBACK), **more)
    await server.start()
    try:
        yield server
    finally:
        await server.drain(0.0)


def open_channel(server: RpcServer) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")


def agents(channel: grpc.aio.Channel) -> agent_service_pb2_grpc.AgentServiceAsyncStub:
    return agent_service_pb2_grpc.AgentServiceStub(channel)


def sessions(channel: grpc.aio.Channel) -> session_service_pb2_grpc.SessionServiceAsyncStub:
    return session_service_pb2_grpc.SessionServiceStub(channel)


async def code_of(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return raised.value.code()


class TestMetadata:
    async def test_the_request_id_comes_back_first_and_last_also_with_an_error(self) -> None:
        async with serving(FakeDomain()) as server, open_channel(server) as channel:
            metadata = (("x-request-id", "order-17"),)
            good = sessions(channel).GetSession(
                session_service_pb2.GetSessionRequest(name="sessions/s1"), metadata=metadata
            )
            await good
            bad = sessions(channel).GetSession(
                session_service_pb2.GetSessionRequest(name="sessions/none"), metadata=metadata
            )
            assert await code_of(bad) is grpc.StatusCode.NOT_FOUND

            for call in (good, bad):
                for found in (await call.initial_metadata(), await call.trailing_metadata()):
                    assert found is not None
                    assert dict(found)["x-request-id"] == "order-17"

    async def test_an_unforeseen_error_says_nothing_of_itself(self) -> None:
        domain = FakeDomain()
        domain.runs.refuse = RuntimeError("sk-secret")
        async with serving(domain) as server, open_channel(server) as channel:
            call = agents(channel).Run(HI)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await anext(aiter(call))

        assert raised.value.code() is grpc.StatusCode.INTERNAL
        assert "sk-secret" not in repr(raised.value) + str(raised.value.trailing_metadata())

    async def test_a_status_with_very_many_violations_arrives(self) -> None:
        domain = FakeDomain()
        domain.runs.refuse = InvalidArgumentError("ñ" * 4000, violations=[Violation("ñ" * 99, "漢" * 400)] * 300)
        async with serving(domain) as server, open_channel(server) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await anext(aiter(agents(channel).Run(HI)))

        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


class TestDisconnect:
    @pytest.mark.parametrize("flood", [0, 2000])
    async def test_a_run_survives_its_client(self, flood: int) -> None:
        domain = FakeDomain()
        domain.runs.script = [*SCRIPT[:2], *([TextDelta("x" * 1000)] * flood)]
        async with serving(domain) as server, open_channel(server) as channel:
            call = agents(channel).Run(HI)
            first = await anext(aiter(call))
            call.cancel()
            await domain.runs.emit(first.run, DONE)
            watch = agent_service_pb2.WatchRunRequest(name=first.run, after_sequence=2 + flood)

            assert [e.WhichOneof("payload") async for e in agents(channel).WatchRun(watch)] == ["completed"]
        assert domain.runs.cancelled == []

    @pytest.mark.parametrize("flood", [0, 2000])
    async def test_a_run_ends_with_its_client_where_the_request_says_so(self, flood: int) -> None:
        domain = FakeDomain()
        # The flood fills the window of a client that does not read, so that the server is caught while it sends.
        domain.runs.script = [*SCRIPT[:2], *([TextDelta("x" * 1000)] * flood)]
        async with serving(domain) as server, open_channel(server) as channel:
            call = agents(channel).Run(agent_service_pb2.RunRequest(input="Hi", cancel_on_disconnect=True))
            first = await anext(aiter(call))
            call.cancel()
            await domain.runs.was_cancelled.wait()

        assert domain.runs.cancelled == [(first.run, None, CLIENT_DISCONNECTED)]

    async def test_a_run_that_has_ended_is_not_cancelled(self) -> None:
        domain = FakeDomain()
        async with serving(domain) as server, open_channel(server) as channel:
            request = agent_service_pb2.RunRequest(input="Hi", cancel_on_disconnect=True)
            assert len([e async for e in agents(channel).Run(request)]) == len(SCRIPT)
        assert domain.runs.cancelled == []


class TestDeadline:
    async def test_the_caller_s_deadline_reaches_the_run(self) -> None:
        domain = FakeDomain()
        loop = asyncio.get_running_loop()
        async with serving(domain) as server, open_channel(server) as channel:
            before = loop.time()
            async for _ in agents(channel).Run(HI, timeout=50.0):
                pass
            after = loop.time()

        deadline = domain.runs.specs[0].deadline
        assert deadline is not None
        # gRPC passes deadlines on in whole units of a coarse clock, so a second's grace on both sides.
        assert before + 49 <= deadline <= after + 51

    async def test_a_unary_call_without_one_ends_at_the_default(self) -> None:
        domain = FakeDomain()

        async def never(*_: Any) -> Any:
            await asyncio.Event().wait()

        domain.sessions.get = never  # type: ignore[assignment]
        options = RpcOptions(address=LOOPBACK, default_deadline_s=0.01)
        async with serving(domain, options) as server, open_channel(server) as channel:
            call = sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))
            assert await code_of(call) is grpc.StatusCode.DEADLINE_EXCEEDED
            metadata = await call.trailing_metadata()
        assert metadata is not None
        assert "grpc-status-details-bin" in dict(metadata)


class TestLimits:
    async def test_a_message_that_is_too_large_is_refused(self) -> None:
        options = RpcOptions(address=LOOPBACK, max_message_bytes=10_000)
        async with serving(FakeDomain(), options) as server, open_channel(server) as channel:
            stub: knowledge_service_pb2_grpc.KnowledgeServiceAsyncStub
            stub = knowledge_service_pb2_grpc.KnowledgeServiceStub(channel)
            file = knowledge_service_pb2.DocumentFile(file_name="a.txt", content=b"x" * 20_000)
            request = knowledge_service_pb2.IngestDocumentsRequest(parent="collections/faq", files=[file])

            assert await code_of(stub.IngestDocuments(request)) is grpc.StatusCode.RESOURCE_EXHAUSTED

    async def test_more_calls_at_once_than_allowed_are_refused(self) -> None:
        domain = FakeDomain()
        domain.runs.script = SCRIPT[:1]
        options = RpcOptions(address=LOOPBACK, max_concurrent_rpcs=1)
        async with serving(domain, options) as server, open_channel(server) as channel:
            await anext(aiter(agents(channel).Run(HI)))
            call = sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))

            assert await code_of(call) is grpc.StatusCode.RESOURCE_EXHAUSTED

    async def test_a_port_is_not_shared(self) -> None:
        async with serving(FakeDomain()) as server:
            with pytest.raises(ConfigurationError, match="is it in use"):
                build_server(FakeDomain().ports(), RpcOptions(address=f"127.0.0.1:{server.port}"))


class TestHealthAndReflection:
    async def test_every_service_has_its_status_and_the_server_one_for_all(self) -> None:
        async with serving(FakeDomain()) as server, open_channel(server) as channel:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            for name in ("", *SERVICES, "google.longrunning.Operations"):
                response = await stub.Check(health_pb2.HealthCheckRequest(service=name))
                assert response.status == SERVING
            unknown = stub.Check(health_pb2.HealthCheckRequest(service="vaiven.v1.None"))
            assert await code_of(unknown) is grpc.StatusCode.NOT_FOUND

    @pytest.mark.parametrize("enabled", [True, False])
    async def test_reflection_is_a_choice(self, enabled: bool) -> None:
        options = RpcOptions(address=LOOPBACK, reflection=enabled)
        async with serving(FakeDomain(), options) as server, open_channel(server) as channel:
            if not enabled:
                # One message and not a stream: gRPC may tell a stream that is refused while it still sends INTERNAL.
                service = reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"].full_name
                ask: Any = channel.unary_unary(f"/{service}/ServerReflectionInfo")
                assert await code_of(ask(b"")) is grpc.StatusCode.UNIMPLEMENTED
                return
            stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
            call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
            response = await anext(aiter(call))
        names = {service.name for service in response.list_services_response.service}
        assert set(SERVICES) < names


class TestDrain:
    async def test_followers_get_the_terminal_event_and_newcomers_are_refused(self) -> None:
        domain = FakeDomain()
        domain.runs.script = SCRIPT[:2]
        draining, may_end = asyncio.Event(), asyncio.Event()
        end_runs: Callable[[float], Any] = domain.runs.drain

        async def drain(grace_s: float) -> None:
            draining.set()
            await may_end.wait()
            await end_runs(grace_s)

        domain.runs.drain = drain  # type: ignore[method-assign]
        async with serving(domain) as server, open_channel(server) as channel:
            stream = aiter(agents(channel).Run(HI))
            await anext(stream)
            health: Any = health_pb2_grpc.HealthStub(channel)
            watch = health.Watch(health_pb2.HealthCheckRequest(service=SERVICES[0]))
            statuses = aiter(watch)
            assert (await anext(statuses)).status == SERVING
            async with asyncio.TaskGroup() as group:
                end = group.create_task(server.drain(5.0))
                await draining.wait()

                assert (await anext(statuses)).status == NOT_SERVING
                late = sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))
                assert await code_of(late) is grpc.StatusCode.UNAVAILABLE
                watch.cancel()
                may_end.set()
                rest = [event async for event in stream]
                await end
            assert rest[-1].cancelled.reason == SERVICE_DRAINING
            await server.wait()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vaiven.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(folder / "cert.pem", folder / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


class TestTls:
    async def test_who_trusts_the_certificate_is_served(self, tls: TlsFiles) -> None:
        async with serving(FakeDomain(), RpcOptions(address=LOOPBACK, tls=tls)) as server:
            credentials = grpc.ssl_channel_credentials(tls.certificate.read_bytes())
            async with grpc.aio.secure_channel(f"127.0.0.1:{server.port}", credentials) as channel:
                response = await sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))
        assert response.session.name == "sessions/s1"

    async def test_who_speaks_in_the_clear_is_not(self, tls: TlsFiles) -> None:
        async with (
            serving(FakeDomain(), RpcOptions(address=LOOPBACK, tls=tls)) as server,
            open_channel(server) as channel,
        ):
            call = sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))
            assert await code_of(call) is grpc.StatusCode.UNAVAILABLE

    async def test_without_it_other_machines_are_not_served(self) -> None:
        with pytest.raises(ConfigurationError, match="needs TLS"):
            build_server(FakeDomain().ports(), RpcOptions(address="0.0.0.0:0"))

    async def test_a_unix_socket_needs_none(self, tmp_path: Path) -> None:
        path = tmp_path / "v.sock"
        async with serving(FakeDomain(), RpcOptions(address=f"unix:{path}")) as server:
            assert server.port == 0
            async with grpc.aio.insecure_channel(f"unix:{path}") as channel:
                await sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))


class TestSidePort:
    @staticmethod
    def get(port: SidePort, path: str, client: aiohttp.ClientSession) -> AbstractAsyncContextManager[Any]:
        return client.get(f"http://127.0.0.1:{port.port}{path}")

    async def test_probes_and_metrics(self) -> None:
        registry = CollectorRegistry()
        ready = True
        side = SidePort("127.0.0.1", 0, lambda: ready, registry)
        assert side.port == 0
        await side.start()
        try:
            async with (
                serving(FakeDomain(), registry=registry) as server,
                open_channel(server) as channel,
                aiohttp.ClientSession() as client,
            ):
                await sessions(channel).GetSession(session_service_pb2.GetSessionRequest(name="sessions/s1"))
                async with self.get(side, "/livez", client) as live, self.get(side, "/readyz", client) as readyz:
                    assert (live.status, readyz.status) == (200, 200)
                ready = False
                async with self.get(side, "/livez", client) as live, self.get(side, "/readyz", client) as readyz:
                    assert (live.status, readyz.status) == (200, 503)
                async with self.get(side, "/metrics", client) as metrics:
                    text = await metrics.text()
                async with self.get(side, "/", client) as nothing:
                    assert nothing.status == 404
        finally:
            await side.stop()
        assert 'vaiven_rpcs_total{code="OK",method="/vaiven.v1.SessionService/GetSession"} 1.0' in text

    async def test_a_port_that_is_taken_is_named(self) -> None:
        first = SidePort("127.0.0.1", 0, lambda: True, CollectorRegistry())
        await first.start()
        try:
            second = SidePort("127.0.0.1", first.port, lambda: True, CollectorRegistry())
            with pytest.raises(ConfigurationError, match=f"127.0.0.1:{first.port}"):
                await second.start()
        finally:
            await first.stop()
