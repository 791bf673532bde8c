"""The task `code.review`: small functions with at most two defects of a known kind."""

from __future__ import annotations

import random
from typing import Any

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code_family import Family
from models.colibri.corpus.code_request import FAMILIES, draw_code, parameter_names
from models.colibri.corpus.example import Example, Message, Split
from plugins.code import layout
from plugins.prompt_file import system_text

Finding = tuple[int, str, str]
"""Line counted from 1, severity, message."""

_REVIEWED = tuple(f for f in FAMILIES if f.noun == "function")
_BUILTINS = (
    "list",
    "dict",
    "sum",
    "max",
    "min",
    "str",
    "id",
    "type",
    "input",
    "filter",
)


def _first_body_line(lines: list[str]) -> int:
    """Return the index of the first line of the body, after a docstring."""
    at = next(i for i, line in enumerate(lines) if line.startswith("def ")) + 1
    return at + 1 if lines[at].lstrip().startswith('"""') else at


def _insert(lines: list[str], *new: str) -> tuple[list[str], int]:
    at = _first_body_line(lines)
    return lines[:at] + ["    " + x for x in new] + lines[at:], at + 1


def _bare_except(lines: list[str]) -> tuple[list[str], int]:
    at = _first_body_line(lines)
    body = ["    " + line for line in lines[at:]]
    return [*lines[:at], "    try:", *body, "    except:", "        return None"], len(lines) + 2


def _own(rng: random.Random, split: Split, kind: str) -> tuple[list[str], list[Finding]]:
    """Return a function whose defect is its own body, and the finding."""
    name, given = names.function_name(rng, split), names.plural(rng, split)
    hint = rng.random() < 0.6
    out = rng.choice(("result", "found", "out", "total", "text"))

    def head(hinted: str, returns: str) -> str:
        return f"def {name}({given}: {hinted}) -> {returns}:" if hint else f"def {name}({given}):"

    if kind == "range":
        op = rng.choice(("+", "*"))
        lines = [
            head("list[int]", "int"),
            f"    {out} = {0 if op == '+' else 1}",
            f"    for i in range(len({given}) + 1):",
            f"        {out} {op}= {given}[i]",
            f"    return {out}",
        ]
        return lines, [(3, "error", f"range goes one past the end of `{given}`")]
    if kind == "concat":
        lines = [
            head("list[str]", "str"),
            f'    {out} = ""',
            f"    for x in {given}:",
            f"        {out} += {rng.choice(('x', 'str(x)', 'x.upper()', 'x.strip()'))}",
            f"    return {out}",
        ]
        return lines, [(4, "style", f"`{out}` grows by += in a loop; use join")]
    if kind == "divide":
        lines = [
            head("list[float]", "float"),
            f"    {out} = sum({given})",
            f"    return {out} / len({given})",
        ]
        if rng.random() < 0.5:
            lines = [lines[0], f"    return sum({given}) / len({given})"]
        return lines, [(len(lines), "error", f"divides by zero when `{given}` is empty")]
    if kind == "open":
        file = rng.choice(("file", "f", "handle", "source"))
        lines = [
            head("str", "str"),
            f"    {file} = open({given})",
            f"    return {file}.read()",
        ]
        return lines, [(2, "warning", f"`{file}` is never closed; open it in a with block")]
    lines = [head("str", "object"), f"    return eval({given})"]
    if rng.random() < 0.5:
        lines = [lines[0], f"    {out} = eval({given})", f"    return {out}"]
    return lines, [(2, "error", f"eval runs any code in `{given}`")]


