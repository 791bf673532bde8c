from __future__ import annotations

import random
from typing import Any, cast

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

from plugins.sources.base import CallContext, SourceError, SourceLimits
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource
from plugins.sources.grpc_reflection.reflection import ReflectionReader
from tests.unit.sources.grpc_reflection.loopback import (
    V1,
    V1ALPHA,
    Reflection,
    echo,
    echo_thrice,
    serving,
    streaming,
    unary,
)
from tests.unit.sources.grpc_reflection.protos import EVERYTHING, SHOP, compiled, files_of, set_of

CALLER = CallContext("acme", "runs/1")
METHODS = {"/shop.v1.Orders/GetOrder": unary(echo), "/shop.v1.Orders/WatchOrder": streaming(echo_thrice)}


def changed(data: bytes, **replaced: str) -> bytes:
    """Return the set with a text of its protos replaced."""
    assert data == compiled(SHOP)
    text = SHOP
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return compiled(text)


def shuffled(data: bytes, seed: int) -> bytes:
    """Return the set with everything whose order means nothing in another order."""
    rng = random.Random(seed)
    files = files_of(data)
    for file in files:
        for declared in [file.message_type, file.enum_type, file.service]:
            _shuffle(declared, rng)
        for message in file.message_type:
            _shuffle(message.field, rng)
        for enum in file.enum_type:
            head, *rest = list(enum.value)  # the first one of proto3 is its zero
            rng.shuffle(rest)
            del enum.value[:]
            enum.value.extend([head, *rest])
        for service in file.service:
            _shuffle(service.method, rng)
    rng.shuffle(files)
    return set_of(*files)


def _shuffle(items: Any, rng: random.Random) -> None:
    order = list(items)
    rng.shuffle(order)
    del items[:]
    items.extend(order)


@pytest.mark.parametrize("version", [V1, V1ALPHA])
async def test_a_running_service_becomes_functions(version: str) -> None:
    reflection = Reflection(compiled(SHOP), services=["shop.v1.Orders", "grpc.health.v1.Health"])
    async with serving(METHODS, reflection.answer, version=version) as target:
        source = GrpcSource(GrpcRegistration("orders", target))
        plugin = await source.read()
        result = await plugin.functions[0].invoke({"order_id": 1042}, CALLER)
        await source.aclose()
    assert (plugin.name, plugin.kind, plugin.version) == ("orders", "grpc", plugin.fingerprint[:12])
    assert [(f.name, f.effect, f.idempotent) for f in plugin.functions] == [
        ("get_order", "read", True), ("update_order", "write", False), ("watch_order", "write", False),
    ]  # fmt: skip
    assert result.data == {"order_id": "1042", "state": "STATE_UNSPECIFIED", "note": ""}
    assert result.text == '{"order_id":"1042","state":"STATE_UNSPECIFIED","note":""}'
    assert {item.subject for item in plugin.left_out} == {
        "grpc.health.v1.Health",
        "shop.v1.UpdateOrderRequest.extra",
        "shop.v1.Order.detail",
    }


@pytest.mark.parametrize("wanted", [(), ("shop.v1.Orders",)])
async def test_a_reflection_that_may_be_refused_is_never_asked_in_a_stream(wanted: tuple[str, ...]) -> None:
    streams: list[str] = []

    class Channel:
        """Keeps which methods streams are opened to."""

        def __init__(self, channel: grpc.aio.Channel) -> None:
            self.unary_stream = channel.unary_stream
            self._channel = channel

        def stream_stream(self, method: str) -> Any:
            streams.append(method)
            return self._channel.stream_stream(method)

    async with (
        serving(METHODS, Reflection(compiled(SHOP)).answer, version=V1ALPHA) as target,
        grpc.aio.insecure_channel(target) as channel,
    ):
        reader = ReflectionReader(cast("grpc.aio.Channel", Channel(channel)), (), SourceLimits())
        _, found, _ = await reader.read(wanted)
    assert (found, streams) == (["shop.v1.Orders"], [V1ALPHA])


