"""Plugins registered over the RPC with a whole service: live at once, called, changed, removed."""

from __future__ import annotations

from pathlib import Path

import grpc
from google.protobuf import field_mask_pb2
from vaiven.v1 import plugin_pb2, plugin_service_pb2

from tests.contract.edge import REQUEST_ID, refusal
from tests.contract.registering import house, registering, result_of, shop
from tests.unit.sources.grpc_reflection.loopback import Reflection
from tests.unit.sources.grpc_reflection.protos import SHOP, compiled

GET_ORDER = "plugins/orders/functions/get_order"


async def test_plugin_service_register_plugin(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        answer = await service.add(target)
        assert (answer.plugin.name, answer.plugin.kind) == ("plugins/orders", "grpc")
        assert answer.plugin.state == plugin_pb2.PLUGIN_STATE_READY
        assert answer.plugin.source.grpc.target == target
        assert (answer.functions[0].name, answer.functions[0].effect) == (GET_ORDER, plugin_pb2.EFFECT_READ)
        assert answer.plugin.left_out_count == len(answer.plugin.left_out) > 0
        assert "plugins/orders" in await service.names()
        assert result_of(await service.call(GET_ORDER, order_id=1042))["order_id"] == "1042"


async def test_only_validating_keeps_nothing(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        request = registering(target)
        request.validate_only = True
        answer = await service.plugins.RegisterPlugin(request)
        assert answer.functions
        assert not answer.plugin.etag
        assert "plugins/orders" not in await service.names()


async def test_a_repeated_request_registers_once(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        request = registering(target)
        request.request_id = REQUEST_ID
        first, second = [await service.plugins.RegisterPlugin(request) for _ in range(2)]
        assert first.plugin.etag == second.plugin.etag
        request.plugin.description = "Another one."
        expected = (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
        assert await refusal(service.plugins.RegisterPlugin(request)) == expected


async def test_plugin_service_update_plugin(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        plugin = (await service.add(target)).plugin
        change = plugin_pb2.Plugin(name=plugin.name, etag=plugin.etag, description="Orders of the shop.")
        updated = (await service.plugins.UpdatePlugin(_update(change, "description"))).plugin
        assert (updated.description, updated.source.grpc.target) == ("Orders of the shop.", target)
        assert updated.etag != plugin.etag
        stale = (grpc.StatusCode.ABORTED, "STALE_ETAG")
        assert await refusal(service.plugins.UpdatePlugin(_update(change, "description"))) == stale
        wrong = await refusal(service.plugins.UpdatePlugin(_update(plugin_pb2.Plugin(name=plugin.name), "functions")))
        assert wrong == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        narrower = plugin_pb2.Plugin(name=plugin.name)
        narrower.source.grpc.target = target
        narrower.source.grpc.services.append("shop.v1.Orders/GetOrder")
        updated = (await service.plugins.UpdatePlugin(_update(narrower, "source"))).plugin
        assert list(updated.functions) == [GET_ORDER]


async def test_plugin_service_delete_plugin(tmp_path: Path) -> None:
    async with shop() as target, house(tmp_path) as service:
        plugin = (await service.add(target)).plugin
        delete = plugin_service_pb2.DeletePluginRequest
        stale = await refusal(service.plugins.DeletePlugin(delete(name=plugin.name, etag="0" * 16)))
        assert stale == (grpc.StatusCode.ABORTED, "STALE_ETAG")
        await service.plugins.DeletePlugin(delete(name=plugin.name, etag=plugin.etag, request_id=REQUEST_ID))
        await service.plugins.DeletePlugin(delete(name=plugin.name, etag=plugin.etag, request_id=REQUEST_ID))
        assert "plugins/orders" not in await service.names()
        gone = (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
        assert await refusal(service.plugins.DeletePlugin(delete(name=plugin.name))) == gone
        assert await refusal(service.plugins.InvokeFunction(_invoke(GET_ORDER))) == gone
        installed = await refusal(service.plugins.DeletePlugin(delete(name="plugins/email")))
        assert installed == (grpc.StatusCode.FAILED_PRECONDITION, "PLUGIN_INSTALLED")


async def test_plugin_service_refresh_plugin(tmp_path: Path) -> None:
    reflection = Reflection(compiled(SHOP), services=["shop.v1.Orders"])
    async with shop(reflection=reflection) as target, house(tmp_path) as service:
        before = (await service.add(target)).plugin
        refresh = plugin_service_pb2.RefreshPluginRequest
        same = (await service.plugins.RefreshPlugin(refresh(name=before.name))).plugin
        assert same.fingerprint == before.fingerprint
        reflection.descriptor_set = compiled(SHOP.replace("GetOrder", "FetchOrder"))
        drifted = (grpc.StatusCode.FAILED_PRECONDITION, "PLUGIN_DRIFTED")
        assert await refusal(service.plugins.RefreshPlugin(refresh(name=before.name))) == drifted
        only = await service.plugins.RefreshPlugin(refresh(name=before.name, accept_changes=True, validate_only=True))
        assert only.plugin.fingerprint != before.fingerprint
        assert (await service.get()).fingerprint == before.fingerprint
        after = (await service.plugins.RefreshPlugin(refresh(name=before.name, accept_changes=True))).plugin
        assert "plugins/orders/functions/fetch_order" in after.functions
        assert after.etag != before.etag


async def test_a_source_that_changed_is_taken_where_the_registration_says_so(tmp_path: Path) -> None:
    reflection = Reflection(compiled(SHOP), services=["shop.v1.Orders"])
    async with shop(reflection=reflection) as target, house(tmp_path) as service:
        request = registering(target)
        request.plugin.source.on_drift = plugin_pb2.DRIFT_ACTION_REREAD
        before = (await service.plugins.RegisterPlugin(request)).plugin
        reflection.descriptor_set = compiled(SHOP.replace("GetOrder", "FetchOrder"))
        refresh = plugin_service_pb2.RefreshPluginRequest(name=before.name)
        after = (await service.plugins.RefreshPlugin(refresh)).plugin
        assert (after.fingerprint != before.fingerprint, after.state) == (True, plugin_pb2.PLUGIN_STATE_READY)
        gone = (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
        assert await refusal(service.plugins.InvokeFunction(_invoke(GET_ORDER))) == gone
        # The service of this test answers by the path of the method, which is another one now.
        failed = (await service.call("plugins/orders/functions/fetch_order", order_id=7)).failed
        assert failed.reason == "METHOD_GONE"


def _update(plugin: plugin_pb2.Plugin, *paths: str) -> plugin_service_pb2.UpdatePluginRequest:
    return plugin_service_pb2.UpdatePluginRequest(plugin=plugin, update_mask=field_mask_pb2.FieldMask(paths=paths))


def _invoke(function: str) -> plugin_service_pb2.InvokeFunctionRequest:
    return plugin_service_pb2.InvokeFunctionRequest(name=function)
