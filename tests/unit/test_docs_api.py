"""The page on the API has a heading for each RPC and each message of the contract, and nothing that is not in it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import vaiven.v1
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor, MethodDescriptor

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
PACKAGE = "vaiven.v1."


def files() -> list[FileDescriptor]:
    modules = [m.name for m in pkgutil.iter_modules(vaiven.v1.__path__) if m.name.endswith("_pb2")]
    return [importlib.import_module(f"vaiven.v1.{name}").DESCRIPTOR for name in modules]


def short(full_name: str) -> str:
    return full_name.removeprefix(PACKAGE)


def methods() -> list[MethodDescriptor]:
    return [method for file in files() for service in file.services_by_name.values() for method in service.methods]


def nested(message: Descriptor) -> Iterator[Descriptor | EnumDescriptor]:
    yield message
    yield from message.enum_types
    for inner in message.nested_types:
        if not inner.GetOptions().map_entry:  # a map is told where it is a field
            yield from nested(inner)


def parts() -> list[Descriptor | EnumDescriptor]:
    """Return the messages and enums that are not a request or a response of their own."""
    own = {message.full_name for method in methods() for message in (method.input_type, method.output_type)}
    found = [part for file in files() for message in file.message_types_by_name.values() for part in nested(message)]
    found += [enum for file in files() for enum in file.enum_types_by_name.values()]
    return [part for part in found if part.full_name not in own or part.full_name == f"{PACKAGE}RunEvent"]


@cache
def sections() -> dict[str, str]:
    """Return what stands below each heading of the third level."""
    _, *found = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading: body for heading, _, body in (section.partition("\n") for section in found)}


def rows(text: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_headings_are_the_rpcs_and_the_messages() -> None:
    rpcs = [f"{method.containing_service.name}.{method.name}" for method in methods()]
    assert sorted(sections()) == sorted([*rpcs, *(short(part.full_name) for part in parts())])


@pytest.mark.parametrize("method", methods(), ids=lambda method: short(method.full_name))
def test_an_rpc_is_told_with_request_response_errors_and_example(method: MethodDescriptor) -> None:
    section = sections()[f"{method.containing_service.name}.{method.name}"]
    fields = {field.name for field in method.input_type.fields}
    if not method.server_streaming:
        fields |= {field.name for field in method.output_type.fields}
    assert rows(section) == fields
    assert f"Request `{method.input_type.name}`" in section
    assert method.output_type.name in section
    assert re.search(r"^Errors: .+\.$", section, re.MULTILINE)
    assert re.search(r"^```\n.+\n```$", section, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("part", parts(), ids=lambda part: short(part.full_name))
def test_a_message_is_told_with_all_its_fields(part: Descriptor | EnumDescriptor) -> None:
    expected = part.values if isinstance(part, EnumDescriptor) else part.fields
    assert rows(sections()[short(part.full_name)]) == {one.name for one in expected}
