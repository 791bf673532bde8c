"""What becomes of registered plugins: after a restart, on another replica, when their sources change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from pydantic import SecretStr
from vaiven.v1 import agent_service_pb2, plugin_pb2, plugin_service_pb2

from plugins.sources.base import CallContext
from plugins.sources.network import NetworkPolicy
from service.backends.base import GenerationRequest
from service.backends.fake import FakeAnswer
from service.errors import FailedPreconditionError
from service.registrations.desk import Change, RegistrationDesk
from service.registrations.live import Held, Pace, PluginState
from service.registrations.registry import Registry
from service.registrations.secrets import HeldSecret, SecretBook
from service.registrations.sources import Allowed, SourceMaker
from service.registrations.spec import GrpcSpec, McpSpec, Registration
from service.store.store import Store, open_store
from tests.contract.registering import GREET, house, result_of, shop
from tests.unit.sources.grpc_reflection.loopback import Reflection
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled
from tests.unit.sources.mcp.servers import ToolServer, serving_mcp, text, tool

GET_ORDER = "plugins/orders/functions/get_order"


async def test_a_registration_outlives_the_service(tmp_path: Path) -> None:
    async with shop() as target:
        async with house(tmp_path) as service:
            before = (await service.add(target)).plugin
        async with house(tmp_path) as service:
            assert result_of(await service.call(GET_ORDER, order_id=7))["order_id"] == "7"
            assert await service.get() == before


async def test_a_target_that_is_gone_does_not_stop_the_start(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        await service.add(target)
        prompt = plugin_pb2.PluginSource(prompt=plugin_pb2.PromptSource(text=GREET))
        await service.plugins.RegisterPlugin(
            plugin_service_pb2.RegisterPluginRequest(plugin_id="greeting", plugin=plugin_pb2.Plugin(source=prompt))
        )
    async with house(tmp_path, retry_s=0.05) as service:
        done = await service.call("plugins/greeting/functions/greet", name="Ada")
        assert done.completed.text == "Hello to you."
        with pytest.raises(Exception, match="no connection"):
            await service.call(GET_ORDER, order_id=7)
        plugin = await service.get()
        assert (plugin.state, plugin.state_reason) == (plugin_pb2.PLUGIN_STATE_UNAVAILABLE, "TARGET_UNREACHABLE")


async def test_the_model_chooses_among_registered_functions_too(tmp_path: Path) -> None:
    def script(request: GenerationRequest) -> FakeAnswer | str:
        assert request.guidance is not None
        name = json.loads(request.guidance.value)["properties"]["name"]
        if "enum" in name:
            assert "orders.get_order" in name["enum"]
            return FakeAnswer(('{"name":"orders.get_order"}',))
        return FakeAnswer((json.dumps({"name": "orders.get_order", "arguments": {"order_id": "1042"}}),))

    async with shop() as target, house(tmp_path, script) as service:
        await service.add(target)
        request = agent_service_pb2.RunRequest(input="What is the state of order 1042?")
        events = [event async for event in service.agents.Run(request)]
    (started,) = (event.run_started for event in events if event.WhichOneof("payload") == "run_started")
    assert started.function == GET_ORDER
    assert result_of(events[-1])["order_id"] == "1042"


@asynccontextmanager
async def replica(
    store: Store, pace: Pace | None = None, allowed: Allowed | None = None
) -> AsyncIterator[tuple[Registry, RegistrationDesk]]:
    """Be one process of several that share a store."""
    maker = SourceMaker(allowed or Allowed())
    registry = Registry(store, maker, pace or Pace(), parallel_reads=4)
    await registry.start()
    try:
        yield registry, RegistrationDesk(store, registry, installed=(), max_registered=10)
    finally:
        await registry.aclose()


async def seen(registry: Registry, plugin_id: str, what: Callable[[Held], bool]) -> Held:
    """Return the plugin as soon as it is as expected; the test's own time limit ends the waiting."""
    while not what(held := (await registry.plugins("acme", (plugin_id,)))[plugin_id]):  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)  # a question about what has not changed takes no turn of the loop
    return held


