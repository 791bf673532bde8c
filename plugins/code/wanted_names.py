"""The names that a request wants for a function and for its argument, where it says them in words."""

from __future__ import annotations

import builtins
import keyword
import re
from difflib import get_close_matches

_ID = r"`?(?P<id>[A-Za-z_]\w*)`?"
_GIVEN = r"list|array|strings?|text|words?|numbers?|integers?|dict|dicts|dictionary|items|records|file|input"
_SNAKE = r"`?(?P<id>[A-Za-z]\w*_\w+)`?"

_ARGUMENT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:{_GIVEN}|parameter|argument|param) (?:is |should be |be )?(?:called|named) {_ID}",
        rf"\b(?:call|name) the (?:{_GIVEN}|parameter|argument|param) {_ID}",
        rf"\b(?:parameter|argument|param)(?: is| should be|:)? {_ID}",
        rf"\b{_ID} as (?:the |an |its )?(?:parameter|argument|param|input)\b",
        rf"`?[A-Za-z_]\w*\({_ID}\)",
    )
)
_NAME = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:call|name) (?:it|this|the (?:function|method|class)) {_ID}",
        rf"(?<!\blist )(?<!\barray )(?:called|named) {_ID}",
        rf"\bname(?: is| should be|:) {_ID}",
        rf"\b(?:def |function |method )?{_ID}\(\w*\)",
        rf"\b(?:function|method|def) {_ID}(?=[,:(]| (?:that|which|to|for|so)\b)",
        rf"(?:^|\b(?:write|create|make|implement|define|code|build|function|python|me|please) ){_SNAKE}",
    )
)
_NO_NAMES = frozenset(
    "a an and be called given it its named on please should so that the this to which "
    "function method parameter argument name by python".split()
) | {*keyword.kwlist, *dir(builtins)}
"""Words that are no names here; a function called like a builtin that it needs would call itself."""

_CUES = ("function", "argument", "parameter", "string", "dictionary", "number")
_WORD = re.compile(r"(?<!called )(?<!named )\b[a-z]{5,}\b")


def names_in(request: str) -> tuple[str, str]:
    """Return the names for the function and its argument that `request` asks for, each empty where it gives none."""
    argument, rest = _first(_ARGUMENT, _WORD.sub(_mended, request))
    return _first(_NAME, rest)[0], argument


def _mended(word: re.Match[str]) -> str:
    """Return a mistyped cue (`fuction`) as it should be, any other word (also its plural) as it is."""
    if word[0].startswith(_CUES):
        return word[0]
    return next(iter(get_close_matches(word[0], _CUES, 1, 0.85)), word[0])


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> tuple[str, str]:
    """Return the first name that a pattern finds, and the text without the words that gave it away."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match["id"].lower() not in _NO_NAMES:
                keeps = match[0].split("(")[0] + "()" if match[0].endswith(")") else ""
                return match["id"], f"{text[: match.start()]}{keeps}{text[match.end() :]}"
    return "", text