async def test_types_that_are_named_from_where_they_stand_mean_the_same() -> None:
    """Servers on Node name types so."""
    files = files_of(compiled(SHOP))
    for file in files:
        for message in file.message_type:
            for field in message.field:
                field.type_name = field.type_name.removeprefix(f".{file.package}.").removeprefix(f"{message.name}.")
        for method in (method for service in file.service for method in service.method):
            method.input_type = method.input_type.removeprefix(f".{file.package}.")
    relative = await read(Reflection(set_of(*files), services=["shop.v1.Orders"]))
    absolute = await read(Reflection(compiled(SHOP), services=["shop.v1.Orders"]))
    assert relative.fingerprint == absolute.fingerprint


async def test_a_descriptor_set_stands_in_for_reflection() -> None:
    async with serving(METHODS) as target:
        source = GrpcSource(GrpcRegistration("orders", target, descriptor_set=compiled(SHOP)))
        plugin = await source.read()
        result = await plugin.functions[2].invoke({"order_id": 7}, CALLER)
        await source.aclose()
    assert [m["order_id"] for m in result.data["messages"]] == ["7", "7", "7"]
    assert plugin.fingerprint == (await read(Reflection(compiled(SHOP)))).fingerprint


async def read(reflection: Reflection, **facts: Any) -> Any:
    async with serving({}, reflection.answer) as target:
        source = GrpcSource(GrpcRegistration("plugin", target, **facts))
        try:
            return await source.read()
        finally:
            await source.aclose()


async def test_only_what_is_named_is_read() -> None:
    both = Reflection(compiled(SHOP, EVERYTHING))
    plugin = await read(both, services=("shop.v1.Orders/GetOrder", "shop.v1.Orders/WatchOrder"))
    assert [f.name for f in plugin.functions] == ["get_order", "watch_order"]
    assert "1.proto" not in {request.file_by_filename for request in both.asked}
    assert not any(request.list_services for request in both.asked)


@pytest.mark.parametrize("name", ["shop.v1.Nothing", "shop.v1.Orders/Nothing"])
async def test_a_service_that_is_named_must_be_there(name: str) -> None:
    with pytest.raises(SourceError, match="SERVICE_NOT_FOUND"):
        await read(Reflection(compiled(SHOP)), services=(name,))
    with pytest.raises(SourceError, match="SERVICE_NOT_FOUND"):
        await read(Reflection(b""), services=(name,), descriptor_set=compiled(SHOP))


async def test_methods_of_several_services_get_names_that_differ() -> None:
    text = 'syntax = "proto3"; package a; message M {} '
    text += (
        "service Orders { rpc Get(M) returns (M); rpc List(M) returns (M); } service Users { rpc Get(M) returns (M); }"
    )
    plugin = await read(Reflection(compiled(text)))
    assert [f.name for f in plugin.functions] == ["list", "orders_get", "users_get"]


async def test_an_import_that_serves_options_only_may_be_missing() -> None:
    option = 'syntax = "proto3"; package o; import "google/protobuf/descriptor.proto"; '
    option += "extend google.protobuf.FieldOptions { string hint = 50000; }"
    used = 'syntax = "proto3"; package u; import "0.proto"; message M { string a = 1 [(o.hint) = "x"]; } '
    used += "service S { rpc Do(M) returns (M); }"
    files = [file for file in files_of(compiled(option, used)) if file.name == "1.proto"]
    plugin = await read(Reflection(set_of(*files)))
    assert set(plugin.functions[0].input_schema["properties"]) == {"a"}


async def test_types_of_two_plugins_do_not_meet() -> None:
    one = 'syntax = "proto3"; package same; message M { string a = 1; } service S { rpc Do(M) returns (M); }'
    first = await read(Reflection(compiled(one)))
    second = await read(Reflection(compiled(one.replace("string a", "int32 b"))))
    assert set(first.functions[0].input_schema["properties"]) == {"a"}
    assert set(second.functions[0].input_schema["properties"]) == {"b"}


# ---- drift ----


