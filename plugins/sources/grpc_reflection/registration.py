"""What an operator says of a gRPC service that is to become a plugin."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from plugins.manifest import Effect
from plugins.sources.base import SourceError, check_plugin_name
from plugins.sources.grpc_reflection.target import is_loopback

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_MAX_TIMEOUT_S: Final = 3600.0

_METADATA_KEY = re.compile(r"[0-9a-z_.-]{1,100}")
_METADATA_VALUE = re.compile(r"[\x20-\x7e]{0,8192}")
"""Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Custom-Metadata."""
_SERVICE_OR_METHOD = re.compile(r"[A-Za-z_][\w.]*(/[A-Za-z_]\w*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tls:
    """How the connection is encrypted; all are PEM.

    `root_certificates` None: those of the system. `certificate_chain` and `private_key`, both or neither: who we are.
    `server_name`: the name in the server's certificate, where it is not the target's host.
    """

    root_certificates: bytes | None = None
    certificate_chain: bytes | None = None
    private_key: bytes | None = field(default=None, repr=False)
    server_name: str = ""

    def __post_init__(self) -> None:
        if (self.certificate_chain is None) != (self.private_key is None):
            raise SourceError("TLS_INVALID", "a certificate chain and a private key go together", "tls")
        for name in ("root_certificates", "certificate_chain"):
            _check_certificates(getattr(self, name), f"tls.{name}")
        if self.private_key is not None and b"PRIVATE KEY-----" not in self.private_key:
            raise SourceError("TLS_INVALID", "is no private key in PEM", "tls.private_key")


@dataclass(frozen=True, slots=True)
class MethodRule:
    """What a model may do with one method.

    `fields`: the fields of the request that it may set, None: all. `fixed`: what is always sent, protobuf's JSON with
    the field names of the .proto file; a model cannot set it. `required`: fields that it must set. Fields are paths of
    names from the .proto file: `filter.customer`. `effect`, `idempotent`, `description` replace the service's own word.
    """

    fields: tuple[str, ...] | None = None
    fixed: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    required: tuple[str, ...] = ()
    effect: Effect | None = None
    idempotent: bool | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class GrpcRegistration:
    """A gRPC service as a plugin.

    Args:
        name: the plugin's name.
        target: what `check_target` returned; the host checks it before it constructs the source.
        description: what the plugin is for; empty: made from the services' names.
        services: full names of services (`shop.v1.Orders`) and methods (`shop.v1.Orders/GetOrder`); empty: all services
            but gRPC's own.
        rules: by `shop.v1.Orders/GetOrder`.
        tls: None: plaintext.
        bearer: a token sent as `authorization`; over TLS or to a loopback address only.
        metadata: further headers of every call.
        descriptor_set: a serialized FileDescriptorSet with all imports, for servers without reflection.
        call_timeout_s: longest call, in (0, 3600]; None: as the limits say.
        on_drift: what `refresh` does when the service changed: `refuse` raises, `reread` takes it as it is.

    Raises:
        SourceError: a field is wrong.
    """

    name: str
    target: str
    description: str = ""
    services: tuple[str, ...] = ()
    rules: Mapping[str, MethodRule] = field(default_factory=lambda: _EMPTY)
    tls: Tls | None = None
    bearer: str = field(default="", repr=False)
    metadata: Mapping[str, str] = field(default_factory=lambda: _EMPTY, repr=False)
    descriptor_set: bytes | None = field(default=None, repr=False)
    call_timeout_s: float | None = None
    on_drift: Literal["refuse", "reread"] = "refuse"

    def __post_init__(self) -> None:
        check_plugin_name(self.name)
        if not self.target.startswith(("dns:///", "ipv4:", "ipv6:")):
            raise SourceError("TARGET_INVALID", "was not checked", "target")
        for i, name in enumerate(self.services):
            if not _SERVICE_OR_METHOD.fullmatch(name):
                raise SourceError("REGISTRATION_INVALID", "is no full name of a service or method", f"services[{i}]")
        for name in self.rules:
            if not _SERVICE_OR_METHOD.fullmatch(name) or "/" not in name:
                raise SourceError("REGISTRATION_INVALID", "is not of the form package.Service/Method", f"rules.{name}")
        if self.call_timeout_s is not None and not 0 < self.call_timeout_s <= _MAX_TIMEOUT_S:
            raise SourceError("REGISTRATION_INVALID", f"must be in (0, {_MAX_TIMEOUT_S:g}] seconds", "call_timeout_s")
        self._check_metadata()

    def _check_metadata(self) -> None:
        for key, value in self.metadata.items():
            reserved = key.startswith("grpc-") or key.endswith("-bin") or key == "authorization"
            if reserved or not _METADATA_KEY.fullmatch(key):
                raise SourceError("REGISTRATION_INVALID", "is no header that may be set", f"metadata.{key[:100]}")
            if not _METADATA_VALUE.fullmatch(value):
                raise SourceError("REGISTRATION_INVALID", "must be printable ASCII", f"metadata.{key}")
        if not _METADATA_VALUE.fullmatch(self.bearer):
            raise SourceError("REGISTRATION_INVALID", "must be printable ASCII", "bearer")
        if self.bearer and self.tls is None and not is_loopback(self.target):
            raise SourceError(
                "REGISTRATION_INVALID", "a token is sent over TLS or to a loopback address only", "bearer"
            )

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of every call."""
        bearer = (("authorization", f"Bearer {self.bearer}"),) if self.bearer else ()
        return (*self.metadata.items(), *bearer)


def _check_certificates(pem: bytes | None, where: str) -> None:
    """Refuse what gRPC would only log, far from here."""
    if pem is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise SourceError("TLS_INVALID", "holds no certificate in PEM", where) from error
