"""Where the server listens, and the rule that in the clear, or for anybody, it does so on the machine itself only."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

_LOCAL_SCHEMES: Final = ("unix:", "unix-abstract:")
_LAST_PORT: Final = 65535


class ConfigurationError(ValueError):
    """A setting is wrong; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate chain and its private key, both PEM."""

    certificate: Path
    key: Path


def listen(server: grpc.aio.Server, address: str, tls: TlsFiles | None, *, authenticated: bool) -> int:
    """Bind `server` to `address` and return the port (0 for a unix socket); `authenticated`: callers show credentials.

    Raises:
        ConfigurationError: As `check`, or the address cannot be had.
    """
    credentials = _allowed(address, tls, authenticated=authenticated)
    try:
        if credentials is None:
            port: int = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise ConfigurationError(
            f"Cannot listen on {address!r}: is it in use, or not an address of this machine? ({error})"
        ) from error
    return 0 if address.startswith(_LOCAL_SCHEMES) else port


def check(address: str, tls: TlsFiles | None, *, authenticated: bool, reuse_port: bool = False) -> None:
    """Look whether `address` may and can be listened on, before anything that takes long; it may wait for a resolver.

    Raises:
        ConfigurationError: The address has no port, or is not loopback and there is no TLS or nobody is asked for
            credentials, a file cannot be read, or somebody else listens there.
    """
    _allowed(address, tls, authenticated=authenticated)
    host, _, port = address.rpartition(":")
    if address.startswith(_LOCAL_SCHEMES) or "/" in host or host in ("", "*"):
        return  # nothing that a plain socket could try
    problem = why_not_free(host.strip("[]"), int(port), reuse_port=reuse_port)
    if problem is not None:
        raise ConfigurationError(f"Cannot listen on {address!r}: {problem}. Stop what listens there, or name another.")


def why_not_free(host: str, port: int, *, reuse_port: bool = False) -> str | None:
    """Return why the port cannot be listened on, or None where it can; `reuse_port`: beside others that allow it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            if os.name != "nt":
                # As gRPC does: connections of an earlier service that are still closing do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if reuse_port and hasattr(socket, "SO_REUSEPORT"):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _allowed(address: str, tls: TlsFiles | None, *, authenticated: bool) -> grpc.ServerCredentials | None:
    """Return what `address` is served with; None: in the clear.

    Raises:
        ConfigurationError: The address has no port, or is not loopback and there is no TLS or nobody is asked for
            credentials, or a file cannot be read.
    """
    if not address.startswith(_LOCAL_SCHEMES) and not has_port(address):
        raise ConfigurationError(
            f"{address!r} names no port: write host:port, e.g. 127.0.0.1:50051, or unix:PATH. "
            f"A port is a number up to {_LAST_PORT}."
        )
    if not is_loopback(address) and (needs := why_not_public(tls is not None, authenticated)):
        raise ConfigurationError(
            f"{address!r} can be reached from other machines, so it {needs}; or listen on 127.0.0.1, [::1], localhost "
            "or unix:PATH."
        )
    return None if tls is None else _credentials(tls)


def why_not_public(tls: bool, authenticated: bool) -> str:
    """Return what an address that other machines can reach needs besides, or nothing where it has all."""
    needs = []
    if not tls:
        needs.append("needs TLS: set a certificate and a key")
    if not authenticated:
        needs.append(
            "needs callers who show credentials: set auth.mode to required, and make keys with `vaiven keys create`"
        )
    return "; and it ".join(needs)


def has_port(address: str) -> bool:
    """Return whether `address` ends with a port, 0 to 65535. gRPC itself takes a larger one modulo 65536."""
    port = address.rpartition(":")[2]
    return port.isascii() and port.isdigit() and int(port) <= _LAST_PORT


def is_loopback(address: str) -> bool:
    """Return whether `address` (`host:port`, `[v6]:port` or a unix socket) can be reached from this machine only."""
    if address.startswith(_LOCAL_SCHEMES):
        return True
    host, separator, _ = address.rpartition(":")
    if not separator or not has_port(address):
        return False
    if host == "localhost":
        return True
    try:
        ip = ipaddress.ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    except ValueError:
        return False
    return ip.is_loopback and not (ip.version == 6 and ip.ipv4_mapped is not None)


def _credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    pairs = [(_read(tls.key, "key"), _read(tls.certificate, "certificate"))]
    try:
        # gRPC would notice too, but call it an address that cannot be had. The empty password stops a question for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError(
            f"The TLS key {tls.key} is not that of the certificate {tls.certificate}, or cannot be read: it must be "
            "PEM without a password."
        ) from error
    return grpc.ssl_server_credentials(pairs)


def _read(path: Path, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"The TLS {what} {path} cannot be read: {error.strerror}.") from error
    if b"-----BEGIN" not in content:
        raise ConfigurationError(f"The TLS {what} {path} is not PEM.")
    return content
