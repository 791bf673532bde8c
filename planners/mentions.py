"""What stands in a request that can be an argument: numbers, identifiers, days, names, and words as they were said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final

from planners.wording import is_small

_MONTHS: Final = (
    "january february march april may june july august september october november december enero febrero marzo abril "
    "mayo junio julio agosto septiembre octubre noviembre diciembre"
).replace(" ", "|")
_DAYS: Final = (
    "monday tuesday wednesday thursday friday saturday sunday lunes martes miércoles jueves viernes sábado domingo"
).replace(" ", "|")

_EDGES: Final = "¿¡\"'“”‘’«»()[]{}.,;:!?…"
_LONGEST_WORDS: Final = 9
"""More words in a row are a text that is told, not a thing that is named."""


class Kind(StrEnum):
    """What a mention looks like."""

    NUMBER = "number"
    IDENTIFIER = "identifier"
    VERSION = "version"
    EMAIL = "email"
    PHONE = "phone"
    TIME = "time"
    DAY = "day"
    NAME = "name"
    TOLD = "told"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a request, from `start` to `end`, word for word."""

    kind: Kind
    text: str
    start: int
    end: int
    after: str = ""
    """The word before it."""
    begins: bool = False
    """Whether it is one word, alone at the beginning of a sentence."""

    def contains(self, other: Mention) -> bool:
        """Return whether `other` is part of it."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Mention) -> bool:
        """Return whether the two share a character."""
        return self.start < other.end and other.start < self.end


_PATTERNS: Final = (
    (Kind.EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (Kind.TIME, re.compile(r"\b\d{1,2}:\d{2}(?: ?[ap]\.?m\b)?|\b\d{1,2} ?[ap]m\b", re.IGNORECASE)),
    (
        Kind.DAY,
        re.compile(
            rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}\b"
            rf"|(?:\b(?:{_DAYS}),? )?\b\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? (?:{_MONTHS})\b(?:,? (?:de )?\d{{4}}\b)?"
            rf"|\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b(?:, \d{{4}}\b)?|\b(?:(?:next|this|próximo) )?(?:{_DAYS})\b"
            r"|\b(?:today|tonight|tomorrow|hoy|mañana|pasado mañana|(?:next|this) (?:week|month|year))\b",
            re.IGNORECASE,
        ),
    ),
    (Kind.PHONE, re.compile(r"\+\d[\d ()-]{6,}\d|\b0\d[\d ()/-]{5,}\d")),
    (Kind.VERSION, re.compile(r"\bv?\d+\.\d+\.\d+(?:[-+.]\w+)*")),
    (
        Kind.IDENTIFIER,
        re.compile(
            r"\bhttps?://[^\s<>\"]*[\w/]|(?<!\w)#\d[\w-]*|(?<!\w)#(?=\w)([\w-]+)"
            r"|\b(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z_./-])\w+(?:[./-]\w+)*"
        ),
    ),
    (Kind.NUMBER, re.compile(r"(?<![\w./-])\d+(?:[.,]\d+)?(?!\w|[./-]\w)")),
)
"""What comes first is not read again as what comes after it."""

_DECIMAL: Final = re.compile(r"\d+[.,]\d+")
_HYPHENATED: Final = re.compile(r"\b[^\W\d_]+(?:[-_][^\W\d_]+)+\b")
_QUOTED: Final = re.compile(r"(?<!\w)['\"“‘«]([^'\"“”‘’«»]{2,})['\"”’»](?!\w)")
_AFTER_COLON: Final = re.compile(r":\s+([^\n]+?)(?=[.!?]*\s*(?:$|\n))")
_AFTER_THAT: Final = re.compile(r"\b(?:that|que)\s+([^\n]+?)(?=[.!?]*\s*(?:$|\n))", re.IGNORECASE)
_LEAST_TOLD_WORDS: Final = 3
"""Fewer words after `that` are no clause."""

_TOKEN: Final = re.compile(r"\S+")
_SENTENCE_END: Final = re.compile(r"[.!?:;]$")
_WITHIN_NAMES: Final = frozenset("de del la van von der den & y".split())
_WITHIN_THINGS: Final = frozenset("about of on with con de del sobre".split())
_POSSESSIVE: Final = re.compile(r"['’]s$")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    begins: bool
    """Whether a sentence begins with it."""
    joined: bool
    """Whether nothing but a space stands between it and the token before."""
    is_exact: bool
    """Whether it is part of a number, a day or the like, which is a thing by itself."""

    @property
    def is_small(self) -> bool:
        return is_small(self.text)

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper() and not self.is_exact

    @property
    def is_number(self) -> bool:
        return self.is_exact and self.text.isdecimal()

    @property
    def divides(self) -> bool:
        return self.is_small or self.is_exact


def mentions(request: str) -> tuple[Mention, ...]:
    """Return what stands in the request, in its order; parts may overlap, as `design review` and `review` do."""
    exact = tuple(_exact(request))
    tokens = _tokens(request, exact)
    names = tuple(_names(request, tokens))
    certain = [one for one in names if not _placed(one, tokens).begins]
    found = {
        (one.kind, one.start, one.end): one
        for one in chain(exact, _told(request), _hyphenated(request), names, _words(request, tokens, certain))
    }
    return tuple(sorted((_placed(one, tokens) for one in found.values()), key=lambda one: (one.start, one.end)))


def _placed(one: Mention, tokens: Sequence[_Token]) -> Mention:
    """Return the mention with what is known of its place."""
    before = [token for token in tokens if token.end <= one.start]
    begins = any(token.begins and (token.start, token.end) == (one.start, one.end) for token in tokens)
    return replace(one, after=before[-1].text if before else "", begins=begins)


def _exact(request: str) -> Iterator[Mention]:
    taken: list[Mention] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(request):
            group = 1 if match.re.groups and match[1] is not None else 0
            if kind is Kind.IDENTIFIER and _DECIMAL.fullmatch(match[0]):
                continue
            one = Mention(kind, match[group], match.start(group), match.end(group))
            if not any(one.overlaps(other) for other in taken):
                taken.append(one)
                yield one


def _hyphenated(request: str) -> Iterator[Mention]:
    for match in _HYPHENATED.finditer(request):
        yield Mention(Kind.IDENTIFIER, match[0], match.start(), match.end())


def _told(request: str) -> Iterator[Mention]:
    for pattern in (_QUOTED, _AFTER_COLON, _AFTER_THAT):
        for match in pattern.finditer(request):
            text = match[1].strip(_EDGES + " ")
            clause = pattern is not _AFTER_THAT or len(text.split()) >= _LEAST_TOLD_WORDS
            if text and clause:
                start = match.start(1) + match[1].index(text)
                yield Mention(Kind.TOLD, text, start, start + len(text))


def _tokens(request: str, exact: Sequence[Mention]) -> list[_Token]:
    tokens: list[_Token] = []
    begins, joined = True, False
    for match in _TOKEN.finditer(request):
        whole = match[0]
        bare = whole.strip(_EDGES)
        if bare:
            start = match.start() + whole.index(bare)
            shown = _POSSESSIVE.sub("", bare)
            opens = joined and whole.startswith(bare[0])
            end = start + len(shown)
            is_exact = any(one.start < end and start < one.end for one in exact)
            tokens.append(_Token(shown, start, end, begins, opens, is_exact))
            joined = whole.endswith(bare) and shown == bare
            begins = bool(_SENTENCE_END.search(whole))
    return tokens


def _names(request: str, tokens: Sequence[_Token]) -> Iterator[Mention]:
    """Yield what is written with capitals: runs of words, and what one of them begins that stands within a sentence."""
    at = 0
    while at < len(tokens):
        last = at
        while last + 1 < len(tokens) and tokens[last + 1].joined and _goes_on(tokens, last + 1):
            last += 1
        first = tokens[at]
        if first.is_capital and len(first.text) > 1 and not (first.begins and first.is_small):
            yield _span(request, Kind.NAME, first, tokens[last])
            yield from _numbered(request, tokens, at, last)
            at = last + 1
        else:
            at += 1


def _numbered(request: str, tokens: Sequence[_Token], first: int, last: int) -> Iterator[Mention]:
    """Yield the name with the number before or after it, as addresses have one."""
    if first and tokens[first].joined and tokens[first - 1].is_number:
        yield _span(request, Kind.NAME, tokens[first - 1], tokens[last])
    if last + 1 < len(tokens) and tokens[last + 1].joined and tokens[last + 1].is_number:
        yield _span(request, Kind.NAME, tokens[first], tokens[last + 1])


def _goes_on(tokens: Sequence[_Token], at: int) -> bool:
    if tokens[at].is_capital:
        return True
    follows = at + 1 < len(tokens) and tokens[at + 1].joined and tokens[at + 1].is_capital
    return tokens[at].text in _WITHIN_NAMES and follows


def _words(request: str, tokens: Sequence[_Token], names: Sequence[Mention]) -> Iterator[Mention]:
    """Yield runs of words that say something, their ends, and two runs that `of` and the like join."""
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens):
        if tokens[at].divides:
            at += 1
            continue
        last = at
        named = _within(tokens[at], names)
        while last + 1 < len(tokens) and tokens[last + 1].joined and not tokens[last + 1].divides:
            if _within(tokens[last + 1], names) is not named:  # a name is a thing by itself
                break
            last += 1
        runs.append((at, last))
        at = last + 1
    for number, (first, last) in enumerate(runs):
        for begin in range(first, last + 1):
            yield _span(request, Kind.WORDS, tokens[begin], tokens[last])
            if number + 1 < len(runs):
                then, end = runs[number + 1]
                between = tokens[last + 1 : then]
                bridged = between and all(one.joined for one in tokens[last + 1 : then + 1])
                if bridged and tokens[last + 1].text.casefold() in _WITHIN_THINGS and end - begin < _LONGEST_WORDS:
                    yield _span(request, Kind.WORDS, tokens[begin], tokens[end])


def _within(token: _Token, names: Sequence[Mention]) -> Mention | None:
    return next((one for one in names if one.start <= token.start and token.end <= one.end), None)


def _span(request: str, kind: Kind, first: _Token, last: _Token) -> Mention:
    return Mention(kind, request[first.start : last.end], first.start, last.end)
