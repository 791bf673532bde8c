"""What .proto files say beside the types: comments, and which fields a caller must or must not set."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from google.api import field_behavior_pb2  # type: ignore[import-untyped]
from google.protobuf import descriptor_pb2

from plugins.sources.grpc_reflection.checked import messages_of

_FILE: Final = descriptor_pb2.FileDescriptorProto
_MESSAGE: Final = descriptor_pb2.DescriptorProto
_SERVICE: Final = descriptor_pb2.ServiceDescriptorProto

_MAX_LOCATIONS: Final = 500_000
_NOISE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]+")


@dataclass(frozen=True, slots=True)
class Annotations:
    """Comments of messages, fields, services and methods, and how fields behave (google.api.field_behavior).

    All by full name: `required` of a caller, `output_only` if the service alone sets them.
    """

    comments: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    output_only: set[str] = field(default_factory=set)


def annotations_of(files: Iterable[descriptor_pb2.FileDescriptorProto], max_characters: int) -> Annotations:
    """Return what `files` say; comments are one line of at most `max_characters`, empty where a server sends none."""
    found = Annotations()
    for file in files:
        _add_comments(file, max_characters, found.comments)
        for path, declared in messages_of(file):
            for one in declared.field:
                # The stub of googleapis-common-protos calls every extension a plain field.
                behaviours = one.options.Extensions[field_behavior_pb2.field_behavior]  # pyright: ignore[reportArgumentType]
                if field_behavior_pb2.REQUIRED in behaviours:
                    found.required.add(f"{path}.{one.name}")
                if field_behavior_pb2.OUTPUT_ONLY in behaviours:
                    found.output_only.add(f"{path}.{one.name}")
    return found


def one_line(text: str, max_characters: int) -> str:
    """Return `text` as one line without control characters, cut at a word if it is longer than `max_characters`."""
    line = _NOISE.sub(" ", text).strip()
    if len(line) <= max_characters:
        return line
    return line[: max_characters - 1].rpartition(" ")[0].rstrip() + "…"


def _add_comments(file: descriptor_pb2.FileDescriptorProto, max_characters: int, comments: dict[str, str]) -> None:
    locations = file.source_code_info.location
    if not 0 < len(locations) <= _MAX_LOCATIONS:
        return
    said = {}
    for location in locations:
        text = location.leading_comments or location.trailing_comments
        if isinstance(text, str) and text:
            said[tuple(location.path)] = one_line(text, max_characters)
    if not said:
        return
    package = f"{file.package}." if file.package else ""
    names: dict[tuple[int, ...], str] = {}
    for i, service in enumerate(file.service):
        place = (_FILE.SERVICE_FIELD_NUMBER, i)
        names[place] = f"{package}{service.name}"
        for j, method in enumerate(service.method):
            names[(*place, _SERVICE.METHOD_FIELD_NUMBER, j)] = f"{package}{service.name}.{method.name}"
    waiting: list[tuple[tuple[int, ...], str, descriptor_pb2.DescriptorProto]] = [
        ((_FILE.MESSAGE_TYPE_FIELD_NUMBER, i), package, m) for i, m in enumerate(file.message_type)
    ]
    while waiting:
        at, prefix, declared = waiting.pop()
        name = f"{prefix}{declared.name}"
        names[at] = name
        for j, one in enumerate(declared.field):
            names[(*at, _MESSAGE.FIELD_FIELD_NUMBER, j)] = f"{name}.{one.name}"
        for j, nested in enumerate(declared.nested_type):
            waiting.append(((*at, _MESSAGE.NESTED_TYPE_FIELD_NUMBER, j), f"{name}.", nested))
    comments.update({names[at]: text for at, text in said.items() if at in names})
