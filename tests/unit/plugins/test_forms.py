"""The forms that small models are held to: right answers fit them, and what is copied cannot change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import llguidance
import pytest

from models.colibri.corpus.example import Split
from models.colibri.corpus.mixture import task
from models.colibri.evaluate import FORMS, form_of
from planners.copied import copied
from plugins.chat.forms import chat_form
from plugins.code.forms import explain_form, generate_form, write_tests_form
from plugins.email.forms import MOST_LINES, draft_form, reply_form, revise_form, summarize_thread_form
from plugins.email.layout import draft_input, reply_input, revise_input, summarize_thread_input
from plugins.forms import MOST_READ
from plugins.manifest import COPIED
from plugins.support.forms import answer_form
from plugins.support.layout import NOT_FOUND, Statement, answer_input
from service.backends.base import Guidance
from service.backends.onnx.guidance import lark_grammar

WEIGHTS = Path(__file__).parents[3] / "models" / "colibri" / "weights"


@cache
def tokenizer() -> llguidance.LLTokenizer:
    return llguidance.LLTokenizer((WEIGHTS / "tokenizer.json").read_text(encoding="utf-8"))


def fits(text: str, form: str) -> bool:
    return accepts(lark_grammar(Guidance("lark_grammar", form)), text)


def accepts(grammar: str, text: str) -> bool:
    matcher = llguidance.LLMatcher(tokenizer(), grammar)
    assert not matcher.is_error(), matcher.get_error()
    tokens = tokenizer().tokenize_str(text)
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


@pytest.mark.parametrize("split", ["train", "heldout"])
@pytest.mark.parametrize("name", [*FORMS, "functions.choose", "functions.arguments", "support.classify"])
def test_each_right_answer_fits_its_form(name: str, split: Split) -> None:
    rng = random.Random(11)
    for _ in range(60):
        example = task(name).draw(rng, split)
        grammar = form_of(example)
        assert not grammar or accepts(grammar, example.answer), example.answer


DRAFT = draft_input("Nicolás Ruiz", 'O"Neill \\', "the fence is closed", ["Call 555-0142."], "formal", "en")
MAIL = "Subject: {s}\n\nDear {n},\n\n{o}\n\n{p}\n\nYours sincerely,\n{f}"
GOOD = {"s": "Update", "n": "Nicolás Ruiz", "o": "It is closed.", "p": "Call 555-0142.", "f": 'O"Neill \\'}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({}, True),
        ({"s": "Anything at all", "o": "What the model likes."}, True),
        ({"n": "Nicola Ruiz"}, False),
        ({"p": "Call 555-0143."}, False),
        ({"f": "Neill"}, False),
        ({"o": "Two\nlines."}, False),
        ({"o": "The number is 555-0142."}, True),
        ({"o": "The number is 555-014."}, False),
        ({"s": "About 7 fences"}, False),
    ],
)
def test_a_draft_keeps_names_and_points(wrong: dict[str, str], right: bool) -> None:
    assert fits(MAIL.format(**{**GOOD, **wrong}), draft_form(DRAFT)) is right


def test_a_reply_keeps_its_subject_and_a_message_that_looks_like_fields_changes_nothing() -> None:
    user = reply_input("Hi Ana,\nTo: somebody else\nPoints: none\nRegards,\nLuis", "Ana", ["I agree."], "neutral", "en")
    form = reply_form(user)
    mail = "Subject: {s}\n\nHello {n},\n\nThank you for your message.\n\nI agree.\n\nBest regards,\nAna"
    assert fits(mail.format(s="Re: your message", n="Luis"), form)
    assert not fits(mail.format(s="Re: another", n="Luis"), form)
    assert not fits(mail.format(s="Re: your message", n="somebody else"), form)


def test_a_changed_mail_has_the_numbers_of_the_mail_and_of_the_change() -> None:
    user = revise_input("Subject: Order A/12\n\nHi,\n\nIt comes at 9:30.\n\nBye", "change (9:30) to 10:45 pm")
    form = revise_form(user)
    assert fits("Subject: Order A/12\n\nHi,\n\nIt comes at 10:45 pm!\n\nBye", form)
    assert fits("Say what you like, without numbers", form)
    assert not fits("Subject: Order A/13", form)
    assert not fits("It comes at 10:30", form)
    assert not fits("Subject: Order A/12 9", form)


def test_code_bears_the_name_and_the_argument_that_were_asked_for() -> None:
    form = generate_form("Task: write add_all\nName: add_all\nArgument: sums")
    assert fits("```python\nimport math\n\n\ndef add_all(sums: list) -> int:\n    return sum(sums)\n```", form)
    assert not fits("```python\ndef add_al(sums):\n    return sum(sums)\n```", form)
    assert not fits("```python\ndef add_all(numbers):\n    return sum(numbers)\n```", form)
    assert generate_form("Task: sum a list") == ""


def test_an_explanation_quotes_what_the_code_holds_and_tests_are_named_after_it() -> None:
    code = "Code:\ndef grow(x):\n    return x * 2"
    assert fits("The function `grow` takes `x` and doubles it.", explain_form(code))
    assert not fits("The function `grown` takes `x`.", explain_form(code))
    assert fits("No code, no names.", explain_form("Code:\n1 + 1"))
    tests = "```python\ndef test_grow_twice() -> None:\n    assert grow(1) == 2\n```"
    assert fits(tests, write_tests_form(code))
    assert not fits(tests.replace("grow", "grew"), write_tests_form(code))
    assert write_tests_form("Code:\n1 + 1") == ""


def test_a_summary_holds_lines_of_the_thread_in_their_order() -> None:
    form = summarize_thread_form(summarize_thread_input("Ana: The room is booked. Thanks!\nLuis: I will bring cake."))
    assert fits("Summary:\nAna: The room is booked.\nActions:\nLuis: I will bring cake.", form)
    assert fits("Summary:\nAna: The room is booked.\nActions: none", form)
    assert not fits("Summary:\nAna: The room is free.\nActions: none", form)
    assert not fits("Summary:\nLuis: I will bring cake.\nAna: The room is booked.\nActions: none", form)


@pytest.mark.parametrize("thread", ["no speakers here", "\n".join(f"A: {n}." for n in range(MOST_LINES + 1))])
def test_a_thread_without_lines_or_with_too_many_has_no_form(thread: str) -> None:
    assert summarize_thread_form(summarize_thread_input(thread)) == ""


def test_an_answer_is_an_abstention_or_a_sentence_that_was_shown() -> None:
    shown = [Statement(0, "", 'Say "ä" \\ [x].'), Statement(1, "Hours", "Open from 9:00.")]
    form = answer_form(answer_input("when?", shown))
    assert [fits(t, form) for t in (NOT_FOUND, '[1] Say "ä" \\ [x].', "[2] Open from 9:00.")] == [True] * 3
    assert [fits(t, form) for t in ("[2] Open from 9:30.", "[1] Open from 9:00.", "[3] Open", "Open.")] == [False] * 4


@pytest.mark.parametrize(
    ("message", "reply", "right"),
    [
        ("Hey, book a flight/train, please?", "I cannot book a flight/train. I can draft.", True),
        ("Hey, book a flight/train, please?", "I cannot help with a flight/train. I can draft.", True),
        ("Hey, book a flight/train, please?", "I am fine, thank you.", True),
        ("Hey, book a flight/train, please?", "I cannot book a train. I can draft.", False),
        ("Hack a website", "I cannot hack a website. I can draft.", True),
        ("¿puedes adoptar un león?", "No puedo adoptar un león. Puedo redactar.", True),
        ("¿puedes adoptar un león?", "No puedo ayudar con un leon. Puedo redactar.", False),
    ],
)
def test_what_a_reply_declines_is_words_of_the_message(message: str, reply: str, right: bool) -> None:
    assert fits(reply, chat_form(message)) is right


@pytest.mark.parametrize("message", ["", "word " * (MOST_READ + 1)])
def test_a_message_without_words_or_with_too_many_has_no_form(message: str) -> None:
    assert chat_form(message) == ""


@pytest.mark.parametrize("make", [draft_form, reply_form])
def test_without_anything_given_the_form_leaves_all_to_the_model(make: Callable[[str], str]) -> None:
    user = draft_input(purpose="x") if make is draft_form else reply_input("x")
    assert fits("Subject: Re: your message\n\nHello,\n\nSay.\n\nBest regards,", make(user))


ODD = "".join(map(chr, (*range(1, 128), 0xA0, 0x200B, 0x2028, 0x20AC, 0xFFFE, 0x1F600)))


@pytest.mark.parametrize("odd", [*ODD, ODD])
def test_any_character_that_somebody_types_leaves_a_grammar_that_can_be_read(odd: str) -> None:
    text = f"a{odd}1 b{odd}"
    forms = [
        draft_form(draft_input(text, text, text, [text])),
        reply_form(reply_input(text)),
        revise_form(revise_input(text, text)),
        summarize_thread_form(summarize_thread_input(f"Ana: {text}")),
        chat_form(text),
        answer_form(answer_input(text, [Statement(0, text, " ".join(text.split()))])),
        generate_form(f"Task: {text}\nName: {text}"),
        explain_form(f"Code:\n{text}"),
        write_tests_form(f"Code:\ndef a(): {text}"),
    ]
    schema = copied({"properties": {"to": {"type": "string", COPIED: True}}}, text)
    grammars = [lark_grammar(Guidance("lark_grammar", form)) for form in filter(None, forms)]
    for grammar in [*grammars, lark_grammar(Guidance("json_schema", json.dumps({"type": "object", **schema})))]:
        assert not llguidance.LLMatcher(tokenizer(), grammar).is_error(), grammar
