"""How values are written: the table of the specification, and that nothing written can be read as something else."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.sources.openapi.styles import Style, as_text, in_cookie, in_header, in_path, in_query

ARRAY = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}

# Source: OpenAPI Specification 3.1.1, section 4.8.12.6, "Style Examples".
IN_QUERY = [
    ("form", False, "", "color="),
    ("form", False, "blue", "color=blue"),
    ("form", False, ARRAY, "color=blue,black,brown"),
    ("form", False, OBJECT, "color=R,100,G,200,B,150"),
    ("form", True, "", "color="),
    ("form", True, "blue", "color=blue"),
    ("form", True, ARRAY, "color=blue&color=black&color=brown"),
    ("form", True, OBJECT, "R=100&G=200&B=150"),
    ("spaceDelimited", False, ARRAY, "color=blue%20black%20brown"),
    ("spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
    ("pipeDelimited", False, ARRAY, "color=blue%7Cblack%7Cbrown"),
    ("pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
]
IN_PATH = [
    ("matrix", False, "blue", ";color=blue"),
    ("matrix", False, ARRAY, ";color=blue,black,brown"),
    ("matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
    ("matrix", True, "blue", ";color=blue"),
    ("matrix", True, ARRAY, ";color=blue;color=black;color=brown"),
    ("matrix", True, OBJECT, ";R=100;G=200;B=150"),
    ("label", False, "blue", ".blue"),
    ("label", False, ARRAY, ".blue,black,brown"),
    ("label", False, OBJECT, ".R,100,G,200,B,150"),
    ("label", True, ARRAY, ".blue.black.brown"),
    ("label", True, OBJECT, ".R=100.G=200.B=150"),
    ("simple", False, "blue", "blue"),
    ("simple", False, ARRAY, "blue,black,brown"),
    ("simple", False, OBJECT, "R,100,G,200,B,150"),
    ("simple", True, ARRAY, "blue,black,brown"),
    ("simple", True, OBJECT, "R=100,G=200,B=150"),
]


@pytest.mark.parametrize(("style", "explode", "value", "written"), IN_QUERY)
def test_in_a_query(style: Style, explode: bool, value: Any, written: str) -> None:
    assert "&".join(in_query("color", value, style, explode=explode)) == written


@pytest.mark.parametrize(("style", "explode", "value", "written"), IN_PATH)
def test_in_a_path(style: Style, explode: bool, value: Any, written: str) -> None:
    assert in_path("color", value, style, explode=explode) == written


@pytest.mark.parametrize(
    ("explode", "value", "written"),
    [
        (False, "blue", "blue"),
        (False, ARRAY, "blue,black,brown"),
        (False, OBJECT, "R,100,G,200,B,150"),
        (True, OBJECT, "R=100,G=200,B=150"),
        (False, "a b/c", "a b/c"),
    ],
)
def test_in_a_header(explode: bool, value: Any, written: str) -> None:
    assert in_header(value, explode=explode) == written


def test_in_a_cookie() -> None:
    assert in_cookie("color", "a;b=c") == ["color=a%3Bb%3Dc"]
    assert in_cookie("color", ARRAY, explode=False) == ["color=blue,black,brown"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (5.0, "5"),
        (0.5, "0.5"),
        (1.5e300, "1.5e+300"),
        ({"a": [1]}, '{"a":[1]}'),
        ("é", "é"),
    ],
)
def test_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_what_the_specification_leaves_open() -> None:
    deep = {"a": {"b": 1}, "list": ["x", "y"], "objects": [{"k": 1}]}

    assert parse_qsl("&".join(in_query("f", deep, "deepObject"))) == [
        ("f[a][b]", "1"),
        ("f[list][]", "x"),
        ("f[list][]", "y"),
        ("f[objects][0][k]", "1"),
    ]
    assert in_query("f", ["x"], "deepObject") == ["f%5B%5D=x"]
    assert in_query("f", {"a": {"b": 1}}) == ["a=%7B%22b%22%3A1%7D"]
    nothing: tuple[Any, ...] = ([], {})
    for empty in nothing:
        assert in_query("f", empty) == []
        assert in_query("f", empty, explode=False) == []


def test_reserved_characters_stay_where_the_document_says_so_unless_they_part_the_query() -> None:
    assert in_query("f", "a/b?c=d&e#f+g", reserved=True) == ["f=a/b?c=d%26e%23f%2Bg"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALAR = TEXT | st.integers(-(2**53), 2**53) | st.booleans()


@settings(max_examples=60, deadline=None)
@given(TEXT.filter(bool), SCALAR | st.lists(SCALAR, min_size=1, max_size=4))
def test_an_exploded_query_is_read_back_as_it_was_written(name: str, value: Any) -> None:
    items = value if isinstance(value, list) else [value]

    read = parse_qsl("&".join(in_query(name, value)), keep_blank_values=True, strict_parsing=True)

    assert read == [(name, as_text(item)) for item in items]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["form", "spaceDelimited", "pipeDelimited"]),
    st.lists(TEXT.filter(bool), min_size=1, max_size=4),
)
def test_a_delimited_query_is_one_pair_whatever_the_values_hold(style: str, values: list[str]) -> None:
    (piece,) = in_query("f", values, cast(Style, style), explode=False)
    delimiter = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}[style]

    key, _, written = piece.partition("=")
    assert key == "f"
    if not any(mark in value for value in values for mark in " |"):
        assert [unquote(part) for part in written.split(delimiter)] == values
    assert not set("&#=") & set(written)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["simple", "label", "matrix"]), st.booleans(), SCALAR | st.lists(SCALAR, max_size=3))
def test_a_path_parameter_adds_no_slash_and_no_query(style: str, explode: bool, value: Any) -> None:
    written = in_path("n", value, cast(Style, style), explode=explode)

    assert not set("/?#\\ ") & set(written)
    assert written.isascii()
