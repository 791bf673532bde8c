"""JSON Schema 2020-12 of protobuf messages, after protobuf's JSON mapping, with the field names of the .proto file.

Source: https://protobuf.dev/programming-guides/json/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from plugins.sources.base import RESERVED_ARGUMENTS, LeftOut, SourceLimits
from plugins.sources.grpc_reflection import scalars
from plugins.sources.grpc_reflection.annotations import Annotations
from plugins.sources.grpc_reflection.files import WELL_KNOWN
from plugins.sources.grpc_reflection.rules import FieldRule

ANY: Final = "google.protobuf.Any"
EMPTY: Final = "google.protobuf.Empty"

_FIELD_DESCRIPTION: Final = 300
_MAX_ALTERNATIVES: Final = 64


class SchemaError(Exception):
    """A method cannot have a schema; the text says why, for a list of what was left out."""


@dataclass(frozen=True, slots=True)
class _Body:
    """The schema of one message; `uses` are the messages that it refers to."""

    schema: dict[str, Any]
    uses: dict[str, Descriptor]
    characters: int
    blocked: str = ""


@dataclass(slots=True)
class _Parts:
    """A body while it is being written."""

    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    uses: dict[str, Descriptor] = field(default_factory=dict)
    characters: int = 0
    blocked: str = ""


class SchemaBuilder:
    """Writes schemas of requests (`input`) or responses (`output`); bodies are made once and shared.

    `left_out` collects the fields that a model cannot set.
    """

    def __init__(self, direction: Literal["input", "output"], annotations: Annotations, limits: SourceLimits) -> None:
        self._is_input = direction == "input"
        self._annotations = annotations
        self._limits = limits
        self._bodies: dict[tuple[str, bool], _Body] = {}
        self._enums: dict[str, dict[str, Any]] = {}
        self._characters_left = limits.max_plugin_schema_characters
        self.left_out: dict[str, LeftOut] = {}

    def of_message(self, descriptor: Descriptor, rule: FieldRule | None = None) -> dict[str, Any]:
        """Return the schema of type object of `descriptor`; one with a JSON form of its own lies in `value`.

        Raises:
            SchemaError: it would be too large, or a field that must be set cannot be.
        """
        if is_wrapped(descriptor):
            if self._is_input and descriptor.full_name == ANY:
                raise SchemaError("its request may be of any type")
            value = scalars.well_known(descriptor, is_input=self._is_input)
            return _object({"value": value}, ["value"] if self._is_input else [])
        root = self._shared_body(descriptor, root=True) if rule is None else self._body(descriptor, rule, root=True)
        return self._with_definitions(root, root.schema)

    def of_stream(self, descriptor: Descriptor) -> dict[str, Any]:
        """Return the schema of `{messages, truncated}`, a list of `descriptor` that may have been cut.

        Raises:
            SchemaError: it would be too large.
        """
        if is_wrapped(descriptor):
            item, uses, characters = scalars.well_known(descriptor, is_input=self._is_input), {}, 0
        else:
            item, uses, characters = _ref(descriptor), {descriptor.full_name: descriptor}, 0
        schema = _object(
            {
                "messages": {"type": "array", "items": item, "maxItems": self._limits.max_stream_messages},
                "truncated": {"type": "boolean", "description": "Whether the service had more to say."},
            },
            ["messages", "truncated"],
        )
        return self._with_definitions(_Body(schema, uses, characters), schema)

    def _with_definitions(self, root: _Body, schema: dict[str, Any]) -> dict[str, Any]:
        """Return `schema` with all messages that it refers to, however deep, under `$defs`."""
        bodies: dict[str, _Body] = {}
        waiting, fields, characters = dict(root.uses), len(schema["properties"]), root.characters
        body = root
        while True:
            if body.blocked:
                raise SchemaError(body.blocked)
            if len(bodies) > self._limits.max_types_per_function:
                raise SchemaError(f"it uses more than {self._limits.max_types_per_function} types")
            if fields > self._limits.max_fields_per_function:
                raise SchemaError(f"it has more than {self._limits.max_fields_per_function} fields")
            if characters > self._limits.max_schema_characters:
                raise SchemaError(f"its schema is longer than {self._limits.max_schema_characters} characters")
            if not waiting:
                break
            name, descriptor = waiting.popitem()
            body = bodies[name] = self._shared_body(descriptor)
            fields += len(body.schema["properties"])
            characters += body.characters
            waiting.update({n: d for n, d in body.uses.items() if n not in bodies})
        # Whoever offers functions to a model keeps a copy for each of them.
        self._characters_left -= characters
        if self._characters_left < 0:
            most = self._limits.max_plugin_schema_characters
            raise SchemaError(f"the schemas of all functions are longer than {most} characters")
        if not bodies:
            return schema
        return {**schema, "$defs": {name: bodies[name].schema for name in sorted(bodies)}}

    def _shared_body(self, descriptor: Descriptor, *, root: bool = False) -> _Body:
        key = descriptor.full_name, root
        body = self._bodies.get(key)
        if body is None:
            try:
                body = self._body(descriptor, FieldRule(whole=True), root=root)
            except SchemaError as error:
                # Kept as well: a thousand methods may have this type in common.
                body = _Body(_object({}, []), {}, 0, str(error))
            self._bodies[key] = body
        return body

    def _body(self, descriptor: Descriptor, rule: FieldRule, *, root: bool = False) -> _Body:
        if len(descriptor.fields) > self._limits.max_fields_per_function:
            raise SchemaError(f"it has more than {self._limits.max_fields_per_function} fields")
        parts = _Parts()
        taken = {o.name for o in descriptor.oneofs if any(rule.fixes(f.name) for f in o.fields)}
        for one in descriptor.fields:
            if self._is_input and not self._may_set(one, rule, parts, taken, root=root):
                continue
            child = rule.children.get(one.name)
            self._add(one, self._field(one, child, parts), parts)
            must = one.full_name in self._annotations.required or (child is not None and child.required)
            # Results show fields without presence always, whatever the service sent.
            if one.is_required or (must if self._is_input else not one.has_presence):
                parts.required.append(one.name)
        schema = _object(parts.properties, parts.required)
        if self._is_input:
            schema |= _choices(descriptor, parts.properties)
        comment = self._annotations.comments.get(descriptor.full_name, "")
        if comment and not root:
            schema["description"] = comment[:_FIELD_DESCRIPTION]
        return _Body(schema, parts.uses, parts.characters, parts.blocked)

    def _add(self, one: FieldDescriptor, schema: dict[str, Any], parts: _Parts) -> None:
        parts.properties[one.name] = schema
        parts.characters += len(one.name) + len(json.dumps(schema, ensure_ascii=False))
        if parts.characters > self._limits.max_schema_characters:
            raise SchemaError(f"its schema is longer than {self._limits.max_schema_characters} characters")

    def _may_set(self, one: FieldDescriptor, rule: FieldRule, parts: _Parts, taken: set[str], *, root: bool) -> bool:
        """Return whether a model may set the field; what no rule decided is noted."""
        if not rule.shows(one.name):
            if one.is_required and not rule.fixes(one.name):
                parts.blocked = f"{one.full_name} must be set, but is neither allowed nor fixed"
            return False
        if one.containing_oneof is not None and one.containing_oneof.name in taken and not rule.fixes(one.name):
            return False
        reason = self._unusable(one, root=root)
        if reason:
            self.left_out[one.full_name] = LeftOut(one.full_name, reason)
            if one.is_required:
                parts.blocked = f"{one.full_name} must be set, but {reason}"
        return not reason

    def _unusable(self, one: FieldDescriptor, *, root: bool) -> str:
        if root and one.name in RESERVED_ARGUMENTS:
            return "its name is the host's own"
        value = _map_value(one) or one
        if value.message_type is not None and value.message_type.full_name == ANY:
            return "it may be of any type"
        if one.full_name in self._annotations.output_only:
            return "the service alone sets it"
        return ""

    def _field(self, one: FieldDescriptor, rule: FieldRule | None, parts: _Parts) -> dict[str, Any]:
        value = _map_value(one)
        if value is not None and value.containing_type is not None:
            key = value.containing_type.fields_by_name["key"]
            schema = scalars.map_of(key, self._value(value, parts))
        elif one.is_repeated:
            schema = {"type": "array", "items": self._value(one, parts)}
        elif rule is not None and rule.children and one.message_type is not None:
            inner = self._body(one.message_type, rule)
            parts.uses.update(inner.uses)
            parts.blocked = parts.blocked or inner.blocked
            schema = dict(inner.schema)
        else:
            schema = dict(self._value(one, parts))
            if self._is_input and one.has_default_value:
                schema["default"] = scalars.default(one)
        description = self._described(one)
        if description:
            schema["description"] = description
        return schema

    def _value(self, one: FieldDescriptor, parts: _Parts) -> dict[str, Any]:
        """Return the schema of one value of the field."""
        if one.message_type is not None:
            if one.message_type.full_name in WELL_KNOWN and one.message_type.full_name != EMPTY:
                return scalars.well_known(one.message_type, is_input=self._is_input)
            parts.uses[one.message_type.full_name] = one.message_type
            return _ref(one.message_type)
        if one.enum_type is not None:
            return self._enum(one.enum_type)
        return scalars.INPUT[one.type] if self._is_input else scalars.OUTPUT[one.type]

    def _enum(self, enum: EnumDescriptor) -> dict[str, Any]:
        if enum.full_name not in self._enums:
            names = [value.name for value in enum.values]
            self._enums[enum.full_name] = scalars.enum(
                enum, names, is_input=self._is_input, max_values=self._limits.max_enum_values
            )
        return self._enums[enum.full_name]

    def _described(self, one: FieldDescriptor) -> str:
        said = self._annotations.comments.get(one.full_name, "")[:_FIELD_DESCRIPTION]
        oneof = one.containing_oneof
        if self._is_input and oneof is not None and len(oneof.fields) > 1:
            said = f"{said} At most one of {', '.join(f.name for f in oneof.fields)[:200]}.".strip()
        return said


def is_wrapped(descriptor: Descriptor) -> bool:
    """Return whether the message's JSON is no object of its fields, so that it lies in `value` of an object."""
    return descriptor.full_name in WELL_KNOWN and descriptor.full_name != EMPTY


def _map_value(one: FieldDescriptor) -> FieldDescriptor | None:
    entry = one.message_type
    return entry.fields_by_name["value"] if entry is not None and entry.GetOptions().map_entry else None


def _ref(descriptor: Descriptor) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{descriptor.full_name}"}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema | {"additionalProperties": False}


def _choices(descriptor: Descriptor, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that allow at most one member of each oneof.

    Written so that grammar engines for constrained decoding understand it, which multiply the alternatives of several
    oneofs: those over a bound are said in words only, and the runtime holds them.
    """
    found: list[dict[str, Any]] = []
    alternatives = 1
    for oneof in descriptor.oneofs:
        names = [member.name for member in oneof.fields if member.name in properties]
        if len(names) > 1 and alternatives * len(names) <= _MAX_ALTERNATIVES:
            alternatives *= len(names)
            found.append({"anyOf": [{"properties": {n: False for n in names if n != name}} for name in names]})
    return found[0] if len(found) == 1 else ({"allOf": found} if found else {})
