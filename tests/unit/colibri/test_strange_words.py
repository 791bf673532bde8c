"""Copied words that are exchanged for strange ones."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest

from models.colibri.corpus.example import Example, Message
from models.colibri.corpus.mixture import examples, rows_to_learn, task
from models.colibri.corpus.names import is_heldout
from models.colibri.corpus.strange_words import Exchange, common_words, pieces_of

PIECES = pieces_of({"fen", "ce", "Ask", "ó", "member", "12", "'s", "a b"})


def exchange() -> Exchange:
    return Exchange(PIECES, common_words(islice(examples(random.Random(2), "train"), 400)))


def test_pieces_are_letters() -> None:
    assert PIECES == ["Ask", "ce", "fen", "member", "ó"]


def test_a_word_of_many_answers_is_common_and_one_of_few_is_not() -> None:
    def drafted(*answers: str) -> list[Example]:
        return [Example("email.draft", (Message("user", ""),), a) for a in answers]

    assert common_words(drafted(*["Dear Ana"] * 6, *["Dear Sir"] * 5)) == {"dear", "ana"}


@pytest.mark.parametrize(
    "name", ["email.draft", "email.reply", "email.revise", "email.summarize_thread", "code.explain"]
)
def test_a_changed_example_is_still_right_by_its_own_words(name: str) -> None:
    rng, words, changed = random.Random(3), exchange(), 0
    for _ in range(60):
        example = task(name).draw(rng, "train")
        other = words.of(rng, example)
        if other is example:
            assert other.answer == example.answer
            continue
        changed += 1
        asked = set(re.findall(r"[^\W\d_]+", other.prompt[-1].content))
        strange = set(re.findall(r"[^\W\d_]+", other.answer)) - set(re.findall(r"[^\W\d_]+", example.answer))
        assert strange
        assert strange <= asked
        assert not any(is_heldout(word) for word in strange)
    assert changed > 10


def test_notes_stay_with_their_characters() -> None:
    rng, words, seen = random.Random(4), exchange(), 0
    for row in islice(rows_to_learn(rng, 0.0), 500):
        other = words.of(rng, row)
        for before, after in zip(row.prompt, other.prompt, strict=True):
            if before.content == after.content:
                continue
            for (at, _), (now, _) in zip(before.notes, after.notes, strict=True):
                tail, other_tail = before.content[at + 1 : at + 2], after.content[now + 1 : now + 2]
                if not tail.isalpha():
                    seen += 1
                    assert other_tail == tail
    assert seen > 50


def test_what_tells_functions_and_passages_apart_stays() -> None:
    rng, words = random.Random(5), exchange()
    for name, kept in (("support.answer", r"^[^\W\d_]+"), ("support.classify", r".*"), ("code.review", r".*")):
        for _ in range(40):
            example = task(name).draw(rng, "train")
            question, other = example.prompt[-1].content, words.of(rng, example).prompt[-1].content
            assert re.findall(kept, question, re.DOTALL)[0] == re.findall(kept, other, re.DOTALL)[0]
