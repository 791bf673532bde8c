"""Defects for the code reviews: changes to a small function, and whole functions that are written wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from models.colibri.corpus import code_names as names
from models.colibri.corpus.example import Split

Finding = tuple[int, str, str]
"""Line counted from 1, severity, message."""

Reviewed = tuple[list[str], list[Finding]]
"""Lines of code and what is wrong with them."""

_BUILTINS = ("list", "dict", "sum", "max", "min", "str", "id", "type", "input", "filter")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sound function: its lines, its name, its first parameter, and an identifier that it does not use."""

    lines: list[str]
    name: str
    given: str
    word: str
    split: Split

    @property
    def head(self) -> int:
        """Return the index of the line with `def`."""
        return next(i for i, line in enumerate(self.lines) if line.startswith("def "))

    @property
    def body(self) -> int:
        """Return the index of the first line after signature and docstring."""
        at = self.head + 1
        return at + 1 if self.lines[at].lstrip().startswith('"""') else at

    def insert(self, severity: str, message: str, *new: str) -> Reviewed:
        """Return the lines with `new` at the start of the body, the finding on the first of them."""
        at = self.body
        lines = self.lines[:at] + ["    " + line for line in new] + self.lines[at:]
        return lines, [(at + 1, severity, message)]

    def replace(self, at: int, line: str, severity: str, message: str) -> Reviewed:
        """Return the lines with the one at index `at` replaced, the finding on it."""
        return [*self.lines[:at], line, *self.lines[at + 1 :]], [(at + 1, severity, message)]


def _mutable_default(rng: random.Random, draft: Draft) -> Reviewed:
    head = draft.lines[draft.head]
    empty, hint = rng.choice((("[]", "list"), ("{}", "dict")))
    hinted = "->" in head
    close = head.rindex(")", 0, head.rfind("->")) if hinted else head.rindex(")")
    parameter = f"{draft.word}: {hint} = {empty}" if hinted else f"{draft.word}={empty}"
    line = f"{head[:close]}, {parameter}{head[close:]}"
    return draft.replace(draft.head, line, "warning", f"mutable default for `{draft.word}`")


def _bare_except(rng: random.Random, draft: Draft) -> Reviewed:
    at = draft.body
    inner = ["    " + line for line in draft.lines[at:]]
    lines = [*draft.lines[:at], "    try:", *inner, "    except:", "        return None"]
    return lines, [(len(lines) - 1, "warning", "bare except hides every error")]


def _equals_none(rng: random.Random, draft: Draft) -> Reviewed:
    back = rng.choice(("None", "[]", "0", '""'))
    check = f"if {draft.given} == None:"
    return draft.insert("style", f"compare `{draft.given}` to None with is", check, f"    return {back}")


def _unused(rng: random.Random, draft: Draft) -> Reviewed:
    value = rng.choice((str(names.number(rng, draft.split)), "[]", repr(draft.given), "{}"))
    return draft.insert("style", f"`{draft.word}` is never used", f"{draft.word} = {value}")


def _shadowed(rng: random.Random, draft: Draft) -> Reviewed | None:
    code = " ".join(draft.lines)
    free = [name for name in _BUILTINS if name not in code]
    if not free:
        return None
    name = rng.choice(free)
    return draft.insert("warning", f"`{name}` shadows a builtin", f"{name} = {draft.given}")


def _printed(rng: random.Random, draft: Draft) -> Reviewed:
    shown = rng.choice((draft.given, f'"{draft.word}"', f'"{draft.word}", {draft.given}'))
    return draft.insert("style", "print was left in", f"print({shown})")


def _not_returned(rng: random.Random, draft: Draft) -> Reviewed | None:
    last = draft.lines[-1]
    if not last.startswith("    return ") or sum("return" in line for line in draft.lines[draft.body :]) > 1:
        return None
    line = f"    {draft.word} = {last.removeprefix('    return ')}"
    return draft.replace(len(draft.lines) - 1, line, "error", f"`{draft.name}` never returns `{draft.word}`")


def _no_colon(rng: random.Random, draft: Draft) -> Reviewed:
    at = rng.choice([i for i, line in enumerate(draft.lines) if line.endswith(":")])
    return draft.replace(at, draft.lines[at][:-1], "error", "the colon is missing")


Mutation = Callable[[random.Random, Draft], "Reviewed | None"]

INSERTED: tuple[Mutation, ...] = (_unused, _printed, _shadowed)
"""Mutations that add one line at the start of the body, so that they can join another one."""

MUTATIONS: tuple[Mutation, ...] = (*INSERTED, _mutable_default, _bare_except, _equals_none, _not_returned, _no_colon)


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a function that is written wrong."""

    name: str
    given: str
    out: str
    hinted: bool

    def head(self, hint: str, returns: str) -> str:
        """Return the line with `def`."""
        if self.hinted:
            return f"def {self.name}({self.given}: {hint}) -> {returns}:"
        return f"def {self.name}({self.given}):"


def _past_the_end(rng: random.Random, n: Names) -> Reviewed:
    start, op = rng.choice((("0", "+="), ("1", "*=")))
    lines = [
        n.head("list[int]", "int"),
        f"    {n.out} = {start}",
        f"    for i in range(len({n.given}) + 1):",
        f"        {n.out} {op} {n.given}[i]",
        f"    return {n.out}",
    ]
    return lines, [(3, "error", f"range goes one past the end of `{n.given}`")]


def _concatenated(rng: random.Random, n: Names) -> Reviewed:
    added = rng.choice(("x", "str(x)", "x.upper()", "x.strip()"))
    head = n.head("list[str]", "str")
    lines = [
        head,
        f'    {n.out} = ""',
        f"    for x in {n.given}:",
        f"        {n.out} += {added}",
        f"    return {n.out}",
    ]
    return lines, [(4, "style", f"`{n.out}` grows by += in a loop; use join")]


def _divided(rng: random.Random, n: Names) -> Reviewed:
    head = n.head("list[float]", "float")
    if rng.random() < 0.5:
        lines = [head, f"    return sum({n.given}) / len({n.given})"]
    else:
        lines = [head, f"    {n.out} = sum({n.given})", f"    return {n.out} / len({n.given})"]
    return lines, [(len(lines), "error", f"divides by zero when `{n.given}` is empty")]


def _not_closed(rng: random.Random, n: Names) -> Reviewed:
    file = rng.choice(("file", "f", "handle", "source"))
    lines = [n.head("str", "str"), f"    {file} = open({n.given})", f"    return {file}.read()"]
    return lines, [(2, "warning", f"`{file}` is never closed; open it in a with block")]


def _evaluated(rng: random.Random, n: Names) -> Reviewed:
    head = n.head("str", "object")
    if rng.random() < 0.5:
        lines = [head, f"    return eval({n.given})"]
    else:
        lines = [head, f"    {n.out} = eval({n.given})", f"    return {n.out}"]
    return lines, [(2, "error", f"eval runs any code in `{n.given}`")]


_WRITTEN_WRONG = (_past_the_end, _concatenated, _divided, _not_closed, _evaluated)


def written_wrong(rng: random.Random, split: Split) -> Reviewed:
    """Return a function whose whole body shows one defect."""
    drawn = Names(
        names.function_name(rng, split),
        names.plural(rng, split),
        rng.choice(("result", "found", "out", "total", "text")),
        rng.random() < 0.6,
    )
    return rng.choice(_WRITTEN_WRONG)(rng, drawn)
