"""What is taught inside a request: the right verdict at the right place."""

from __future__ import annotations

import random
import re

import pytest

from models.colibri.corpus.example import Example
from models.colibri.corpus.mixture import task
from models.colibri.corpus.typing_style import moved
from plugins.support.layout import NOT_FOUND


def _drawn(name: str, count: int = 200) -> list[Example]:
    rng = random.Random(f"notes {name}")
    return [task(name).draw(rng, "train") for _ in range(count)]


def test_each_sentence_ends_with_the_verdict_that_the_answer_agrees_with() -> None:
    for example in _drawn("support.answer"):
        (_, user) = example.prompt
        verdicts = [note for _, note in user.notes]
        assert all(user.content[at] == "]" for at, _ in user.notes)
        assert len(verdicts) == len(re.findall(r"\[\d+\]$", user.content, re.MULTILINE))
        number = example.facts.get("number", 0)
        assert [i for i, v in enumerate(verdicts, 1) if v != NOT_FOUND] == ([number] if number else [])


def test_each_sentence_of_a_message_ends_with_what_it_says_of_it() -> None:
    for example in _drawn("support.classify"):
        (_, user) = example.prompt
        said = {note for _, note in user.notes}
        fields = {example.facts[f] for f in ("topic", "urgency", "sentiment")}
        assert example.facts["topic"] in said
        assert said <= fields
        for at, _ in user.notes:
            assert user.content[at + 1 : at + 2] in ("", " "), user.content[: at + 1]


def test_each_argument_is_named_where_it_begins_and_ended_behind_it() -> None:
    ended = 0
    for example in _drawn("functions.arguments"):
        user = example.prompt[-1]
        for at, note in user.notes:
            before = user.content[:at].removesuffix(" ")
            if re.fullmatch(r"\w+", note):
                assert f'"{note}":' in example.answer
                assert not user.content[at - 1 : at].isalnum()
            else:
                assert re.search(rf"(?<!\w){re.escape(before.split()[-1])}{re.escape(note)}", example.answer)
                ended += 1
    assert ended > 200


def test_what_a_reply_declines_is_told_where_it_begins_and_where_it_is_over() -> None:
    ended = 0
    for example in _drawn("chat.reply"):
        user = example.prompt[-1]
        begun = [at for at, note in user.notes if note in ("help", "cannot")]
        over = [at for at, note in user.notes if note == ". I"]
        for start, end in zip(begun, over, strict=False):
            declined = user.content[start:end].removesuffix(" ")
            assert f" {declined}. " in example.answer
            ended += 1
    assert ended > 10


@pytest.mark.parametrize(
    ("clean", "rough", "end", "expected"),
    [
        ("A bad day. Hurry.", "a bad day. Hurry.", 10, 10),
        ("A bad day. Hurry.", "A bad day. Hurry", 17, 16),
        ("A baad day. Hurry.", "A bad day. Hurry.", 11, 10),
        ("A baad day. Hurry.", "A bad day. Hurry", 11, 10),
    ],
)
def test_an_end_moves_with_the_typing(clean: str, rough: str, end: int, expected: int) -> None:
    assert moved(clean, rough, end) == expected


def test_each_line_says_what_becomes_of_it() -> None:
    for example in _drawn("email.summarize_thread"):
        (_, user) = example.prompt
        lines = {at: note for at, note in user.notes if note != "none"}
        said = [user.content[: at + 1].split("\n")[-1] for at in sorted(lines)]
        assert sorted(said) == sorted([*example.facts["said"], *example.facts["actions"]])
    for example in _drawn("email.revise"):
        (_, user) = example.prompt
        kept = [user.content[: at + 1].split("\n")[-1] for at, note in user.notes if note == "Draft"]
        assert set(kept) <= set(example.answer.split("\n"))


def test_each_line_of_code_ends_with_the_severity_of_its_defect() -> None:
    for example in _drawn("code.review"):
        (_, user) = example.prompt
        found = {int(user.content[: at + 1].split("\n")[-1].split(":")[0]): n for at, n in user.notes if n != "No"}
        shown = {number: severity for number, severity, _ in example.facts["findings"]}
        assert found == shown
