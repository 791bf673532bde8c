"""How arguments point at what is known later: `{"$ref": "steps.a.result.b"}`, and `${steps.a.text}` within a text.

`steps.<id>.text` is what a step said, `steps.<id>.result` its structured result, which a path may follow: `.name` and
`[0]`. In recipes `params.<name>` is a parameter. `{"$literal": x}` is x, whatever it looks like, and `${$}` is a dollar
sign. What a reference brings is never read again for references, so that no model and no customer can write one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

REF: Final = "$ref"
LITERAL: Final = "$literal"

_NAME = r"[0-9A-Za-z_-]+"
_REFERENCE = re.compile(
    rf"steps\.(?P<step>[a-z][a-z0-9_]*)\.(?P<part>text|result)(?P<path>(?:\.{_NAME}|\[\d{{1,6}}\])*)"
    rf"|params\.(?P<param>{_NAME})(?P<inner>(?:\.{_NAME}|\[\d{{1,6}}\])*)"
)
_SEGMENT = re.compile(rf"\.({_NAME})|\[(\d+)\]")
_PLACE = re.compile(r"\$\{([^{}]*)\}")
_DOLLAR = "$"
_SHOWN_CHARACTERS = 80

Path: TypeAlias = tuple[str | int, ...]


class BadReferenceError(ValueError):
    """A reference cannot be read, or does not lead to a value; the message is for a person and holds no value."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value comes from: the `text` or `result` of a step, or a parameter; then along `path`."""

    source: Literal["text", "result", "param"]
    name: str
    path: Path = ()

    def __str__(self) -> str:
        head = f"params.{self.name}" if self.source == "param" else f"steps.{self.name}.{self.source}"
        return head + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)


Template: TypeAlias = tuple[str | Reference, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One place in the arguments that refers to something; `whole`: the value itself, else a part of a text."""

    place: Path
    reference: Reference
    whole: bool


def parse_reference(text: object) -> Reference:
    """Return the reference that `text` writes.

    Raises:
        BadReferenceError: it is none.
    """
    match = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BadReferenceError(
            f"{str(text)[:_SHOWN_CHARACTERS]!r} is no reference: write steps.<id>.text or .result.<name>"
        )
    if match["param"]:
        return Reference("param", match["param"], _path(match["inner"]))
    if match["part"] == "text":
        if match["path"]:
            raise BadReferenceError(f"{match[0][:_SHOWN_CHARACTERS]!r} goes into a text, which has no parts")
        return Reference("text", match["step"])
    return Reference("result", match["step"], _path(match["path"]))


def parse_template(text: str) -> Template:
    """Return the pieces of `text`, references and what stands between them.

    Raises:
        BadReferenceError: something in `${…}` is no reference.
    """
    parts: list[str | Reference] = []
    end = 0
    for match in _PLACE.finditer(text):
        parts += [text[end : match.start()], _DOLLAR if match[1] == _DOLLAR else parse_reference(match[1])]
        end = match.end()
    return _joined([*parts, text[end:]])


def escaped(text: str) -> str:
    """Return `text` so that a template says it as it is."""
    return text.replace("${", "${$}{")


def quoted(value: Any) -> Any:
    """Return `value` as an argument that says it as it is."""
    return {LITERAL: value} if _is_read(value) else value


def uses(arguments: Any) -> tuple[Use, ...]:
    """Return what `arguments` refer to, in order.

    Raises:
        BadReferenceError: a reference cannot be read.
    """
    found: list[Use] = []

    def reference(place: Path, one: Reference) -> None:
        found.append(Use(place, one, whole=True))

    def template(place: Path, parts: Template) -> None:
        found.extend(Use(place, part, whole=False) for part in parts if isinstance(part, Reference))

    replace(arguments, reference, template)
    return tuple(found)


def resolve(arguments: Any, lookup: Callable[[Reference], Any]) -> Any:
    """Return `arguments` with every reference replaced by what `lookup` gives for it.

    Raises:
        BadReferenceError: a reference cannot be read or finds nothing, or a text would hold null or a structure.
    """
    return replace(
        arguments,
        lambda _, reference: lookup(reference),
        lambda _, parts: "".join(part if isinstance(part, str) else _shown(part, lookup(part)) for part in parts),
    )


def bind(arguments: Any, params: Mapping[str, Any]) -> Any:
    """Return `arguments` with the parameters in place and the references to steps as they were.

    Raises:
        BadReferenceError: a reference cannot be read, or names no parameter.
    """

    def reference(_: Path, one: Reference) -> Any:
        return quoted(follow(one, params.get(one.name), one.name in params)) if _is_param(one) else {REF: str(one)}

    def template(_: Path, parts: Template) -> str:
        said = []
        for part in parts:
            if isinstance(part, str):
                said.append(escaped(part))
            elif _is_param(part):
                said.append(escaped(_shown(part, follow(part, params.get(part.name), part.name in params))))
            else:
                said.append(f"${{{part}}}")
        return "".join(said)

    return replace(arguments, reference, template, literal=quoted)


def follow(reference: Reference, value: Any, known: bool = True) -> Any:
    """Return what lies along the reference's path in `value`.

    Raises:
        BadReferenceError: nothing lies there, or there is no value at all.
    """
    if not known:
        raise BadReferenceError(f"{reference} does not exist")
    for part in reference.path:
        try:
            value = inner(value, part)
        except LookupError:
            raise BadReferenceError(f"{reference} does not exist") from None
    return value


def inner(value: Any, part: str | int) -> Any:
    """Return the member or item of `value`.

    Raises:
        LookupError: there is none.
    """
    if isinstance(part, str):
        if isinstance(value, dict):
            return value[part]
    elif isinstance(value, list):
        return value[part]
    raise LookupError(part)


def replace(
    value: Any,
    reference: Callable[[Path, Reference], Any],
    template: Callable[[Path, Template], Any],
    *,
    literal: Callable[[Any], Any] = lambda value: value,
    place: Path = (),
) -> Any:
    """Return `value` with each reference, each text that holds one, and each literal replaced by what is returned.

    Raises:
        BadReferenceError: a reference cannot be read.
    """
    if isinstance(value, str):
        parts = parse_template(value)
        plain = len(parts) == 1 and isinstance(parts[0], str)
        return literal(parts[0]) if plain else template(place, parts) if parts else literal("")
    if isinstance(value, list):
        return [
            replace(item, reference, template, literal=literal, place=(*place, at)) for at, item in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if REF in value or LITERAL in value:
        if len(value) > 1:
            raise BadReferenceError(f"an object with {REF} or {LITERAL} has nothing else in it")
        return reference(place, parse_reference(value[REF])) if REF in value else literal(value[LITERAL])
    return {
        key: replace(item, reference, template, literal=literal, place=(*place, key)) for key, item in value.items()
    }


def _is_param(reference: Reference) -> bool:
    return reference.source == "param"


def _is_read(value: Any) -> bool:
    """Return whether `value` would be taken for something else than itself."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, list):
        return any(map(_is_read, value))
    return isinstance(value, dict) and (REF in value or LITERAL in value or any(map(_is_read, value.values())))


def _shown(reference: Reference, value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | dict):
        raise BadReferenceError(
            f"{reference} cannot stand in a text: it is {'null' if value is None else 'a structure'}"
        )
    return json.dumps(value)


def _path(text: str) -> Path:
    return tuple(int(match[2]) if match[2] else match[1] for match in _SEGMENT.finditer(text))


def _joined(parts: Iterable[str | Reference]) -> Template:
    """Return `parts` without empty texts, neighbouring texts as one."""
    joined: list[str | Reference] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)
