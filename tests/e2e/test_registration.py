"""Services of other processes, one in Python and one on Node, become functions of a running service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from vaiven.v1 import plugin_pb2

from bench.plans.orders import PROGRAMS, running
from tests.contract.registering import house, result_of


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", PROGRAMS)
async def test_a_service_of_another_process_is_registered_and_called(tmp_path: Path, language: str) -> None:
    async with running(language) as orders, house(tmp_path) as service:
        answer = await service.add(orders.target, "orders", services=["warehouse.v1.Orders"])
        assert {f.name.rpartition("/")[2] for f in answer.functions} == {"get_order", "list_states", "cancel_order"}
        done = await service.call("plugins/orders/functions/get_order", number=1042)
        missing = await service.call("plugins/orders/functions/get_order", number=7)
        states = await service.call("plugins/orders/functions/list_states", number=1042)
        cancelled = await service.call("plugins/orders/functions/cancel_order", number=1042, reason="too late")
    assert result_of(done) == {
        "number": "1042",
        "state": "STATE_SENT",
        "customer": "Ada",
        "lines": [{"article": "lamp", "pieces": 2}],
        "prices": {"lamp": 19.5},
    }
    assert missing.failed.reason == "CALL_REFUSED"
    assert "there is no order 7" in missing.failed.message
    assert [one["state"] for one in result_of(states)["messages"]] == ["STATE_PACKED", "STATE_SENT"]
    assert result_of(cancelled)["state"] == "STATE_CANCELLED"


@pytest.mark.timeout(180)
async def test_both_languages_mean_the_same(tmp_path: Path) -> None:
    async with running("python") as one, running("node") as other, house(tmp_path) as service:
        first, second = await service.add(one.target, "one"), await service.add(other.target, "other")
        assert _said(first.functions) == _said(second.functions)
        assert plugin_pb2.PLUGIN_STATE_READY == second.plugin.state == first.plugin.state


def _said(functions: Any) -> list[Any]:
    """Return what is said of functions, without the plugin's name."""
    told = [json_format.MessageToDict(function) for function in functions]
    return [{**one, "name": one["name"].rpartition("/")[2]} for one in told]
