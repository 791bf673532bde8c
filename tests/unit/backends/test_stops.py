from __future__ import annotations

import pytest

from service.backends.onnx.stops import StopScanner


def scan(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    scanner, out = StopScanner(stops), ""
    for piece in pieces:
        text, stopped = scanner.feed(piece)
        out += text
        if stopped:
            return out, True
    return out + scanner.rest(), False


@pytest.mark.parametrize(
    ("stops", "pieces", "expected"),
    [
        ((), ["a", "b"], ("ab", False)),
        (("END",), ["text E", "N", "D more"], ("text ", True)),
        (("END",), ["text E", "N"], ("text EN", False)),
        (("END",), ["EEN", "D"], ("E", True)),
        (("aab",), ["a", "a", "a", "b"], ("a", True)),
        (("b", "abc"), ["a", "bc"], ("a", True)),
        (("abc", "b"), ["xabc"], ("xa", True)),
        (("\n\n",), ["one\n", "two\n", "\nthree"], ("one\ntwo", True)),
        (("né",), ["ni", "n", "é", "x"], ("ni", True)),
    ],
)
def test_stop_strings(stops: tuple[str, ...], pieces: list[str], expected: tuple[str, bool]) -> None:
    assert scan(stops, pieces) == expected
    assert scan(stops, list("".join(pieces))) == expected


def test_text_that_cannot_become_a_stop_string_is_not_held_back() -> None:
    scanner = StopScanner(("END",))
    assert scanner.feed("text EN") == ("text ", False)
    assert scanner.feed("X") == ("ENX", False)
