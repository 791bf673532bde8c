"""What was masked comes back as it was, however it is cut; and what was found is in nothing that leaves."""

from __future__ import annotations

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from service.privacy.detect import Detector
from service.privacy.kinds import Kind
from service.privacy.marks import FORM
from service.privacy.masking import TextMasking
from service.privacy.pseudonyms import DISTINCT, Pseudonyms
from service.privacy.restore import Restorer, restored
from tests.unit.privacy.strategies import cut, texts

DETECTOR = Detector([r"K-\d{5}"])
untimed = settings(deadline=None)


def masked(*said: str, pseudonyms: Pseudonyms | None = None) -> tuple[tuple[str, ...], Pseudonyms]:
    masking = TextMasking(DETECTOR, Pseudonyms() if pseudonyms is None else pseudonyms)
    asyncio.run(masking.read(said))
    return masking.mask(said).texts, masking.pseudonyms


@untimed
@given(text=texts, data=st.data())
def test_masking_and_restoring_gives_the_same_text_however_it_is_cut(text: str, data: st.DataObject) -> None:
    (out,), pseudonyms = masked(text)
    restorer = Restorer(pseudonyms)
    pieces = [restorer.feed(piece) for piece in data.draw(cut(out))]
    assert "".join([*pieces, restorer.end()]) == text
    assert restorer.unknown == 0


@untimed
@given(st.lists(texts, min_size=1, max_size=4))
def test_what_was_found_is_in_nothing_that_leaves(said: list[str]) -> None:
    out, _ = masked(*said)
    found = {(one.kind, t[one.start : one.end]) for t in said for one in DETECTOR.detect(t)}
    left = FORM.sub("\0", "\0".join(out))
    for kind, value in found:
        # A short name may be a part of any word.
        if len(value) >= DISTINCT and kind is not Kind.MARK and (kind is not Kind.PERSON or " " in value):
            assert value not in left


@untimed
@given(value=st.text(max_size=30), data=st.data())
def test_in_json_values_are_restored_as_json(value: str, data: st.DataObject) -> None:
    pseudonyms = Pseudonyms()
    mark = pseudonyms.of(Kind.ADDRESS, value)
    for written in (f'{{"to": "{mark}", "n": 1}}', json.dumps({"to": mark, "n": 1})):
        restorer = Restorer(pseudonyms, in_json=True)
        pieces = [restorer.feed(piece) for piece in data.draw(cut(written))]
        assert json.loads("".join([*pieces, restorer.end()])) == {"to": value, "n": 1}


@untimed
@given(text=texts)
def test_a_second_masking_of_the_same_text_is_the_same(text: str) -> None:
    (first,), pseudonyms = masked(text)
    again = Pseudonyms(pseudonyms.entries)
    (second,), _ = masked(text, pseudonyms=again)
    assert second == first
    assert not again.changed


def test_the_beginning_of_a_mark_is_held_back_and_nothing_else() -> None:
    pseudonyms = Pseudonyms()
    mark = pseudonyms.of(Kind.PERSON, "Ana Costa")
    restorer = Restorer(pseudonyms)
    assert restorer.feed("Dear ") == "Dear "
    assert [restorer.feed(char) for char in mark[:-1]] == [""] * (len(mark) - 1)
    assert restorer.feed(mark[-1] + ", a‹b ") == "Ana Costa, a‹b "
    assert restorer.feed("x ‹PERSON_") == "x "
    assert restorer.end() == "‹PERSON_"


def test_what_a_model_made_up_or_changed_is_counted() -> None:
    pseudonyms = Pseudonyms()
    pseudonyms.of(Kind.PERSON, "Ana Costa")
    assert restored("‹PERSON_1› ‹PERSON_2› ‹EMAIL_9›", pseudonyms) == ("Ana Costa ‹PERSON_2› ‹EMAIL_9›", 2, 0)
    text = "PERSON_1 <PERSON_1> and EMAIL_3, but not PERSONA_1 or MY_PERSON_1x"
    assert restored(text, pseudonyms) == (text, 0, 3)
    for size in range(1, 12):
        restorer = Restorer(pseudonyms)
        for place in range(0, len(text), size):
            restorer.feed(text[place : place + size])
        restorer.end()
        assert restorer.altered == 3, size
