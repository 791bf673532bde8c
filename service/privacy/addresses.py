"""Postal addresses of English, German and Spanish: a street with a number, and perhaps a town behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.privacy.kinds import Finding, Kind
from service.privacy.letters import UPPER

_WORD: Final = rf"[{UPPER}][^\W\d_]{{0,24}}(?:['’.-][^\W\d_]{{1,24}}){{0,2}}"
_BREAK: Final = r"(?:,\s?|\s?\n\s{0,4}| )"

_UK: Final = r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"
_US: Final = r"[A-Z]{2} \d{5}(?:-\d{4})?"
_ENGLISH: Final = (
    rf"\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})? (?:(?:North|South|East|West|[NSEW])\.? )?(?:(?:{_WORD}|"
    rf"\d{{1,3}}(?:st|nd|rd|th)) ){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Square|Sq|Place|Pl|Terrace|Close|"
    r"Crescent|Gardens|Grove|Parkway|Pkwy|Mews|Highway|Hwy)\b\.?"
    rf"(?:{_BREAK}(?:Apt|Apartment|Suite|Unit|Flat|Floor)\.? ?#?\w{{1,5}})?"
    rf"(?:{_BREAK}{_WORD}(?: {_WORD}){{0,2}}{_BREAK}(?:{_US}|{_UK})\b|{_BREAK}(?:{_US}|{_UK})\b)?"
)
_TOWN: Final = rf"\d{{5}} {_WORD}(?:[ -](?:(?:am|an der|im|bei|de|del|la|el|los|las) )?{_WORD}){{0,2}}"
_NUMBER: Final = r"\d{1,4} ?[a-zA-Z]?\b(?:[-/]\d{1,4}[a-z]?)?"
_STREET: Final = r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|stieg)"
_APART: Final = r"(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Markt)"
_NO_STREET: Final = (
    r"(?!(?:Auf|Der|Den|Dem|Die|Das|Ein|Einen|Vom|Zum|Mein|Ihr|Unser|Kein|Arbeitsplatz|Parkplatz|Sitzplatz|"
    r"Stellplatz|"
    r"Spielplatz|Liegeplatz|Startplatz|Hinweg|Rückweg)\b)"
)
_GERMAN: Final = (
    rf"{_NO_STREET}(?:(?:{_WORD}[ -]){{0,2}}[{UPPER}][^\W\d_]{{1,30}}(?:-[^\W\d_]{{1,24}}){{0,3}}-?{_STREET}"
    rf"|(?:{_WORD}[ -]){{1,3}}{_APART}) {_NUMBER}(?:{_BREAK}(?:D-)?{_TOWN})?"
)
_SPANISH: Final = (
    r"(?:Calle|C/|C\.|Avenida|Avda\.?|Av\.|Plaza|Pza\.?|Paseo|P\.º|Camino|Carretera|Ctra\.?|Ronda|Travesía|"
    r"Rambla|Gran Vía)"
    rf" ?(?:(?:de la|de los|de las|del|de|la|el|los|las) )?(?:{_WORD}(?: (?:(?:de la|de los|del|de|la|"
    rf"y) )?{_WORD}){{0,3}})?"
    rf",? (?:n\.?º ?|núm\. ?|número )?\d{{1,4}}\b(?:,? ?\d{{1,2}}\.?[ºª] ?[A-Z]?\b)?(?:{_BREAK}{_TOWN})?"
)
_BOX: Final = r"(?:P\.? ?O\.? Box|Postfach|Apartado(?: de correos)?) \d{1,6}"


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){words}")


_PATTERNS: Final = tuple(map(_compiled, (_ENGLISH, _GERMAN, _SPANISH, _BOX)))


def find_addresses(text: str) -> Iterator[Finding]:
    """Yield postal addresses."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield Finding(*match.span(), Kind.ADDRESS)
