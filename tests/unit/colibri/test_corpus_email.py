"""The e-mail corpus: examples score themselves, the splits share nothing that is copied, prompts are the plugin's."""

from __future__ import annotations

import random

import pytest

from models.colibri.corpus import email_words, names
from models.colibri.corpus.email import TASKS
from models.colibri.corpus.email_draft import fixed_words, phrasing
from models.colibri.corpus.email_frames import FRAMES, HELD_LEADS, LEADS
from models.colibri.corpus.email_keywords import KEYWORDS
from models.colibri.corpus.email_tone import TONES, compose, farewell, greeting, last_line
from models.colibri.corpus.example import Example, Split, Task
from plugins.email import layout
from plugins.prompts import load_prompts, stream_text
from tests.unit.plugins.scripted_chat import scripted_kernel

SPLITS: tuple[Split, ...] = ("train", "heldout")
DRAFT, REPLY, REVISE, THREAD = TASKS
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)


@pytest.mark.parametrize("split", SPLITS)
@each_task
def test_each_example_scores_its_own_answer(task: Task, split: Split) -> None:
    rng = random.Random(21)
    for _ in range(500):
        example = task.draw(rng, split)
        verdicts = task.score(example, example.answer)
        assert verdicts
        assert all(verdicts.values()), (example, verdicts)


@each_task
def test_examples_are_short_and_reproducible(task: Task) -> None:
    first, again = random.Random(22), random.Random(22)
    for _ in range(500):
        example = task.draw(first, "train")
        assert example == task.draw(again, "train")
        assert sum(len(m.content) for m in example.prompt) + len(example.answer) <= 1500


@each_task
async def test_prompts_are_what_the_plugin_sends(task: Task) -> None:
    rng = random.Random(23)
    prompt = load_prompts("email")[task.name.split(".")[1]]
    for _ in range(20):
        example = task.draw(rng, "train")
        kernel, chat = scripted_kernel("ok")
        user = example.prompt[-1].content
        assert [p async for p in stream_text(prompt, kernel, input=user)] == ["ok"]
        assert chat.asked[0] == [(m.role, m.content) for m in example.prompt]


