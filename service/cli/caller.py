"""The connection to the service: one channel, a stub for each service, and what can go wrong with them.

grpc and the generated code are imported when the first stub is asked for, so that help and usage errors stay quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from service.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    import grpc
    import grpc.aio
    from google.longrunning.operations_pb2_grpc import OperationsStub
    from grpc_health.v1.health_pb2_grpc import HealthStub
    from vaiven.v1.agent_service_pb2_grpc import AgentServiceStub
    from vaiven.v1.cost_service_pb2_grpc import CostServiceStub
    from vaiven.v1.knowledge_service_pb2_grpc import KnowledgeServiceStub
    from vaiven.v1.model_service_pb2_grpc import ModelServiceStub
    from vaiven.v1.plan_service_pb2_grpc import PlanServiceStub
    from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub
    from vaiven.v1.privacy_service_pb2_grpc import PrivacyServiceStub
    from vaiven.v1.session_service_pb2_grpc import SessionServiceStub
    from vaiven.v1.ticket_service_pb2_grpc import TicketServiceStub

Request = TypeVar("Request")
Response = TypeVar("Response")
Response_co = TypeVar("Response_co", covariant=True)

UNARY_TIMEOUT_S: Final = 30.0
MAX_RECEIVE_BYTES: Final = 64 * 1024 * 1024


class Answers(Protocol[Response_co]):
    """A stream of answers that can be given up."""

    def __iter__(self) -> Iterator[Response_co]:
        """Return the answers as they come."""
        ...

    def cancel(self) -> object:
        """End the call."""
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the service is and how it is called. `timeout_s` None: 30 s for one answer, a stream while it lasts.

    `key` goes before what `key_file` holds; without both no credentials are sent.
    """

    address: str
    tls_ca: Path | None = None
    tls_server_name: str | None = None
    key: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    json: bool = False
    timeout_s: float | None = None


class Caller:
    """Calls one service; close it at the end."""

    def __init__(self, connection: Connection) -> None:
        """Connect when the first call is made."""
        self.connection = connection

    @cached_property
    def channel(self) -> grpc.Channel:
        """Return the channel, made at first use.

        Raises:
            CommandError: The certificate authority cannot be read.
        """
        return open_channel(self.connection)

    @cached_property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what goes with every call.

        Raises:
            CommandError: The key cannot be read, or is none.
        """
        return credentials_of(self.connection)

    @cached_property
    def agents(self) -> AgentServiceStub:
        """Return the stub of `AgentService`."""
        from vaiven.v1.agent_service_pb2_grpc import AgentServiceStub

        return AgentServiceStub(self.channel)

    @cached_property
    def plugins(self) -> PluginServiceStub:
        """Return the stub of `PluginService`."""
        from vaiven.v1.plugin_service_pb2_grpc import PluginServiceStub

        return PluginServiceStub(self.channel)

    @cached_property
    def plans(self) -> PlanServiceStub:
        """Return the stub of `PlanService`."""
        from vaiven.v1.plan_service_pb2_grpc import PlanServiceStub

        return PlanServiceStub(self.channel)

    @cached_property
    def sessions(self) -> SessionServiceStub:
        """Return the stub of `SessionService`."""
        from vaiven.v1.session_service_pb2_grpc import SessionServiceStub

        return SessionServiceStub(self.channel)

    @cached_property
    def knowledge(self) -> KnowledgeServiceStub:
        """Return the stub of `KnowledgeService`."""
        from vaiven.v1.knowledge_service_pb2_grpc import KnowledgeServiceStub

        return KnowledgeServiceStub(self.channel)

    @cached_property
    def models(self) -> ModelServiceStub:
        """Return the stub of `ModelService`."""
        from vaiven.v1.model_service_pb2_grpc import ModelServiceStub

        return ModelServiceStub(self.channel)

    @cached_property
    def costs(self) -> CostServiceStub:
        """Return the stub of `CostService`."""
        from vaiven.v1.cost_service_pb2_grpc import CostServiceStub

        return CostServiceStub(self.channel)

    @cached_property
    def tickets(self) -> TicketServiceStub:
        """Return the stub of `TicketService`."""
        from vaiven.v1.ticket_service_pb2_grpc import TicketServiceStub

        return TicketServiceStub(self.channel)

    @cached_property
    def privacy(self) -> PrivacyServiceStub:
        """Return the stub of `PrivacyService`."""
        from vaiven.v1.privacy_service_pb2_grpc import PrivacyServiceStub

        return PrivacyServiceStub(self.channel)

    @cached_property
    def operations(self) -> OperationsStub:
        """Return the stub of `google.longrunning.Operations`."""
        from google.longrunning.operations_pb2_grpc import OperationsStub

        return OperationsStub(self.channel)  # type: ignore[no-untyped-call]

    @cached_property
    def health(self) -> HealthStub:
        """Return the stub of the standard health service."""
        from grpc_health.v1.health_pb2_grpc import HealthStub

        return HealthStub(self.channel)

    def call(
        self, method: grpc.UnaryUnaryMultiCallable[Request, Response], request: Request, *, limit_s: float | None = None
    ) -> Response:
        """Return the answer to one request; `limit_s` seconds, or else the connection's timeout, or else 30 s."""
        seconds = limit_s or self.connection.timeout_s or UNARY_TIMEOUT_S
        return method(request, timeout=seconds, metadata=self.metadata)

    def stream(self, method: grpc.UnaryStreamMultiCallable[Request, Response], request: Request) -> Answers[Response]:
        """Return the stream of answers to one request."""
        return method(request, timeout=self.connection.timeout_s, metadata=self.metadata)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what the calls inside raise into a `CommandError`, and close the channel at the end.

        Raises:
            CommandError: A call failed; in words.
        """
        try:
            yield
        except Exception as error:
            if "channel" not in self.__dict__:
                raise
            from grpc import RpcError

            if not isinstance(error, RpcError):
                raise
            from service.cli.failures import failure_of

            raise failure_of(error, self.connection.address) from error
        finally:
            if "channel" in self.__dict__:
                self.channel.close()


def credentials_of(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return the metadata that shows the connection's key, or nothing where it has none.

    A channel goes in the clear to this machine only, so that a key never does to another.

    Raises:
        CommandError: The key cannot be read, or is none.
    """
    shown = connection.key
    if shown is None and connection.key_file is not None:
        try:
            shown = connection.key_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CommandError(f"The key in {connection.key_file} cannot be read: {why}.", exit_code=USAGE) from error
    if shown is None:
        return ()
    shown = shown.strip()
    if not shown.isascii() or not shown.isprintable() or not shown or " " in shown:
        raise CommandError("The key must be one word of ASCII characters.", exit_code=USAGE)
    return (("authorization", f"Bearer {shown}"),)


