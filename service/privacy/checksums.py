"""Numbers that prove themselves: by a check digit, a length, or ranges that are never given out."""

from __future__ import annotations

from collections import Counter
from typing import Final

# Source: SWIFT, "IBAN Registry", release 99: the length of a whole IBAN by country.
IBAN_LENGTHS: Final[dict[str, int]] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip

_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
"""Source: Spain, Real Decreto 1553/2005, article 11: the letter is that of the number modulo 23."""


def is_iban(compact: str) -> bool:
    """Return whether `compact` (capitals and digits, no blanks) is an IBAN: its country's length, remainder 1 of 97."""
    if IBAN_LENGTHS.get(compact[:2]) != len(compact):
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def is_card(digits: str) -> bool:
    """Return whether `digits` could be the number of a payment card: a range and length of its scheme, and Luhn's sum.

    Source: ISO/IEC 7812-1; the schemes' ranges: Visa 4, Mastercard 51-55 and 2221-2720, American Express 34 and 37,
    Diners 36, 38 and 300-305, Discover 6011, 644-649 and 65, JCB 3528-3589, UnionPay 62, Maestro 50, 56-58 and 6.
    """
    return _scheme_takes(digits) and _luhn(digits) and len(set(digits)) > 1


def _scheme_takes(digits: str) -> bool:
    length, four = len(digits), int(digits[:4])
    two = four // 100
    if digits[0] == "4":
        return length in (13, 16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return length == 16
    if two in (34, 37):
        return length == 15
    if two in (36, 38) or 3000 <= four <= 3059:
        return length == 14
    if 3528 <= four <= 3589:
        return length in (16, 19)
    return (two in (50, 56, 57, 58) or digits[0] == "6") and 16 <= length <= 19


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        number = int(char) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def is_german_tax_id(digits: str) -> bool:
    """Return whether eleven `digits` are a German tax identification number.

    Source: Abgabenordnung section 139b, Steueridentifikationsnummerverordnung: ISO 7064 MOD 11,10; of the first ten
    digits exactly one comes twice or three times.
    """
    if len(digits) != 11 or digits[0] == "0":
        return False
    most = Counter(digits[:10]).most_common(2)
    if most[0][1] not in (2, 3) or most[1][1] != 1:
        return False
    product = 10
    for char in digits[:10]:
        rest = (int(char) + product) % 10 or 10
        product = rest * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def is_spanish_id(compact: str) -> bool:
    """Return whether `compact` is a DNI (eight digits, a letter) or a NIE (X, Y or Z, seven digits, a letter)."""
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    return len(compact) == 9 and number.isdigit() and _DNI_LETTERS[int(number) % 23] == compact[-1]


def is_us_social_security(number: str) -> bool:
    """Return whether `number` (`AAA-GG-SSSS`) is of a form that is given out; it has no check digit.

    Source: US Social Security Administration, POMS RM 10201.035: no area 000, 666 or 900-999, no zero group or serial.
    """
    area, group, serial = number.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