async def test_each_replica_sees_a_change_with_its_next_question(tmp_path: Path) -> None:
    async with (
        shop() as target,
        open_store(tmp_path / "vaiven.db") as store,
        replica(store) as (own, desk),
        replica(store) as (other, other_desk),
    ):
        registration = Registration(plugin_id="orders", source=GrpcSpec(target=target))
        mine = await desk.register("acme", registration)
        there = (await other.plugins("acme", ("orders",)))["orders"]
        assert there.ready().imported.fingerprint == mine.ready().imported.fingerprint
        assert await other.plugins("another tenant") == {}
        await other_desk.update("acme", "orders", Change(description="Orders."))
        held = (await own.plugins("acme", ("orders",)))["orders"]
        assert held.registration.description == "Orders."
        await desk.delete("acme", "orders")
        assert await other.plugins("acme") == {}


async def test_a_source_that_changes_while_it_is_in_use_is_refused(tmp_path: Path) -> None:
    reflection = Reflection(compiled(SHOP), services=["shop.v1.Orders"])
    async with (
        shop(reflection=reflection) as target,
        open_store(tmp_path / "vaiven.db") as store,
        replica(store, Pace(0.01, 0.01)) as (registry, desk),
    ):
        await desk.register("acme", Registration(plugin_id="orders", source=GrpcSpec(target=target)))
        reflection.descriptor_set = compiled(SHOP.replace("GetOrder", "FetchOrder"))
        drifted = await seen(registry, "orders", lambda held: held.state is PluginState.DRIFTED)
        with pytest.raises(FailedPreconditionError, match=r"-get_order.*accept_changes") as raised:
            drifted.ready()
        assert raised.value.reason == "PLUGIN_DRIFTED"
        await desk.refresh("acme", "orders", accept_changes=True)
        held = await seen(registry, "orders", lambda held: held.state is PluginState.READY)
        assert "fetch_order" in {function.name for function in held.ready().imported.functions}


async def test_a_source_that_changes_is_read_again_where_that_was_asked_for(tmp_path: Path) -> None:
    reflection = Reflection(compiled(SHOP), services=["shop.v1.Orders"])
    async with (
        shop(reflection=reflection) as target,
        open_store(tmp_path / "vaiven.db") as store,
        replica(store, Pace(0.01, 0.01)) as (registry, desk),
    ):
        spec = GrpcSpec(target=target, on_drift="reread")
        before = await desk.register("acme", Registration(plugin_id="orders", source=spec))
        reflection.descriptor_set = compiled(SHOP.replace("GetOrder", "FetchOrder"))
        after = await seen(registry, "orders", lambda held: held.row.fingerprint != before.row.fingerprint)
        assert "fetch_order" in {function.name for function in after.ready().imported.functions}


async def test_an_mcp_server_that_says_so_is_read_again_at_once(tmp_path: Path) -> None:
    async def answer(name: str, _arguments: dict[str, Any]) -> types.CallToolResult:
        return text(name)

    tools = ToolServer([tool("first")], answer)
    allowed = Allowed(network=NetworkPolicy(("127.0.0.1",), allow_http=True))
    async with (
        serving_mcp(tools) as url,
        open_store(tmp_path / "vaiven.db") as store,
        replica(store, Pace(3600.0, 3600.0), allowed) as (registry, desk),
    ):
        registration = Registration(plugin_id="tools", source=McpSpec(url=url, on_drift="reread"))
        held = await desk.register("acme", registration)
        await held.ready().imported.functions[0].invoke({}, CallContext("acme", "runs/1"))
        tools.tools.append(tool("second"))
        while len(held.ready().imported.functions) < 2:
            # What is said before the stream for notices is open goes nowhere.
            await tools.say_that_tools_changed()
            await asyncio.sleep(0)
            held = (await registry.plugins("acme"))["tools"]
        assert [function.name for function in held.ready().imported.functions] == ["first", "second"]


async def test_secrets_are_in_no_row_and_no_answer(tmp_path: Path) -> None:
    secrets = SecretBook({"token": HeldSecret(SecretStr("hush-hush"), None, ("127.0.0.1",))})
    async with (
        shop() as target,
        open_store(tmp_path / "vaiven.db") as store,
        replica(store, allowed=Allowed(secrets=secrets)) as (_, desk),
    ):
        spec = GrpcSpec(target=target, bearer_secret="secrets/token")
        held = await desk.register("acme", Registration(plugin_id="orders", source=spec))
        assert "hush-hush" not in repr(held)
    assert b"hush-hush" not in _written(tmp_path)


def _written(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file())
