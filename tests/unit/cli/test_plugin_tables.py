"""What is shown of a plugin that is registered or tried out: what each function touches, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from plugins.output import FunctionResult
from plugins.sources.base import CallContext, ImportedFunction, ImportedPlugin, LeftOut
from service.rpc.convert.plugins import MAX_LEFT_OUT
from tests.unit.cli.conftest import Service, Vaiven

OBJECT: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


async def nothing(arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
    raise AssertionError("the command line calls by the service")


def imported(left_out: int = 1) -> ImportedPlugin:
    """Return what a source gives: a function that reads, one that writes and may be repeated, and what was left out."""
    functions = (
        ImportedFunction("get_order", "Find an order.", "read", OBJECT, OBJECT, nothing),
        ImportedFunction("put_order", "Change an order.", "write", OBJECT, OBJECT, nothing, idempotent=True),
        ImportedFunction("add_order", "", "write", OBJECT, OBJECT, nothing),
    )
    left = tuple(LeftOut(f"PUT /files/{i}", "takes only image/png") for i in range(left_out))
    return ImportedPlugin("orders", "7", "Orders.", functions, left, "cd" * 32, "openapi")


def rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_what_is_registered_is_shown_with_its_effects_and_what_was_left_out(service: Service, vaiven: Vaiven) -> None:
    service.domain.registrations.imported = imported()
    outcome = vaiven("plugins", "add", "grpc://127.0.0.1:50052", "--name", "orders")
    assert outcome.code == 0
    said = rows(outcome.out)
    assert said[0][:3] == ["Function", "Effect", "Repeatable"]
    assert ["orders.get_order", "read", "Find", "an", "order."] in said
    assert ["orders.put_order", "write", "yes", "Change", "an", "order."] in said
    assert ["orders.add_order", "write"] in said
    assert ["Left", "out", "Why"] in said
    assert ["PUT", "/files/0", "takes", "only", "image/png"] in said
    assert "plugins/orders is registered: 3 functions, version 7." in outcome.err + outcome.out


def test_of_much_that_was_left_out_the_rest_is_counted(service: Service, vaiven: Vaiven) -> None:
    service.domain.registrations.imported = imported(left_out=MAX_LEFT_OUT + 3)
    outcome = vaiven("plugins", "add", "grpc://127.0.0.1:50052", "--name", "orders", "--dry-run")
    assert f"/files/{MAX_LEFT_OUT - 1} " in outcome.out
    assert f"/files/{MAX_LEFT_OUT} " not in outcome.out
    assert "3 more were left out." in outcome.err + outcome.out


def test_where_nothing_was_left_out_there_is_no_such_table(service: Service, vaiven: Vaiven) -> None:
    service.domain.registrations.imported = imported(left_out=0)
    outcome = vaiven("plugins", "add", "grpc://127.0.0.1:50052", "--name", "orders")
    assert outcome.code == 0
    assert "Left out" not in outcome.out


def test_a_plugin_is_tried_out_without_a_change(service: Service, vaiven: Vaiven) -> None:
    service.domain.registrations.imported = imported()
    outcome = vaiven("plugins", "test", "orders")
    assert outcome.code == 0
    assert ["orders.get_order", "read", "Find", "an", "order."] in rows(outcome.out)
    assert "plugins/orders answers and is what was registered: 3 functions" in outcome.err + outcome.out
    ((plugin_id, said),) = service.domain.registrations.refreshed
    assert plugin_id == "orders"
    assert (said["validate_only"], said["accept_changes"]) == (True, False)
    assert service.domain.runs.specs == []


def test_a_function_is_tried_out_by_a_call(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("plugins", "test", "orders.get_order", "--arguments", '{"order_id": "1042"}')
    assert outcome.code == 0
    (spec,) = service.domain.runs.specs
    assert spec.function == "plugins/orders/functions/get_order"
    assert spec.arguments == {"order_id": "1042"}
    assert service.domain.registrations.refreshed == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("orders", "--arguments", "{}"), "--arguments are for a function"),
        (("orders.get_order", "--arguments", "[1]"), "must be a JSON object"),
        (("orders.get_order", "--arguments", "{"), "--arguments is not JSON"),
    ],
)
def test_arguments_that_mean_nothing(service: Service, vaiven: Vaiven, line: tuple[str, ...], said: str) -> None:
    outcome = vaiven("plugins", "test", *line)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert service.domain.runs.specs == []
