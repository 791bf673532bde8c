"""References: how they are read, what they bring, and that nothing they bring is ever read as one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planners.references import (
    BadReferenceError,
    Reference,
    Use,
    bind,
    escaped,
    follow,
    parse_reference,
    parse_template,
    quoted,
    resolve,
    uses,
)

TRICKY = st.text(alphabet="${}a$.[]\\\"'") | st.sampled_from(["${steps.a.text}", "${$}", "$${", "${", "{$ref}"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TRICKY,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["$ref", "$literal", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def nothing(_: Reference) -> Any:
    raise AssertionError("nothing is looked up")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("steps.a.text", Reference("text", "a")),
        ("steps.a_1.result", Reference("result", "a_1")),
        ("steps.a.result.mail.to-name[0][12].x", Reference("result", "a", ("mail", "to-name", 0, 12, "x"))),
        ("params.customer", Reference("param", "customer")),
        ("params.list[2].name", Reference("param", "list", (2, "name"))),
    ],
)
def test_a_reference_is_read_and_written_alike(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "steps.a", "steps.A.text", "steps.a.text.b", "steps.a.result.", "steps.a.result[-1]", "x.y", 5, None],
)
def test_what_is_no_reference_is_refused(text: object) -> None:
    with pytest.raises(BadReferenceError):
        parse_reference(text)


def test_a_template_is_read_in_pieces() -> None:
    assert parse_template("Dear ${steps.a.result.name}, ${$}${$}5") == (
        "Dear ",
        Reference("result", "a", ("name",)),
        ", $$5",
    )
    assert parse_template("no $ {place} $") == ("no $ {place} $",)
    with pytest.raises(BadReferenceError):
        parse_template("${user.name}")


def test_uses_are_named_by_their_place() -> None:
    found = uses(
        {"to": {"$ref": "steps.a.text"}, "points": ["x", "on ${steps.b.result.day}"], "raw": {"$literal": "${"}}
    )
    assert found == (
        Use(("to",), Reference("text", "a"), whole=True),
        Use(("points", 1), Reference("result", "b", ("day",)), whole=False),
    )


def test_a_whole_reference_keeps_the_type_and_a_template_shows_it() -> None:
    values: dict[str, Any] = {"a": {"n": 3, "ok": True, "of": [1.5]}}

    def lookup(reference: Reference) -> Any:
        return follow(reference, values[reference.name])

    arguments = {
        "n": {"$ref": "steps.a.result.n"},
        "said": "${steps.a.result.n} ${steps.a.result.ok} ${steps.a.result.of[0]}",
    }
    assert resolve(arguments, lookup) == {"n": 3, "said": "3 true 1.5"}


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_a_structure_cannot_stand_in_a_text(value: Any) -> None:
    with pytest.raises(BadReferenceError, match=r"steps\.a\.text cannot stand in a text"):
        resolve("x ${steps.a.text}", lambda _: value)


@pytest.mark.parametrize("path", [("b",), (0,), ("a", 3), ("a", "x"), ("a", 0, "deep")])
def test_what_does_not_exist_is_said(path: tuple[str | int, ...]) -> None:
    with pytest.raises(BadReferenceError, match="does not exist"):
        follow(Reference("result", "s", path), {"a": [1]})


def test_a_reference_stands_alone_in_its_object() -> None:
    with pytest.raises(BadReferenceError, match="has nothing else in it"):
        uses({"a": {"$ref": "steps.a.text", "b": 1}})


@settings(deadline=None)
@given(JSON)
def test_a_quoted_value_says_itself(value: Any) -> None:
    assert resolve(quoted(value), nothing) == value


@settings(deadline=None)
@given(TRICKY, TRICKY)
def test_an_escaped_text_says_itself_beside_a_reference(before: str, after: str) -> None:
    text = f"{escaped(before)}${{steps.a.text}}{escaped(after)}"
    assert resolve(text, lambda _: "X") == f"{before}X{after}"


@settings(deadline=None)
@given(JSON)
def test_what_a_reference_brings_is_not_read_again(value: Any) -> None:
    assert resolve({"a": {"$ref": "steps.a.result"}}, lambda _: value) == {"a": value}


@settings(deadline=None)
@given(TRICKY, JSON)
def test_a_parameter_never_becomes_a_reference(text: str, value: Any) -> None:
    bound = bind(
        {"whole": {"$ref": "params.value"}, "said": "${params.text}|${steps.a.text}"}, {"text": text, "value": value}
    )
    assert {use.reference.name for use in uses(bound)} == {"a"}
    assert resolve(bound, lambda _: "X") == {"whole": value, "said": f"{text}|X"}


def test_binding_keeps_steps_and_literals_and_names_what_is_missing() -> None:
    arguments = {"a": {"$ref": "steps.a.result.b[0]"}, "b": {"$literal": {"$ref": "x"}}, "c": "${$}{x}", "d": "x"}
    bound = bind(arguments, {})
    assert bound == arguments | {"c": {"$literal": "${x}"}}
    with pytest.raises(BadReferenceError, match=r"params\.who does not exist"):
        bind({"a": "Dear ${params.who}"}, {})
