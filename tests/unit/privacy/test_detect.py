"""What the corpus holds is found and nothing else; numbers prove themselves; patterns are bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.privacy.__main__ import found, lines, score, table
from service.privacy.checksums import is_card, is_german_tax_id, is_iban, is_spanish_id, is_us_social_security
from service.privacy.detect import Detector
from service.privacy.kinds import Finding, Kind
from service.privacy.names import is_name
from service.privacy.patterns import PatternError, compiled

PAGE = Path(__file__).resolve().parents[3] / "docs" / "privacy.md"


def test_the_page_has_the_table_that_is_measured() -> None:
    counted = score()
    assert table(counted) in PAGE.read_text(encoding="utf-8")
    for kind in set(Kind) - {Kind.MARK}:
        assert counted.wanted[kind] >= 4
        assert counted.recall(kind) >= 0.9, kind
        assert counted.precision(kind) >= 0.95, kind


@pytest.mark.parametrize("line", [one for one in lines("en") if not one.gold], ids=lambda one: one.text[:30])
def test_what_only_looks_personal_is_left_alone(line: object) -> None:
    assert found(line.text) == ()  # type: ignore[attr-defined]


def test_a_part_of_a_name_is_found_once_the_whole_is_known() -> None:
    text = "Signed by: Quirin Zwettl. Zwettls Vertrag; Quirin fragt."
    assert [text[one.start : one.end] for one in found(text)] == ["Quirin Zwettl", "Zwettl", "Quirin"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ana costa", True),
        ("Juan de la Cruz Pérez", True),
        ("J. O'Brien-Smith", True),
        ("all customers", False),
        ("Dear team", False),
        ("ana@alder.example", False),
        ("Room 12", False),
        ("", False),
        ("a b c d e f g", False),
    ],
)
def test_what_is_given_as_a_name_may_be_none(words: str, name: bool) -> None:
    assert is_name(words) is name


def test_what_overlaps_is_one_finding_of_the_longest_kind() -> None:
    text = "https://ana:secret@db.alder.example/ and DE89 3704 0044 0532 0130 00"
    assert Detector().detect(text) == (Finding(8, 18, Kind.URL_LOGIN), Finding(41, 68, Kind.IBAN))


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_iban, "ES9121000418450200051332", "ES9121000418450200051333"),
        (is_iban, "NO9386011117947", "NO93860111179470"),
        (is_card, "378282246310005", "378282246310006"),
        (is_card, "4111111111111111", "0000000000000000"),
        (is_german_tax_id, "86095742719", "86095742718"),
        (is_german_tax_id, "47036892816", "11111111111"),
        (is_spanish_id, "12345678Z", "12345678A"),
        (is_spanish_id, "X1234567L", "X1234567Z"),
        (is_us_social_security, "123-45-6789", "900-45-6789"),
        (is_us_social_security, "536-22-1847", "536-00-1847"),
    ],
)
def test_numbers_prove_themselves(check: object, good: str, bad: str) -> None:
    assert check(good) is True  # type: ignore[operator]
    assert check(bad) is False  # type: ignore[operator]


def test_patterns_match_whole_words() -> None:
    detector = Detector([r"(?:ORD|INV)-\d{4}(?:-\d{1,3})?", "[A-F]{2}_x?y[^a]z"])
    text = "ORD-2041 INV-2041-77 XORD-2041 ORD-20411 AB_ybz AB_xy.z"
    values = [text[one.start : one.end] for one in detector.detect(text) if one.kind is Kind.REFERENCE]
    assert values == ["ORD-2041", "INV-2041-77", "AB_ybz", "AB_xy.z"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a+)+b", "state a bound"),
        (r".*", "state a bound"),
        (r"K-\d{6,}", "state a bound"),
        (r"(a{1,9}){1,9}bcd", "ways"),
        (r"(a|a){12}bcd", "ways"),
        (r"\d{3,64}\d{1,64}", "ways"),
        (r"(abc", "not closed"),
        (r"abc)", "bracket too many"),
        (r"[abc", "cannot be read"),
        (r"(?=abc)abc", "state a bound"),
        (r"(abc)\1", "not taken"),
        (r"\d?", "fewer than three"),
        (r"a{3}b{300}", "at most 200"),
        (r"abc{3,1}", "before its beginning"),
        ("a" * 201, "201 characters"),
        ("[z-a]bc", "cannot be read"),
    ],
)
def test_patterns_that_could_take_long_are_refused(pattern: str, why: str) -> None:
    with pytest.raises(PatternError, match=why):
        compiled(pattern)
