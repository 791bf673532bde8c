"""What a service promises, as one hash that does not depend on the order in which it says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, MethodDescriptor

from plugins.sources.grpc_reflection.annotations import Annotations
from plugins.sources.grpc_reflection.scalars import default


def fingerprint(methods: Iterable[MethodDescriptor], annotations: Annotations) -> str:
    """Return the SHA-256, in hex, of the methods and of every type that they reach.

    It covers what a call or a schema depends on: names, numbers, types, presence, oneofs, defaults, values of enums,
    streaming, idempotency, and the comments, since models read them. The files' names and other options do not count.
    """
    lines: set[str] = set()
    waiting: dict[str, Descriptor] = {}
    enums: dict[str, EnumDescriptor] = {}
    for method in methods:
        lines.add(_line("method", _method(method, annotations)))
        for descriptor in (method.input_type, method.output_type):
            waiting[descriptor.full_name] = descriptor
    seen: set[str] = set()
    while waiting:
        name, descriptor = waiting.popitem()
        seen.add(name)
        lines.add(_line("message", [name, annotations.comments.get(name, "")]))
        for one in descriptor.fields:
            lines.add(_line("field", _field(one, annotations)))
            if one.message_type is not None and one.message_type.full_name not in seen:
                waiting[one.message_type.full_name] = one.message_type
            if one.enum_type is not None:
                enums[one.enum_type.full_name] = one.enum_type
    for enum in enums.values():
        lines.add(_line("enum", [enum.full_name, enum.is_closed, sorted((v.number, v.name) for v in enum.values)]))
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode())
    return digest.hexdigest()


def _line(kind: str, facts: Any) -> str:
    # Texts that XML or a terminal would refuse are nevertheless facts: ASCII escapes keep them apart.
    return json.dumps([kind, facts]) + "\n"


def _method(method: MethodDescriptor, annotations: Annotations) -> list[Any]:
    options = method.GetOptions()
    return [
        method.full_name,
        method.input_type.full_name,
        method.output_type.full_name,
        method.client_streaming,
        method.server_streaming,
        int(options.idempotency_level),
        options.deprecated,
        annotations.comments.get(method.full_name, ""),
    ]


def _field(one: FieldDescriptor, annotations: Annotations) -> list[Any]:
    named = one.message_type or one.enum_type
    return [
        one.full_name,
        one.number,
        one.type,
        named.full_name if named is not None else "",
        one.is_repeated,
        one.is_required,
        one.has_presence,
        one.is_packed,
        one.containing_oneof.name if one.containing_oneof is not None else "",
        str(default(one)) if one.has_default_value else None,
        one.message_type is not None and one.message_type.GetOptions().map_entry,
        one.full_name in annotations.required,
        one.full_name in annotations.output_only,
        annotations.comments.get(one.full_name, ""),
    ]
