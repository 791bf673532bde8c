"""YAML 1.2 as OpenAPI documents mean it, read from the parser's events with bounds on depth and on aliases.

PyYAML's own loaders read YAML 1.1, where `2024-01-31` is a date, `no` is false and `12:30` a number; none of these is
JSON. Here scalars are resolved by the core schema of YAML 1.2, keys are always text, and nothing is constructed but
dicts, lists, texts, numbers, booleans and None.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

MAX_DEPTH: Final = 200
MAX_NODES: Final = 2_000_000
"""Nodes of a document with every alias written out, as whoever walks through it would see them."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT: Final = re.compile(r"[-+]?[0-9]{1,4000}", re.ASCII)
_BASED: Final = re.compile(r"0o[0-7]{1,1000}|0x[0-9a-fA-F]{1,1000}", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""Source: YAML 1.2.2, section 10.3.2, core schema. Infinity and NaN stay text, since JSON has none."""

_TAG: Final = "tag:yaml.org,2002:"
_RESOLVED_TAGS: Final = frozenset({f"{_TAG}{kind}" for kind in ("int", "float", "bool", "null")})
_TEXT_TAGS: Final = frozenset({"!", *(f"{_TAG}{kind}" for kind in ("str", "timestamp", "binary"))})
_COLLECTION_TAGS: Final = frozenset({"!", f"{_TAG}map", f"{_TAG}seq"})
_MERGE: Final = "<<"


class YamlError(ValueError):
    """The text is no YAML, or is none that may be read; the message names the line."""


@dataclass
class _Open:
    """A collection whose end has not been seen yet."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    started_at: int
    key: str | None = None
    merged: list[dict[str, Any]] = field(default_factory=list)


def read_yaml(text: str) -> Any:
    """Return the one document of `text`.

    Raises:
        YamlError: it is broken, holds more than one document or a tag of its own, is nested more than 200 levels deep,
            or has more than 2,000,000 nodes when its aliases are written out.
    """
    try:
        return _Reader().read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise YamlError(f"{place}{error.problem}") from None
    except yaml.YAMLError as error:
        raise YamlError(str(error)[:200]) from None


class _Reader:
    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._root: Any = None
        self._documents = 0

    def read(self, text: str) -> Any:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise _error(event, "a second document begins")
        return self._root

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(event, 1)
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            if event.anchor:
                self._anchors[event.anchor] = (event.value, 1)
            parent.key = event.value
            if event.value == _MERGE and event.style:
                parent.key = f"{_MERGE} "  # In quotes it is a key like others, and one that no document means.
            return
        value = _resolved(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(event, value)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if name not in self._anchors:
            raise _error(event, f"the alias {name[:50]!r} has no anchor before it, or lies within it")
        value, nodes = self._anchors[name]
        self._count(event, nodes)
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            if isinstance(value, dict | list):
                raise _error(event, "a key is no text")
            parent.key = str(value)
            return
        self._put(event, value)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag and event.tag not in _COLLECTION_TAGS:
            raise _error(event, f"the tag {event.tag[:50]!r} is not known")
        if len(self._open) >= MAX_DEPTH:
            raise _error(event, f"nested more than {MAX_DEPTH} levels deep")
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            raise _error(event, "a key is no text")
        self._count(event, 1)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        self._open.append(_Open(value, event.anchor, self._nodes))

    def _end(self) -> None:
        done = self._open.pop()
        value = done.value
        if isinstance(value, dict):
            for merged in done.merged:
                value = {**merged, **value}
        if done.anchor:
            self._anchors[done.anchor] = (value, self._nodes - done.started_at + 1)
        self._put(None, value)

    def _put(self, event: yaml.Event | None, value: Any) -> None:
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
            return
        key, parent.key = parent.key or "", None
        if key != _MERGE:
            parent.value[key] = value
            return
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise _error(event, "only mappings can be merged")
        parent.merged.extend(parts)

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _error(event, f"more than {MAX_NODES:,} nodes with its aliases written out")


def _resolved(event: yaml.ScalarEvent) -> Any:
    text, tag = event.value, event.tag
    if tag in _TEXT_TAGS or (not tag and not event.implicit[0]):
        return text
    if tag and tag not in _RESOLVED_TAGS:
        raise _error(event, f"the tag {tag[:50]!r} is not known")
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) or _BASED.fullmatch(text):
        whole = int(text, 0 if text[1:2] in ("o", "x") else 10)
        # JSON readers take larger ones for floats, and so does what writes them again.
        return whole if whole.bit_length() < 64 else _finite(whole, text)
    return _finite(text, text) if _FLOAT.fullmatch(text) else text


def _finite(number: int | str, text: str) -> float | str:
    try:
        value = float(number)
    except OverflowError:
        return text
    return value if math.isfinite(value) else text


def _error(event: yaml.Event | None, problem: str) -> YamlError:
    mark = event.start_mark if event is not None else None
    return YamlError(f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem)
