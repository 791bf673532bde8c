"""Puts values back in the place of their pseudonyms: in a text, in JSON, and in a stream whatever way it is cut."""

from __future__ import annotations

import json
import re
from typing import Final

from service.privacy.kinds import Kind
from service.privacy.marks import BEGUN, FORM, MAX_LENGTH
from service.privacy.pseudonyms import Pseudonyms

_JSON_FORM: Final = re.compile(
    rf"{FORM.pattern}|\\u2039([A-Z]{{2,12}}(?:_[A-Z]{{2,12}})?_[1-9]\d{{0,5}}[A-Z]{{0,3}})\\u203[aA]"
)
_JSON_BEGUN: Final = re.compile(
    rf"(?:{BEGUN.pattern[:-1]}|\\(?:u(?:2(?:0(?:3(?:9[A-Z_0-9]{{0,31}}(?:\\(?:u(?:2(?:0(?:3)?)?)?)?)?)?)?)?)?)?)$"
)
_MAX_BEGUN: Final = MAX_LENGTH + 12

_WORDS: Final = "|".join(kind.value for kind in Kind if kind is not Kind.MARK)
_ALTERED: Final = re.compile(rf"(?<!‹)(?<![A-Za-z0-9])(?:{_WORDS})_([1-9]\d{{0,5}})[A-Z]{{0,3}}(?![\w›])")


class Restorer:
    """Restores one text as it arrives; `in_json` says that it is JSON, in whose strings the values are to stand.

    `unknown` counts marks that were never given out, `altered` words that look like a mark whose brackets were lost.
    """

    def __init__(self, pseudonyms: Pseudonyms, *, in_json: bool = False) -> None:
        """Begin before the text."""
        self._pseudonyms = pseudonyms
        self._in_json = in_json
        self._form = _JSON_FORM if in_json else FORM
        self._begun = _JSON_BEGUN if in_json else BEGUN
        self._held = ""
        self._tail = ""
        self.unknown = 0
        self.altered = 0

    def feed(self, piece: str) -> str:
        """Return what of the text is certain after the next piece of it; the beginning of a mark is held back."""
        text = self._held + piece
        begun = self._begun.search(text, max(0, len(text) - _MAX_BEGUN))
        cut = len(text) if begun is None else begun.start()
        self._held = text[cut:]
        return self._restored(text[:cut])

    def end(self) -> str:
        """Return what was held back, as it is."""
        held, self._held = self._held, ""
        restored = self._restored(held)
        self.altered += sum(1 for _ in _ALTERED.finditer(self._tail))
        self._tail = ""
        return restored

    def _restored(self, text: str) -> str:
        if not text:
            return ""
        self._look(text)
        if "‹" not in text and not self._in_json:
            return text
        return self._form.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        escaped = match[1] if self._in_json else None
        value = self._pseudonyms.value(match.group() if escaped is None else f"‹{escaped}›")
        if value is None:
            self.unknown += 1
            return match.group()
        return json.dumps(value, ensure_ascii=False)[1:-1] if self._in_json else value

    def _look(self, text: str) -> None:
        """Count what lost its brackets, also where it was cut; the last word waits for what follows."""
        text = self._tail + text
        if "_" not in text:
            self._tail = text[-_MAX_BEGUN:]
            return
        kept = max(0, len(text) - _MAX_BEGUN)
        for match in _ALTERED.finditer(text):
            if match.end() <= kept:
                self.altered += 1
            else:
                kept = min(kept, match.start())
        self._tail = text[kept:]


def restored(text: str, pseudonyms: Pseudonyms, *, in_json: bool = False) -> tuple[str, int, int]:
    """Return a whole text with its values, and how many marks in it were unknown and altered."""
    restorer = Restorer(pseudonyms, in_json=in_json)
    whole = restorer.feed(text) + restorer.end()
    return whole, restorer.unknown, restorer.altered