def open_channel(connection: Connection) -> grpc.Channel:
    """Return a channel: in the clear to this machine only, else by TLS.

    Raises:
        CommandError: The address has no port, or the certificate authority cannot be read.
    """
    import grpc

    options, credentials = _way(connection)
    if credentials is None:
        return grpc.insecure_channel(connection.address, options=options)
    return grpc.secure_channel(connection.address, credentials, options=options)


def open_async_channel(connection: Connection) -> grpc.aio.Channel:
    """Return the same channel for a running event loop.

    Raises:
        CommandError: The address has no port, or the certificate authority cannot be read.
    """
    import grpc.aio

    options, credentials = _way(connection)
    if credentials is None:
        return grpc.aio.insecure_channel(connection.address, options=options)
    return grpc.aio.secure_channel(connection.address, credentials, options=options)


def _way(connection: Connection) -> tuple[list[tuple[str, Any]], grpc.ChannelCredentials | None]:
    """Return a channel's arguments and credentials; None: in the clear.

    Raises:
        CommandError: The address has no port, or the certificate authority cannot be read.
    """
    import grpc

    from service.rpc.listen import has_port, is_loopback

    # Names of gRPC's own, e.g. unix:PATH or dns:///HOST, are left to it; a port that is none it would make one of.
    if not has_port(connection.address) and not connection.address.startswith(("unix", "dns:///")):
        raise CommandError(
            f"{connection.address!r} is not where a service can be.",
            hint="Write HOST:PORT, e.g. 127.0.0.1:50051 (a port is at most 65535), or unix:PATH.",
            exit_code=USAGE,
        )
    options: list[tuple[str, Any]] = [("grpc.max_receive_message_length", MAX_RECEIVE_BYTES)]
    local = is_loopback(connection.address)
    if local:
        # A proxy of the environment cannot lead to this machine.
        options.append(("grpc.enable_http_proxy", 0))
    if local and connection.tls_ca is None:
        return options, None
    if connection.tls_server_name:
        options.append(("grpc.ssl_target_name_override", connection.tls_server_name))
    roots = None if connection.tls_ca is None else _read(connection.tls_ca)
    return options, grpc.ssl_channel_credentials(roots)


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(
            f"The certificate authority {path} cannot be read: {error.strerror}.", exit_code=USAGE
        ) from error
    if b"-----BEGIN CERTIFICATE-----" not in content:
        # gRPC would say so in lines of its own log, and then that nobody answers.
        raise CommandError(f"The certificate authority {path} is not a certificate in PEM.", exit_code=USAGE)
    return content
