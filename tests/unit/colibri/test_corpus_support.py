"""The support corpus: examples score themselves, the splits share nothing that is copied, prompts fit."""

from __future__ import annotations

import random
import re

import pytest

from models.colibri.corpus.example import Split, Task
from models.colibri.corpus.support import TASKS
from models.colibri.corpus.support_facts import FACTS, Fact, Known, Subject, subject
from models.colibri.corpus.support_generic import generic_fact
from models.colibri.corpus.support_values import Language, brand, held, pick, value, word
from plugins.language import STOP_WORDS
from plugins.prompt_file import system_text
from plugins.support.layout import NOT_FOUND

ANSWER, CLASSIFY = TASKS
SPLITS: tuple[Split, ...] = ("train", "heldout")


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_each_example_scores_its_own_answer(task: Task, split: Split) -> None:
    rng = random.Random(11)
    for _ in range(500):
        example = task.draw(rng, split)
        verdicts = task.score(example, example.answer)
        assert verdicts
        assert all(verdicts.values()), (example, verdicts)


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_prompts_are_a_system_line_and_one_message_of_bounded_length(task: Task) -> None:
    rng = random.Random(12)
    function = task.name.split(".")[1]
    long = 0
    for _ in range(500):
        example = task.draw(rng, "train")
        assert [m.role for m in example.prompt] == ["system", "user"]
        assert example.prompt[0].content == system_text("support", function)
        characters = sum(len(m.content) for m in example.prompt) + len(example.answer)
        assert characters <= 1500
        long += characters > 1000
    assert long < 50


def test_the_same_seed_draws_the_same_examples() -> None:
    first = [ANSWER.draw(random.Random(i), "train") for i in range(20)]
    assert first == [ANSWER.draw(random.Random(i), "train") for i in range(20)]


def test_the_answer_is_a_sentence_of_the_cited_passage() -> None:
    rng = random.Random(13)
    for _ in range(400):
        example = ANSWER.draw(rng, "train")
        if example.answer == NOT_FOUND:
            continue
        match = re.fullmatch(r"\[(\d+)\] (.+)", example.answer)
        assert match is not None
        assert f"{example.answer} [{match[1]}]" in example.prompt[1].content.splitlines()


def test_more_than_a_quarter_abstains() -> None:
    rng = random.Random(14)
    abstained = sum(ANSWER.draw(rng, "train").answer == NOT_FOUND for _ in range(800))
    assert 200 < abstained < 280


def test_a_wrong_answer_does_not_score() -> None:
    rng = random.Random(15)
    example = next(e for e in iter(lambda: ANSWER.draw(rng, "train"), None) if e.facts["found"] and e.facts["numbers"])
    number = example.facts["number"]
    sentence = example.answer.split(" ", 1)[1]
    assert not all(ANSWER.score(example, NOT_FOUND).values())
    assert not all(ANSWER.score(example, sentence).values())
    assert not all(ANSWER.score(example, f"{sentence} [{number + 1}]").values())
    assert not all(ANSWER.score(example, f"{sentence} 987654 [{number}]").values())
    assert not all(ANSWER.score(example, f"Something else. [{number}]").values())
    abstaining = next(e for e in iter(lambda: ANSWER.draw(rng, "train"), None) if not e.facts["found"])
    assert not all(ANSWER.score(abstaining, "It weighs 3 kg. [1]").values())
    message = CLASSIFY.draw(rng, "train")
    assert not any(CLASSIFY.score(message, "billing").values())


def test_names_and_identifiers_of_the_splits_are_disjoint() -> None:
    def names(split: Split) -> set[str]:
        rng = random.Random(16)
        made = {brand(rng, split).casefold() for _ in range(1500)} | {word(rng, split) for _ in range(1500)}
        return made | {value(rng, split, "en", "ref").casefold() for _ in range(500)}

    train, heldout = names("train"), names("heldout")
    assert not train & heldout
    assert len(train) > 2000
    assert all(held(w) for w in heldout)


def test_held_out_phrasings_are_never_drawn_for_training() -> None:
    rng = random.Random(17)
    facts: list[Fact] = [f for by in FACTS.values() for f in by]
    for fact in facts:
        for phrasings in (fact.statements, fact.questions):
            assert phrasings[-1] not in {pick(rng, "train", phrasings) for _ in range(30)}
            assert phrasings[-1] in {pick(rng, "heldout", phrasings) for _ in range(60)}


def test_there_are_many_kinds_of_facts_and_each_can_be_worded() -> None:
    assert len(FACTS["en"]) >= 40
    assert len(FACTS["es"]) >= 25
    rng = random.Random(18)
    for lang, facts in FACTS.items():
        for fact in facts:
            known = Known(fact, subject(rng, "train", lang, fact.kind))
            for template in [*fact.statements, *fact.questions]:
                text, _ = known.fill(rng, "train", lang, template)
                assert "{" not in text
            assert len(fact.statements) >= 4
            assert len(fact.questions) >= 4


@pytest.mark.parametrize("lang", ["en", "es"])
def test_made_up_attributes_are_apart_in_the_splits(lang: Language) -> None:
    rng = random.Random(19)
    train = {generic_fact(rng, "train", lang).key for _ in range(500)}
    heldout = {generic_fact(rng, "heldout", lang).key for _ in range(200)}
    assert heldout
    assert not train & heldout


def test_nearly_each_statement_shares_a_word_with_a_question() -> None:
    rng = random.Random(21)
    apart = []
    for lang, facts in FACTS.items():
        for fact in facts:
            asked = " ".join(fact.questions).casefold()
            for statement in fact.statements:
                text, _ = Known(fact, Subject("", fact.kind, "", "")).fill(rng, "train", lang, statement)
                said = set(re.findall(r"[^\W\d_]{3,}", text.casefold())) - STOP_WORDS
                if not any(word[:4] in asked for word in said) and "{err}" not in statement:
                    apart.append(statement)
    assert sorted(apart) == ["{name} is at {street}.", "{s} es de {material}.", "{s} is at {street}."]


@pytest.mark.parametrize("split", SPLITS)
def test_each_class_of_message_is_drawn_and_complaints_are_negative(split: Split) -> None:
    rng = random.Random(20)
    drawn = [CLASSIFY.draw(rng, split).facts for _ in range(400)]
    assert len({d["topic"] for d in drawn}) == 8
    assert {d["urgency"] for d in drawn} == {"low", "normal", "high"}
    assert {d["language"] for d in drawn} == {"en", "es"}
    assert all(d["sentiment"] == "negative" for d in drawn if d["topic"] == "complaint")
