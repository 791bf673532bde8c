"""The words between the code functions and a model: how arguments are laid out, and how answers are read."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from plugins.code.wanted_names import names_in

_FENCE = re.compile(r"```[ \t]*([\w+#.-]*)[ \t]*\r?\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)
_CODE_LINE = re.compile(
    r"""\s*(?:(?:async\s+)?def\s+\w|class\s+\w+\s*[:(]|import\s+\w|from\s+[\w.]+\s+import\b|@\w|\#|\"{3}
    |(?:for\s+\w.*\bin\b|while\b|if\b|with\b|try\b|elif\b|else\b).*:\s*$|return\b
    |[A-Za-z_][\w.\[\]]*\s*(?:[-+*/]?=(?!=)|:\s*\w[\w\[\], ]*=)|[A-Za-z_][\w.]*\(.*\)\s*$)""",
    re.VERBOSE,
)
_CODE_IN_LINE = re.compile(r"(?:(?<=[:\s])|(?<=^))(?:(?:async )?def \w+\s*\(|class \w+\s*[:(])")
_PROSE = re.compile(r"[A-Za-z][\w,;'’-]*(?: [\w,;:'’/-]+)+[.?!:]*\s*")
_STATEMENTS = {"raise", "assert", "del", "global", "nonlocal", "yield", "await", "print", "lambda"}
_FINDING = re.compile(
    r"\s*[-*]?\s*\**line\**\s*(\d+)\**\s*:\s*\**(error|warning|style)\**\s*:\s*(.+?)\s*$",
    re.IGNORECASE,
)

_PYTHON = re.compile(r"^[ \t]*(?:async\s+)?(?:def\s+\w+\s*\(|class\s+\w+)", re.MULTILINE)
_NOT_PYTHON = re.compile(r"^[ \t]*end\b|[{;][ \t]*$", re.MULTILINE)

NO_PROBLEMS = "No problems found."
"""The whole review of code in which nothing was found."""


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Where and why Python could not read a piece of code; `line` counts from 1."""

    line: int
    message: str
    text: str


def extract_code(text: str) -> str:
    """Return the code in a request: its fenced block, or its lines without the words before and after the code."""
    if fence := _FENCE.search(text):
        return fence[2].strip("\r\n")
    lines = text.strip("\r\n").splitlines()
    for i, line in enumerate(lines):
        if _CODE_LINE.match(line):
            return _without_last_words(lines[i:])
        if start := _CODE_IN_LINE.search(line):
            return _without_last_words([line[start.start() :], *lines[i + 1 :]])
    return text.strip()


def _without_last_words(lines: list[str]) -> str:
    """Join `lines` without the prose at their end (`what does it do?`)."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or _is_prose(lines[end - 1])):
        end -= 1
    return "\n".join(lines[:end])


def _is_prose(line: str) -> bool:
    return bool(_PROSE.fullmatch(line)) and not _CODE_LINE.match(line) and line.split()[0] not in _STATEMENTS


def syntax_problem(code: str) -> SyntaxProblem | None:
    """Return why Python cannot parse `code`, or None where it can."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        lines = code.splitlines()
        number = min(max(error.lineno or 1, 1), max(len(lines), 1))
        return SyntaxProblem(number, error.msg, lines[number - 1].strip() if lines else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxProblem(1, str(error) or type(error).__name__, "")
    return None


def fenced(code: str, language: str = "python") -> str:
    """Return `code` in a fenced block."""
    return f"```{language}\n{code}\n```"


def generate_input(task: str) -> str:
    """Lay out what `generate` is asked for, with the names of function and argument where the request gives them."""
    name, argument = names_in(task)
    lines = [f"Task: {task.strip()}", f"Name: {name}" if name else "", f"Argument: {argument}" if argument else ""]
    return "\n".join(line for line in lines if line)


def explain_input(code: str) -> str:
    """Lay out the code that is to be explained."""
    return f"Code:\n{code}"


def review_input(code: str) -> str:
    """Lay out the code that is to be reviewed, each line with its number, after why Python cannot parse it."""
    numbered = "\n".join(f"{i}: {line}".rstrip() for i, line in enumerate(code.splitlines(), 1))
    meant = _PYTHON.search(code) and not _NOT_PYTHON.search(code)
    problem = syntax_problem(code) if meant else None
    found = f"Error: line {problem.line}: {problem.message}\n" if problem else ""
    return f"{found}Code:\n{numbered}"


def write_tests_input(code: str) -> str:
    """Lay out the code for which tests are to be written."""
    return f"Code:\n{code}"


def mend_input(code: str, problem: SyntaxProblem) -> str:
    """Lay out code that does not parse, with the error."""
    return f"Error: line {problem.line}: {problem.message}\nLine: {problem.text}\nCode:\n{code}"


def parse_generate(text: str) -> dict[str, Any]:
    """Read generated code: `{"language", "code", "valid"}`; the language is the fence's, and only Python is parsed."""
    fence = _FENCE.search(text)
    code = fence[2].strip("\r\n") if fence else extract_code(text)
    said = (fence[1].lower() if fence else "") or "python"
    language = "python" if said in {"py", "python3"} else said
    valid = bool(code.strip()) and (language != "python" or syntax_problem(code) is None)
    return {"language": language, "code": code, "valid": valid}


def parse_write_tests(text: str) -> dict[str, Any]:
    """Read generated tests: `{"code", "valid"}`."""
    found = parse_generate(text)
    return {"code": found["code"], "valid": found["valid"]}


def parse_explain(text: str) -> dict[str, Any]:
    """Read an explanation: `{"explanation"}`."""
    return {"explanation": text.strip()}


def parse_review(text: str) -> dict[str, Any]:
    """Read a review: `{"findings": [{"line", "severity", "message"}]}`; other lines are left out."""
    found = [m for line in text.splitlines() if (m := _FINDING.match(line))]
    return {"findings": [{"line": int(m[1]), "severity": m[2].lower(), "message": m[3]} for m in found]}