def _mutate(
    rng: random.Random,
    split: Split,
    kind: str,
    fam: Family,
    lines: list[str],
    slots: dict[str, Any],
) -> tuple[list[str], list[Finding]] | None:
    """Return the lines with a defect of `kind` and its finding, or None where the code has no room for it."""
    name, given = slots["F"], parameter_names(fam, slots)
    head = next(i for i, line in enumerate(lines) if line.startswith("def "))
    word = names.singular(rng, split)
    if word in given or word in " ".join(lines):
        return None
    if kind == "default":
        empty, hint = rng.choice((("[]", "list"), ("{}", "dict")))
        new = f"{word}: {hint} = {empty}" if "->" in lines[head] else f"{word}={empty}"
        close = lines[head].rindex(")", 0, lines[head].rfind("->") if "->" in lines[head] else None)
        line = lines[head][:close] + f", {new}" + lines[head][close:]
        return [*lines[:head], line, *lines[head + 1 :]], [(head + 1, "warning", f"mutable default for `{word}`")]
    if kind == "except":
        new, at = _bare_except(lines)
        return new, [(at, "warning", "bare except hides every error")]
    if kind == "none":
        back = rng.choice(("None", "[]", "0", '""'))
        new, at = _insert(lines, f"if {given[0]} == None:", f"    return {back}")
        return new, [(at, "style", f"compare `{given[0]}` to None with is")]
    if kind == "unused":
        new, at = _insert(
            lines,
            f"{word} = {rng.choice((names.number(rng, split), '[]', repr(given[0]), '{}'))}",
        )
        return new, [(at, "style", f"`{word}` is never used")]
    if kind == "shadow":
        taken = [b for b in _BUILTINS if b not in " ".join(lines)]
        if not taken:
            return None
        shadow = rng.choice(taken)
        new, at = _insert(lines, f"{shadow} = {given[0]}")
        return new, [(at, "warning", f"`{shadow}` shadows a builtin")]
    if kind == "print":
        shown = rng.choice((given[0], f'"{word}"', f'"{word}", {given[0]}'))
        new, at = _insert(lines, f"print({shown})")
        return new, [(at, "style", "print was left in")]
    if kind == "return":
        if not lines[-1].startswith("    return ") or sum("return" in x for x in lines[_first_body_line(lines) :]) > 1:
            return None
        line = f"    {word} = {lines[-1].strip()[7:]}"
        return [*lines[:-1], line], [(len(lines), "error", f"`{name}` never returns `{word}`")]
    spots = [i for i, line in enumerate(lines) if line.endswith(":")]
    at = rng.choice(spots)
    return [*lines[:at], lines[at][:-1], *lines[at + 1 :]], [(at + 1, "error", "the colon is missing")]


_MUTATIONS = (
    "default",
    "except",
    "none",
    "unused",
    "shadow",
    "print",
    "return",
    "colon",
)
_OWN = ("range", "concat", "divide", "open", "eval")
_SEVERITY_FREE = ("unused", "print", "shadow", "none")


def _text(findings: list[Finding]) -> str:
    return "\n".join(f"- line {n}: {s}: {m}" for n, s, m in sorted(findings)) or layout.NO_PROBLEMS


def _defective(rng: random.Random, split: Split) -> tuple[list[str], list[Finding]]:
    chance = rng.random()
    if chance < 0.3:
        return _own(rng, split, rng.choice(_OWN))
    while True:
        fam, slots, code = draw_code(rng, split, _REVIEWED)
        lines = code.split("\n")
        if chance < 0.52:
            return lines, []
        drawn = _mutate(rng, split, rng.choice(_MUTATIONS), fam, lines, slots)
        if drawn is None:
            continue
        if chance > 0.92:
            second = _mutate(rng, split, rng.choice(_SEVERITY_FREE), fam, drawn[0], slots)
            if second is not None and len(second[0]) == len(drawn[0]) + 1 and "colon" not in drawn[1][0][2]:
                at = second[1][0][0]
                moved = [(n + (n >= at), s, m) for n, s, m in drawn[1]]
                return second[0], moved + second[1]
        return drawn


def draw_review(rng: random.Random, split: Split) -> Example:
    """Draw numbered code and what is wrong with it, nothing in about a quarter of them."""
    lines, findings = _defective(rng, split)
    user = layout.review_input("\n".join(lines))
    messages = (Message("system", system_text("code", "review")), Message("user", user))
    return Example("code.review", messages, _text(findings), {"findings": sorted(findings)})


def score_review(example: Example, answer: str) -> dict[str, bool]:
    """Judge a review: the right lines, severities and messages, and nothing besides."""
    expected = sorted(example.facts["findings"])
    got = sorted((f["line"], f["severity"], f["message"]) for f in layout.parse_review(answer)["findings"])
    lines = [x for x in answer.strip().split("\n") if x.strip()]
    return {
        "lines": [f[0] for f in got] == [f[0] for f in expected],
        "severities": [f[:2] for f in got] == [f[:2] for f in expected],
        "messages": got == expected,
        "format": answer.strip() == layout.NO_PROBLEMS if not expected else len(got) == len(lines),
    }
