"""Guesses of the next tokens from what the text said before: answers copy much of their prompts."""

from __future__ import annotations

from collections.abc import Sequence

LOOK_BACK = 3
"""So many tokens must have been seen in this order before a guess is made."""

MOST_TOKENS = 8
"""The longest guess."""

_PAUSE_TOKENS = 16
_HOPE = 0.8
_WEIGHT = 0.2


class Drafter:
    """Follows one text. Wrong guesses cost time: they grow while they hold and stop for a while when they fail."""

    def __init__(self, tokens: Sequence[int]) -> None:
        """Begin with a prompt."""
        self._tokens = list(tokens)
        self._follows: dict[tuple[int, ...], int] = {}
        self._size = 2
        self._pause = 0
        self.rate = _HOPE
        """The share of guessed tokens that held, of late."""
        for at in range(LOOK_BACK, len(self._tokens)):
            self._follows[tuple(self._tokens[at - LOOK_BACK : at])] = at

    def add(self, token: int) -> None:
        """Go on with `token`: it is now known to follow what stood before it."""
        if len(self._tokens) >= LOOK_BACK:
            self._follows[tuple(self._tokens[-LOOK_BACK:])] = len(self._tokens)
        self._tokens.append(token)
        self._pause -= self._pause > 0

    def guess(self, most: int) -> list[int]:
        """Return up to `most` tokens that may follow; none where nothing is known, or where guessing did not pay."""
        if self._pause or most < 1:
            return []
        at = self._follows.get(tuple(self._tokens[-LOOK_BACK:]))
        return [] if at is None else self._tokens[at : at + min(most, self._size)]

    def learn(self, guessed: int, right: int) -> None:
        """Take note that `right` of `guessed` tokens were right."""
        self.rate += _WEIGHT * (right / guessed - self.rate)
        if right == guessed:
            self._size = min(2 * self._size, MOST_TOKENS)
        elif right == 0:
            self._size, self._pause = 2, _PAUSE_TOKENS
        else:
            self._size = max(2, right)
