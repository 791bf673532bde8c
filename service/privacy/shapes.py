"""Personal data with a form of its own: found by that, and by its checksum where it has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Final

from service.privacy.checksums import (
    IBAN_LENGTHS,
    is_card,
    is_german_tax_id,
    is_iban,
    is_spanish_id,
    is_us_social_security,
)
from service.privacy.kinds import Finding, Kind
from service.privacy.marks import FORM

# Each repetition here is of one class of characters and bounded or followed by what it cannot match itself, so that
# the time is linear in the text.

_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])(?P<local>\w[\w.+%'-]{0,63})@(?P<host>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?P<tld>[^\W\d_]{2,24}))(?![\w-])"
)
_FILES: Final = frozenset("png jpg jpeg gif svg webp css js ts py md json xml pdf".split())

_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0-]?[A-Za-z0-9])")
_CARD: Final = re.compile(r"(?<![\w.,+-])\d(?:[ \u00a0-]?\d){12,18}(?![\w-]|[.,]\d)")

_IPV4: Final = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])")
_VERSION: Final = re.compile(r"(?:\bv|versions?|release|build|firmware|==|>=|[Vv]ersión)[ :=]{0,3}$", re.IGNORECASE)

_TAX_ID: Final = re.compile(r"(?<![\w.,+-])\d{2}[ \u00a0]?\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{3}(?![\w-]|[.,]\d)")
_SPANISH: Final = re.compile(r"(?<![\w-])(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZxyz]-?\d{7})[ -]?[A-Za-z](?![\w-])")
_SOCIAL: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")

_LOGIN: Final = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://(?P<value>[^\s/@:?#'\"<>]{1,100}(?::[^\s/@'\"<>]{0,100})?)@"
)

_KEYS: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    # Source: the makers' documentation of how their tokens begin.
    r"sk-[A-Za-z0-9_-]{20,200}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,200}|gh[pousr]_[A-Za-z0-9]{36,200}"
    r"|github_pat_\w{22,200}|glpat-[\w-]{20,100}|xox[abeprs]-[\w-]{10,200}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}"
    r"|hf_[A-Za-z0-9]{30,100}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,300}|SG\.[\w-]{16,64}\.[\w-]{16,64}"
    r"|eyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"
    r")(?![A-Za-z0-9])"
)
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{0,10000}?-----END [A-Z ]{0,30}PRIVATE KEY-----", re.S
)
_BEARER: Final = re.compile(r"\bBearer\s+(?P<value>[\w.~+/-]{20,4000}={0,2})")
_NAMED_SECRET: Final = re.compile(
    r"(?:pass(?:word|wd|phrase|wort|code)|pwd|kennwort|contraseña|clave|(?:api|access|account|secret|"
    r"shared)[ _-]?(?:access)?[ _-]?key"
    r"|api[ _-]?token|(?:access|auth|refresh)[ _-]?token|secret|\btoken|\bPIN)"
    r"[\"']?\s{0,3}(?:is|ist|lautet|es|:|=|:=|=>)\s{0,3}[\"'`]?(?P<value>[^\s\"'`,;<>‹›]{4,200})",
    re.IGNORECASE,
)

_MONTH: Final = (
    r"(?:jan|feb|mar|mär|maer|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic)[^\W\d_]{0,7}\.?"
)
_DATE: Final = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.?\s(?:of\s|de\s)?{_MONTH},?\s(?:de\s|del\s)?\d{{4}}"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})"
)
_BIRTH: Final = re.compile(
    r"\b(?:born|date of birth|birth\s?-?date|birthday|d\.?\s?o\.?\s?b\b\.?|geboren|geburtsdatum|geburtstag|geb\.|"
    r"nacid[oa]|nací|nació|fecha de nacimiento|nacimiento|cumpleaños)"
    rf"[^\n\d]{{0,25}}?(?P<value>{_DATE})(?!\d)",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Finding]:
    """Yield the addresses of e-mail."""
    for match in _EMAIL.finditer(text):
        if match["tld"].lower() not in _FILES and match["local"] != "git":
            yield Finding(*match.span(), Kind.EMAIL)


def find_ibans(text: str) -> Iterator[Finding]:
    """Yield the IBANs whose checksum is right, in groups or in one."""
    for match in _IBAN.finditer(text):
        length = IBAN_LENGTHS.get(match.group()[:2].upper(), 0)
        if end := _taken(text, match.start(), length):
            compact = _compact(text[match.start() : end])
            if is_iban(compact):
                yield Finding(match.start(), end, Kind.IBAN)


def _taken(text: str, start: int, count: int) -> int:
    """Return where `count` letters and digits end, with at most one blank or dash between two; 0: there are fewer."""
    taken, place, gap = 0, start, 0
    while taken < count and place < len(text):
        char = text[place]
        if char.isascii() and char.isalnum():
            taken, gap = taken + 1, 0
        elif char in " \u00a0-" and not gap:
            gap = 1
        else:
            return 0
        place += 1
    whole = taken == count > 0
    return place if whole and not (place < len(text) and text[place].isalnum()) else 0


def find_cards(text: str) -> Iterator[Finding]:
    """Yield the numbers of payment cards."""
    for match in _CARD.finditer(text):
        if is_card(_digits(match.group())):
            yield Finding(*match.span(), Kind.CARD)


def find_ips(text: str) -> Iterator[Finding]:
    """Yield the addresses of machines, but for those that every machine has."""
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_ip(match.group()) and not _VERSION.search(text, max(0, match.start() - 16), match.start()):
                yield Finding(*match.span(), Kind.IP)


def _is_ip(words: str) -> bool:
    if ":" in words and not (any(char.isdigit() for char in words) and (words.count(":") > 2 or words[:2] in _LOCAL)):
        return False  # `ab::cd` is more likely code
    try:
        found = ip_address(words)
    except ValueError:
        return False
    return not (found.is_loopback or found.is_unspecified or words.startswith("255."))


_LOCAL: Final = ("fe", "fd", "fc", "20")


def find_national_ids(text: str) -> Iterator[Finding]:
    """Yield German tax numbers, Spanish DNI and NIE, and US social security numbers."""
    checks: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
        (_TAX_ID, lambda words: is_german_tax_id(_digits(words))),
        (_SPANISH, lambda words: is_spanish_id(_compact(words))),
        (_SOCIAL, is_us_social_security),
    )
    for pattern, holds in checks:
        for match in pattern.finditer(text):
            if holds(match.group()):
                yield Finding(*match.span(), Kind.NATIONAL_ID)


def find_logins(text: str) -> Iterator[Finding]:
    """Yield the user and password in front of a host in URLs."""
    for match in _LOGIN.finditer(text):
        yield Finding(*match.span("value"), Kind.URL_LOGIN)


def find_secrets(text: str) -> Iterator[Finding]:
    """Yield keys, tokens and passwords."""
    for pattern in (_KEYS, _PRIVATE_KEY):
        for match in pattern.finditer(text):
            yield Finding(*match.span(), Kind.SECRET)
    for match in _BEARER.finditer(text):
        yield Finding(*match.span("value"), Kind.SECRET)
    for match in _NAMED_SECRET.finditer(text):
        end = match.end("value") - len(match["value"]) + len(match["value"].rstrip(".!?:)]}"))
        value = text[match.start("value") : end]
        if len(value) >= 4 and _is_drawn(value):
            yield Finding(match.start("value"), end, Kind.SECRET)


def _is_drawn(value: str) -> bool:
    """Return whether it is no word and no expression: `os.environ[...]` and `required` are none of a secret."""
    code = any(char in value for char in "()[]{}") or value.startswith(("$", "%", "os.", "self.", "settings."))
    return not code and any(char.isdigit() for char in value)


def find_birth_dates(text: str) -> Iterator[Finding]:
    """Yield dates that the words before them call somebody's birth."""
    for match in _BIRTH.finditer(text):
        yield Finding(*match.span("value"), Kind.BIRTH_DATE)


def find_marks(text: str) -> Iterator[Finding]:
    """Yield what looks like one of our pseudonyms."""
    for match in FORM.finditer(text):
        yield Finding(*match.span(), Kind.MARK)


def _digits(words: str) -> str:
    return "".join(char for char in words if char.isdigit())


def _compact(words: str) -> str:
    return "".join(char for char in words if char.isalnum()).upper()
