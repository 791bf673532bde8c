"""The names for function and argument that a request asks for in words."""

from __future__ import annotations

import pytest

from plugins.code.layout import generate_input
from plugins.code.wanted_names import names_in


@pytest.mark.parametrize(
    ("request_text", "name", "argument"),
    [
        ("write a function called keep_large that keeps the numbers above 17", "keep_large", ""),
        ("Write a function named `fooBar` which sorts", "fooBar", ""),
        ("sum the prices, call it tally", "tally", ""),
        ("write tally(prices) to add up the prices", "tally", "prices"),
        ("tally(prices) should add up", "tally", "prices"),
        ("implement parse_date, a function to parse dates", "parse_date", ""),
        ("parse_date: parse an ISO date", "parse_date", ""),
        ("function name: tally. add up the numbers", "tally", ""),
        ("a function add that adds two numbers", "add", ""),
        ("a fuction tally that adds numbers", "tally", ""),
        ("sum a list called prices", "", "prices"),
        ("a function called tally that sums a list called prices", "tally", "prices"),
        ("reverse a string, the argument is called word_in", "", "word_in"),
        ("reverse a string. use line_in as the parameter", "", "line_in"),
        ("a function that returns the even numbers of a list", "", ""),
        ("sort orders by unit_price", "", ""),
        ("write a function that sorts a list without using sorted()", "", ""),
        ("write a function named max that finds the largest", "", ""),
        ("a function for is prime", "", ""),
        ("write a method to find names in a list", "", ""),
        ("write a function with one argument that doubles it", "", ""),
        ("a function called fuction that adds", "fuction", ""),
        ("", "", ""),
    ],
)
def test_names_are_found_where_they_are_said(request_text: str, name: str, argument: str) -> None:
    assert names_in(request_text) == (name, argument)


def test_found_names_follow_the_task() -> None:
    assert generate_input(" sum a list called prices, call it tally ") == (
        "Task: sum a list called prices, call it tally\nName: tally\nArgument: prices"
    )
    assert generate_input("reverse a string") == "Task: reverse a string"
