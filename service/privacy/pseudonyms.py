"""Which pseudonym stands for which value: the same for the same value, numbered as the values come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.errors import PermissionDeniedError
from service.privacy.kinds import Finding, Kind
from service.privacy.marks import mark
from service.privacy.names import parts_of_name

MAX_VALUES: Final = 5_000
"""The most values of one vault."""

DISTINCT: Final = 6
"""A value of so many characters, unless it is a name of one word, is looked for within words, too."""

_WORD: Final = re.compile(r"\w+")


class MaskingError(PermissionDeniedError):
    """A text could not be pseudonymised, so it was not sent; the message never says what is in it."""

    default_reason = "MASKING_FAILED"


class Pseudonyms:
    """The pseudonyms of one session, or of one run without a session.

    They are numbered as the values come, so that they say nothing of the values and the same value has another one
    elsewhere. `changed` tells whether values were added since it was last set to False.
    """

    def __init__(self, entries: dict[str, tuple[Kind, int, int]] | None = None) -> None:
        """Begin with `entries`: for each value its kind, its number among those of the kind, and its form."""
        self.changed = False
        self._entries: dict[str, tuple[Kind, int, int]] = {}
        self._values: dict[str, str] = {}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._counts: dict[Kind, int] = {}
        self._forms: dict[tuple[Kind, int], int] = {}
        self._known: dict[str, Kind] = {}
        self._distinct: dict[str, Kind] = {}
        self._by_word: dict[str, list[tuple[str, int]]] = {}
        for value, (kind, number, form) in (entries or {}).items():
            self._keep(value, kind, number, form)

    def __len__(self) -> int:
        """Return how many values have a pseudonym."""
        return len(self._entries)

    @property
    def entries(self) -> dict[str, tuple[Kind, int, int]]:
        """Return what makes the same pseudonyms again."""
        return dict(self._entries)

    def of(self, kind: Kind, value: str) -> str:
        """Return the pseudonym of a value, a new one where it has none.

        Raises:
            MaskingError: There are too many values.
        """
        if (entry := self._entries.get(value)) is None:
            if len(self._entries) >= MAX_VALUES:
                raise MaskingError(
                    f"There are more than {MAX_VALUES:,} different personal values here, so nothing was sent. "
                    "Send less at once, or start another session."
                )
            number = self._number(kind, value)
            entry = (kind, number, self._forms.get((kind, number), -1) + 1)
            self._keep(value, *entry)
            self.changed = True
        held, number, form = entry
        return mark(held.value, number, form)

    def value(self, pseudonym: str) -> str | None:
        """Return the value that a pseudonym stands for, or None where it was never given out."""
        return self._values.get(pseudonym)

    def find(self, text: str) -> Iterator[Finding]:
        """Yield where values that have a pseudonym, and parts of names that do, are in `text`."""
        for match in _WORD.finditer(text):
            word, start = match.group(), match.start()
            for key in (word, word[:-1]) if word[-1:] == "s" else (word,):  # "Annas" is of Anna
                for value, offset in self._by_word.get(key, ()):
                    begin = start - offset
                    if begin >= 0 and text.startswith(value, begin) and self._ends(text, begin + len(value), value):
                        yield Finding(begin, begin + len(value), self._known[value])
        for value, kind in self._distinct.items():
            place = text.find(value)
            while place >= 0:
                yield Finding(place, place + len(value), kind)
                place = text.find(value, place + len(value))

    def _ends(self, text: str, end: int, value: str) -> bool:
        following = text[end : end + 2]
        if not following or not _is_word(following[0]) or not _is_word(value[-1]):
            return True
        genitive = following[0] == "s" and not _is_word(following[1:])
        return genitive and self._known[value] is Kind.PERSON

    def _number(self, kind: Kind, value: str) -> int:
        """Return the number of whoever or whatever the value is another form of, or the next one."""
        known = self._numbers.get((kind, _gist(kind, value)))
        if known is None and kind is Kind.PERSON:
            known = next((found for key in _name_keys(value) if (found := self._numbers.get((kind, key)))), None)
        return self._counts.get(kind, 0) + 1 if known is None else known

    def _keep(self, value: str, kind: Kind, number: int, form: int) -> None:
        self._entries[value] = (kind, number, form)
        self._values[mark(kind.value, number, form)] = value
        self._counts[kind] = max(number, self._counts.get(kind, 0))
        self._forms[kind, number] = max(form, self._forms.get((kind, number), -1))
        self._numbers.setdefault((kind, _gist(kind, value)), number)
        self._look_for(value, kind)
        if kind is Kind.PERSON:
            for part in parts_of_name(value):
                self._numbers.setdefault((kind, part.casefold()), number)
                self._look_for(part, kind)

    def _look_for(self, value: str, kind: Kind) -> None:
        if value in self._known or value in self._distinct or kind is Kind.MARK or len(value) < 2:
            return
        if len(value) >= DISTINCT and (kind is not Kind.PERSON or " " in value):
            self._distinct[value] = kind
            return
        if (first := _WORD.search(value)) is None:
            return
        self._known[value] = kind
        self._by_word.setdefault(first.group(), []).append((value, first.start()))


def _is_word(char: str) -> bool:
    return bool(_WORD.match(char))


def _gist(kind: Kind, value: str) -> str:
    """Return what forms of one value have in common."""
    if kind in (Kind.EMAIL, Kind.PERSON):
        return " ".join(value.casefold().split())
    if kind in (Kind.PHONE, Kind.IBAN, Kind.CARD, Kind.NATIONAL_ID):
        return "".join(char for char in value if char.isalnum()).casefold()
    return value


def _name_keys(name: str) -> Iterator[str]:
    words = name.casefold().split()
    if len(words) == 1:
        yield words[0]
    else:
        yield f"{words[0]} {words[-1]}"
