"""Passages keep every word, keep within their bounds, and end where the structure does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from service.knowledge.blocks import Block, Heading, Piece, Place
from service.knowledge.chunks import ChunkLimits, chunk

LIMITS = ChunkLimits(target_words=6, max_words=15, max_chars=90)

words = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=12)
long_words = words | st.sampled_from(["End.", "so", "x" * 200, "ok?", "follows:"])
blocks = st.builds(
    Block,
    text=st.lists(long_words, min_size=1, max_size=40).map(" ".join),
    place=st.builds(Place, page=st.none() | st.integers(1, 2)),
    group=st.none() | st.integers(1, 2),
)
headings = st.builds(Heading, level=st.integers(1, 6), text=st.lists(words, min_size=1, max_size=4).map(" ".join))


@given(st.lists(headings | blocks, max_size=12))
@settings(max_examples=60)
def test_no_word_is_lost_and_no_bound_broken(document: list[Piece]) -> None:
    chunks = chunk(document, LIMITS)
    said = "".join("".join(piece.text.split()) for piece in document if isinstance(piece, Block))
    assert "".join("".join(one.body.split()) for one in chunks) == said
    shown = {heading for one in chunks for heading in one.headings}
    assert shown == {piece.text for piece in document if isinstance(piece, Heading)}
    assert [one.ordinal for one in chunks] == list(range(1, len(chunks) + 1))
    for one in chunks:
        assert len(one.body.split()) <= LIMITS.max_words
        assert len(one.body) <= LIMITS.max_chars
        assert one.text
        assert one.location


def bodies(*document: Piece) -> list[str]:
    return [one.body for one in chunk(document, LIMITS)]


def paragraph(count: int, word: str = "w") -> Block:
    return Block(" ".join([word] * count))


def test_paragraphs_join_until_the_target() -> None:
    assert [len(body.split()) for body in bodies(*[paragraph(3)] * 6)] == [6, 6, 6]


def test_a_short_rest_joins_the_last_passage() -> None:
    assert [len(body.split()) for body in bodies(paragraph(8), paragraph(1))] == [9]


def test_a_list_stays_whole_with_its_lead_in() -> None:
    items = [Block(f"- item {i}", group=1) for i in range(3)]
    whole = "You need:\n- item 0\n- item 1\n- item 2"
    assert bodies(paragraph(5), Block("You need:"), *items) == ["w w w w w", whole]
    assert bodies(paragraph(4), Block("You need:"), *items) == [f"w w w w\n\n{whole}"]


def test_a_long_list_is_cut_between_items() -> None:
    made = bodies(*(Block(f"- {'w ' * 6}{i}", group=1) for i in range(4)))
    assert [body.count("- ") for body in made] == [1, 1, 1, 1]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    assert bodies(Block("One two three four five. Six seven eight nine ten. Eleven twelve thirteen 14 15 16.")) == [
        "One two three four five. Six seven eight nine ten.",
        "Eleven twelve thirteen 14 15 16.",
    ]


def test_headings_and_pages_end_a_passage() -> None:
    made = chunk(
        [
            Heading(1, "Returns"),
            Heading(2, "Refunds"),
            Block("Five days.", Place(page=1)),
            Block("To your card.", Place(page=2)),
            Heading(2, "Nothing below"),
            Heading(1, "Contact", Place(start_line=9, end_line=9)),
        ]
    )
    assert [(one.location, one.text) for one in made] == [
        ("Returns > Refunds, page 1", "# Refunds\n\nFive days."),
        ("Returns > Refunds, page 2", "# Refunds\n\nTo your card."),
        ("Returns > Nothing below", "# Nothing below"),
        ("Contact, line 9", "# Contact"),
    ]


def test_a_long_heading_is_cut_in_the_path_and_kept_in_the_text() -> None:
    (made,) = chunk([Heading(1, "word " * 30 + "end"), Block("Text.")])
    assert made.headings[0].endswith("word…")
    assert made.body.endswith("word end\n\nText.")
