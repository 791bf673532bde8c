"""Text on a terminal as it comes: words are wrapped whole, code keeps its lines and has its own colour."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from service.cli.screen import printable

FENCE = "```"


class TextStream:
    """Writes pieces of a Markdown-like text; an unfinished word waits for its rest, so that no line breaks in it."""

    def __init__(self, console: Console, width: int) -> None:
        """Write to `console`, prose in lines of at most `width` columns."""
        self._console = console
        self._width = max(width, 20)
        self._column = 0
        self._spaces = 0
        self._word = ""
        self._line = ""
        self._in_code = False

    def write(self, text: str) -> None:
        """Write the next piece."""
        for character in printable(text):
            if character == "\n":
                self._end_line()
            elif character.isspace() and not self._in_code:
                self._end_word()
                self._spaces += 1
                self._line += character
            else:
                self._word += character
                self._line += character
        if self._in_code or cell_len(self._word) >= self._width:
            self._end_word()

    def end_line(self) -> None:
        """Write what is held back, and end the line if one was begun."""
        self._end_word()
        if self._column:
            self._end_line()

    def _end_line(self) -> None:
        self._end_word()
        if self._is_fence():
            self._in_code = not self._in_code
        self._console.print()
        self._column = self._spaces = 0
        self._line = ""

    def _end_word(self) -> None:
        if not self._word:
            return
        columns = cell_len(self._word)
        if self._column and not self._in_code and self._column + self._spaces + columns > self._width:
            self._console.print()
            self._column = 0
        else:
            self._emit(" " * self._spaces)
        self._emit(self._word)
        self._spaces = 0
        self._word = ""

    def _emit(self, text: str) -> None:
        if text:
            style = "dim" if self._is_fence() else "cyan" if self._in_code else ""
            self._console.print(Text(text, style=style), end="", soft_wrap=True)
            self._column += cell_len(text)

    def _is_fence(self) -> bool:
        return self._line.lstrip().startswith(FENCE)
