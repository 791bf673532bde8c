"""Arguments that are words of the request."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planners.copied import copied
from plugins.forms import MOST_READ
from plugins.manifest import COPIED

TEXT = {"type": "string", "maxLength": 200}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "to": {**TEXT, COPIED: True},
        "why": TEXT,
        "points": {"type": "array", "items": {**TEXT, COPIED: True}, "maxItems": 9},
    },
    "required": ["to"],
}


def pattern(request: str) -> str:
    return str(copied(SCHEMA, request)["properties"]["to"]["pattern"])


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", True),
        ("Nicolás Ruiz", True),
        ("Ruiz, that the fence (12) is closed", True),
        ("the fence (12", True),
        ("Ana", True),
        ("Ana's order.", True),
        ("order", True),
        ("Nicola Ruiz", False),
        ("Nicolás fence", False),
        ("Nicol", False),
        ("closed Ana", False),
    ],
)
def test_a_value_is_words_of_the_request_in_a_row(value: str, fits: bool) -> None:
    request = "tell Nicolás Ruiz, that the fence (12) is closed; also Ana's order."
    assert (re.search(pattern(request), value) is not None) is fits


def test_only_what_is_marked_is_held_and_lists_in_their_items() -> None:
    held = copied(SCHEMA, "ask Ana")
    assert held["properties"]["why"] == TEXT
    assert held["properties"]["points"] == {"type": "array", "items": held["properties"]["to"], "maxItems": 9}
    assert held["required"] == ["to"]


@pytest.mark.parametrize("request_text", ["", "word " * (MOST_READ + 1)])
def test_a_request_of_no_words_or_too_many_leaves_the_schema(request_text: str) -> None:
    assert copied(SCHEMA, request_text) == SCHEMA


def test_marks_of_patterns_are_taken_for_themselves() -> None:
    assert re.search(pattern("a+b .* [x] $5?"), "a+b .* [x] $5")
    assert not re.search(pattern("a+b .* [x] $5?"), "aab")
