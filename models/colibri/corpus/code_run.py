"""Runs small generated functions against their hidden unit tests, in process and within a bound of steps."""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import io
import math
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

STEP_LIMIT = 20_000
"""Lines that one piece of code may execute."""

GENERATED = "<generated>"
"""The file name under which generated code is compiled; only its own lines count as steps."""

_MODULES = {"re", "json", "csv", "math", "statistics", "datetime", "dataclasses", "collections", "collections.abc",
            "typing", "functools", "itertools", "time", "_strptime"}  # fmt: skip
for _name in sorted(_MODULES):
    importlib.import_module(_name)  # once here: an import inside the bound would spend its steps
_FORBIDDEN = {"exec", "eval", "compile", "input", "breakpoint", "globals", "locals", "vars", "help", "exit", "quit",
              "memoryview", "delattr", "setattr", "getattr"}  # fmt: skip
_NUMBER_LIMIT = 10_000_000


class CodeError(Exception):
    """The code may not be run, did not run, or ran too long; the message says which."""


class _TooLong(BaseException):
    """Raised inside the code at the step limit; code that catches `Exception` does not stop it."""


class _File(io.StringIO):
    def __init__(self, files: dict[str, str], name: str, mode: str) -> None:
        self._files, self._name, self._writes = files, name, mode != "r"
        super().__init__("" if mode == "w" else files.get(name, ""))
        if mode == "a":
            self.seek(0, io.SEEK_END)

    def close(self) -> None:
        if self._writes and not self.closed:
            self._files[self._name] = self.getvalue()
        super().close()


def _import(
    name: str,
    globals: Any = None,
    locals: Any = None,
    fromlist: Any = (),
    level: int = 0,
) -> Any:
    if name not in _MODULES or level:
        raise ImportError(name)
    module = importlib.import_module(name)
    return module if fromlist else sys.modules[name.split(".")[0]]


def _range(*args: int) -> range:
    found = range(*args)
    if len(found) > _NUMBER_LIMIT // 100:
        raise _TooLong
    return found


def checked(code: str) -> ast.Module:
    """Parse `code` and refuse what no small function needs.

    Raises:
        CodeError: it does not parse, reaches for underscored attributes, or raises numbers to large powers.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CodeError(f"does not parse: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr.startswith("_") or node.attr == "sleep"):
            raise CodeError(f"reaches for {node.attr}")
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and abs(node.value) > _NUMBER_LIMIT:
            raise CodeError("holds a large number")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.BinOp):
            raise CodeError("raises to a computed power")
    return tree


def namespace() -> dict[str, Any]:
    """Return a fresh restricted namespace with an in-memory `open`."""
    files = {"a.txt": "one\ntwo 2\n", "no.txt": ""}
    allowed = {k: v for k, v in vars(builtins).items() if k not in _FORBIDDEN}

    def opened(name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> _File:
        return _File(files, str(name), mode.replace("t", ""))

    allowed.update(
        {
            "__import__": _import,
            "open": opened,
            "range": _range,
            "print": lambda *a, **k: None,
        }
    )
    return {
        "__builtins__": allowed,
        "__name__": "generated",
        "files": files,
    }


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Bound the steps of the code run inside, and turn whatever it raises into a `CodeError`."""
    left = [STEP_LIMIT]

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise _TooLong
        return trace if frame.f_code.co_filename == GENERATED else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    except _TooLong as error:
        raise CodeError("runs too long") from error
    except (Exception, SystemExit) as error:
        raise CodeError(f"{type(error).__name__}: {error}") from error
    finally:
        sys.settrace(before)


def same(got: Any, expected: Any) -> bool:
    """Say whether two results agree: floats within 1e-9, dictionaries also in their order."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return got is expected
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, dict) and isinstance(got, dict):
        return list(got.items()) == list(expected.items())
    return bool(type(got) is type(expected) and got == expected)


def passes(code: str, cases: list[tuple[str, Any]]) -> bool:
    """Say whether `code` runs and every `(expression, value)` case holds."""
    try:
        tree = checked(code)
        space = namespace()
        with bounded():
            exec(compile(tree, GENERATED, "exec", dont_inherit=True), space)
            return all(same(eval(expression, space), value) for expression, value in cases)
    except CodeError:
        return False
