from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.sources.names import assign_names, snake_case


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GetOrder", "get_order"),
        ("getOrder", "get_order"),
        ("get_order", "get_order"),
        ("GetHTTPRoute2", "get_http_route2"),
        ("listV1Items", "list_v1_items"),
        ("HTTP", "http"),
        ("shop.v1.Orders.Get", "shop_v1_orders_get"),
        ("2Fast", "f2_fast"),
        ("Größe", "gr_e"),
        ("日本", ""),
    ],
)
def test_snake_case(text: str, name: str) -> None:
    assert snake_case(text) == name


def test_a_long_name_is_cut_and_stays_distinct() -> None:
    first, second = snake_case("Get" * 30 + "A"), snake_case("Get" * 30 + "B")
    assert len(first) <= 64
    assert first != second


@given(st.text(max_size=100))
def test_every_name_is_one_that_a_manifest_allows(text: str) -> None:
    assert re.fullmatch(r"([a-z][a-z0-9_]{0,63})?", snake_case(text))


def test_clashing_names_all_become_longer() -> None:
    names, left_out = assign_names(
        {s: [s.rpartition(".")[2], s] for s in ("a.Orders.Get", "a.Users.Get", "a.Users.List")}
    )
    assert names == {"a.Orders.Get": "a_orders_get", "a.Users.Get": "a_users_get", "a.Users.List": "list"}
    assert not left_out


def test_names_that_clash_for_good_are_left_out_but_for_the_first() -> None:
    names, left_out = assign_names({"X/getOne": ["getOne"], "X/GetOne": ["GetOne"], "X/日": ["日"]})
    assert names == {"X/GetOne": "get_one"}
    assert {item.subject: item.reason for item in left_out} == {
        "X/getOne": "another function is already called get_one",
        "X/日": "its name has no letter or digit of ASCII",
    }


@given(st.lists(st.from_regex(r"[a-b]\.[A-B]/[A-Ca-c]{1,2}", fullmatch=True), unique=True, max_size=12), st.randoms())
def test_names_do_not_depend_on_order(subjects: list[str], rng: random.Random) -> None:
    def wanted(order: list[str]) -> dict[str, list[str]]:
        return {s: [s.partition("/")[2], s.partition(".")[2], s] for s in order}

    shuffled = list(subjects)
    rng.shuffle(shuffled)
    names, _ = assign_names(wanted(subjects))
    assert names == assign_names(wanted(shuffled))[0]
    assert len(set(names.values())) == len(names)
