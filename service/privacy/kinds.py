"""What kinds of personal data there are, and where in a text one was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of personal data; the value is also the word in its pseudonyms."""

    PERSON = "PERSON"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    BIRTH_DATE = "BIRTH_DATE"
    NATIONAL_ID = "NATIONAL_ID"
    IBAN = "IBAN"
    CARD = "CARD"
    IP = "IP"
    URL_LOGIN = "URL_LOGIN"
    SECRET = "SECRET"
    REFERENCE = "REFERENCE"
    """An identifier of the operator's own, e.g. a customer's number; see `privacy.patterns`."""
    MARK = "MARK"
    """No personal data: words that look like a pseudonym of ours and came with the text."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data in a text, from character `start` to before `end` (code points, from 0)."""

    start: int
    end: int
    kind: Kind
