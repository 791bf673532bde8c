"""Descriptors from outside, checked and copied: nothing else of them reaches the protobuf runtime.

The runtime trusts descriptors: one that no compiler would write (a map entry without a key) ends the process. So each
file is built anew from the parts that functions need, and a part that is not as `protoc` writes it is an error. Most
options, extensions and comments are not copied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from google.protobuf import descriptor_pb2, message

from plugins.sources.base import SourceError

_Field: Final = descriptor_pb2.FieldDescriptorProto
_MAX_FIELD_NUMBER: Final = 536_870_911
"""Source: https://protobuf.dev/programming-guides/proto3/#assigning."""
_MAX_NESTING: Final = 32
_MAX_NAME: Final = 500
_MAX_SCOPES: Final = 64

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_JSON_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
_QUALIFIED = re.compile(r"\.[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")

_MESSAGE_ATTRIBUTES: Final = frozenset(dir(message.Message))
"""Names that a field must not have: it would hide what json_format calls on every message."""

_MAP_KEY_TYPES: Final = frozenset(
    {
        _Field.TYPE_INT32, _Field.TYPE_INT64, _Field.TYPE_UINT32, _Field.TYPE_UINT64, _Field.TYPE_SINT32,
        _Field.TYPE_SINT64, _Field.TYPE_FIXED32, _Field.TYPE_FIXED64, _Field.TYPE_SFIXED32, _Field.TYPE_SFIXED64,
        _Field.TYPE_BOOL, _Field.TYPE_STRING,
    }
)  # fmt: skip
_NAMED_TYPES: Final = frozenset({_Field.TYPE_MESSAGE, _Field.TYPE_GROUP, _Field.TYPE_ENUM})


def checked_copies(
    files: Iterable[descriptor_pb2.FileDescriptorProto],
) -> list[descriptor_pb2.FileDescriptorProto]:
    """Return copies of `files`, in their order, that the protobuf runtime can be trusted with.

    Raises:
        SourceError: `DESCRIPTOR_INVALID`; the message names the file and the place in it.
    """
    copies = []
    for file in files:
        try:
            copies.append(_copy_file(file))
        except _WrongError as wrong:
            raise SourceError("DESCRIPTOR_INVALID", f"{str(file.name)[:200]}: {wrong}") from None
    try:
        _resolve_names(copies)
        _check_kinds(copies)
        _check_map_uses(copies)
    except _WrongError as wrong:
        raise SourceError("DESCRIPTOR_INVALID", str(wrong)) from None
    return copies


class _WrongError(Exception):
    pass


