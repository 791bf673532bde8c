"""The tasks `code.generate`, `code.explain`, `code.write_tests` and `code.mend`."""

from __future__ import annotations

import ast
import random
import re
from typing import Any

from models.colibri.corpus.code_family import Family, code_of, fill
from models.colibri.corpus.code_request import (
    FAMILIES,
    draw_code,
    draw_request,
    parameter_names,
    third_person,
)
from models.colibri.corpus.code_run import (
    GENERATED,
    CodeError,
    bounded,
    checked,
    namespace,
    passes,
)
from models.colibri.corpus.example import Example, Message, Split
from plugins.code import layout
from plugins.prompt_file import system_text

TESTABLE = tuple(f for f in FAMILIES if f.tests)
"""The families whose tests are known by heart; none has a value that a model would have to compute."""


def prompt(function: str, user: str) -> tuple[Message, ...]:
    """Return the messages that the plugin sends for `function`."""
    return (Message("system", system_text("code", function)), Message("user", user))


def only_block(answer: str) -> str:
    """Return the code of an answer that is one fenced Python block and nothing else, or an empty string."""
    match = re.fullmatch(r"```python\n(.*?)\n```", answer.strip(), re.DOTALL)
    return match[1] if match and "```" not in match[1] else ""


def draw_generate(rng: random.Random, split: Split) -> Example:
    """Draw a request for a small function, and the function."""
    fam, slots, request = draw_request(rng, split)
    facts = {"name": slots["F"], "parameters": parameter_names(fam, slots), "cases": fam.cases(rng, slots),
             "slots": slots, "family": fam.name}  # fmt: skip
    answer = layout.fenced(code_of(fam, slots))
    return Example(
        "code.generate",
        prompt("generate", layout.generate_input(request)),
        answer,
        facts,
    )


def score_generate(example: Example, answer: str) -> dict[str, bool]:
    """Judge generated code: one block, the wanted names, hints and docstring, and its hidden unit tests."""
    facts, code = example.facts, only_block(answer)
    names = hinted = False
    try:
        tree = checked(code)
    except CodeError:
        tree = ast.Module([], [])
    for found in tree.body:
        if isinstance(found, ast.FunctionDef):
            arguments = found.args.args
            names = found.name == facts["name"] and [a.arg for a in arguments] == facts["parameters"]
            hinted = bool(found.returns and all(a.annotation for a in arguments) and ast.get_docstring(found))
    return {"one_block": bool(code), "names_kept": names, "hinted": hinted,
            "tests_pass": passes(code, facts["cases"])}  # fmt: skip


def explanation(fam: Family, slots: dict[str, Any]) -> str:
    """Return the sentences that explain the code of `fam`."""
    doc = fill(third_person(fam.doc[0].lower() + fam.doc[1:]), slots)
    given = " and ".join(f"`{p}`" for p in parameter_names(fam, slots))
    return f"The function `{slots['F']}` takes {given}. It {doc}"


def draw_explain(rng: random.Random, split: Split) -> Example:
    """Draw code and its explanation."""
    fam, slots, code = draw_code(rng, split, FAMILIES)
    facts = {
        "must": [slots["F"], *parameter_names(fam, slots)],
        "code": code,
        "doc": fill(fam.doc, slots),
    }
    user = layout.explain_input(code)
    return Example("code.explain", prompt("explain", user), explanation(fam, slots), facts)


def score_explain(example: Example, answer: str) -> dict[str, bool]:
    """Judge an explanation: names, parameters, the gist in the words of the docstring, no number from nowhere."""
    doc_words = set(re.findall(r"\w+", example.facts["doc"].lower())[1:])
    words = set(re.findall(r"\w+", answer.lower()))
    invented = set(re.findall(r"\d+", answer)) - set(re.findall(r"\d+", example.facts["code"] + example.facts["doc"]))
    return {
        "names_kept": all(f"`{m}`" in answer for m in example.facts["must"]),
        "gist": len(doc_words & words) >= 0.85 * len(doc_words),
        "nothing_invented": not invented,
        "short": 0 < len(answer.strip()) <= 400 and "```" not in answer,
    }


