"""Versions, the data directory, ports and certificates."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from service.cli.caller import Connection, open_channel
from service.cli.doctor.finding import Finding
from service.cli.exits import CommandError
from service.cli.screen import bytes_size
from service.cli.version import installed_version
from service.rpc.listen import is_loopback, why_not_free, why_not_public
from service.settings import ServerSettings, SidePortSettings, StoreSettings

DISTRIBUTIONS: Final = (
    *("vaiven", "grpcio", "protobuf", "semantic-kernel", "onnxruntime-genai", "onnxruntime-genai-cuda"),
    *("onnxruntime-genai-directml", "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml"),
)
FREE_BYTES: Final = 100 * 1000 * 1000
"""Free space under which a warning is given: what some days of runs and documents take."""

HEALTH_LIMIT_S: Final = 2.0


def versions() -> Iterator[Finding]:
    """Yield the versions of what matters, those that are installed."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    yield Finding("versions", "machine", "ok", system)
    known = {name: installed_version(name) for name in DISTRIBUTIONS}
    found = ", ".join(f"{name} {version}" for name, version in known.items() if version)
    yield Finding("versions", "packages", "ok", found)


def data(store: StoreSettings) -> Iterator[Finding]:
    """Yield whether the store can be written and whether there is room for it."""
    path = store.path.absolute()
    advice = "Name a file in a directory that this user may write: store.path, or `vaiven serve --store FILE`."
    folder = next((folder for folder in path.parents if folder.exists()), path.parent)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        yield Finding("data", "store", "failed", f"{path} may not be written by this user.", advice)
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding("data", "store", "failed", f"{folder} cannot be written: {error.strerror}.", advice)
        return
    note = "" if path.exists() else " (made at the first start)"
    yield Finding("data", "store", "ok", f"{path}{note}")
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        yield Finding("data", "room", "warning", f"{bytes_size(free)} are free in {folder}.", "Make room.")
    else:
        yield Finding("data", "room", "ok", f"{bytes_size(free)} are free.")


def ports(server: ServerSettings, side: SidePortSettings, *, authenticated: bool) -> Iterator[Finding]:
    """Yield whether the addresses can be had, or have been by a vaiven service already."""
    for name, path in (("certificate", server.tls_certificate), ("key", server.tls_key)):
        if path is not None and not os.access(path, os.R_OK):
            advice = f"Check server.tls_{name}."
            yield Finding("ports", f"TLS {name}", "failed", f"{path} cannot be read.", advice)
    host, _, port = server.address.rpartition(":")
    if server.address.startswith("unix:"):
        folder = Path(server.address.removeprefix("unix:")).absolute().parent
        writable = os.access(folder, os.W_OK)
        yield Finding("ports", "gRPC", "ok" if writable else "failed", f"{server.address}: {folder} must be writable.")
    elif not is_loopback(server.address) and (
        needs := why_not_public(server.tls_certificate is not None, authenticated)
    ):
        told = f"{server.address} can be reached from other machines, so it {needs}."
        yield Finding("ports", "gRPC", "failed", told, "Or listen on 127.0.0.1.")
    elif (problem := why_not_free(host.strip("[]"), int(port))) is None:
        yield Finding("ports", "gRPC", "ok", f"{server.address} is free.")
    elif _is_vaiven(server.address):
        yield Finding("ports", "gRPC", "ok", f"{server.address}: a service answers there already.")
    else:
        advice = "Stop what listens there, or choose another: server.address, or `vaiven serve --listen HOST:PORT`."
        yield Finding("ports", "gRPC", "failed", f"{server.address}: {problem}.", advice)
    if side.port is None:
        return
    problem = why_not_free(side.host, side.port)
    if problem is None:
        yield Finding("ports", "HTTP", "ok", f"{side.host}:{side.port} is free.")
    else:
        advice = "Choose another: side_port.port. A vaiven service that runs already may hold it."
        yield Finding("ports", "HTTP", "warning", f"{side.host}:{side.port}: {problem}.", advice)


def _is_vaiven(address: str) -> bool:
    try:
        with open_channel(Connection(address)) as channel:
            check = HealthStub(channel).Check  # pyright: ignore[reportAttributeAccessIssue] - not in typeshed's stub
            answer = check(HealthCheckRequest(service="vaiven.v1.AgentService"), timeout=HEALTH_LIMIT_S)
    except (grpc.RpcError, CommandError):
        return False
    return bool(answer.status == HealthCheckResponse.SERVING)