def _copy_file(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    if any(isinstance(text, bytes) for text in (file.name, file.package, file.syntax, *file.dependency)):
        raise _WrongError("its head is no UTF-8")
    if file.package and not _QUALIFIED.fullmatch(f".{file.package}"):
        raise _WrongError("the package is no name")
    if file.syntax not in ("", "proto2", "proto3", "editions"):
        raise _WrongError(f"the syntax is {file.syntax[:20]!r}")
    # What others may see through this file belongs to its meaning; an index out of range is an error of the runtime.
    copy = descriptor_pb2.FileDescriptorProto(
        name=file.name, package=file.package, dependency=file.dependency, public_dependency=file.public_dependency
    )
    if file.syntax:
        copy.syntax = file.syntax
    if file.HasField("edition"):
        copy.edition = file.edition
    if file.options.HasField("features"):
        copy.options.features.CopyFrom(_features(file.options.features))
    for source in file.message_type:
        _copy_message(source, copy.message_type.add(), ())
    for enum in file.enum_type:
        _copy_enum(enum, copy.enum_type.add())
    for service in file.service:
        _copy_service(service, copy.service.add())
    return copy


def _name(name: str | bytes, what: str) -> str:
    # A text that is no UTF-8 comes as bytes.
    if isinstance(name, bytes) or not _IDENTIFIER.fullmatch(name):
        raise _WrongError(f"{what} has a name that is no identifier: {name[:50]!r}")
    return name


def _features(features: descriptor_pb2.FeatureSet) -> descriptor_pb2.FeatureSet:
    """Return the features without extensions, which belong to languages."""
    copy = descriptor_pb2.FeatureSet()
    for field, value in features.ListFields():
        if not field.is_extension and field.type == field.TYPE_ENUM:
            setattr(copy, field.name, value)
    return copy


def _copy_message(
    source: descriptor_pb2.DescriptorProto, copy: descriptor_pb2.DescriptorProto, parents: tuple[str, ...]
) -> None:
    place = (*parents, _name(source.name, "a message"))
    if len(place) > _MAX_NESTING:
        raise _WrongError(f"messages are nested deeper than {_MAX_NESTING} levels")
    copy.name = source.name
    for oneof in source.oneof_decl:
        copy.oneof_decl.add(name=_name(oneof.name, "a oneof"))
    for field in source.field:
        _copy_field(field, copy.field.add(), len(source.oneof_decl), ".".join(place))
    if source.options.map_entry:
        _check_map_entry(source, ".".join(place), bool(parents))
        copy.options.map_entry = True
    if source.options.HasField("features"):
        copy.options.features.CopyFrom(_features(source.options.features))
    for nested in source.nested_type:
        _copy_message(nested, copy.nested_type.add(), place)
    for enum in source.enum_type:
        _copy_enum(enum, copy.enum_type.add())


def _copy_field(
    source: descriptor_pb2.FieldDescriptorProto, copy: descriptor_pb2.FieldDescriptorProto, oneofs: int, place: str
) -> None:
    name = _name(source.name, f"a field of {place}")
    where = f"{place}.{name}"
    if name in _MESSAGE_ATTRIBUTES:
        raise _WrongError(f"{where} has the name of a method that every message has")
    if not 1 <= source.number <= _MAX_FIELD_NUMBER:
        raise _WrongError(f"{where} has the number {source.number}")
    if not source.HasField("type") or not source.HasField("label"):
        raise _WrongError(f"{where} has no type or no label")
    if (source.type in _NAMED_TYPES) != bool(source.type_name):
        raise _WrongError(f"{where} has a type and a type name that do not go together")
    copy.name, copy.number, copy.type, copy.label = name, source.number, source.type, source.label
    if source.type_name:
        copy.type_name = _type_name(source.type_name, where)
    if source.HasField("oneof_index"):
        if not 0 <= source.oneof_index < oneofs or source.label != _Field.LABEL_OPTIONAL:
            raise _WrongError(f"{where} is not in a oneof in the way that it says")
        copy.oneof_index = source.oneof_index
    if source.proto3_optional:
        copy.proto3_optional = True
    _copy_field_texts(source, copy, where)
    _copy_field_options(source.options, copy)


def _copy_field_texts(
    source: descriptor_pb2.FieldDescriptorProto, copy: descriptor_pb2.FieldDescriptorProto, where: str
) -> None:
    if source.HasField("json_name"):
        if isinstance(source.json_name, bytes) or not _JSON_NAME.fullmatch(source.json_name):
            raise _WrongError(f"{where} has a name in JSON that is none")
        copy.json_name = source.json_name
    if source.HasField("default_value"):
        if isinstance(source.default_value, bytes):
            raise _WrongError(f"{where} has a default that is no UTF-8")
        copy.default_value = source.default_value


def _copy_field_options(options: descriptor_pb2.FieldOptions, copy: descriptor_pb2.FieldDescriptorProto) -> None:
    if options.HasField("packed"):
        copy.options.packed = options.packed
    if options.HasField("features"):
        copy.options.features.CopyFrom(_features(options.features))
    if options.deprecated:
        copy.options.deprecated = True


def _check_map_entry(source: descriptor_pb2.DescriptorProto, place: str, is_nested: bool) -> None:
    fields = [(field.name, field.number, field.label) for field in source.field]
    is_entry = sorted(fields) == [("key", 1, _Field.LABEL_OPTIONAL), ("value", 2, _Field.LABEL_OPTIONAL)]
    if (
        not (is_entry and is_nested)
        or source.nested_type
        or source.enum_type
        or source.oneof_decl
        or any(field.HasField("default_value") or field.type == _Field.TYPE_GROUP for field in source.field)
        or next(field.type for field in source.field if field.name == "key") not in _MAP_KEY_TYPES
    ):
        raise _WrongError(f"{place} is no entry of a map, though it says so")


def _copy_enum(source: descriptor_pb2.EnumDescriptorProto, copy: descriptor_pb2.EnumDescriptorProto) -> None:
    copy.name = _name(source.name, "an enum")
    if not source.value:
        raise _WrongError(f"the enum {source.name} has no value")
    for value in source.value:
        copy.value.add(name=_name(value.name, f"a value of {source.name}"), number=value.number)
    if source.options.allow_alias:
        copy.options.allow_alias = True
    if source.options.HasField("features"):
        copy.options.features.CopyFrom(_features(source.options.features))


def _copy_service(source: descriptor_pb2.ServiceDescriptorProto, copy: descriptor_pb2.ServiceDescriptorProto) -> None:
    copy.name = _name(source.name, "a service")
    for method in source.method:
        where = f"{source.name}.{_name(method.name, 'a method')}"
        copied = copy.method.add(name=method.name)
        copied.input_type = _type_name(method.input_type, where)
        copied.output_type = _type_name(method.output_type, where)
        copied.client_streaming, copied.server_streaming = method.client_streaming, method.server_streaming
        if method.options.HasField("idempotency_level"):
            copied.options.idempotency_level = method.options.idempotency_level
        if method.options.deprecated:
            copied.options.deprecated = True


def _type_name(name: str | bytes, where: str) -> str:
    if isinstance(name, bytes) or len(name) > _MAX_NAME or not _QUALIFIED.fullmatch(f".{name.removeprefix('.')}"):
        raise _WrongError(f"{where} has a type that is not named: {name[:50]!r}")
    return name


def _resolve_names(files: Sequence[descriptor_pb2.FileDescriptorProto]) -> None:
    """Lead type names without a first dot, which servers on Node write, to what they mean from where they stand.

    Source: the comment on `FieldDescriptorProto.type_name` in google/protobuf/descriptor.proto.
    """
    found = [(f".{path}", holder) for file in files for path, holder in messages_of(file)]
    declared = {path for path, _ in found} | {f"{path}.{enum.name}" for path, m in found for enum in m.enum_type}
    for file in files:
        package = f".{file.package}" if file.package else ""
        declared.update(f"{package}.{enum.name}" for enum in file.enum_type)
    for path, holder in found:
        for field in holder.field:
            if field.type_name:
                field.type_name = _resolved(field.type_name, path, declared)
    for file in files:
        package = f".{file.package}" if file.package else ""
        for method in (method for service in file.service for method in service.method):
            method.input_type = _resolved(method.input_type, package, declared)
            method.output_type = _resolved(method.output_type, package, declared)


def _resolved(name: str, scope: str, declared: Container[str]) -> str:
    if name.startswith("."):
        return name
    if scope.count(".") > _MAX_SCOPES:
        raise _WrongError(
            f"{scope[1:51]} is nested deeper than {_MAX_SCOPES} levels, and names {name[:50]!r} from there"
        )
    while f"{scope}.{name}" not in declared and scope:
        scope = scope.rpartition(".")[0]
    return f"{scope}.{name}"


def _check_kinds(files: Iterable[descriptor_pb2.FileDescriptorProto]) -> None:
    """Refuse messages that are said to be of the type of an enum, which the runtime would put right in silence."""
    enums: set[str] = set()
    claimed: dict[str, str] = {}
    for file in files:
        prefix = f".{file.package}." if file.package else "."
        enums.update(f"{prefix}{enum.name}" for enum in file.enum_type)
        for path, found in messages_of(file):
            enums.update(f".{path}.{enum.name}" for enum in found.enum_type)
            claimed.update({f.type_name: f"{path}.{f.name}" for f in found.field if f.type != _Field.TYPE_ENUM})
    for name in claimed.keys() & enums:
        raise _WrongError(f"{claimed[name]} is said to be a message, and is an enum")


def _check_map_uses(files: Sequence[descriptor_pb2.FileDescriptorProto]) -> None:
    """Hold each map entry to one repeated field of the message around it; nothing else may be of its type."""
    found = [pair for file in files for pair in messages_of(file)]
    entries: set[str] = set()
    for path, parent in found:
        used = Counter(
            field.type_name
            for field in parent.field
            if field.label == _Field.LABEL_REPEATED and field.type == _Field.TYPE_MESSAGE
        )
        for nested in parent.nested_type:
            entry = f".{path}.{nested.name}"
            if nested.options.map_entry:
                entries.add(entry)
                if used[entry] != 1:
                    raise _WrongError(f"{entry[1:]} is an entry of a map, but not of one field")
    uses = Counter(field.type_name for _, m in found for field in m.field if field.type_name in entries)
    for file in files:
        for method in (m for service in file.service for m in service.method):
            uses.update(name for name in (method.input_type, method.output_type) if name in entries)
    for entry, count in uses.items():
        if count != 1:
            raise _WrongError(f"{entry[1:]} is an entry of a map and used as a message")


def messages_of(
    file: descriptor_pb2.FileDescriptorProto,
) -> Iterator[tuple[str, descriptor_pb2.DescriptorProto]]:
    """Yield the messages of `file` with their full names, the outer before the inner."""
    waiting = [(f"{file.package}.{m.name}" if file.package else m.name, m) for m in reversed(file.message_type)]
    while waiting:
        path, found = waiting.pop()
        yield path, found
        waiting.extend((f"{path}.{nested.name}", nested) for nested in reversed(found.nested_type))
