"""JSON Schema of protobuf's scalars, enums and well-known types.

Source: https://protobuf.dev/programming-guides/json/.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

_F: Final = FieldDescriptor
_Schema = dict[str, Any]

_INT32: Final[_Schema] = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_UINT32: Final[_Schema] = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
_INT64_TEXT: Final = r"^-?[0-9]{1,19}$"
_UINT64_TEXT: Final = r"^[0-9]{1,20}$"
# No bounds: a JSON number cannot hold them exactly everywhere.
_INT64: Final[_Schema] = {"type": ["integer", "string"], "pattern": _INT64_TEXT}
_UINT64: Final[_Schema] = {"type": ["integer", "string"], "minimum": 0, "pattern": _UINT64_TEXT}
_BASE64: Final = r"^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$"
_BYTES: Final[_Schema] = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}
_SPECIAL: Final = ["NaN", "Infinity", "-Infinity"]
_ANY_NUMBER: Final[_Schema] = {"anyOf": [{"type": "number"}, {"enum": _SPECIAL}]}

INPUT: Final[Mapping[int, _Schema]] = MappingProxyType(
    {
        _F.TYPE_INT32: _INT32,
        _F.TYPE_SINT32: _INT32,
        _F.TYPE_SFIXED32: _INT32,
        _F.TYPE_UINT32: _UINT32,
        _F.TYPE_FIXED32: _UINT32,
        _F.TYPE_INT64: _INT64,
        _F.TYPE_SINT64: _INT64,
        _F.TYPE_SFIXED64: _INT64,
        _F.TYPE_UINT64: _UINT64,
        _F.TYPE_FIXED64: _UINT64,
        _F.TYPE_FLOAT: {"type": "number"},
        _F.TYPE_DOUBLE: {"type": "number"},
        _F.TYPE_BOOL: {"type": "boolean"},
        _F.TYPE_STRING: {"type": "string"},
        _F.TYPE_BYTES: _BYTES,
    }
)
"""What a model may write. Infinities and NaN are left to results: no caller means them."""

OUTPUT: Final[Mapping[int, _Schema]] = MappingProxyType(
    {
        **INPUT,
        _F.TYPE_INT64: {"type": "string", "pattern": _INT64_TEXT},
        _F.TYPE_SINT64: {"type": "string", "pattern": _INT64_TEXT},
        _F.TYPE_SFIXED64: {"type": "string", "pattern": _INT64_TEXT},
        _F.TYPE_UINT64: {"type": "string", "pattern": _UINT64_TEXT},
        _F.TYPE_FIXED64: {"type": "string", "pattern": _UINT64_TEXT},
        _F.TYPE_FLOAT: _ANY_NUMBER,
        _F.TYPE_DOUBLE: _ANY_NUMBER,
    }
)
"""What json_format writes."""

_WELL_KNOWN: Final[Mapping[str, _Schema]] = MappingProxyType(
    {
        "google.protobuf.Any": {"type": "object"},
        "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
        "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]{1,12}(?:\.[0-9]{1,9})?s$"},
        "google.protobuf.FieldMask": {"type": "string", "pattern": r"^(?:[A-Za-z0-9.]+(?:,[A-Za-z0-9.]+)*)?$"},
        "google.protobuf.Struct": {"type": "object"},
        "google.protobuf.ListValue": {"type": "array", "items": {}},
        "google.protobuf.Value": {},
    }
)

_SIGNED: Final = frozenset({_F.CPPTYPE_INT32, _F.CPPTYPE_INT64})


def well_known(descriptor: Descriptor, *, is_input: bool) -> _Schema:
    """Return the schema of a well-known type other than Empty; a wrapper's is that of what it wraps."""
    if descriptor.full_name in _WELL_KNOWN:
        return dict(_WELL_KNOWN[descriptor.full_name])
    return dict((INPUT if is_input else OUTPUT)[descriptor.fields_by_name["value"].type])


def map_of(key: FieldDescriptor, value: _Schema) -> _Schema:
    """Return the schema of a map; `propertyNames` would say it shorter, but grammar engines do not know it."""
    if key.cpp_type == _F.CPPTYPE_STRING:
        return {"type": "object", "additionalProperties": value}
    if key.cpp_type == _F.CPPTYPE_BOOL:
        return {"type": "object", "properties": {"true": value, "false": value}, "additionalProperties": False}
    keys = _INT64_TEXT if key.cpp_type in _SIGNED else _UINT64_TEXT
    return {"type": "object", "patternProperties": {keys: value}, "additionalProperties": False}


def enum(descriptor: EnumDescriptor, names: Sequence[str], *, is_input: bool, max_values: int) -> _Schema:
    """Return the schema of an enum by the names of its values; of more than `max_values` only that they are names.

    Results may hold numbers that the descriptor does not know.
    """
    if descriptor.full_name == "google.protobuf.NullValue":
        return {"type": "null"}
    if len(names) > max_values:
        return {"type": "string" if is_input else ["string", "integer"]}
    known = {"type": "string", "enum": list(names)}
    if is_input or descriptor.is_closed:
        return known
    return {"anyOf": [known, {"type": "integer"}]}


def default(one: FieldDescriptor) -> Any:
    """Return the default that the .proto file declares, in JSON."""
    value = one.default_value
    if one.enum_type is not None:
        return one.enum_type.values_by_number[value].name
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if one.cpp_type in (_F.CPPTYPE_INT64, _F.CPPTYPE_UINT64):
        return str(value)
    return value
