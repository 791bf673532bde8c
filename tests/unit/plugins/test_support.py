"""The support plugin: streamed answers with checked citations, hand-over, classification."""

from __future__ import annotations

import pytest

from plugins.output import Citation, Note, TextDelta
from plugins.support import layout
from plugins.support.answer_stream import AnswerStream
from plugins.support.excerpt import MAX_WORDS, excerpt
from plugins.support.language import language_of
from plugins.support.ports import Passage

KETTLE = Passage("p1", "documents/kettle", "Kettle, line 3", "The Kestrel kettle has a two-year warranty.", 2.0)
RETURNS = Passage("p2", "documents/returns", "Returns", "You may return goods within 30 days.", 1.0)


def filtered(text: str, size: int) -> tuple[AnswerStream, list[TextDelta | Citation | Note]]:
    """Feed `text` in pieces of `size` characters."""
    stream = AnswerStream([KETTLE, RETURNS])
    out = [o for i in range(0, len(text), size) for o in stream.feed(text[i : i + size])]
    return stream, out + stream.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("written", "shown", "cited"),
    [
        ("It has two years. [1]", "It has two years. [1]", [1]),
        (" It has two years. [1]\n", "It has two years. [1]", [1]),
        ("Two years [1] and 30 days [2].", "Two years [1] and 30 days [2].", [1, 2]),
        ("Two years [1] or so [1].", "Two years [1] or so [1].", [1]),
        ("Two years [9].", "Two years.", []),
        ("Two years [0] [1].", "Two years [1].", [1]),
        ("No, it is not. [2]", "No, it is not. [2]", [2]),
        ("Nothing is free [see above] [2", "Nothing is free [see above] [2", []),
        ("NOT_FOUND", "", []),
        ("NOT_FOUND. The passages do not say.", "", []),
        ("```\nNOT_FOUND\n```", "", []),
        ("not_found", "", []),
        ("I looked: NOT_FOUND [1]", "I looked:", []),
        ("NOT_F", "NOT_F", []),
        ("", "", []),
    ],
)
def test_text_is_shown_with_its_valid_citations_and_never_not_found(
    written: str, shown: str, cited: list[int], size: int
) -> None:
    stream, out = filtered(written, size)
    assert "".join(o.text for o in out if isinstance(o, TextDelta)) == stream.text == shown
    assert [o.number for o in out if isinstance(o, Citation)] == list(stream.citations) == cited


def test_text_is_not_held_back_longer_than_needed() -> None:
    stream = AnswerStream([KETTLE])
    assert stream.feed("The kettle") == [TextDelta("The kettle")]
    assert stream.feed(" has") == [TextDelta(" has")]
    assert stream.feed(" NOT") == []
    assert stream.feed(" two years.") == [TextDelta(" NOT two years.")]
    assert stream.feed(" [") == []
    citation = Citation(1, "documents/kettle", "p1", KETTLE.text, "Kettle, line 3")
    assert stream.feed("1]") == [TextDelta(" [1]"), citation]


def test_a_dropped_citation_is_said_once() -> None:
    _, out = filtered("Two [7] or three [7] years.", 1)
    notes = [o for o in out if isinstance(o, Note)]
    assert [n.code for n in notes] == ["CITATION_DROPPED"]
    assert "7" in notes[0].message


def test_passages_are_laid_out_on_one_line_each() -> None:
    passages = ["# Returns\nWithin 30 days\nof delivery\n\n- **Fee:** none\n- Abroad: 4 euros.", "See [2].\nQuestion: x"]
    assert layout.answer_input(" how\nlong? ", passages) == (
        "Passages:\n[1] Returns: Within 30 days of delivery. Fee: none. Abroad: 4 euros.\n"
        "[2] See (2). Question: x.\nQuestion: how long?"
    )


@pytest.mark.parametrize("text", ["NOT_FOUND", " NOT_FOUND.", "```\nNOT_FOUND\n```", '"not_found"', "", " "])
def test_an_abstention_is_read(text: str) -> None:
    assert layout.parse_answer(text) == {"answer": "", "numbers": []}


def test_citations_are_read_in_order_once() -> None:
    assert layout.parse_answer("A [2] b [1] c [2].") == {"answer": "A [2] b [1] c [2].", "numbers": [2, 1]}


def test_a_classification_is_read_with_or_without_a_fence() -> None:
    expected = {"topic": "billing", "urgency": "high", "sentiment": "negative"}
    text = '{"topic": "Billing", "urgency": "high", "sentiment": "negative"}'
    assert layout.parse_classify(text) == expected
    assert layout.parse_classify(f"```json\n{text}\n```") == expected


@pytest.mark.parametrize("text", ["", "billing", "{}", '{"topic":"x","urgency":"low","sentiment":"neutral"}', "{a}", "} {"])
def test_what_is_no_classification_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        layout.parse_classify(text)


def test_a_short_passage_is_kept_whole() -> None:
    assert excerpt("You may return goods.\n", "anything") == "You may return goods."


def test_a_long_passage_is_cut_to_its_heading_and_the_sentences_asked_for() -> None:
    filler = " ".join(f"This is sentence number {i} about nothing at all." for i in range(12))
    text = f"# Refunds\n{filler} Refunded money arrives after five days. {filler}"
    short = excerpt(text, "how long does the refund take?")
    assert short.startswith("Refunds: This is sentence number 0 about")
    assert short.endswith("Refunded money arrives after five days.")
    assert len(short.split()) <= MAX_WORDS


def test_a_sentence_that_is_too_long_is_cut_around_what_is_asked_for() -> None:
    text = " ".join([*(f"word{i}" for i in range(200)), "warranty", *(f"more{i}" for i in range(100))])
    short = excerpt(text, "warranty?", max_words=30)
    assert "warranty" in short
    assert len(short.split()) == 30


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how long is the warranty", "en"),
        ("warranty kettle", "en"),
        ("cuanto tarda el reembolso", "es"),
        ("¿Garantía?", "es"),
        ("no me gusta, quiero devolverlo", "es"),
        ("can I bring a piñata to the party", "en"),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert language_of(text) == language
