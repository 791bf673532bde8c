"""OpenAPI schemas as JSON Schema 2020-12: references stay references, to definitions beside the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from plugins.sources.base import SourceLimits
from plugins.sources.openapi.keywords import (
    bounds,
    enum_of,
    pattern_of,
    plain_keywords,
    required_names,
    shortened,
    small_default,
    types_of,
)
from plugins.sources.openapi.references import References, UnusableError

Direction = Literal["request", "response"]

_DEPTH: Final = 60
"""Levels of one schema; deeper ones stay open."""
_PLACE: Final = "#/$defs/"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_WHERE_SCHEMAS_ARE: Final = re.compile(r"^/(components/schemas|\$defs|definitions)/")
_SINGLE: Final = ("items", "additionalProperties", "contains", "propertyNames", "contentSchema")
_SINGLE_IN_PLACE: Final = ("not", "if", "then", "else")
_LISTS_IN_PLACE: Final = ("allOf", "anyOf", "oneOf")


@dataclass
class Definition:
    """A schema that others refer to, the definitions that it refers to itself, and what is wrong with it."""

    schema: dict[str, Any] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)
    problem: str = ""
    characters: int = 0


class Schemas:
    """Converts the schemas of one document for one direction; definitions are made once and shared.

    A request's schema leaves out what is read-only. A response's says what may be found where, not what must: a
    service that forgets a field or adds a choice is no reason to lose its answer.

    A definition that would apply to the very value that it is itself applied to (`Cat` is all of `Pet`, `Pet` is one of
    `Cat` and `Dog`) would send a validator round in circles; the reference that closes such a circle becomes a schema
    that anything fits.
    """

    def __init__(self, references: References, direction: Direction, limits: SourceLimits) -> None:
        self._references = references
        self._request = direction == "request"
        self._limits = limits
        self._definitions: dict[str, Definition] = {}
        self._names: dict[str, str] = {}
        self._waiting: list[tuple[str, str]] = []
        self._applied: set[str] = set()

    def convert(self, schema: Any) -> Definition:
        """Return a schema of the document converted. It is an object, also where the document has `true`."""
        made = Definition()
        converted = self._schema(schema, made, depth=0, in_place=False)
        made.schema = converted if isinstance(converted, dict) else {} if converted else {"not": {}}
        self._finish(made)
        while self._waiting:
            name, reference = self._waiting.pop()
            if not self._definitions[name].characters:
                self._define(name, reference, depth=0)
        return made

    def closure(self, parts: Iterable[Definition]) -> dict[str, Definition]:
        """Return all definitions that `parts` refer to, directly or through others, by name."""
        found: dict[str, Definition] = {}
        waiting = sorted({name for part in parts for name in part.uses}, reverse=True)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._definitions[name]
                waiting.extend(sorted(found[name].uses - found.keys(), reverse=True))
        return found

    def _finish(self, made: Definition) -> None:
        made.characters = max(1, len(orjson.dumps(made.schema)))

    def _define(self, name: str, reference: str, depth: int) -> None:
        made = self._definitions[name]
        self._applied.add(name)
        try:
            converted = self._schema(self._references.find(reference), made, depth=depth, in_place=True)
            made.schema = converted if isinstance(converted, dict) else {} if converted else {"not": {}}
        except UnusableError as error:
            made.problem = made.problem or str(error)
        self._applied.discard(name)
        self._finish(made)

    def _reference(self, reference: str, made: Definition, depth: int, in_place: bool) -> dict[str, Any]:
        try:
            pointer = self._references.pointer(reference)
        except UnusableError as error:
            made.problem = made.problem or str(error)
            return {}
        name = self._names.get(pointer)
        if name is None:
            name = self._new_name(pointer)
            self._names[pointer] = name
            self._definitions[name] = Definition()
        if in_place and name in self._applied:
            return {}
        if not self._definitions[name].characters and name not in self._applied:
            if in_place:
                self._define(name, reference, depth + 1)
            else:
                self._waiting.append((name, reference))
        made.uses.add(name)
        return {"$ref": _PLACE + name}

    def _new_name(self, pointer: str) -> str:
        short = _WHERE_SCHEMAS_ARE.sub("", pointer)
        last = short if "/" not in short else short.replace("/", "_")
        name = _NOT_IN_NAMES.sub("_", last.replace("~1", "_").replace("~0", "_"))[-80:].strip("_") or "part"
        taken = self._definitions
        numbered = (f"{name}_{i}" for i in range(2, len(taken) + 3))
        return next(option for option in (name, *numbered) if option not in taken)

    def _schema(self, schema: Any, made: Definition, *, depth: int, in_place: bool) -> dict[str, Any] | bool:
        if schema is False:
            return False
        if not isinstance(schema, dict) or depth > _DEPTH:
            return {}
        result = self._annotations(schema)
        if isinstance(schema.get("$ref"), str):
            result = self._reference(schema["$ref"], made, depth, in_place) | result
        types = types_of(schema.get("type"))
        if types:
            result["type"] = types[0] if len(types) == 1 else types
        result |= self._values(schema, types)
        result |= self._parts(schema, made, depth, in_place)
        if not self._request:
            return _or_null(result)
        return _nullable(result) if schema.get("nullable") is True else result

    def _annotations(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        said = shortened(schema.get("description") or schema.get("title"))
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, dict) and isinstance(discriminator.get("propertyName"), str):
            mapping = discriminator.get("mapping")
            choices = f": {', '.join(map(str, mapping))}" if isinstance(mapping, dict) and mapping else ""
            said = f"{said} `{discriminator['propertyName']}` says which{choices}".strip()[:600]
        return {"description": said} if said else {}

    def _values(self, schema: Mapping[str, Any], types: list[str]) -> dict[str, Any]:
        """Return what a value must be like; of an answer only how its texts are meant."""
        plain = plain_keywords(schema)
        if not self._request:
            return {key: plain[key] for key in ("format", "deprecated") if key in plain}
        if plain.get("format") == "byte":
            plain["contentEncoding"] = "base64"
        result = plain | bounds(schema) | small_default(schema)
        if (choices := enum_of(schema.get("enum"), types, self._limits.max_enum_values)) is not None:
            result["enum"] = choices
        return result

    def _parts(self, schema: Mapping[str, Any], made: Definition, depth: int, in_place: bool) -> dict[str, Any]:
        """Return the keywords that hold schemas."""
        result: dict[str, Any] = {}

        def below(part: Any, *, stays: bool = False) -> dict[str, Any] | bool:
            return self._schema(part, made, depth=depth + 1, in_place=in_place and stays)

        hidden = self._hidden(schema)
        properties = schema.get("properties")
        if isinstance(properties, dict):
            result["properties"] = {str(name): below(part) for name, part in properties.items() if name not in hidden}
        if self._request and (names := [n for n in required_names(schema.get("required")) if n not in hidden]):
            result["required"] = names
        result |= {key: below(schema[key]) for key in _SINGLE if isinstance(schema.get(key), dict | bool)}
        if isinstance(schema.get("patternProperties"), dict):
            named = schema["patternProperties"].items()
            result["patternProperties"] = {key: below(part) for key, part in named if pattern_of(key)}
        tuple_items = schema.get("prefixItems") or schema.get("items")
        if isinstance(tuple_items, list) and tuple_items:
            result["prefixItems"] = [below(part) for part in tuple_items]
        for key in _LISTS_IN_PLACE:
            parts = schema.get(key)
            parts = [parts] if isinstance(parts, dict) else parts
            if isinstance(parts, list) and parts:
                kept = [_without_required(part, hidden) for part in parts]
                result[self._list_key(key)] = [below(part, stays=True) for part in kept]
        if not self._request:
            if result.get("additionalProperties") is False:
                del result["additionalProperties"]
            return result
        result |= {key: below(schema[key], stays=True) for key in _SINGLE_IN_PLACE if isinstance(schema.get(key), dict)}
        if isinstance(schema.get("dependentSchemas"), dict):
            dependent = schema["dependentSchemas"].items()
            result["dependentSchemas"] = {key: below(part, stays=True) for key, part in dependent}
        return result

    def _list_key(self, key: str) -> str:
        # Of an answer more than one may fit, now that the schemas say less.
        return "anyOf" if key == "oneOf" and not self._request else key

    def _hidden(self, schema: Mapping[str, Any]) -> frozenset[str]:
        """Return the properties that do not travel in this direction, also those of the parts of an `allOf`."""
        flag = "readOnly" if self._request else "writeOnly"
        parts = schema.get("allOf")
        found: set[str] = set()
        for part in [schema, *(parts if isinstance(parts, list) else ())]:
            properties = self._looked_up(part).get("properties")
            if isinstance(properties, dict):
                found.update(name for name, prop in properties.items() if self._looked_up(prop).get(flag) is True)
        return frozenset(found)

    def _looked_up(self, part: Any) -> Mapping[str, Any]:
        if not isinstance(part, dict) or part.get("readOnly") is True or part.get("writeOnly") is True:
            return part if isinstance(part, dict) else {}
        try:
            return self._references.resolve(part)
        except UnusableError:
            return {}


def check_size(parts: Iterable[Definition], definitions: Mapping[str, Definition], limits: SourceLimits) -> None:
    """Judge the schema that `parts` and their definitions make together.

    Raises:
        UnusableError: it is larger than a function's schema may be.
    """
    if len(definitions) > limits.max_types_per_function:
        raise UnusableError(f"its schema has more than {limits.max_types_per_function} definitions")
    if sum(made.characters for made in (*parts, *definitions.values())) > limits.max_schema_characters:
        raise UnusableError(f"its schema is longer than {limits.max_schema_characters:,} characters")


def _or_null(result: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that names types so that null is one of them; what it refers to or holds is so already."""
    kinds = result.get("type")
    if kinds is not None:
        listed = kinds if isinstance(kinds, list) else [kinds]
        result["type"] = listed if "null" in listed else [*listed, "null"]
    return result


def _nullable(result: dict[str, Any]) -> dict[str, Any]:
    """Return a schema so that null fits, whatever else it says."""
    if isinstance(result.get("enum"), list) and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    closed = any(key in result for key in ("$ref", *_LISTS_IN_PLACE, "not", "const"))
    if not closed:
        return _or_null(result)
    said: dict[str, Any] = {key: result.pop(key) for key in ("description", "default") if key in result}
    return {**said, "anyOf": [result, {"type": "null"}]}


def _without_required(part: Any, hidden: frozenset[str]) -> Any:
    """Return a part of an `allOf` that does not ask for what another part hides."""
    if not hidden or not isinstance(part, dict) or not isinstance(part.get("required"), list):
        return part
    return {**part, "required": [name for name in part["required"] if name not in hidden]}
