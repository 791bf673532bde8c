"""What a registration says of connections and sizes holds, over the RPC: TLS of both sides, tokens, headers, caps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
import trustme
from vaiven.v1 import plugin_pb2, plugin_service_pb2

from tests.contract.edge import refusal
from tests.contract.registering import METHODS, address_of, house, registering, result_of, shop
from tests.unit.sources.grpc_reflection.loopback import V1ALPHA, Reflection, serving, unary
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled

GET_ORDER = "plugins/orders/functions/get_order"
WATCH_ORDER = "plugins/orders/functions/watch_order"
UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, "TARGET_UNREACHABLE")


def reflecting() -> Reflection:
    return Reflection(compiled(SHOP), services=["shop.v1.Orders"])


async def test_a_target_that_wants_to_know_who_calls(tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    server, client = theirs.issue_cert("orders.internal"), ours.issue_cert("vaiven.example")
    credentials = grpc.ssl_server_credentials(
        [(server.private_key_pem.bytes(), server.cert_chain_pems[0].bytes())],
        root_certificates=ours.cert_pem.bytes(),
        require_client_auth=True,
    )
    key = client.private_key_pem.bytes().decode()
    tls = plugin_pb2.GrpcTls(
        root_certificates=theirs.cert_pem.bytes().decode(),
        certificate_chain=client.cert_chain_pems[0].bytes().decode(),
        private_key_secret="secrets/orders_key",
        server_name="orders.internal",
    )
    secrets = {"orders_key": {"value": key, "hosts": ("127.0.0.1",)}}
    async with (
        serving(METHODS, reflecting().answer, credentials=credentials) as target,
        house(tmp_path, secrets=secrets) as service,
    ):
        answer = await service.add(address_of(target), tls=tls)
        assert answer.plugin.source.grpc.tls == tls
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"
        # Nobody without our certificate comes in, and nobody is taken for the service that is not.
        nameless = plugin_pb2.GrpcTls(root_certificates=tls.root_certificates, server_name=tls.server_name)
        stranger = plugin_pb2.GrpcTls()
        stranger.CopyFrom(tls)
        stranger.server_name = "another.internal"
        for wrong in (None, nameless, stranger):
            assert await refusal(service.add(address_of(target), "bad", tls=wrong)) == UNREACHABLE
        halved = plugin_pb2.GrpcTls(private_key_secret="secrets/orders_key")
        refused = await refusal(service.add(address_of(target), "bad", tls=halved))
        assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "TLS_INVALID")
        assert "plugins/bad" not in await service.names()
        assert key[40:80] not in str(await service.get())
    assert key[40:80].encode() not in on_disk(tmp_path)


def on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())


async def test_a_target_that_wants_a_token_and_headers(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    async def guarded(request: bytes, context: Any) -> bytes:
        seen.append(dict(context.invocation_metadata()))
        if seen[-1].get("authorization") != "Bearer hush-hush":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
        return request

    secrets = {"token": {"value": "hush-hush", "hosts": ("127.0.0.1",)}}
    methods = {"/shop.v1.Orders/GetOrder": unary(guarded)}
    said: dict[str, Any] = {
        "bearer_secret": "secrets/token",
        "metadata": {"x-caller": "vaiven"},
        "secret_metadata": {"x-also": "secrets/token"},
    }
    async with (
        serving(methods, reflecting().answer) as target,
        house(tmp_path, secrets=secrets) as service,
    ):
        await service.add(address_of(target), **said)
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"
        assert (seen[0]["x-caller"], seen[0]["x-also"]) == ("vaiven", "hush-hush")
        await service.add(address_of(target), "nameless")
        failed = (await service.call("plugins/nameless/functions/get_order", order_id=7)).failed
        assert failed.reason == "TARGET_DENIED"
        assert "hush-hush" not in str(await service.get())


async def test_a_descriptor_set_instead_of_reflection(tmp_path: Path) -> None:
    async with serving(METHODS) as target, house(tmp_path) as service:
        await service.add(address_of(target), descriptor_set=compiled(SHOP), services=["shop.v1.Orders/GetOrder"])
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"
        assert not (await service.get()).source.grpc.descriptor_set
    async with house(tmp_path) as service:
        # It is part of what is kept: the functions are there again, though nobody can be asked.
        request = plugin_service_pb2.ListFunctionsRequest(parent="plugins/orders")
        assert [f.name for f in (await service.plugins.ListFunctions(request)).functions] == [GET_ORDER]


async def test_a_server_whose_reflection_is_of_the_old_version_only(tmp_path: Path) -> None:
    async with serving(METHODS, reflecting().answer, version=V1ALPHA) as target, house(tmp_path) as service:
        await service.add(address_of(target))
        assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"


async def test_messages_that_hold_themselves(tmp_path: Path) -> None:
    text = """
    syntax = "proto3";
    package trees.v1;
    message Node { string name = 1; repeated Node children = 2; }
    service Trees { rpc Measure(Node) returns (Node); }
    """
    reflection = Reflection(compiled(text), services=["trees.v1.Trees"])

    async def measured(request: bytes, _context: Any) -> bytes:
        return deep(200) if b"deep" in request else request

    methods = {"/trees.v1.Trees/Measure": unary(measured)}
    async with serving(methods, reflection.answer) as target, house(tmp_path) as service:
        await service.add(address_of(target), "trees")
        measure = "plugins/trees/functions/measure"
        assert result_of(await service.call(measure, **chain(15)))["children"][0]["name"] == "node"
        failed = (await service.call(measure, **chain(20))).failed
        assert failed.reason == "ARGUMENTS_TOO_LARGE"
        assert "are nested deeper than 32 levels" in failed.message
        assert (await service.call(measure, name="deep")).failed.reason == "RESPONSE_INVALID"


def chain(depth: int) -> dict[str, Any]:
    """Return nodes in each other, as a model says them."""
    return {"name": "leaf"} if depth == 1 else {"name": "node", "children": [chain(depth - 1)]}


def deep(depth: int) -> bytes:
    """Return nodes in each other, as they are sent; a length below 16,384 takes one or two bytes."""
    node = b""
    for _ in range(depth):
        size = len(node)
        node = (b"\x12" + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7]))) + node
    return node


@pytest.mark.parametrize(("cap", "reason"), [(1024, "CALL_EXHAUSTED"), (0, "")])
async def test_an_answer_is_as_large_as_the_registration_allows(tmp_path: Path, cap: int, reason: str) -> None:
    async def wordy(_request: bytes, _context: Any) -> bytes:
        return b"\x08\x07" + b"\x1a\x80\x40" + b"x" * 8192  # order_id 7 and a note of 8,192 letters

    methods = {"/shop.v1.Orders/GetOrder": unary(wordy)}
    async with serving(methods, reflecting().answer) as target, house(tmp_path) as service:
        await service.add(address_of(target), max_response_bytes=cap)
        assert (await service.get()).source.grpc.max_response_bytes == cap
        ended = await service.call(GET_ORDER, order_id=7)
        assert ended.failed.reason == reason


async def test_a_stream_is_as_long_as_the_registration_allows(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        await service.add(target, max_stream_messages=2)
        result = result_of(await service.call(WATCH_ORDER, order_id=7))
        assert (len(result["messages"]), result["truncated"]) == (2, True)
        request = registering(target, "bad", max_response_bytes=100)
        refused = await refusal(service.plugins.RegisterPlugin(request))
        assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
