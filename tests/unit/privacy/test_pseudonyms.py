"""Which pseudonym a value has, what is looked for, and how it is sealed."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from service.privacy import pseudonyms as module
from service.privacy.kinds import Finding, Kind
from service.privacy.marks import FORM, MAX_LENGTH, mark
from service.privacy.pseudonyms import MaskingError, Pseudonyms
from service.privacy.seals import SealError, new_key, opened, read, read_key, sealed, written
from service.settings_privacy import PrivacySettings


def test_a_value_has_one_and_its_forms_share_the_number() -> None:
    held = Pseudonyms()
    given = [
        (Kind.PERSON, "Ana Costa", "‹PERSON_1›"),
        (Kind.PERSON, "Tom Rivera", "‹PERSON_2›"),
        (Kind.PERSON, "Ana", "‹PERSON_1B›"),
        (Kind.PERSON, "Costa", "‹PERSON_1C›"),
        (Kind.PERSON, "ANA COSTA", "‹PERSON_1D›"),
        (Kind.EMAIL, "Ana@alder.example", "‹EMAIL_1›"),
        (Kind.EMAIL, "ana@ALDER.example", "‹EMAIL_1B›"),
        (Kind.PHONE, "+34 600 111 222", "‹PHONE_1›"),
        (Kind.PHONE, "+34600111222", "‹PHONE_1B›"),
        (Kind.ADDRESS, "12 Old Road", "‹ADDRESS_1›"),
        (Kind.PERSON, "Ana Costa", "‹PERSON_1›"),
    ]
    assert [held.of(kind, value) for kind, value, _ in given] == [wanted for *_, wanted in given]
    assert [held.value(wanted) for *_, wanted in given] == [value for _, value, _ in given]
    assert held.value("‹PERSON_3›") is None
    again = Pseudonyms(held.entries)
    assert [again.of(kind, value) for kind, value, _ in given] == [wanted for *_, wanted in given]
    assert again.of(Kind.PERSON, "Zoe Lang") == "‹PERSON_3›"


def test_the_same_value_is_another_one_elsewhere() -> None:
    one, other = Pseudonyms(), Pseudonyms()
    other.of(Kind.EMAIL, "first@alder.example")
    assert one.of(Kind.EMAIL, "ana@alder.example") != other.of(Kind.EMAIL, "ana@alder.example")


def test_names_are_looked_for_as_words_and_other_values_everywhere() -> None:
    held = Pseudonyms()
    held.of(Kind.PERSON, "Ana Costa")
    held.of(Kind.SECRET, "hunter22")
    text = "Banana, Ana, Anas Brief, x.hunter22y, Costas"
    found = {text[one.start : one.end] for one in held.find(text)}
    assert found == {"Ana", "hunter22", "Costa"}
    assert sum(1 for _ in held.find(text)) == 4
    assert list(held.find("Banana Mask")) == []
    assert list(held.find("Ana Costa"))[-1] == Finding(0, 9, Kind.PERSON)


def test_forms_have_letters_and_marks_keep_their_form() -> None:
    forms = [mark("URL_LOGIN", 999_999, form) for form in range(700)]
    assert len(set(forms)) == 700
    assert all(FORM.fullmatch(one) and len(one) <= MAX_LENGTH for one in forms)
    assert all(FORM.fullmatch(mark(kind.value, 1, 0)) for kind in Kind)


def test_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VALUES", 1)
    held = Pseudonyms()
    held.of(Kind.EMAIL, "a@b.example")
    held.of(Kind.EMAIL, "a@b.example")
    with pytest.raises(MaskingError):
        held.of(Kind.EMAIL, "c@d.example")


def test_a_seal_opens_with_its_key_at_its_place_alone() -> None:
    key, held = new_key(), Pseudonyms()
    held.of(Kind.PERSON, "Ana Müller")
    seal = sealed(key, written(held.entries), "here")
    assert "Müller".encode() not in seal
    assert sealed(key, b"x", "here") != sealed(key, b"x", "here")
    assert Pseudonyms(read(opened(key, seal, "here"))).value("‹PERSON_1›") == "Ana Müller"
    for wrong, bytes_, place in (
        (new_key(), seal, "here"),
        (key, seal, "there"),
        (key, seal[:-1] + b"x", "here"),
        (key, b"", "here"),
    ):
        with pytest.raises(SealError):
            opened(wrong, bytes_, place)


@pytest.mark.parametrize("key", ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_a_key_of_another_form_is_refused_and_not_told(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PrivacySettings(key=key)
    assert "must be 32 bytes in base64" in str(refused.value)
    assert len(read_key(base64.b64encode(new_key()).decode())) == 32


@pytest.mark.parametrize("patterns", [["(a+)+"], [r"K-\d{4}", ".*"]])
def test_a_pattern_of_the_settings_is_refused_with_its_place(patterns: Any) -> None:
    with pytest.raises(ValidationError, match=f"number {len(patterns)} has"):
        PrivacySettings(patterns=patterns)
