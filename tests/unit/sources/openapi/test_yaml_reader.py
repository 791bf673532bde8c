"""YAML as documents mean it, and what is too much of it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.sources.openapi.yaml_reader import MAX_DEPTH, YamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-31", "2024-01-31"),
        ("12:30:15", "12:30:15"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("Null", None),
        ("5", 5),
        ("-5", -5),
        ("0o17", 15),
        ("0x1F", 31),
        ("0777", 777),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("3.", 3.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9223372036854775807", 2**63 - 1),
        ("18446744073709551616", 2.0**64),
        ("9" * 400, "9" * 400),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!timestamp 2024-01-31", "2024-01-31"),
        ("! 5", "5"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("<<", "<<"),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    read = read_yaml(f"a: {text}")["a"]

    assert read == value
    assert type(read) is type(value)


def test_keys_are_texts_as_they_are_written() -> None:
    text = "200: a\n2024-01-31: b\ntrue: c\n~: d\n1.0: e\n'5': f\n? g\n: h"

    assert list(read_yaml(text)) == ["200", "2024-01-31", "true", "~", "1.0", "5", "g"]


def test_aliases_and_merges() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {<<: [*a, {x: 9, z: 9}]}\n&k e: &s f\n*k : *s\n'<<': 1"
    read = read_yaml(text)

    assert read["b"] == {"x": 1, "y": 3}
    assert read["c"] == {"x": 1, "y": 2}
    assert read["d"] == {"x": 1, "y": 2, "z": 9}
    assert read["e"] == "f"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "line 2, column 1"),
        ("a: b: c", "line 1, column 5"),
        ("a:\n\tb: 1", "line 2"),
        ("a: *b", "no anchor"),
        ("a: &a [*a]", "lies within it"),
        ("a: !!python/object/apply:os.system [x]", "tag"),
        ("a: !Ref x", "tag"),
        ("a: !!set {x}", "tag"),
        ("- 1\n---\n- 2", "second document"),
        ("[1]: 2", "key"),
        ("? {a: 1}\n: 2", "key"),
        ("a: &a [1]\n*a : 2", "key"),
        ("a: {<<: 5}", "merged"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "deep"),
        ("a: \x07", "special characters|control|printable"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(YamlError, match=words):
        read_yaml(text)


def test_a_bomb_of_aliases_is_refused_before_it_is_anything() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]

    with pytest.raises(YamlError, match="nodes with its aliases written out"):
        read_yaml("\n".join(lines))


def test_a_bomb_of_merges_is_refused() -> None:
    lines = ["a0: &a0 {k: v, l: v}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]

    with pytest.raises(YamlError, match="nodes"):
        read_yaml("\n".join(lines))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_what_pyyaml_writes_is_read_back(value: Any) -> None:
    written = yaml.safe_dump(value, allow_unicode=False)

    assert read_yaml(written) == value
