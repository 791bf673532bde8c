"""Turns the model's text, as it streams, into what a customer may see: checked citations, never a bare `NOT_FOUND`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plugins.output import Citation, Note, TextDelta
from plugins.support.layout import NOT_FOUND
from plugins.support.ports import Passage

_MARKS = r"[\s`\"'*]*"
_PARTIAL = "".join(f"(?:{c}" for c in NOT_FOUND[1:]) + ")?" * (len(NOT_FOUND) - 1)
_EVENT = re.compile(rf"(?P<abstained>{_MARKS}{NOT_FOUND})|\s*\[(?P<number>\d{{1,3}})\]", re.IGNORECASE)
_UNDECIDED = re.compile(rf"(?:\s*\[\d{{0,3}}|{_MARKS}(?:{NOT_FOUND[0]}{_PARTIAL})?)\Z", re.IGNORECASE)
"""The end of a text that may go on as a citation or as `NOT_FOUND`; marks and spaces before those wait with it."""


class AnswerStream:
    """Filters one answer. After `NOT_FOUND` nothing more is shown.

    A model may write the number before the sentence, which is easier for a small one; a reader expects it behind. In
    an answer that starts with a number, each is therefore shown when the next one comes or the text ends.

    `citations` are those that refer to a passage, by first mention; `text` is what was shown so far.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._pending = ""
        self._shown: list[str] = []
        self._dropped: set[int] = set()
        self._number_first = False
        self._held: int | None = None
        self.citations: dict[int, Citation] = {}
        self.abstained = False

    @property
    def text(self) -> str:
        """Return what was shown so far."""
        return "".join(self._shown)

    def feed(self, piece: str) -> list[TextDelta | Citation | Note]:
        """Take a piece of the model's text and return what can be shown now."""
        self._pending += piece
        return self._release(final=False)

    def finish(self) -> list[TextDelta | Citation | Note]:
        """Return what was still held back when the model has ended."""
        return self._release(final=True)

    def _release(self, *, final: bool) -> list[TextDelta | Citation | Note]:
        out: list[TextDelta | Citation | Note] = []
        while not self.abstained and (event := _EVENT.search(self._pending)):
            out += self._show(self._pending[: event.start()])
            self._pending = self._pending[event.end() :]
            if event["abstained"] is not None:
                self.abstained = True
            else:
                out += self._number(int(event["number"]), event.group())
        if self.abstained:
            self._pending = ""
            return out
        undecided = _UNDECIDED.search(self._pending)
        cut = len(self._pending) if final or undecided is None else undecided.start()
        ready, self._pending = self._pending[:cut], self._pending[cut:]
        out += self._show(ready.rstrip() if final else ready)
        return out + self._release_held() if final else out

    def _show(self, text: str) -> list[TextDelta | Citation | Note]:
        if not self._shown:
            text = text.lstrip()
        if not text:
            return []
        self._shown.append(text)
        return [TextDelta(text)]

    def _number(self, number: int, written: str) -> list[TextDelta | Citation | Note]:
        if not self._shown and self._held is None:
            self._number_first = True
        if not self._number_first:
            return self._cite(number, written)
        out = self._release_held()
        self._held = number
        return out

    def _release_held(self) -> list[TextDelta | Citation | Note]:
        number, self._held = self._held, None
        return [] if number is None or not self._shown else self._cite(number, f" [{number}]")

    def _cite(self, number: int, written: str) -> list[TextDelta | Citation | Note]:
        if not 1 <= number <= len(self._passages):
            if number in self._dropped:
                return []
            self._dropped.add(number)
            return [Note("CITATION_DROPPED", f"The model cited passage {number}, which does not exist.")]
        shown = self._show(written)
        if number in self.citations:
            return shown
        passage = self._passages[number - 1]
        citation = Citation(number, passage.document, passage.passage_id, passage.text, passage.location)
        self.citations[number] = citation
        return [*shown, citation]
