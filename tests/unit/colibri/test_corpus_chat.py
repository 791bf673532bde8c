"""The corpus of small talk: examples score themselves, copy what they decline, and are what the plugin sends."""

from __future__ import annotations

import random

import pytest
from semantic_kernel.functions import KernelArguments

from models.colibri.corpus.chat import SMALL_TALK, TASKS, chat_message, draw_reply, score
from models.colibri.corpus.chat_talk import ABLE
from models.colibri.corpus.chat_words import WORDS
from models.colibri.corpus.example import Split
from models.colibri.corpus.functions_values import phrasings
from plugins.chat.functions import ChatPlugin
from plugins.context import RunContext, Turn
from tests.unit.plugins.scripted_chat import scripted_kernel

SPLITS: tuple[Split, ...] = ("train", "heldout")
each_split = pytest.mark.parametrize("split", SPLITS)


@each_split
def test_each_example_scores_its_own_answer_and_is_short(split: Split) -> None:
    rng = random.Random(41)
    for _ in range(500):
        example = draw_reply(rng, split)
        assert all(score(example, example.answer).values())
        assert sum(len(m.content) for m in example.prompt) + len(example.answer) <= 1500
        assert not any("{" in m.content or "{" in example.answer for m in example.prompt)


def test_another_answer_is_wrong_and_spaces_do_not_matter() -> None:
    (task,) = TASKS
    example = task.draw(random.Random(42), "train")
    assert score(example, f"  {example.answer}\n") == {"as_expected": True}
    assert score(example, "Certainly!") == {"as_expected": False}


@each_split
def test_a_refusal_copies_what_is_asked_and_says_what_can_be_done(split: Split) -> None:
    rng = random.Random(43)
    refusals = 0
    for _ in range(500):
        example = draw_reply(rng, split)
        for start in ("I cannot help with ", "I cannot ", "No puedo ayudar con ", "No puedo "):
            if example.answer.startswith(start):
                what, _, able = example.answer.removeprefix(start).partition(". ")
                assert what.casefold() in example.prompt[-1].content.casefold()
                assert able in ABLE.values()
                refusals += 1
                break
    assert refusals > 200


async def test_prompts_with_earlier_turns_are_what_the_plugin_sends() -> None:
    rng = random.Random(44)
    for _ in range(30):
        example = draw_reply(rng, "train")
        _, *history, last = example.prompt
        turns = tuple(Turn("user" if m.role == "user" else "assistant", m.content) for m in history)
        kernel, chat = scripted_kernel("ok")
        arguments = KernelArguments(run_context=RunContext("tenants/t", "runs/r", history=turns))
        _ = [p async for p in ChatPlugin().reply(kernel, arguments, last.content)]
        assert chat.asked[0] == [(m.role, m.content) for m in example.prompt]


def test_phrasings_and_words_are_apart_in_the_splits() -> None:
    for pool in (*(talk.phrases for talk in SMALL_TALK), *WORDS.values()):
        train, heldout = phrasings(pool, "train"), phrasings(pool, "heldout")
        assert train
        assert heldout
        assert not {p.casefold() for p in train} & {p.casefold() for p in heldout}


def test_one_phrasing_has_one_answer() -> None:
    said = [phrase.casefold() for talk in SMALL_TALK for phrase in talk.phrases]
    assert sorted(said) == sorted(set(said))


def test_a_message_for_the_chooser_is_never_empty() -> None:
    rng = random.Random(45)
    assert all(chat_message(rng, "train").strip() for _ in range(500))
