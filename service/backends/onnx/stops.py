"""Stop strings in a stream: text that may still become one is held back."""

from __future__ import annotations

from collections.abc import Sequence


class StopScanner:
    """Lets text through until a stop string is whole; what follows it, and the string itself, never come out."""

    def __init__(self, stops: Sequence[str]) -> None:
        """Watch for `stops`, none of which is empty."""
        self._stops = tuple(stops)
        self._held = ""

    def feed(self, text: str) -> tuple[str, bool]:
        """Return the text that is safe to send, and whether a stop string was met."""
        if not self._stops:
            return text, False
        self._held += text
        # The one that is whole first counts, so that it does not matter how the text was cut into tokens.
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            safe, self._held = self._held[: min(found)[1]], ""
            return safe, True
        keep = max(_overlap(self._held, stop) for stop in self._stops)
        cut = len(self._held) - keep
        safe, self._held = self._held[:cut], self._held[cut:]
        return safe, False

    def rest(self) -> str:
        """Return what was held back; for an end that no stop string made."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that is a beginning of `stop`, and not the whole of it."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
