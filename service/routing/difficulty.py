"""How hard a request looks, by rules that a person can check: length, demands, code, script, form of the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.backends.base import ChatMessage

LONG_WORDS: Final = 400
"""So many words of a request make it as hard as length alone can."""

MANY_DEMANDS: Final = 8
MUCH_CODE_LINES: Final = 60

_LENGTH_SHARE: Final = 0.35
_DEMANDS_SHARE: Final = 0.3
_CODE_SHARE: Final = 0.25
_SCRIPT_SHARE: Final = 0.05
_FORM_SHARE: Final = 0.05

_DEMAND: Final = re.compile(
    r"^\s*(?:[-*•]|\d+[.)])\s|\b(?:must|only|without|never|exactly|at least|at most|unless|because|why|compare|prove"
    r"|debe|solo|sin|nunca|exactamente|al menos|como máximo|salvo que|por qué|compara|demuestra)\b",
    re.IGNORECASE | re.MULTILINE,
)
_CODE_BLOCK: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CODE_LINE: Final = re.compile(r"^.*(?:[;{}]|=>|\bdef |\bclass |\breturn\b).*$", re.MULTILINE)
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u1fff\u2e80-\ud7ff\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Difficulty:
    """`score` is from 0, simple, to 1, hard; `words` say what it was made of."""

    score: float
    words: str


def difficulty_of(messages: Sequence[ChatMessage], *, formed: bool) -> Difficulty:
    """Return how hard the newest of the user's messages looks; `formed`: the answer has calls or keeps to a schema."""
    text = next((message.content for message in reversed(messages) if message.role == "user"), "")
    length, demands = len(text.split()), len(_DEMAND.findall(text))
    code = sum(block.count("\n") for block in _CODE_BLOCK.findall(text)) or len(_CODE_LINE.findall(text))
    other = _OTHER_SCRIPT.search(text) is not None
    score = (
        _LENGTH_SHARE * min(1.0, length / LONG_WORDS)
        + _DEMANDS_SHARE * min(1.0, demands / MANY_DEMANDS)
        + _CODE_SHARE * min(1.0, code / MUCH_CODE_LINES)
        + _SCRIPT_SHARE * other
        + _FORM_SHARE * formed
    )
    parts = [f"{length} words", f"{demands} demands", f"{code} lines of code"]
    parts += ["another script"] if other else []
    parts += ["an answer of fixed form"] if formed else []
    return Difficulty(score, ", ".join(parts))
