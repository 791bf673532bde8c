"""Defects for the code reviews: changes to a small function, each with a mark in the text that gives it away."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from plugins.code import layout

Finding = tuple[int, str, str]
"""Line counted from 1, severity, message."""

Reviewed = tuple[list[str], list[Finding]]
"""Lines of code and what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sound function: its lines, its first parameter, and an identifier that it does not use."""

    lines: list[str]
    given: str
    word: str

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


def _default(draft: Draft, hint: str, value: str) -> str:
    """Return the line with `def` and one more parameter, which has a default."""
    head = draft.lines[draft.head]
    hinted = "->" in head
    close = head.rindex(")", 0, head.rfind("->")) if hinted else head.rindex(")")
    parameter = f"{draft.word}: {hint} = {value}" if hinted else f"{draft.word}={value}"
    return f"{head[:close]}, {parameter}{head[close:]}"


def _mutable_default(rng: random.Random, draft: Draft) -> Reviewed:
    hint, empty = rng.choice((("list", "[]"), ("dict", "{}")))
    line = _default(draft, hint, empty)
    return draft.replace(draft.head, line, "warning", "the default value is shared between calls")


def _tried(draft: Draft, caught: str) -> list[str]:
    """Return the lines with the body in a try block that catches `caught`."""
    at = draft.body
    inner = ["    " + line for line in draft.lines[at:]]
    return [*draft.lines[:at], "    try:", *inner, f"    {caught}:", "        return None"]


def _bare_except(rng: random.Random, draft: Draft) -> Reviewed:
    lines = _tried(draft, "except")
    return lines, [(len(lines) - 1, "warning", "bare except hides every error")]


def _equals_none(rng: random.Random, draft: Draft) -> Reviewed:
    back = rng.choice(("None", "[]", "0", '""'))
    check = f"if {draft.given} == None:"
    return draft.insert("style", "compare to None with is", check, f"    return {back}")


def _printed(rng: random.Random, draft: Draft) -> Reviewed:
    shown = rng.choice((draft.given, f'"{draft.word}"', f'"{draft.word}", {draft.given}'))
    return draft.insert("style", "print was left in", f"print({shown})")


def _evaluated(rng: random.Random, draft: Draft) -> Reviewed:
    return draft.insert("error", "eval runs any code that it is given", f"{draft.word} = eval({draft.given})")


def _not_closed(rng: random.Random, draft: Draft) -> Reviewed:
    message = "the file is never closed; open it in a with block"
    return draft.insert("warning", message, f"{draft.word} = open({rng.choice((draft.given, 'path', 'name'))})")


def _no_syntax(rng: random.Random, draft: Draft) -> Reviewed:
    """Return code that does not parse; the finding is what Python says, which the prompt shows."""
    at = rng.choice([i for i, line in enumerate(draft.lines) if line.endswith((":", ")"))])
    lines = [*draft.lines[:at], draft.lines[at][:-1], *draft.lines[at + 1 :]]
    problem = layout.syntax_problem("\n".join(lines))
    if problem is None:
        raise ValueError(f"it parses: {lines}")
    return lines, [(problem.line, "error", problem.message)]


Mutation = Callable[[random.Random, Draft], Reviewed]

INSERTED: tuple[Mutation, ...] = (_printed, _equals_none, _evaluated, _not_closed)
"""Mutations that add lines at the start of the body, so that they can join another one."""

MUTATIONS: tuple[Mutation, ...] = (*INSERTED, _mutable_default, _bare_except, _no_syntax)


def sound(rng: random.Random, draft: Draft) -> list[str]:
    """Return the lines as they are, or with something that only looks like a defect."""
    kind = rng.randrange(6)
    if kind == 0:
        return [*draft.lines[: draft.head], _default(draft, "int", "0"), *draft.lines[draft.head + 1 :]]
    if kind == 1:
        return _tried(draft, rng.choice(("except ValueError", "except KeyError", "except OSError as error")))
    if kind == 2:
        return draft.insert("", "", f"if {draft.given} is None:", "    return None")[0]
    if kind == 3:
        return draft.insert("", "", f"{draft.word} = len({draft.given})")[0]
    return draft.lines
