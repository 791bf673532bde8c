r"""The operator's own patterns, in a language that is small enough for the worst case to be known before it is used.

A pattern has letters, `\d \w \s`, classes `[...]`, groups `(...)`, alternatives `|` and the repetitions `?`, `{n}`
and `{n,m}`. There is no `*`, `+`, back reference or look-around: what remains can be counted, and a pattern is refused
that could be tried in too many ways at one place of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from service.privacy.kinds import Finding, Kind

MAX_LENGTH: Final = 200
"""The most characters of a pattern."""

MAX_WAYS: Final = 1_000
"""In how many ways a pattern may be tried at one place: it bounds the steps there."""

MAX_MATCH: Final = 200
"""The most characters that a pattern may match."""

_ESCAPED: Final = frozenset(r"dDwWsS" + r".^$*+?{}[]\|()-/#_: ")
_SPECIAL: Final = frozenset("*+.^$?{}])")
_REPEAT: Final = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}|\?")
_CLASS: Final = re.compile(r"\[\^?(?:\\.|[^\]\\\[])+\]")


class PatternError(ValueError):
    """A pattern that is not taken; the message says why."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern for whole words.

    Raises:
        PatternError: It is not of the small language, matches nothing or too much, or may take too long.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"has {len(pattern)} characters; at most {MAX_LENGTH} are taken")
    reader = _Reader(pattern)
    least, most, ways = reader.alternatives()
    if reader.place != len(pattern):
        raise PatternError(f"has a bracket too many at character {reader.place + 1}")
    if least < 3:
        raise PatternError("matches fewer than three characters, which would be found everywhere")
    if most > MAX_MATCH:
        raise PatternError(f"matches up to {most} characters; at most {MAX_MATCH} are taken")
    if ways > MAX_WAYS:
        raise PatternError(f"may be tried in {ways} ways at one place; at most {MAX_WAYS} are taken")
    try:
        return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
    except re.error as error:
        raise PatternError(f"cannot be read: {error}") from error


def find_references(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Finding]:
    """Yield what the operator's patterns match."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Finding(*match.span(), Kind.REFERENCE)


_Measure = tuple[int, int, int]
"""The fewest and the most characters that a part matches, and the ways in which it may do so."""


class _Reader:
    """Reads a pattern from left to right; `place` is where it is."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0

    def alternatives(self) -> _Measure:
        parts = [self._sequence()]
        while self._peek() == "|":
            self.place += 1
            parts.append(self._sequence())
        return min(p[0] for p in parts), max(p[1] for p in parts), sum(p[2] for p in parts)

    def _sequence(self) -> _Measure:
        least, most, ways = 0, 0, 1
        while (char := self._peek()) and char not in "|)":
            low, high, times = self._repeated(self._one())
            least, most, ways = least + low, most + high, min(ways * times, MAX_WAYS + 1)
        return least, most, ways

    def _one(self) -> _Measure:
        char = self._peek()
        if char == "(":
            self.place += 3 if self.pattern.startswith("(?:", self.place) else 1
            inner = self.alternatives()
            if self._peek() != ")":
                raise PatternError("has a group that is not closed")
            self.place += 1
            return inner
        if char == "[":
            if (found := _CLASS.match(self.pattern, self.place)) is None:
                raise PatternError(f"has a class that cannot be read at character {self.place + 1}")
            self.place = found.end()
        elif char == "\\":
            if self.pattern[self.place + 1 : self.place + 2] not in _ESCAPED or self.place + 1 == len(self.pattern):
                raise PatternError(f"has an escape that is not taken at character {self.place + 1}")
            self.place += 2
        elif char in _SPECIAL:
            raise PatternError(f"has {char} at character {self.place + 1}; state a bound, as in {{1,8}}")
        else:
            self.place += 1
        return 1, 1, 1

    def _repeated(self, one: _Measure) -> _Measure:
        if (found := _REPEAT.match(self.pattern, self.place)) is None:
            return one
        self.place = found.end()
        low = 0 if found.group() == "?" else int(found[1])
        high = 1 if found.group() == "?" else int(found[2] or found[1])
        if high < low:
            raise PatternError(f"has a repetition whose end is before its beginning, {found.group()}")
        ways = sum(min(one[2] ** times, MAX_WAYS + 1) for times in range(low, high + 1))
        return one[0] * low, one[1] * high, ways

    def _peek(self) -> str:
        return self.pattern[self.place : self.place + 1]
