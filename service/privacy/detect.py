"""Finds personal data in a text: all detectors together, where they overlap as one finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.privacy.addresses import find_addresses
from service.privacy.kinds import Finding, Kind
from service.privacy.names import find_names
from service.privacy.patterns import compiled, find_references
from service.privacy.phones import find_phones
from service.privacy.shapes import (
    find_birth_dates,
    find_cards,
    find_emails,
    find_ibans,
    find_ips,
    find_logins,
    find_marks,
    find_national_ids,
    find_secrets,
)

# At the same place and length, the first of these holds.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            Kind.MARK, Kind.REFERENCE, Kind.SECRET, Kind.URL_LOGIN, Kind.EMAIL, Kind.IBAN, Kind.CARD, Kind.NATIONAL_ID,
            Kind.BIRTH_DATE, Kind.IP, Kind.PHONE, Kind.ADDRESS, Kind.PERSON,
        )
    )
}  # fmt: skip


class Detector:
    """Finds personal data; it keeps nothing of what it reads."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Find what `patterns`, in the language of `service.privacy.patterns`, match, too.

        Raises:
            PatternError: A pattern is not taken.
        """
        self._patterns: tuple[re.Pattern[str], ...] = tuple(map(compiled, patterns))

    def detect(self, text: str) -> tuple[Finding, ...]:
        """Return what was found, in order and without overlap."""
        logins = list(find_logins(text))
        within = {place for one in logins for place in range(one.start, one.end)}
        emails = [one for one in find_emails(text) if one.start not in within]  # `ftp://ana:secret@host` is none
        found = [
            *logins,
            *find_marks(text),
            *find_references(self._patterns, text),
            *find_secrets(text),
            *emails,
            *find_ibans(text),
            *find_cards(text),
            *find_national_ids(text),
            *find_birth_dates(text),
            *find_ips(text),
            *find_phones(text),
            *find_addresses(text),
            *find_names(text, [text[one.start : one.end] for one in emails]),
        ]
        return joined(found)


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in order; those that overlap become one, of the kind of the longest of them."""
    whole: list[Finding] = []
    longest: list[Finding] = []
    for one in sorted(findings, key=lambda one: (one.start, one.start - one.end, _RANK[one.kind])):
        if whole and one.start < whole[-1].end:
            if _stronger(one, longest[-1]):
                longest[-1] = one
            whole[-1] = Finding(whole[-1].start, max(whole[-1].end, one.end), longest[-1].kind)
        else:
            whole.append(one)
            longest.append(one)
    return tuple(whole)


def _stronger(one: Finding, other: Finding) -> bool:
    length, than = one.end - one.start, other.end - other.start
    return length > than or (length == than and _RANK[one.kind] < _RANK[other.kind])
