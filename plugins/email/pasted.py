"""What can be told from a mail that somebody pasted: where it begins, its language, and which details it holds."""

from __future__ import annotations

import re
from typing import Literal

_GREETING = r"(?:hi|hello|hey|dear|good (?:morning|afternoon)|hola|estimad[oa]s?|buen[oa]s (?:días|tardes))\b"
_START = re.compile(rf"^[ \t]*(?:subject:|asunto:|{_GREETING})", re.IGNORECASE | re.MULTILINE)
_DETAIL = re.compile(r"[^\s,;:!?()\"']*\d[^\s,;!?()\"']*")
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    "the of and to is are was you your we our for on it this that with will have has can could please not i my from "
    "hello hi dear thanks thank regards".split()
)
_SPANISH = frozenset(
    "el la los las de y es son que se por para con una un su sus tu del al lo le nos no puede gracias hola saludo "
    "buenos estimado estimada muy está".split()
)


def split_pasted(request: str) -> tuple[str, str] | None:
    """Return the instruction and the mail pasted after it, or None where `request` holds no mail.

    A mail begins at a line with a subject or a greeting, and something else must stand before it.
    """
    match = _START.search(request)
    if match is None or not request[: match.start()].strip():
        return None
    return request[: match.start()].strip().rstrip(":"), request[match.start() :].strip()


def language_of(text: str) -> Literal["en", "es"]:
    """Return the language of `text` by its small words; `en` when it cannot be told."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return "es" if sum(w in _SPANISH for w in words) > sum(w in _ENGLISH for w in words) else "en"


def details(text: str) -> set[str]:
    """Return the words of `text` that hold a digit: dates, times, amounts, numbers, identifiers."""
    return {detail for match in _DETAIL.findall(text) if (detail := match.strip(".,-–—[]{}<>*_`").casefold())}
