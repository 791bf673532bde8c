"""What a JSON Schema allows, as far as a plan needs it: what lies at a path, and whether one schema fits another.

The answers lean to yes: what is not said is not refused, since arguments are checked in full before each call. Lengths
and ranges are left to that check; types, choices and required fields are compared here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any, Final

_TYPES: Final = {
    "null": ("null",),
    "boolean": ("boolean",),
    "integer": ("integer",),
    "number": ("integer", "number"),
    "string": ("string",),
    "array": ("array",),
    "object": ("object",),
}
"""Each word of `type` as types of values, where `number` alone means one with a fraction."""

_DEPTH: Final = 8
"""How far references and combinations are followed; beyond it anything is taken to be allowed."""

_FORMS: Final = 64
"""How many alternatives are looked at; where there are more, anything is taken to be allowed."""

_FIELDS_DEPTH: Final = 2
"""How deep structures are compared: a schema that others wrote may refer to itself from each of its fields."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema and the document in which its `#/…` references lie."""

    schema: Mapping[str, Any]
    root: Mapping[str, Any]

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> Shape:
        """Return a whole schema."""
        return cls(schema, schema)

    def forms(self) -> tuple[Shape, ...]:
        """Return the alternatives that the schema allows, each without references and combinations."""
        found = tuple(islice(self._forms(_DEPTH), _FORMS + 1))
        return found if len(found) <= _FORMS else (ANY,)

    def at(self, path: Iterable[str | int]) -> tuple[Shape, ...]:
        """Return what may lie along `path`; empty when nothing can."""
        shapes = self.forms()
        for part in path:
            shapes = tuple(form for shape in shapes for inner in shape._inner(part) for form in inner.forms())
        return shapes

    def types(self) -> frozenset[str] | None:
        """Return the types of the values of this form, None where it does not say."""
        if (values := self.values()) is not None:
            return frozenset(_type_of(value) for value in values)
        words = self.schema.get("type")
        if words is None:
            return None
        return frozenset(
            kind for word in ([words] if isinstance(words, str) else words) for kind in _TYPES.get(word, ())
        )

    def values(self) -> tuple[Any, ...] | None:
        """Return the only values that this form has, None where they are not listed."""
        if "const" in self.schema:
            return (self.schema["const"],)
        return tuple(self.schema["enum"]) if "enum" in self.schema else None

    def _forms(self, depth: int) -> Iterator[Shape]:
        schema = dict(self.schema)
        if depth == 0:
            yield ANY
        elif (pointer := schema.pop("$ref", None)) is not None:
            found = _pointed(self.root, str(pointer))
            yield from [ANY] if found is None else self._with(_merged(found, schema))._forms(depth - 1)
        elif parts := schema.pop("allOf", None):
            yield from self._with(reduce(_merged, parts, schema))._forms(depth - 1)
        elif choices := schema.pop("anyOf", None) or schema.pop("oneOf", None):
            for choice in choices:
                if choice is not False:
                    yield from self._with(_merged(schema, choice))._forms(depth - 1)
        else:
            yield self

    def _inner(self, part: str | int) -> tuple[Shape, ...]:
        types = self.types()
        if types is not None and ("object" if isinstance(part, str) else "array") not in types:
            return ()
        if isinstance(part, int):
            tuple_of = self.schema.get("prefixItems", ())
            return self._allowed(tuple_of[part] if part < len(tuple_of) else self.schema.get("items", True))
        properties = self.schema.get("properties", {})
        if part in properties:
            return self._allowed(properties[part])
        return self._allowed("patternProperties" in self.schema or self.schema.get("additionalProperties", True))

    def _allowed(self, schema: Any) -> tuple[Shape, ...]:
        if schema is False:
            return ()
        return (self._with(schema),) if _is_schema(schema) else (ANY,)

    def _with(self, schema: Mapping[str, Any]) -> Shape:
        return Shape(schema, self.root)


ANY: Final = Shape({}, {})
"""What nothing is known of."""

TEXT: Final = Shape.of({"type": "string"})


def misfit(sources: Iterable[Shape], targets: Iterable[Shape], depth: int = _FIELDS_DEPTH) -> str:
    """Return why a value of `sources` may not be one of `targets`, both forms; empty when each fits somewhere."""
    wanted = tuple(targets)
    for source in sources:
        reasons = [_misfit(source, target, depth) for target in wanted]
        if all(reasons):
            return reasons[0] if reasons else "is not known"
    return ""


def _misfit(source: Shape, target: Shape, depth: int) -> str:
    has, takes = source.types(), target.types()
    if has is None or source.schema is target.schema:
        return ""
    if takes is not None and not has <= takes:
        return f"may be of type {_words(has - takes)} but must be of type {_words(takes)}"
    if (choices := target.values()) is not None:
        allowed = {_key(value) for value in choices}
        values = source.values()
        if values is None or any(_key(value) not in allowed for value in values):
            return f"may be other than {', '.join(map(str, choices))}"
    if depth == 0:
        return ""
    if "array" in has and "items" in source.schema:
        return _within("its items", _parts(source, "items"), _parts(target, "items"), depth)
    return _misfit_of_fields(source, target, depth) if "object" in has else ""


def _misfit_of_fields(source: Shape, target: Shape, depth: int) -> str:
    has, takes = source.schema.get("properties", {}), target.schema.get("properties", {})
    open_source = source.schema.get("additionalProperties", True) is not False
    for name in target.schema.get("required", ()):
        if name not in has and not open_source:
            return f"has no {name}"
    for name in has:
        targets = target.at((name,))
        if not targets:
            return f"has {name}, which is not known there"
        if name in takes and (why := _within(f"its {name}", source.at((name,)), targets, depth)):
            return why
    return ""


def _parts(shape: Shape, word: str) -> tuple[Shape, ...]:
    schema = shape.schema.get(word, True)
    return Shape(schema, shape.root).forms() if _is_schema(schema) else (ANY,)


def _within(subject: str, sources: tuple[Shape, ...], targets: tuple[Shape, ...], depth: int) -> str:
    why = misfit(sources, targets, depth - 1)
    return f"{subject}: {why}" if why else ""


def _is_schema(schema: Any) -> bool:
    return isinstance(schema, Mapping)


def _merged(one: Mapping[str, Any], other: Any) -> dict[str, Any]:
    """Return a schema that says what both say, as far as `Shape` reads it."""
    if not _is_schema(other):
        return dict(one)
    merged = {**one, **other}
    if properties := {**one.get("properties", {}), **other.get("properties", {})}:
        merged["properties"] = properties
    if required := [*one.get("required", ()), *other.get("required", ())]:
        merged["required"] = list(dict.fromkeys(required))
    return merged


def _pointed(root: Mapping[str, Any], pointer: str) -> Mapping[str, Any] | None:
    """Return what a `#/…` pointer of `root` names, None for any other."""
    if not pointer.startswith("#"):
        return None
    found: Any = root
    for part in pointer[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if _is_schema(found) else None


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _words(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))
