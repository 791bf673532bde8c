"""A service of very many methods with reflection, in a process of its own: prints its port, ends with its input."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection

SERVICE: Final = "bench.v1.Large"
METHODS: Final = 1_000
_FIELDS: Final = 8
_SHARED: Final = 40
"""Types that many requests have in common, each with a few fields and a reference to the next."""

_Field: Final = descriptor_pb2.FieldDescriptorProto


def descriptor(methods: int = METHODS) -> descriptor_pb2.FileDescriptorProto:
    """Return a service whose methods have a request and a response each, over shared types, enums and maps."""
    file = descriptor_pb2.FileDescriptorProto(name="bench/v1/large.proto", package="bench.v1", syntax="proto3")
    state = file.enum_type.add(name="State")
    for number in range(6):
        state.value.add(name=f"STATE_{number}", number=number)
    for number in range(_SHARED):
        shared = file.message_type.add(name=f"Shared{number}")
        _texts(shared)
        _one(shared, "state", 20, _Field.TYPE_ENUM, ".bench.v1.State")
        if number + 1 < _SHARED and number % 5:
            _one(shared, "next", 21, _Field.TYPE_MESSAGE, f".bench.v1.Shared{number + 1}")
    service = file.service.add(name="Large")
    for number in range(methods):
        for kind in ("Request", "Response"):
            message = file.message_type.add(name=f"{kind}{number}")
            _texts(message)
            _one(message, "order_id", 20, _Field.TYPE_INT64)
            _one(message, "shared", 21, _Field.TYPE_MESSAGE, f".bench.v1.Shared{number % _SHARED}")
        service.method.add(
            name=f"Method{number}", input_type=f".bench.v1.Request{number}", output_type=f".bench.v1.Response{number}"
        )
    return file


def _texts(message: descriptor_pb2.DescriptorProto) -> None:
    for number in range(1, _FIELDS + 1):
        _one(message, f"text_{number}", number, _Field.TYPE_STRING)


def _one(message: descriptor_pb2.DescriptorProto, name: str, number: int, kind: Any, type_name: str = "") -> None:
    field = message.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)
    if type_name:
        field.type_name = type_name


class _Echo(grpc.GenericRpcHandler):
    """Answers each method of the service with what it was asked; requests and responses have the same fields."""

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        if not details.method.startswith(f"/{SERVICE}/"):
            return None
        return grpc.unary_unary_rpc_method_handler(self._answer)

    async def _answer(self, request: bytes, _context: Any) -> bytes:
        return request


async def _serve(methods: int) -> None:
    pool = DescriptorPool()
    pool.AddSerializedFile(descriptor(methods).SerializeToString())
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Echo(),))
    reflection.enable_server_reflection([SERVICE], server, pool=pool)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


def main() -> None:
    """Serve until the input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", type=int, default=METHODS)
    asyncio.run(_serve(parser.parse_args().methods))


if __name__ == "__main__":
    main()
