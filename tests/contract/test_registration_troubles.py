"""What can be wrong with a source, over the RPC: a clear error within bounds, nothing kept, the others untouched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pb2
from google.rpc import code_pb2
from grpc_reflection.v1alpha import reflection_pb2
from vaiven.v1 import plugin_pb2, plugin_service_pb2

from plugins.sources.base import SourceLimits
from tests.contract.edge import refusal
from tests.contract.registering import House, address_of, house, registering, result_of, shop
from tests.unit.sources.grpc_reflection.loopback import Reflection, files_response, serving
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled, files_of, set_of

INVALID, PRECONDITION = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
GET_ORDER = "plugins/orders/functions/get_order"
_PLACE: Final = "Orders???"


@asynccontextmanager
async def with_orders(directory: Path, **settings: Any) -> AsyncIterator[House]:
    """Run a service with which a good plugin is registered, and see at the end that it is as it was."""
    async with shop() as target, house(directory, **settings) as service:
        before = (await service.add(target)).plugin
        yield service
        assert (await service.get()) == before
        assert [name for name in await service.names() if "bad" in name] == []
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"


async def test_a_target_that_does_not_answer(tmp_path: Path) -> None:
    async with with_orders(tmp_path) as service:
        refused = await refusal(service.add("127.0.0.1:1", "bad"))
        assert refused == (grpc.StatusCode.UNAVAILABLE, "TARGET_UNREACHABLE")


@pytest.mark.parametrize(
    ("target", "code", "reason"),
    [
        ("orders.shop.example:443", grpc.StatusCode.PERMISSION_DENIED, "TARGET_NOT_ALLOWED"),
        ("169.254.169.254:80", grpc.StatusCode.PERMISSION_DENIED, "TARGET_NOT_ALLOWED"),
        ("no address", INVALID, "TARGET_INVALID"),
        ("", INVALID, "INVALID_FIELD"),
    ],
)
async def test_a_target_that_may_not_be_called(tmp_path: Path, target: str, code: grpc.StatusCode, reason: str) -> None:
    async with with_orders(tmp_path) as service:
        assert await refusal(service.add(target, "bad")) == (code, reason)


async def test_a_name_that_is_taken(tmp_path: Path) -> None:
    async with shop() as target, with_orders(tmp_path) as service:
        taken = (grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_ALREADY_EXISTS")
        for name in ("orders", "email", "agents"):
            assert await refusal(service.add(target, name)) == taken
        assert await refusal(service.add(target, "Bad-Name")) == (INVALID, "INVALID_FIELD")


async def test_two_that_want_one_name_at_once(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        outcomes = await asyncio.gather(*(service.add(target) for _ in range(4)), return_exceptions=True)
        errors = [one for one in outcomes if isinstance(one, grpc.aio.AioRpcError)]
        assert [error.code() for error in errors] == [grpc.StatusCode.ALREADY_EXISTS] * 3
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"


async def test_a_source_that_is_none(tmp_path: Path) -> None:
    async with with_orders(tmp_path) as service:
        request = plugin_service_pb2.RegisterPluginRequest(plugin_id="bad", plugin=plugin_pb2.Plugin(description="x"))
        assert await refusal(service.plugins.RegisterPlugin(request)) == (INVALID, "INVALID_FIELD")


async def test_a_server_without_reflection(tmp_path: Path) -> None:
    async with serving({}) as target, with_orders(tmp_path) as service:
        refused = await refusal(service.add(address_of(target), "bad"))
        assert refused == (PRECONDITION, "REFLECTION_UNAVAILABLE")


def _lying(kind: str) -> bytes:
    """Return files that no compiler would write."""
    files = files_of(compiled(SHOP))
    file = next(one for one in files if one.service)
    message = next(one for one in file.message_type if one.name == "Order")
    if kind == "two fields with one number":
        message.field.add(name="again", number=message.field[0].number, type=message.field[0].type, label=1)
    elif kind == "a type that is not there":
        file.service[0].method[0].input_type = ".shop.v1.Nowhere"
    elif kind == "a name that is none":
        message.field[0].name = "or der\n"
    else:
        message.field.add(name="huge", number=2**29, type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING, label=1)
    return set_of(*files)


@pytest.mark.parametrize(
    "kind", ["two fields with one number", "a type that is not there", "a name that is none", "a number out of bounds"]
)
async def test_a_server_that_lies_about_its_descriptors(tmp_path: Path, kind: str) -> None:
    reflection = Reflection(_lying(kind), services=["shop.v1.Orders"])
    async with shop(reflection=reflection) as target, with_orders(tmp_path) as service:
        assert await refusal(service.add(target, "bad")) == (PRECONDITION, "DESCRIPTOR_INVALID")


async def test_what_is_no_descriptor_at_all(tmp_path: Path) -> None:
    async def answer(_request: Any) -> Any:
        return files_response(b"\xff" * 64)

    async with serving({}, answer) as target, with_orders(tmp_path) as service:
        code, _ = await refusal(service.add(address_of(target), "bad", services=["shop.v1.Orders"]))
        assert code is PRECONDITION


def _enormous(methods: int) -> bytes:
    files = files_of(compiled(SHOP))
    service = next(one for one in files if one.service).service[0]
    first = service.method[0]
    for number in range(methods):
        service.method.add(name=f"Method{number}", input_type=first.input_type, output_type=first.output_type)
    return set_of(*files)


async def test_a_server_with_a_million_methods(tmp_path: Path) -> None:
    file = next(one for one in files_of(compiled(SHOP)) if one.service)
    head = file.SerializeToString()
    method = file.service[0].method[0]
    one = descriptor_pb2.ServiceDescriptorProto(
        name="Orders",
        method=[
            descriptor_pb2.MethodDescriptorProto(
                name=f"M{n}", input_type=method.input_type, output_type=method.output_type
            )
            for n in range(1_000)
        ],
    ).SerializeToString()
    # A field that comes again is merged: a thousand times a thousand methods, without building them here.
    again = descriptor_pb2.FileDescriptorProto.DESCRIPTOR.fields_by_name["service"].number << 3 | 2
    huge = head + b"".join(bytes([again]) + _varint(len(one)) + one for _ in range(1_000))

    async def answer(_request: Any) -> Any:
        return files_response(huge)

    async with serving({}, answer) as target, with_orders(tmp_path) as service:
        request = registering(address_of(target), "bad", services=["shop.v1.Orders"])
        assert await refusal(service.plugins.RegisterPlugin(request)) == (PRECONDITION, "SOURCE_TOO_LARGE")


async def test_a_million_methods_in_parts_that_are_small_enough(tmp_path: Path) -> None:
    asked: list[str] = []
    listed = [f"shop.v1.Orders{number:03}" for number in range(1_000)]

    async def answer(request: Any) -> Any:
        if request.WhichOneof("message_request") == "list_services":
            names = [reflection_pb2.ServiceResponse(name=name) for name in listed]
            return reflection_pb2.ServerReflectionResponse(
                list_services_response=reflection_pb2.ListServiceResponse(service=names)
            )
        asked.append(request.file_containing_symbol)
        return files_response(_large_file(request.file_containing_symbol.rpartition(".")[2]))

    async with serving({}, answer) as target, with_orders(tmp_path) as service:
        request = registering(address_of(target), "bad")
        assert await refusal(service.plugins.RegisterPlugin(request)) == (PRECONDITION, "SOURCE_TOO_LARGE")
    # It is not read to its end: what was taken is within the limits, and no more was asked for.
    assert (len(asked) - 1) * len(_large()) <= SourceLimits().max_document_bytes
    assert (len(asked) - 1) * 1_000 <= SourceLimits().max_descriptor_items


def _large_file(service: str) -> bytes:
    """Return a file of a service with 1,000 methods; `service` is named as `_PLACE` is long."""
    return _large().replace(_PLACE.encode(), service.encode())


@cache
def _large() -> bytes:
    kind = f".shop.v1.{_PLACE}Request"
    file = descriptor_pb2.FileDescriptorProto(name=f"{_PLACE}.proto", package="shop.v1", syntax="proto3")
    file.message_type.add(name=f"{_PLACE}Request")
    service = file.service.add(name=_PLACE)
    for number in range(1_000):
        service.method.add(name=f"M{number}", input_type=kind, output_type=kind)
    return file.SerializeToString()


async def test_more_functions_than_the_operator_allows(tmp_path: Path) -> None:
    reflection = Reflection(_enormous(20), services=["shop.v1.Orders"])
    async with shop(reflection=reflection) as target, with_orders(tmp_path, max_functions=10) as service:
        assert await refusal(service.add(target, "bad")) == (PRECONDITION, "SOURCE_TOO_LARGE")


async def test_reflection_that_never_ends(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def answer(_request: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    async with serving({}, answer) as target, with_orders(tmp_path, read_timeout_s=2.0) as service:
        slow = asyncio.create_task(refusal(service.add(address_of(target), "bad")))
        await asked.wait()
        # Meanwhile all else goes on.
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"
        assert await slow == (grpc.StatusCode.DEADLINE_EXCEEDED, "SOURCE_TIMEOUT")


async def test_more_plugins_than_a_tenant_may_have(tmp_path: Path) -> None:
    async with shop() as target, with_orders(tmp_path, max_registered=1) as service:
        assert await refusal(service.add(target, "bad")) == (PRECONDITION, "TOO_MANY_PLUGINS")


async def test_a_rule_that_does_not_fit(tmp_path: Path) -> None:
    async with shop() as target, with_orders(tmp_path) as service:
        request = registering(target, "bad")
        request.plugin.source.grpc.rules["shop.v1.Orders/GetOrder"].fields.append("nowhere")
        assert await refusal(service.plugins.RegisterPlugin(request)) == (INVALID, "RULE_INVALID")


async def test_a_secret_that_is_not_for_the_target(tmp_path: Path) -> None:
    secrets = {"token": {"value": "hush-hush", "hosts": ("orders.internal",)}}
    async with shop() as target, with_orders(tmp_path, secrets=secrets) as service:
        for reference in ("secrets/token", "secrets/another"):
            refused = await refusal(service.add(target, "bad", bearer_secret=reference))
            assert refused == (grpc.StatusCode.PERMISSION_DENIED, "SECRET_NOT_ALLOWED")


async def test_arguments_that_do_not_fit(tmp_path: Path) -> None:
    async with with_orders(tmp_path) as service:
        unknown = plugin_service_pb2.InvokeFunctionRequest(name=GET_ORDER)
        unknown.arguments.update({"unknown": 1})
        assert await refusal(service.plugins.InvokeFunction(unknown)) == (INVALID, "INVALID_FIELD")
        # What only the source can see ends the run.
        failed = (await service.call(GET_ORDER, order_id="no number")).failed
        assert (failed.code, failed.reason) == (code_pb2.INVALID_ARGUMENT, "ARGUMENTS_INVALID")
        assert [violation.subject for violation in failed.violations] == ["arguments.order_id"]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
