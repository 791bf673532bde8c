"""Numbers of telephones: international ones, those in the groups of a country, and any that are called so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.privacy.kinds import Finding, Kind

MIN_DIGITS: Final = 7
MAX_DIGITS: Final = 15
"""Source: ITU-T E.164: at most 15 digits, the country code included."""

_GAP: Final = r"[ \u00a0.()/-]{0,3}"
_INTERNATIONAL: Final = re.compile(rf"(?<![\w+.,])(?<!\d[ -])(?:\(?\+|00)[1-9](?:{_GAP}\d){{6,14}}(?!\d|-\d|[.,]\d)")

_GROUPS: Final = (
    # North America: (415) 555-0132, 415-555-0132, 415.555.0132.
    r"(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}",
    # A leading zero: 030 1234567, (089) 123-456, 0170/1234567, 020 7946 0958.
    r"\(?0[1-9]\d{1,4}\)?[ /\u00a0-]{1,3}\d{2,8}(?:[ -]\d{1,6}){0,3}",
    # A leading zero without groups: mobile numbers of Germany and the United Kingdom.
    r"0(?:1[567]\d{8,9}|7\d{9})",
    # Spain: 612 345 678, 91 123 45 67.
    r"[6789]\d{2}[ -]\d{3}[ -]\d{3}",
    r"[6789]\d{2}[ -]\d{2}[ -]\d{2}[ -]\d{2}",
    r"9\d[ -]\d{3}[ -]\d{2}[ -]\d{2}",
)
_NATIONAL: Final = re.compile(rf"(?<![\w.,+/-])(?<!\d[ -])(?:{'|'.join(_GROUPS)})(?![\w/-]|[.,:]\d)")

_CALLED: Final = re.compile(
    r"(?:\b(?:tele)?(?:phone|fon)|\btel\b|\bmobile?|\bcell|\bfax|\bcall|\bwhatsapp|\bhandy|\brufnummer|\banrufen|"
    r"\bteléfono|\bmóvil|\bllámame|\bllamar|\bphone number)(?:nummer)?"
    rf"[^\d\n+]{{0,20}}?(?P<value>\(?\d(?:{_GAP}\d){{6,13}})(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(
    r"\s?(?:€|\$|£|euros?\b|eur\b|usd\b|dollars?\b|units?\b|pcs\b|stück\b|unidades\b|km\b|%)", re.IGNORECASE
)


def find_phones(text: str) -> Iterator[Finding]:
    """Yield the numbers of telephones."""
    for pattern, group in ((_INTERNATIONAL, 0), (_NATIONAL, 0), (_CALLED, "value")):
        for match in pattern.finditer(text):
            start, end = match.span(group)
            digits = sum(char.isdigit() for char in text[start:end])
            if MIN_DIGITS <= digits <= MAX_DIGITS and not _AMOUNT.match(text, end):
                yield Finding(start, end, Kind.PHONE)
