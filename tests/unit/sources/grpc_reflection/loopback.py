"""A gRPC server in this process, with reflection that can be told to lie."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from plugins.sources.grpc_reflection import check_target
from tests.unit.sources.grpc_reflection.protos import files_of

V1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
V1ALPHA = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

Answer = Callable[[Any], Awaitable[Any]]


@dataclass
class Reflection:
    """Answers reflection from a descriptor set; counts the requests that it was asked."""

    descriptor_set: bytes
    services: Sequence[str] | None = None
    asked: list[Any] = field(default_factory=list)

    async def answer(self, request: Any) -> Any:
        """Return the response to one request."""
        self.asked.append(request)
        kind = request.WhichOneof("message_request")
        files = files_of(self.descriptor_set)
        if kind == "list_services":
            names = self.services if self.services is not None else [n for f in files for n in _services(f)]
            listed = [reflection_pb2.ServiceResponse(name=name) for name in names]
            return reflection_pb2.ServerReflectionResponse(
                list_services_response=reflection_pb2.ListServiceResponse(service=listed)
            )
        wanted = getattr(request, kind)
        found = [f for f in files if wanted == f.name or wanted in _services(f)]
        return files_response(*(f.SerializeToString() for f in found)) if found else not_found()


def files_response(*files: bytes) -> Any:
    """Return the response that carries serialized files."""
    return reflection_pb2.ServerReflectionResponse(
        file_descriptor_response=reflection_pb2.FileDescriptorResponse(file_descriptor_proto=files)
    )


def not_found() -> Any:
    """Return the response that says so."""
    code = grpc.StatusCode.NOT_FOUND.value[0]
    return reflection_pb2.ServerReflectionResponse(error_response=reflection_pb2.ErrorResponse(error_code=code))


def _services(file: descriptor_pb2.FileDescriptorProto) -> list[str]:
    return [f"{file.package}.{service.name}" if file.package else service.name for service in file.service]


async def echo(request: bytes, _context: Any) -> bytes:
    """Answer with what was asked."""
    return request


async def echo_thrice(request: bytes, _context: Any) -> AsyncIterator[bytes]:
    """Answer three times with what was asked."""
    for _ in range(3):
        yield request


def unary(behaviour: Any) -> Any:
    """Return the handler of a unary method on bytes."""
    return grpc.unary_unary_rpc_method_handler(behaviour)


def streaming(behaviour: Any) -> Any:
    """Return the handler of a server-streaming method on bytes."""
    return grpc.unary_stream_rpc_method_handler(behaviour)


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, methods: Mapping[str, Any]) -> None:
        self._methods = methods

    def service(self, details: Any) -> Any:
        return self._methods.get(details.method)


def _reflecting(answer: Answer) -> Any:
    async def converse(requests: AsyncIterator[bytes], _context: Any) -> AsyncIterator[bytes]:
        async for data in requests:
            response = await answer(reflection_pb2.ServerReflectionRequest.FromString(data))
            if response is None:
                return
            yield response if isinstance(response, bytes) else response.SerializeToString()

    return grpc.stream_stream_rpc_method_handler(converse)


@asynccontextmanager
async def serving(
    methods: Mapping[str, Any] | None = None,
    answer: Answer | None = None,
    *,
    version: str = V1,
    credentials: grpc.ServerCredentials | None = None,
    options: Sequence[tuple[str, int]] = (),
) -> AsyncIterator[str]:
    """Serve `methods` by path, and reflection by `answer`; yield the checked target."""
    handlers = dict(methods or {})
    if answer is not None:
        handlers[version] = _reflecting(answer)
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers((_Handlers(handlers),))
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield check_target(f"127.0.0.1:{port}")
    finally:
        await server.stop(None)
