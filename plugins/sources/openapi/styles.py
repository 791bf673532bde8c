"""How the value of a parameter is written into a path, a query, a header or a cookie.

Source: OpenAPI Specification 3.1.1, section 4.8.12.6, "Style Examples"; RFC 6570 for what it derives from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

import orjson

Place: TypeAlias = Literal["path", "query", "header", "cookie"]
Style: TypeAlias = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"]

STYLES: Final[Mapping[Place, tuple[Style, ...]]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles that a place may have, its default first."""

_DELIMITERS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
_RESERVED: Final = ":/?[]@!$'()*,;="
"""Reserved characters that `allowReserved` leaves as they are; `&`, `+` and `#` would mean something else there."""


def as_text(value: Any) -> str:
    """Return a value as text: JSON's words for booleans and null, whole numbers without a point, JSON for the rest."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return orjson.dumps(value).decode()


def in_query(
    name: str, value: Any, style: Style = "form", *, explode: bool = True, reserved: bool = False
) -> list[str]:
    """Return the pieces of a query, `name=value`, escaped; none for an empty list or object."""
    key = escaped(name)

    def text(item: Any) -> str:
        return escaped(as_text(item), reserved=reserved)

    if isinstance(value, Mapping):
        if style == "deepObject":
            return [f"{escaped(path)}={text(leaf)}" for path, leaf in _leaves(name, value)]
        if explode and style == "form":
            return [f"{escaped(field)}={text(item)}" for field, item in value.items()]
        items: Iterable[str] = (piece for field, item in value.items() for piece in (escaped(field), text(item)))
    elif _is_list(value):
        if style == "deepObject":
            return [f"{escaped(path)}={text(leaf)}" for path, leaf in _leaves(name, value)]
        if explode:
            return [f"{key}={text(item)}" for item in value]
        items = map(text, value)
    else:
        return [f"{key}={text(value)}"]
    joined = _DELIMITERS.get(style, ",").join(items)
    return [f"{key}={joined}"] if value else []


def in_path(name: str, value: Any, style: Style = "simple", *, explode: bool = False) -> str:
    """Return what stands for `{name}` in a path, escaped."""
    if style == "simple":
        return _listed(value, ",", explode=explode)
    if style == "label":
        return "." + _listed(value, "." if explode else ",", explode=explode)
    key = f";{escaped(name)}"
    if explode and isinstance(value, Mapping):
        return "".join(f";{escaped(field)}={escaped(as_text(item))}" for field, item in value.items())
    if explode and _is_list(value):
        return "".join(f"{key}={escaped(as_text(item))}" for item in value)
    return f"{key}={_listed(value, ',', explode=False)}"


def in_header(value: Any, *, explode: bool = False) -> str:
    """Return the value of a header; nothing is escaped there."""
    return _listed(value, ",", explode=explode, escape=as_text)


def in_cookie(name: str, value: Any, *, explode: bool = True) -> list[str]:
    """Return the pieces of a `Cookie` header, `name=value`, escaped."""
    return in_query(name, value, "form", explode=explode)


def escaped(text: str, *, reserved: bool = False) -> str:
    """Return `text` with every character escaped that is not unreserved (RFC 3986); `reserved`: most of those stay."""
    return quote(text, safe=_RESERVED if reserved else "", encoding="utf-8", errors="replace")


def _listed(value: Any, delimiter: str, *, explode: bool, escape: Any = None) -> str:
    def write(item: Any) -> str:
        return str(escape(item)) if escape else escaped(as_text(item))

    if isinstance(value, Mapping):
        between = "=" if explode else ","
        return delimiter.join(f"{write(field)}{between}{write(item)}" for field, item in value.items())
    if _is_list(value):
        return delimiter.join(map(write, value))
    return write(value)


def _leaves(name: str, value: Any) -> list[tuple[str, Any]]:
    """Return `name[a][b]` and the value there for each leaf of an object; a list repeats its name."""
    if isinstance(value, Mapping):
        return [leaf for field, item in value.items() for leaf in _leaves(f"{name}[{field}]", item)]
    if _is_list(value):
        if any(isinstance(item, Mapping | list) for item in value):
            return [leaf for index, item in enumerate(value) for leaf in _leaves(f"{name}[{index}]", item)]
        return [(f"{name}[]", item) for item in value]
    return [(name, value)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
