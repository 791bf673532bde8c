from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_calling_utils import kernel_function_metadata_to_function_call_format
from semantic_kernel.functions import KernelArguments

from plugins.context import RunContext
from plugins.output import FunctionOutput, FunctionResult, TextDelta
from plugins.sources.base import CallContext, ImportedFunction, ImportedPlugin, SourceError
from plugins.sources.kernel_plugin import to_kernel_plugin

TREE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["root"],
    "properties": {
        "root": {"$ref": "#/$defs/shop.Node", "description": "Where to begin."},
        "others": {"type": "array", "items": {"$ref": "#/$defs/shop.Node"}},
        "kernel": {"type": "string"},
        "arguments": {"type": "integer"},
        "service": {"type": "boolean"},
    },
    "$defs": {
        "shop.Node": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"next": {"$ref": "#/$defs/shop.Node"}, "tag": {"$ref": "#/$defs/shop.Tag"}},
        },
        "shop.Tag": {"enum": ["a", "b"]},
    },
}
SAMPLES: list[dict[str, Any]] = [
    {"root": {}},
    {"root": {"next": {"tag": "a"}}, "others": [{"tag": "b"}], "kernel": "x", "arguments": 1, "service": True},
    {},
    {"root": {"next": {"tag": "z"}}},
    {"root": {}, "others": [{"next": {"next": 1}}]},
    {"root": {}, "kernel": 3},
]


async def repeat(arguments: Mapping[str, Any], context: CallContext) -> FunctionResult:
    return FunctionResult(context.run, {"given": dict(arguments), "tenant": context.tenant, "left": context.deadline_s})


def plugin_of(**changes: Any) -> ImportedPlugin:
    facts: dict[str, Any] = {
        "name": "walk", "description": "Walk a tree.", "effect": "read", "input_schema": TREE,
        "output_schema": {"type": "object"}, "invoke": repeat,
    }  # fmt: skip
    return ImportedPlugin("trees", "1", "Trees.", (ImportedFunction(**facts | changes),), (), "", "grpc")


async def pieces(imported: ImportedPlugin, arguments: dict[str, Any], **options: Any) -> list[Any]:
    kernel = Kernel()
    kernel.add_plugin(to_kernel_plugin(imported, **options))
    given = KernelArguments()
    given.update(arguments)
    return [piece async for piece in kernel.get_function("trees", "walk").invoke_stream(kernel, given)]


def test_the_model_sees_a_schema_that_accepts_what_the_input_schema_accepts() -> None:
    function = to_kernel_plugin(plugin_of())["walk"]
    shown = kernel_function_metadata_to_function_call_format(function.metadata)["function"]["parameters"]
    Draft202012Validator.check_schema(shown)
    assert shown["properties"]["root"]["description"] == "Where to begin."
    for sample in SAMPLES:
        assert Draft202012Validator(shown).is_valid(sample) == Draft202012Validator(TREE).is_valid(sample), sample


def test_a_schema_without_definitions_is_shown_as_it_is() -> None:
    properties = {"a": {"type": "string", "default": "x"}, "b": {"type": ["integer", "string"], "pattern": "^1"}}
    schema = {"type": "object", "properties": properties, "required": ["b"], "additionalProperties": False}
    function = to_kernel_plugin(plugin_of(input_schema=schema))["walk"]
    shown = kernel_function_metadata_to_function_call_format(function.metadata)["function"]["parameters"]
    assert shown == {"type": "object", "properties": properties, "required": ["b"]}


async def test_all_arguments_reach_the_source_and_those_of_the_host_do_not() -> None:
    run = RunContext(tenant="acme", run="runs/1")
    given = {"root": {}, "kernel": "x", "arguments": 1, "service": True}
    said = await pieces(plugin_of(), given | {"run_context": run}, remaining_s=lambda r: 5.0 if r is run else None)
    assert said == [FunctionResult("runs/1", {"given": given, "tenant": "acme", "left": 5.0})]


async def test_arguments_that_do_not_fit_never_reach_the_source() -> None:
    with pytest.raises(SourceError) as raised:
        await pieces(plugin_of(), {"root": {"next": 1}})
    assert (raised.value.code, raised.value.field) == ("ARGUMENTS_INVALID", "root.next")


async def test_without_a_stream_the_kernel_gets_the_pieces_as_a_list() -> None:
    kernel = Kernel()
    kernel.add_plugin(to_kernel_plugin(plugin_of()))
    result = await kernel.invoke(plugin_name="trees", function_name="walk", root={})
    assert result is not None
    assert [type(piece) for piece in result.value] == [FunctionResult]


async def test_a_streaming_function_is_closed_when_the_caller_leaves() -> None:
    closed = asyncio.Event()

    async def stream(_arguments: Mapping[str, Any], _context: CallContext) -> AsyncGenerator[FunctionOutput, None]:
        try:
            yield TextDelta("a")
            await asyncio.Event().wait()
        finally:
            closed.set()

    kernel = Kernel()
    kernel.add_plugin(to_kernel_plugin(plugin_of(stream=stream)))
    arguments = KernelArguments(root={})

    async def consume() -> None:
        pieces: Any = kernel.get_function("trees", "walk").invoke_stream(kernel, arguments)
        async for piece in pieces:
            assert piece == TextDelta("a")
            started.set()

    started = asyncio.Event()
    task = asyncio.create_task(consume())
    await started.wait()
    task.cancel()
    await closed.wait()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_copies_for_a_run_share_the_schemas() -> None:
    plugin = to_kernel_plugin(plugin_of())
    kernel = Kernel()
    kernel.add_functions("other", [plugin["walk"]])
    copied = kernel.get_function("other", "walk")
    assert copied.plugin_name == "other"
    assert plugin["walk"].plugin_name == "trees"
    assert copied.metadata.parameters is plugin["walk"].metadata.parameters


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Walk"},
        {"input_schema": {"type": "object"}},
        {"input_schema": {"type": "object", "additionalProperties": False, "properties": {"run_context": {}}}},
        {"input_schema": {"type": "object", "additionalProperties": False, "properties": {"a[b]": {}}}},
        {"output_schema": {"type": "string"}},
    ],
)
def test_a_function_that_the_host_could_not_offer_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name|schema"):
        plugin_of(**changes)
