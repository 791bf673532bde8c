"""Guesses of the next tokens from what was said before: answers copy much of their prompts, and of each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

LOOK_BACK = 4
"""So many tokens must have been seen in this order before a guess is made: with three, 17% more of them were wrong."""

MOST_TOKENS = 8
"""The longest guess."""

_PAUSE_TOKENS = 4
_HOPE = 0.8
_WEIGHT = 0.2

_KEPT_TOKENS = 4096
"""Of the answers of one scope at least so many are remembered, and at most twice as many."""

_SCOPES = 16

_Gram: TypeAlias = tuple[int, ...]


class Phrases:
    """What followed what in one line of tokens; the last time counts."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._tokens: list[int] = []
        self._follows: dict[_Gram, int] = {}

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self._tokens)

    def add(self, token: int) -> None:
        """Go on with `token`: it is now known to follow what stood before it."""
        if len(self._tokens) >= LOOK_BACK:
            self._follows[self.end] = len(self._tokens)
        self._tokens.append(token)

    @property
    def end(self) -> _Gram:
        """Return the last tokens, by which it is looked for what follows."""
        return tuple(self._tokens[-LOOK_BACK:])

    def after(self, gram: _Gram, most: int) -> list[int]:
        """Return up to `most` tokens that followed `gram`; none where it was not seen, or nothing came after it."""
        at = self._follows.get(gram)
        return [] if at is None else self._tokens[at : at + most]


class Answers:
    """What was answered of late within one scope. The older half is forgotten at a time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._newer, self._older = Phrases(), Phrases()

    def learn(self, tokens: Sequence[int]) -> None:
        """Remember an answer; its first tokens are the end of its prompt, so that its beginning is found again."""
        if len(self._newer) + len(tokens) > _KEPT_TOKENS:
            self._newer, self._older = Phrases(), self._newer
        for token in tokens[-_KEPT_TOKENS:]:
            self._newer.add(token)

    def after(self, gram: _Gram, most: int) -> list[int]:
        """Return up to `most` tokens that followed `gram`."""
        return self._newer.after(gram, most) or self._older.after(gram, most)


class Memory:
    """The answers of each scope, apart from each other: nothing is guessed from what another tenant was told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._scopes: OrderedDict[str, Answers] = OrderedDict()

    def of(self, scope: str) -> Answers:
        """Return the answers of `scope`; those of the scope that was asked for longest ago are forgotten."""
        answers = self._scopes.setdefault(scope, Answers())
        self._scopes.move_to_end(scope)
        if len(self._scopes) > _SCOPES:
            self._scopes.popitem(last=False)
        return answers


class Drafter:
    """Follows one text. Wrong guesses cost time: they grow while they hold and stop for a while when they fail."""

    def __init__(self, tokens: Sequence[int], answers: Answers) -> None:
        """Begin with a prompt; what it does not know is looked for in `answers`."""
        self._text = Phrases()
        self._answers = answers
        self._size = 2
        self._pause = 0
        self.rate = _HOPE
        """The share of guessed tokens that held, of late."""
        for token in tokens:
            self._text.add(token)

    def add(self, token: int) -> None:
        """Go on with `token`."""
        self._text.add(token)
        self._pause -= self._pause > 0

    def guess(self, most: int) -> list[int]:
        """Return up to `most` tokens that may follow; none where nothing is known, or where guessing did not pay."""
        if self._pause or most < 1:
            return []
        gram, size = self._text.end, min(most, self._size)
        return self._text.after(gram, size) or self._answers.after(gram, size)

    def learn(self, guessed: int, right: int) -> None:
        """Take note that `right` of `guessed` tokens were right."""
        self.rate += _WEIGHT * (right / guessed - self.rate)
        if right == guessed:
            self._size = min(2 * self._size, MOST_TOKENS)
        elif right == 0:
            self._size, self._pause = 2, _PAUSE_TOKENS
        else:
            self._size = max(2, right)
