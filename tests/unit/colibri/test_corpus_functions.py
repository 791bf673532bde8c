"""The corpus of function choice: examples score themselves, splits are apart, lists and lines are the product's."""

from __future__ import annotations

import json
import random

import pytest

from models.colibri.corpus import names
from models.colibri.corpus.example import Split, Task
from models.colibri.corpus.functions import OWN_LINES, TASKS, draw_arguments, draw_choice, score
from models.colibri.corpus.functions_email import draft_request
from models.colibri.corpus.functions_synthetic import FAMILIES, shared_words, synthetic
from models.colibri.corpus.functions_values import KINDS, phrasings
from planners.layout import FunctionLine, choice_system
from plugins.manifest import load_installed

SPLITS: tuple[Split, ...] = ("train", "heldout")
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
each_split = pytest.mark.parametrize("split", SPLITS)


@each_split
@each_task
def test_each_example_scores_its_own_answer_and_is_short(task: Task, split: Split) -> None:
    rng = random.Random(31)
    for _ in range(500):
        example = task.draw(rng, split)
        verdicts = task.score(example, example.answer)
        assert all(verdicts.values()), (example, verdicts)
        assert sum(len(m.content) for m in example.prompt) + len(example.answer) <= 1500


@each_task
def test_examples_are_reproducible(task: Task) -> None:
    first, again = random.Random(32), random.Random(32)
    assert [task.draw(first, "train") for _ in range(50)] == [task.draw(again, "train") for _ in range(50)]


def test_the_models_own_lines_are_those_of_the_manifests() -> None:
    installed = [
        FunctionLine(f"{m.name}.{f.name}", tuple(f.model_schema()["properties"]), f.description)
        for m in load_installed()
        for f in m.functions
    ]
    assert sorted(installed, key=lambda line: line.name) == sorted(OWN_LINES.values(), key=lambda line: line.name)


@each_split
def test_a_choice_lists_three_to_twelve_different_functions_with_the_right_one(split: Split) -> None:
    rng = random.Random(33)
    wanted = set()
    for _ in range(500):
        example = draw_choice(rng, split)
        listed = example.facts["functions"]
        assert 3 <= len(listed) <= 12
        assert len(set(listed)) == len(listed)
        assert json.loads(example.answer)["name"] in listed
        wanted.add(json.loads(example.answer)["name"])
    assert set(OWN_LINES) <= wanted


def test_the_arguments_of_a_line_are_those_of_the_answer_in_order() -> None:
    rng = random.Random(34)
    for _ in range(300):
        example = draw_arguments(rng, "train")
        answer = json.loads(example.answer)
        line = example.prompt[0].content.split("\n")[-1]
        assert line.endswith(f": {answer['name']}({', '.join(answer['arguments'])})")


def test_the_full_list_of_the_product_is_among_the_prompts() -> None:
    rng = random.Random(35)
    full = choice_system([FunctionLine(line.name, (), line.description) for line in OWN_LINES.values()])
    assert any(draw_choice(rng, "train").prompt[0].content == full for _ in range(300))


def test_the_right_function_shares_the_most_words_with_the_request() -> None:
    rng = random.Random(41)
    for _ in range(300):
        one = synthetic(rng, "train")
        assert shared_words(one.request, one.line) > 0


@each_split
def test_names_purpose_and_points_are_copied_from_the_request(split: Split) -> None:
    rng = random.Random(36)
    purposes = 0
    for _ in range(500):
        request = draft_request(rng, split)
        given = request.arguments
        assert given["purpose"]
        assert str(given["recipient"]) in request.text
        assert str(given["sender"]) in request.text
        assert isinstance(given["points"], list)
        assert all(point in request.text for point in given["points"])
        purposes += str(given["purpose"]) in request.text
    assert purposes > 250


@pytest.mark.parametrize("kind", ["person", "first", "last", "company", "ref", "amount", "product", "topic", "email"])
def test_what_is_copied_is_apart_in_the_splits(kind: str) -> None:
    rng = random.Random(37)
    train = {KINDS[kind](rng, "train") for _ in range(2000)}
    heldout = {KINDS[kind](rng, "heldout") for _ in range(500)}
    assert not train & heldout
    assert len(heldout) > 5


def test_phrasings_are_apart_in_the_splits() -> None:
    lines = tuple("abcdefghijklmn")
    assert phrasings(lines, "train") == lines[:12]
    assert phrasings(lines, "heldout") == lines[12:]
    assert phrasings(("x", "y"), "heldout") == ("y",)


def test_some_functions_are_never_trained() -> None:
    assert len(FAMILIES) >= 60
    assert any(names.is_heldout(family.key) for family in FAMILIES)
    unseen = {name for f in FAMILIES if names.is_heldout(f.key) for name in f.names}
    rng = random.Random(38)
    assert not any(unseen & set(draw_choice(rng, "train").facts["functions"]) for _ in range(500))


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("not json", "valid_json"),
        ('{"name":"email.draft"}', "valid_json"),
        ('["email.draft"]', "valid_json"),
        ('{"name":"email.reply","arguments":{}}', "name"),
        ('{"name":"email.draft","arguments":{"recipient":"Nobody at all"}}', "argument_recipient"),
        ('{"name":"email.draft","arguments":{"colour":"red"}}', "no_other_argument"),
    ],
)
def test_a_wrong_answer_is_told(answer: str, wrong: str) -> None:
    rng = random.Random(39)
    example = next(e for e in iter(lambda: draw_arguments(rng, "train"), None) if "email.draft" in e.answer)
    assert score(example, answer)[wrong] is False


def test_a_number_is_no_text_and_no_truth_value() -> None:
    rng = random.Random(40)
    example = next(e for e in iter(lambda: draw_arguments(rng, "train"), None) if '"quantity":' in e.answer)
    answer = json.loads(example.answer)
    answer["arguments"]["quantity"] = str(answer["arguments"]["quantity"])
    assert score(example, json.dumps(answer))["argument_quantity"] is False
