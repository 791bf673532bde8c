"""Handlebars as prompts use it, read into a tree.

Semantic Kernel's Handlebars writes Python from the template and runs it, and a text in quotes can end up outside of
them; see docs/adr/0031. So this part of the language is read here instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from plugins.sources.base import SourceError
from plugins.sources.prompt.template import (
    HELPERS,
    Call,
    Each,
    Expression,
    If,
    Literal,
    Node,
    Path,
    Text,
    Value,
    With,
)

_MAX_DEPTH: Final = 16
_MAX_TOKENS: Final = 20_000

_TAG = re.compile(
    r"(?P<raw>\{\{\{\{)|\{\{!--.*?--\}\}|\{\{![^}]*\}\}|\{\{\{(?P<triple>[^{}]*)\}\}\}|\{\{(?P<tag>(?:\"[^\"]*\"|'[^']*'|[^{}\"'])*)\}\}",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?)(?![\w.])|(?P<open>\()|(?P<close>\))
    |(?P<name>[A-Za-z_][\w-]*)\s*=(?!=)|(?P<path>(?:\.\./)*(?:@?[A-Za-z_][\w-]*|\.)(?:[./][A-Za-z0-9_][\w-]*)*|(?:\.\./)*\.\.))""",
    re.ASCII | re.VERBOSE,
)
_CONSTANTS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "undefined": None}
_BLOCKS: Final = ("each", "if", "unless", "with", "message")


@dataclass(slots=True)
class _Open:
    """A block that is being read."""

    name: str
    arguments: tuple[Expression, ...]
    named: dict[str, Expression]
    body: list[Node]
    otherwise: list[Node]
    in_otherwise: bool = False

    def add(self, node: Node) -> None:
        (self.otherwise if self.in_otherwise else self.body).append(node)


def parse(template: str) -> tuple[Node, ...]:
    """Return the tree of a template.

    Raises:
        SourceError: `PROMPT_INVALID` if it is not well formed, `PROMPT_UNSUPPORTED` for partials, decorators and
            helpers other than `each`, `if`, `unless`, `with`, `message`, `json`, `equals`, `or` and `concat`.
    """
    stack = [_Open("", (), {}, [], [])]
    for text, tag in _parts(template):
        if text:
            stack[-1].add(Text(text))
        if tag is None:
            continue
        if tag.startswith("#"):
            stack.append(_opened(tag[1:]))
            if len(stack) > _MAX_DEPTH:
                raise _invalid(f"blocks are nested deeper than {_MAX_DEPTH} levels")
        elif tag.startswith("/"):
            block = stack.pop()
            if not stack or block.name != tag[1:].strip():
                raise _invalid(f"{{{{{tag[:50]}}}}} closes what is not open")
            for node in _closed(block):
                stack[-1].add(node)
        elif tag in ("else", "^"):
            if stack[-1].in_otherwise or stack[-1].name in ("", "message"):
                raise _invalid("an else stands alone")
            stack[-1].in_otherwise = True
        else:
            stack[-1].add(Value(_expression(tag)))
    if len(stack) > 1:
        raise _invalid(f"{{{{#{stack[-1].name}}}}} is not closed")
    return tuple(stack[0].body)


def _invalid(message: str) -> SourceError:
    return SourceError("PROMPT_INVALID", message, "template")


def _unsupported(message: str) -> SourceError:
    return SourceError("PROMPT_UNSUPPORTED", message, "template")


def _parts(template: str) -> Iterator[tuple[str, str | None]]:
    """Yield the text before each tag, and the tag's inside; at the end the last text and None."""
    end, trim_next, count = 0, False, 0
    while (start := template.find("{{", end)) >= 0:
        found = _TAG.match(template, start)
        count += 1
        if found is None:
            raise _invalid("a tag is not closed")
        if count > _MAX_TOKENS:
            raise _invalid(f"has more than {_MAX_TOKENS} tags")
        text = template[end : found.start()]
        tag = found["triple"] if found["triple"] is not None else found["tag"]
        if found["raw"] or (tag or "").lstrip("~ ")[:1] in (">", "*"):
            raise _unsupported("has raw blocks, partials or decorators")
        if trim_next:
            text = text.lstrip()
        trim_next = False
        end = found.end()
        if tag is not None and tag.startswith("~"):
            text, tag = text.rstrip(), tag[1:]
        if tag is not None and tag.endswith("~"):
            tag, trim_next = tag[:-1], True
        if _is_block(tag) and _stands_alone(template, found):
            # As Handlebars does: the line of a tag that stands alone on it disappears.
            text = text[: text.rfind("\n") + 1]
            end = min(len(template), template.find("\n", end) + 1 or len(template))
        yield text, tag.strip().removeprefix("&").strip() if tag is not None else None
    yield (template[end:].lstrip() if trim_next else template[end:]), None


