"""An OpenAPI document of a wanted size, as large public ones are made: many operations over many schemas in a web."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import yaml

Writer: TypeAlias = Callable[[dict[str, Any]], bytes]

_PROSE: Final = (
    "Returns the resource as it is now, with the fields that the caller may see. Fields that are not set are left out. "
    "Lists are cut after a hundred items; ask for the next page with the cursor that comes with them. "
)
_TYPES: Final[tuple[dict[str, Any], ...]] = (
    {"type": "string", "maxLength": 200, "description": "A name that people read."},
    {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
    {"type": "integer", "format": "int64", "minimum": 0, "description": "A number that grows."},
    {"type": "boolean", "default": False, "description": "Whether it may be changed."},
    {"type": "string", "enum": ["open", "paid", "sent", "closed"], "description": "The state that it is in."},
    {"type": "array", "items": {"type": "string"}, "maxItems": 50, "description": "Words by which it is found."},
)
_FIELDS: Final = 50


def document(size_bytes: int) -> dict[str, Any]:
    """Return a document that is about `size_bytes` long as compact JSON: as many kinds of things as that takes."""
    one = len(json.dumps(_with_things(2))) - len(json.dumps(_with_things(1)))
    return _with_things(max(1, size_bytes // one))


def as_json(found: dict[str, Any]) -> bytes:
    """Return the document as JSON."""
    return json.dumps(found).encode()


def as_yaml(found: dict[str, Any]) -> bytes:
    """Return the document as YAML."""
    # The dumper in C, where PyYAML has it: writing is not what is measured.
    # By way of JSON, so that no two places are the same object: those would be written as anchors and aliases.
    apart = json.loads(json.dumps(found))
    text = yaml.dump(apart, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
    return str(text).encode()


def _with_things(count: int) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(count):
        paths |= _paths(number)
        schemas |= _schemas(number, count)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1.0.0", "description": _PROSE},
        "servers": [{"url": "https://api.large.example/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _paths(number: int) -> dict[str, Any]:
    """Return a list, a creation, a look-up and a change; what all of a path's operations need stands at the path."""
    thing = {"$ref": f"#/components/schemas/Thing{number}"}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "Its name."}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 20}}
    content = {"application/json": {"schema": thing}}
    good = {"200": {"description": "As it is.", "content": content}, "404": {"description": "There is none."}}
    listed = {"application/json": {"schema": {"type": "array", "items": thing}}}
    return {
        f"/things{number}": {
            "get": {
                "operationId": f"list_things_{number}",
                "summary": f"List the things of kind {number}.",
                "description": _PROSE * 5,
                "parameters": [limit],
                "responses": {"200": {"description": "Some of them.", "content": listed}},
            },
            "post": {
                "operationId": f"create_thing_{number}",
                "summary": f"Make a thing of kind {number}.",
                "description": _PROSE * 5,
                "requestBody": {"required": True, "content": content},
                "responses": good,
            },
        },
        f"/things{number}/{{id}}": {
            "parameters": [key],
            "get": {"operationId": f"get_thing_{number}", "description": _PROSE * 5, "responses": good},
            "patch": {
                "operationId": f"update_thing_{number}",
                "description": _PROSE * 5,
                "requestBody": {"content": content},
                "responses": good,
            },
        },
    }


def _schemas(number: int, count: int) -> dict[str, Any]:
    """Return a thing that holds parts and refers to itself and to two other things."""
    fields = {f"field_{at}": _TYPES[(number + at) % len(_TYPES)] for at in range(_FIELDS)}
    others = [f"#/components/schemas/Part{number * step % count}" for step in (1, 7)]
    return {
        f"Thing{number}": {
            "type": "object",
            "description": _PROSE,
            "required": ["field_0", "field_1"],
            "properties": {
                **fields,
                "parent": {"$ref": f"#/components/schemas/Thing{number}"},
                "part": {"oneOf": [{"$ref": other} for other in others]},
            },
        },
        f"Part{number}": {
            "allOf": [
                {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}}},
                {"type": "object", "description": _PROSE, "properties": fields},
            ]
        },
    }
