"""Text on a terminal: whole words, code as it is, and nothing that the terminal would obey."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from service.cli.screen import printable
from service.cli.text_stream import TextStream


def _shown(pieces: Sequence[str], width: int = 20, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=200, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    stream = TextStream(console, width)
    for piece in pieces:
        stream.write(piece)
    stream.end_line()
    return out.getvalue()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_words_are_wrapped_whole_however_they_come(size: int) -> None:
    text = "Please bring the budget\nand the plan for next year.\n\nTom"
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert _shown(pieces) == "Please bring the\nbudget\nand the plan for\nnext year.\n\nTom\n"


def test_a_word_is_held_back_until_it_ends() -> None:
    out = io.StringIO()
    stream = TextStream(Console(file=out, width=200), 20)
    stream.write("bud")
    assert out.getvalue() == ""
    stream.write("get ")
    assert out.getvalue() == "budget"


def test_code_keeps_its_lines_and_is_shown_at_once() -> None:
    text = "So:\n```python\nreturn sum(value for value in values)\n```\nDone and dusted, my friend."
    assert _shown([text]) == text.replace("dusted, my friend.", "dusted, my\nfriend.") + "\n"
    coloured = _shown([text], colour=True)
    assert "\x1b[36mreturn" in coloured
    assert "\x1b[2m```python" in coloured
    assert "\x1b[36mDone" not in coloured


def test_a_long_word_is_not_held_back_for_ever() -> None:
    assert _shown(["x" * 50]) == "x" * 50 + "\n"


def test_control_characters_are_made_visible() -> None:
    assert printable("a\x1b[31mb\x07\r\n\tc\x9b") == "a�[31mb�\n\tc�"
    assert "\x1b" not in _shown(["\x1b]0;title\x07 hello"])