def _is_block(tag: str | None) -> bool:
    return tag is None or tag.strip()[:1] in ("#", "/", "^") or tag.strip() == "else"


def _stands_alone(template: str, found: re.Match[str]) -> bool:
    before = template[template.rfind("\n", 0, found.start()) + 1 : found.start()]
    line_end = template.find("\n", found.end())
    after = template[found.end() : line_end if line_end >= 0 else len(template)]
    return not before.strip() and not after.strip()


def _opened(tag: str) -> _Open:
    name, _, rest = tag.strip().partition(" ")
    if name not in _BLOCKS:
        raise _unsupported(f"the block {name[:50]} is not known")
    reader = _Reader(rest)
    arguments, named = reader.arguments()
    block = _Open(name, arguments, named, [], [])
    if name == "message":
        if arguments or set(named) != {"role"}:
            raise _invalid('a message is opened by {{#message role="…"}}')
    elif len(arguments) != 1 or named:
        raise _invalid(f"the block {name} takes one value")
    return block


def _closed(block: _Open) -> list[Node]:
    body, otherwise = tuple(block.body), tuple(block.otherwise)
    if block.name == "message":
        return [Text('<message role="'), Value(block.named["role"]), Text('">'), *body, Text("</message>")]
    (argument,) = block.arguments
    if block.name == "each":
        return [Each(argument, body, otherwise)]
    if block.name == "with":
        return [With(argument, body, otherwise)]
    return [If(argument, body, otherwise) if block.name == "if" else If(argument, otherwise, body)]


def _expression(code: str) -> Expression:
    """Return what stands in a tag: a value, or a helper and its arguments."""
    reader = _Reader(code)
    expression = reader.call()
    reader.finish()
    return expression


class _Reader:
    """Reads expressions from the inside of one tag."""

    def __init__(self, code: str) -> None:
        self._code = code.strip()
        self._at = 0

    def finish(self) -> None:
        if self._at < len(self._code):
            raise self._wrong()

    def call(self) -> Expression:
        """Read a helper with its arguments, or one value."""
        first = self._token()
        if first.lastgroup != "path" or first["path"] in _CONSTANTS:
            return self._value(first)
        if self._rest().strip()[:1] in ("", ")"):
            return _path(first["path"])
        if first["path"] not in HELPERS:
            raise _unsupported(f"the helper {first['path'][:50]} is not known")
        arguments, named = self.arguments()
        if named:
            raise self._wrong()
        return Call(first["path"], arguments)

    def arguments(self) -> tuple[tuple[Expression, ...], dict[str, Expression]]:
        """Read values, plain and named, up to the end or a closing bracket."""
        plain: list[Expression] = []
        named: dict[str, Expression] = {}
        while self._rest().strip()[:1] not in ("", ")"):
            token = self._token()
            if token.lastgroup == "name":
                named[token["name"]] = self._value(self._token())
            else:
                plain.append(self._value(token))
        return tuple(plain), named

    def _value(self, token: re.Match[str]) -> Expression:
        if token.lastgroup == "string":
            return Literal(token["string"][1:-1])
        if token.lastgroup == "number":
            number = token["number"]
            return Literal(float(number) if "." in number else int(number))
        if token.lastgroup == "path":
            return Literal(_CONSTANTS[token["path"]]) if token["path"] in _CONSTANTS else _path(token["path"])
        if token.lastgroup == "open":
            inner = self.call()
            if self._token().lastgroup != "close":
                raise self._wrong()
            return inner
        raise self._wrong()

    def _token(self) -> re.Match[str]:
        token = _TOKEN.match(self._code, self._at)
        if token is None:
            raise self._wrong()
        self._at = token.end()
        return token

    def _rest(self) -> str:
        return self._code[self._at :]

    def _wrong(self) -> SourceError:
        return _invalid(f"cannot be read: {{{{{self._code[:100]}}}}}")


def _path(text: str) -> Path:
    ups = text.count("../") + (1 if text.endswith("..") else 0)
    rest = text.replace("../", "").removesuffix("..")
    names = [name for name in re.split(r"[./]", rest) if name]
    if names[:1] == ["this"]:
        names = names[1:]
    return Path(tuple(names), ups)