@pytest.mark.parametrize("seed", range(5))
async def test_the_fingerprint_does_not_depend_on_order(seed: int) -> None:
    plain, other = compiled(SHOP), shuffled(compiled(SHOP), seed)
    assert plain != other
    before, after = await read(Reflection(plain)), await read(Reflection(other))
    assert before.fingerprint == after.fingerprint
    assert [f.name for f in before.functions] == [f.name for f in after.functions]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int64 order_id = 1; }", "int32 order_id = 1; }"),
        ("int64 order_id = 1; }", "int64 order_id = 2; }"),
        ("int64 order_id = 1; }", "optional int64 order_id = 1; }"),
        ("string note = 3", "repeated string note = 3"),
        ("SHIPPED = 2", "SENT = 2"),
        ("oneof by { string user = 4; string robot = 5; }", "string user = 4; string robot = 5;"),
        ("(stream Order)", "(Order)"),
        ("NO_SIDE_EFFECTS", "IDEMPOTENT"),
        ("rpc UpdateOrder(", "rpc PatchOrder("),
    ],
)
async def test_the_fingerprint_tells_each_change(old: str, new: str) -> None:
    after = await read(Reflection(changed(compiled(SHOP), **{old: new})))
    assert after.fingerprint != (await read(Reflection(compiled(SHOP)))).fingerprint


async def test_another_comment_is_a_change_since_models_read_it() -> None:
    before = await read(Reflection(compiled(SHOP, source_info=True)))
    after = await read(Reflection(compiled(SHOP.replace("Return one", "Delete each"), source_info=True)))
    assert before.fingerprint != after.fingerprint


async def test_a_service_that_changed_is_refused_and_says_what_changed() -> None:
    reflection = Reflection(compiled(SHOP))
    async with serving(METHODS, reflection.answer) as target:
        source = GrpcSource(GrpcRegistration("orders", target))
        plugin = await source.read()
        assert (await source.refresh(plugin.fingerprint)).fingerprint == plugin.fingerprint
        reflection.descriptor_set = compiled(
            SHOP.replace("rpc UpdateOrder", "rpc PatchOrder").replace(
                "message GetOrderRequest { int64", "message GetOrderRequest { string"
            )
        )
        with pytest.raises(SourceError) as raised:
            await source.refresh(plugin.fingerprint)
        assert raised.value.code == "PLUGIN_DRIFTED"
        assert raised.value.message.endswith("+patch_order, -update_order, ~get_order, ~watch_order")
        assert (await plugin.functions[0].invoke({"order_id": 1}, CALLER)).data["order_id"] == "1"
        await source.aclose()


async def test_a_service_that_changed_is_read_again_where_the_registration_says_so() -> None:
    reflection = Reflection(compiled(SHOP))
    async with serving({}, reflection.answer) as target:
        source = GrpcSource(GrpcRegistration("orders", target, on_drift="reread"))
        before = await source.read()
        reflection.descriptor_set = compiled(SHOP.replace("rpc UpdateOrder", "rpc PatchOrder"))
        after = await source.refresh(before.fingerprint)
        await source.aclose()
    assert after.fingerprint != before.fingerprint
    assert [f.name for f in after.functions] == ["get_order", "patch_order", "watch_order"]


async def test_a_new_host_that_knows_only_the_fingerprint_still_sees_the_drift() -> None:
    async with serving({}, Reflection(compiled(SHOP)).answer) as target:
        source = GrpcSource(GrpcRegistration("orders", target))
        with pytest.raises(SourceError, match=r"PLUGIN_DRIFTED: the service is not what was registered$"):
            await source.refresh("0" * 64)
        await source.aclose()


async def test_closing_twice_and_without_reading_is_fine() -> None:
    source = GrpcSource(GrpcRegistration("orders", "ipv4:127.0.0.1:1", descriptor_set=compiled(SHOP)))
    await source.aclose()
    await source.read()
    await source.aclose()
    await source.aclose()


def test_no_type_of_a_service_is_in_the_pool_that_all_share() -> None:
    compiled(SHOP)
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("shop.v1.Order")
    assert descriptor_pool.Default().FindMessageTypeByName(descriptor_pb2.FileDescriptorProto.DESCRIPTOR.full_name)