@pytest.mark.parametrize(
    "make",
    [
        names.first_name, names.last_name, names.company, names.reference_id, names.amount, names.number, names.phone,
        names.percentage, names.date, names.clock_time, names.place, names.product, names.rare_word, names.domain,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_the_splits_share_no_value(make: names.Generator) -> None:
    rng = random.Random(24)
    train, heldout = ({make(rng, split) for _ in range(2000)} for split in SPLITS)
    assert len(train) > 300
    assert not train & heldout


@pytest.mark.parametrize("kind", ["noun", "adj", "verb"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_splits_share_no_vocabulary(kind: str, language: names.Language) -> None:
    train, heldout = (set(email_words.pool(kind, language, split)) for split in SPLITS)
    assert heldout
    assert not train & heldout


def test_heldout_has_phrasings_of_its_own() -> None:
    rng = random.Random(25)
    options = "abcdefghij"
    train, heldout = ({phrasing(rng, split, options) for _ in range(500)} for split in SPLITS)
    assert train == set("abcdefgh")
    assert heldout == set(options)


def test_each_shape_has_one_subject_and_one_opening() -> None:
    for frames in FRAMES.values():
        for frame in frames:
            assert frame.orders or frame.others
            assert all(text.count("{x}") == 1 for text in (*frame.orders, *frame.others, frame.subject, frame.opening))
        assert len({(frame.content, frame.opening) for frame in frames}) <= 25
    assert all(subject and opening for rows in KEYWORDS.values() for _, subject, opening in rows)


@pytest.mark.parametrize("language", ["en", "es"])
def test_heldout_leads_put_known_words_together(language: names.Language) -> None:
    known = set(" ".join(LEADS[language]).replace(",", "").split())
    assert not set(HELD_LEADS[language]) & set(LEADS[language])
    assert set(" ".join(HELD_LEADS[language]).replace(",", "").split()) <= known


@pytest.mark.parametrize("task", [DRAFT, REPLY, REVISE], ids=lambda t: t.name)
def test_the_prompt_decides_the_answer(task: Task) -> None:
    rng = random.Random(27)
    answers: dict[str, str] = {}
    for _ in range(2000):
        example = task.draw(rng, "train")
        assert answers.setdefault(example.prompt[-1].content, example.answer) == example.answer


@pytest.mark.parametrize("split", SPLITS)
def test_what_is_copied_stands_in_the_prompt_as_it_is(split: Split) -> None:
    rng = random.Random(28)
    for _ in range(1000):
        for task in (DRAFT, REPLY):
            example = task.draw(rng, split)
            lines = example.prompt[-1].content.split("\n")
            to = next((line.removeprefix("To: ") for line in lines if line.startswith("To: ")), "")
            assert to in str(example.facts["greeting"])
            assert not example.facts["sender"] or f"From: {example.facts['sender']}" in lines
            said = " ".join(example.facts["points"]) if task is DRAFT else ""
            assert not said or f"Points: {said}" in lines
        thread = THREAD.draw(rng, split)
        laid = thread.prompt[-1].content.split("\n")
        assert {*thread.facts["said"], *thread.facts["actions"]} <= set(laid)


def test_greetings_and_closings_follow_tone_and_language() -> None:
    assert greeting("Ana Ruiz", "friendly", "en") == "Hi Ana Ruiz,"
    assert greeting("Ana Ruiz", "formal", "es") == "Buenos días, Ana Ruiz:"
    assert greeting("", "formal", "es") == "Buenos días:"
    for language in ("en", "es"):
        assert len({(farewell(tone, language), last_line(tone, language)) for tone in TONES}) == len(TONES)


def broken(example: Example, task: Task, old: str, new: str) -> set[str]:
    """Return the verdicts that fail when `old` is `new` in the example's answer."""
    assert old in example.answer
    return {name for name, right in task.score(example, example.answer.replace(old, new)).items() if not right}


def drawn(task: Task, wanted: str, seed: int = 26) -> Example:
    rng = random.Random(seed)
    while True:
        example = task.draw(rng, "heldout")
        if example.facts.get(wanted):
            return example


def test_a_draft_is_wrong_if_a_point_a_name_or_the_form_is() -> None:
    example = drawn(DRAFT, "points")
    point = str(example.facts["points"][0])
    assert "points_kept" in broken(example, DRAFT, point[1:], "else")
    assert "subject" in broken(example, DRAFT, "Subject: ", "Re: ")
    signed = drawn(DRAFT, "sender")
    assert "sender" in broken(signed, DRAFT, str(signed.facts["sender"]), "Zzyx")
    assert "nothing_invented" in broken(signed, DRAFT, "\n\n", "\n\nRoom 98765 with Zebulon. ")
    assert "greeting" in broken(signed, DRAFT, str(signed.facts["greeting"]), "Hey,")


def test_a_draft_is_wrong_if_its_opening_is_another() -> None:
    example = drawn(DRAFT, "opening")
    assert "opening" in broken(example, DRAFT, str(example.facts["opening"]), "Congratulations.")


def test_a_reply_and_a_revision_are_wrong_if_changed() -> None:
    reply = drawn(REPLY, "said")
    assert "points_kept" in broken(reply, REPLY, str(reply.facts["said"][0]), "Well.")
    assert "opening" in broken(reply, REPLY, str(reply.facts["opening"]), "Thanks.")
    revision = drawn(REVISE, "kept")
    assert "changed" in broken(revision, REVISE, "Subject", "Subject ")
    assert "points_kept" in broken(revision, REVISE, str(revision.facts["kept"][0]), "Well.")


def test_a_summary_is_wrong_if_a_line_is_missing_added_or_in_the_other_part() -> None:
    example = drawn(THREAD, "actions")
    action, said = str(example.facts["actions"][0]), str(example.facts["said"][0])
    assert "actions" in broken(example, THREAD, action, "Ana: rest")
    assert "actions" in broken(example, THREAD, "\nActions:\n", "\nActions:\nAna: rest\n")
    assert broken(example, THREAD, "\nActions:\n" + action, "\n" + action + "\nActions:") >= {"said", "actions"}
    assert "said" in broken(example, THREAD, said + "\n", "")
    parsed = layout.parse_summarize_thread(example.answer)
    assert len(parsed["actions"]) == len(example.facts["actions"])
    assert parsed["summary"] == " ".join(example.facts["said"])


def test_fixed_words_hold_no_digits_and_compose_leaves_out_what_is_empty() -> None:
    assert not [word for word in fixed_words() if any(c.isdigit() for c in word)]
    assert compose("S", "Hi,", ["a", "", "b"], "Bye,", "") == "Subject: S\n\nHi,\n\na\n\nb\n\nBye,"