def draw_tests(rng: random.Random, split: Split) -> Example:
    """Draw a function and two pytest functions for it."""
    fam, slots, code = draw_code(rng, split, TESTABLE)
    first, second = (fill(t, slots) for t in fam.tests)
    name = slots["F"]
    tests = f"def test_{name}() -> None:\n    assert {first}\n\n\ndef test_{name}_edge() -> None:\n    assert {second}"
    facts = {"code": code, "name": name}
    return Example(
        "code.write_tests",
        prompt("write_tests", layout.write_tests_input(code)),
        layout.fenced(tests),
        facts,
    )


def _outcomes(code: str, tests: str, name: str, *, broken: bool) -> list[bool]:
    """Run each test function against `code`, or against a function that gives back a fresh object."""
    space = namespace()
    found = []
    with bounded():
        exec(compile(checked(code), GENERATED, "exec", dont_inherit=True), space)
        exec(compile(checked(tests), GENERATED, "exec", dont_inherit=True), space)
        if broken:
            space[name] = lambda *args, **kwargs: object()
        for key in [k for k in space if k.startswith("test_") and k in tests and k != name]:
            try:
                space[key]()
                found.append(True)
            except Exception:  # noqa: BLE001  a failing test may raise anything
                found.append(False)
    return found


def score_tests(example: Example, answer: str) -> dict[str, bool]:
    """Judge tests: one block of two or more that pass on the code and fail on a function that is wrong."""
    tests, facts = only_block(answer), example.facts
    try:
        good = _outcomes(facts["code"], tests, facts["name"], broken=False)
        bad = _outcomes(facts["code"], tests, facts["name"], broken=True)
    except CodeError:
        good, bad = [], []
    return {"one_block": bool(tests), "two_tests": len(good) >= 2, "pass": bool(good) and all(good),
            "catch_wrong_code": bool(bad) and not any(bad)}  # fmt: skip


def _break(rng: random.Random, code: str) -> str:
    """Return `code` with one small syntax error of the kind that a model makes."""
    lines = code.split("\n")
    kinds = [rng.choice(("colon", "bracket", "quote", "indent", "def", "extra")) for _ in range(6)]
    for kind in kinds:
        spots = [i for i, x in enumerate(lines) if x.strip() and (kind != "colon" or x.endswith(":"))]
        if not spots:
            continue
        i = rng.choice(spots)
        line = lines[i]
        if kind == "colon":
            new = line[:-1]
        elif kind == "indent":
            new = " " + line if i else line
        elif kind == "def":
            new = line.replace("def ", rng.choice(("df ", "de ")), 1)
        elif kind == "extra":
            new = line.replace(")", "))", 1)
        else:
            at = [j for j, c in enumerate(line) if c in (")]}" if kind == "bracket" else '"')]
            if not at:
                continue
            j = at[-1]
            new = line[:j] + line[j + 1 :]
        broken = "\n".join([*lines[:i], new, *lines[i + 1 :]])
        if layout.syntax_problem(broken):
            return broken
    return "\n".join([*lines[:-1], lines[-1] + ")"])


def draw_mend(rng: random.Random, split: Split) -> Example:
    """Draw code with a syntax error, and the code without."""
    fam, slots, _ = draw_code(rng, split, FAMILIES)
    code = code_of(fam, slots)
    broken = _break(rng, code)
    problem = layout.syntax_problem(broken)
    if problem is None:
        raise ValueError(f"not broken: {broken}")
    user = layout.mend_input(broken, problem)
    return Example("code.mend", prompt("mend", user), layout.fenced(code), {"code": code})


def score_mend(example: Example, answer: str) -> dict[str, bool]:
    """Judge mended code: one block that parses to what the code meant."""
    code = only_block(answer)
    try:
        same = ast.dump(checked(code)) == ast.dump(ast.parse(example.facts["code"]))
    except CodeError:
        same = False
    return {"one_block": bool(code), "same_code": same}
