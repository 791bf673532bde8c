"""The forms of code and of what is said about it: names that were given stand in them as they were given."""

from __future__ import annotations

import re

from plugins.forms import form, literal, optional

_OPENING = literal("```python\n")
_REST = "/[^`]+/"
"""Code up to the end of its fence."""

_CLOSING = literal("```")
_BEFORE = optional(r"/(?:(?:import |from |@)[^\n`]+\n+)+/")
"""Lines that may stand before a definition."""

_DEFINED = re.compile(r"^(?:async )?(?:def|class) ([A-Za-z_]\w*)", re.MULTILINE)
_NAME = re.compile(r"(?<![\w'\"])[A-Za-z_]\w*")


def generate_form(user: str) -> str:
    """Return the form of the code for `user`, of `layout.generate_input`; empty where no name is asked for."""
    said = dict(line.split(": ", 1) for line in user.split("\n") if line.startswith(("Name: ", "Argument: ")))
    if "Name" not in said:
        return ""
    given = f"({said['Argument']}" if "Argument" in said else ""
    kind = '("def " | "async def " | "class ")'
    return form(_OPENING, _BEFORE, kind, literal(said["Name"] + given), r"/[^\w`]/", _REST, _CLOSING)


def explain_form(user: str) -> str:
    """Return the form of what is said of the code in `user`, of `layout.explain_input`: what it quotes is in there."""
    names = sorted(set(_NAME.findall(user.removeprefix("Code:\n"))))
    quoted = f"`(?:{'|'.join(names)})`" if names else ""
    return form(f"/(?:{'|'.join(filter(None, ('[^`]', quoted)))})+/")


def write_tests_form(user: str) -> str:
    """Return the form of tests for the code in `user`, of `layout.write_tests_input`: they are named after it."""
    names = _DEFINED.findall(user)
    if not names:
        return ""
    named = " | ".join(literal(f"def test_{name}") for name in names)
    test = f"({named}) {_REST}"
    return form(_OPENING, _BEFORE, test, _CLOSING)
