"""Arguments that are words of the request: a small model says which words they are, and cannot change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.forms import spans
from plugins.manifest import COPIED


def copied(schema: Mapping[str, Any], request: str) -> dict[str, Any]:
    """Return `schema` with what is marked `x-vaiven-copied` held to consecutive words of `request`, or to nothing.

    Words are taken with or without the marks before and after them; a request that is too long holds nothing.
    """
    said = spans(request)
    if not said:
        return dict(schema)
    text = {"type": "string", "pattern": f"^(?:{said})?$"}
    return {**schema, "properties": {name: _held(prop, text) for name, prop in schema["properties"].items()}}


def _held(prop: Mapping[str, Any], text: dict[str, Any]) -> Mapping[str, Any]:
    if prop.get(COPIED):
        return text
    return {**prop, "items": text} if prop.get("items", {}).get(COPIED) else prop
