"""Templates of Semantic Kernel's own format: `{{$name}}` and `{{'text'}}`; nothing is called."""

from __future__ import annotations

import re

from plugins.sources.base import SourceError
from plugins.sources.prompt.template import Literal, Node, Path, Text, Value

_BLOCK = re.compile(r"""\{\{((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"{}]|\}(?!\}))*)\}\}""", re.DOTALL)
_VARIABLE = re.compile(r"\$([0-9A-Za-z_]+)", re.ASCII)
_QUOTED = re.compile(r"""(['"])(.*)\1""", re.DOTALL)
_ESCAPED = re.compile(r"\\(['\"\\])")


def parse(template: str) -> tuple[Node, ...]:
    """Return the tree of a template.

    Raises:
        SourceError: `PROMPT_UNSUPPORTED` if it calls a function: what a prompt does would then depend on other plugins.
    """
    nodes: list[Node] = []
    end = 0
    for block in _BLOCK.finditer(template):
        nodes.append(Text(template[end : block.start()]))
        nodes.append(_value(block[1].strip()))
        end = block.end()
    nodes.append(Text(template[end:]))
    return tuple(node for node in nodes if node != Text(""))


def _value(code: str) -> Node:
    variable = _VARIABLE.fullmatch(code)
    if variable is not None:
        return Value(Path((variable[1],)))
    quoted = _QUOTED.fullmatch(code)
    if quoted is not None:
        return Value(Literal(_ESCAPED.sub(r"\1", quoted[2])))
    if not code:
        raise SourceError("PROMPT_INVALID", "a block {{}} is empty", "template")
    raise SourceError("PROMPT_UNSUPPORTED", f"a prompt calls no functions: {{{{{code[:100]}}}}}", "template")
