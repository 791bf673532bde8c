"""Templates as trees that are walked, never compiled; values stay apart from the template's own text to the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from plugins.sources.base import SourceError

_MAX_STEPS: Final = 50_000
"""Nodes that one rendering walks; loops in loops over long lists would otherwise multiply."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text of the template, in which tags of messages mean something."""

    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """A value by its place: `names` from the scope that lies `ups` levels out; `@index` and the like as one name."""

    names: tuple[str, ...]
    ups: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written in the template."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A pure function of values, one of `HELPERS`."""

    helper: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Path | Literal | Call


@dataclass(frozen=True, slots=True)
class Value:
    """A place where a value is put, as text."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Each:
    """A part that is repeated for each item of a list or each field of an object."""

    over: Expression
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """A part for when a value says something, and one for when it does not."""

    condition: Expression
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class With:
    """A part whose names are fields of a value."""

    scope: Expression
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


Node: TypeAlias = Text | Value | Each | If | With


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a rendered prompt; what `is_value` is never read as markup."""

    text: str
    is_value: bool


@dataclass(slots=True)
class _Scope:
    value: Any
    outer: _Scope | None = None
    local: Mapping[str, Any] = field(default_factory=dict)


def _equals(*values: Any) -> bool:
    return all(value == values[0] for value in values[1:])


def _or(*values: Any) -> bool:
    return any(map(_says_something, values))


def _concat(*values: Any) -> str:
    return "".join(map(as_text, values))


def _json(*values: Any) -> str:
    return json.dumps(values[0] if values else None, ensure_ascii=False)


HELPERS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {"equals": _equals, "or": _or, "concat": _concat, "json": _json}
)


def as_text(value: Any) -> str:
    """Return a value as it appears in a prompt: texts as they are, nothing as nothing, the rest in JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def render(nodes: Sequence[Node], values: Mapping[str, Any], max_characters: int) -> list[Piece]:
    """Return the pieces of the prompt for `values`.

    Raises:
        SourceError: `ARGUMENTS_TOO_LARGE` if the prompt would be longer than `max_characters` or of too many pieces.
    """
    pieces: list[Piece] = []
    left, steps = max_characters, _MAX_STEPS
    for piece in _walk(nodes, _Scope(values)):
        steps -= 1
        left -= len(piece.text)
        if left < 0 or steps < 0:
            raise SourceError("ARGUMENTS_TOO_LARGE", f"the prompt would be longer than {max_characters} characters")
        if piece.text:
            pieces.append(piece)
    return pieces


def roots(nodes: Sequence[Node], *, depth: int = 0) -> Iterator[str]:
    """Yield the names that the template takes from its arguments."""
    for node in nodes:
        if isinstance(node, Value):
            yield from _names(node.expression, depth)
        elif isinstance(node, Each | With):
            yield from _names(node.over if isinstance(node, Each) else node.scope, depth)
            yield from roots(node.body, depth=depth + 1)
            yield from roots(node.otherwise, depth=depth)
        elif isinstance(node, If):
            yield from _names(node.condition, depth)
            yield from roots(node.body, depth=depth)
            yield from roots(node.otherwise, depth=depth)


def _names(expression: Expression, depth: int) -> Iterator[str]:
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _names(argument, depth)
    elif isinstance(expression, Path) and expression.ups == depth and expression.names:
        yield expression.names[0]


def _walk(nodes: Sequence[Node], scope: _Scope) -> Iterator[Piece]:
    for node in nodes:
        match node:
            case Text(text):
                yield Piece(text, is_value=False)
            case Value(expression):
                yield Piece(as_text(_evaluate(expression, scope)), is_value=True)
            case If(condition, body, otherwise):
                yield from _walk(body if _says_something(_evaluate(condition, scope)) else otherwise, scope)
            case With(expression, body, otherwise):
                value = _evaluate(expression, scope)
                if _says_something(value):
                    yield from _walk(body, _Scope(value, scope))
                else:
                    yield from _walk(otherwise, scope)
            case Each(expression, body, otherwise):
                yield from _repeated(_evaluate(expression, scope), body, otherwise, scope)


def _repeated(value: Any, body: Sequence[Node], otherwise: Sequence[Node], scope: _Scope) -> Iterator[Piece]:
    if isinstance(value, Mapping):
        items: list[tuple[Any, Any]] = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list | tuple) else []
    if not items:
        yield from _walk(otherwise, scope)
    for at, (key, item) in enumerate(items):
        # An empty piece, so that a loop with nothing in it counts as well.
        yield Piece("", is_value=True)
        local = {"@index": at, "@key": key, "@first": at == 0, "@last": at == len(items) - 1}
        yield from _walk(body, _Scope(item, scope, local))


def _says_something(value: Any) -> bool:
    """Return whether Handlebars takes the value for true; an empty object does."""
    return bool(value) or isinstance(value, Mapping)


def _evaluate(expression: Expression, scope: _Scope) -> Any:
    match expression:
        case Literal(value):
            return value
        case Call(helper, arguments):
            return HELPERS[helper](*(_evaluate(argument, scope) for argument in arguments))
        case Path(names, ups):
            found: _Scope | None = scope
            for _ in range(ups):
                found = found.outer if found is not None else None
            if found is None:
                return None
            if len(names) == 1 and names[0].startswith("@"):
                return found.local.get(names[0])
            value = found.value
            for name in names:
                value = _member(value, name)
            return value


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple) and name.isdecimal():
        return value[int(name)] if int(name) < len(value) else None
    return None
