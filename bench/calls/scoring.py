"""What came of a request, held against what is right, and the figures of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.calls.dataset import Asked

Fault = Literal["", "unreadable", "unknown", "misfit", "refused"]
"""Why there is no call that could be made.

No JSON, a function that was not offered, arguments that do not fit the schema, or an error of the service's.
"""

_ARTICLES = ("the ", "a ", "an ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model wanted called. `function` None without a fault: nothing, it abstained."""

    function: str | None = None
    arguments: Mapping[str, Any] | None = None
    fault: Fault = ""

    @property
    def abstained(self) -> bool:
        """Return whether the model said that nothing is to be called."""
        return self.function is None and not self.fault


@dataclass(frozen=True, slots=True)
class Judged:
    """A request with its outcome."""

    asked: Asked
    outcome: Outcome

    @property
    def selected(self) -> bool:
        """Return whether the right function was chosen, or rightly none."""
        if self.asked.function is None:
            return self.outcome.abstained
        return self.outcome.function == self.asked.function

    @property
    def right(self) -> bool:
        """Return whether the whole call is right, or rightly none was made."""
        if self.asked.function is None:
            return self.outcome.abstained
        return self.selected and not self.outcome.fault and self._arguments_right

    @property
    def _arguments_right(self) -> bool:
        given = {name: value for name, value in (self.outcome.arguments or {}).items() if value not in ("", None)}
        accepted = self.asked.accepted
        return set(given) == set(accepted) and all(
            any(_same(given[name], value) for value in values) for name, values in accepted.items()
        )


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    def __str__(self) -> str:
        return f"{100 * self.count / self.of:.0f}%" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one way to ask.

    `selected` and `called` are of the requests that a function fits, `arguments` of those whose function was chosen,
    `abstained` of those that none fits; `withheld` are calls that were not made although a function fits, and `faults`
    are of all.
    """

    selected: Share
    arguments: Share
    called: Share
    abstained: Share
    withheld: Share
    faults: Share


def score(judged: Sequence[Judged]) -> Score:
    """Return the figures of all that was judged."""
    fitting = [one for one in judged if one.asked.function is not None]
    fitless = [one for one in judged if one.asked.function is None]
    chosen = [one for one in fitting if one.selected]
    return Score(
        selected=Share(len(chosen), len(fitting)),
        arguments=Share(sum(one.right for one in chosen), len(chosen)),
        called=Share(sum(one.right for one in fitting), len(fitting)),
        abstained=Share(sum(one.right for one in fitless), len(fitless)),
        withheld=Share(sum(one.outcome.abstained for one in fitting), len(fitting)),
        faults=Share(sum(bool(one.outcome.fault) for one in judged), len(judged)),
    )


def _same(given: Any, right: Any) -> bool:
    """Return whether two values are the same call: numbers by value, texts but for case, articles and full stops."""
    if isinstance(given, str) and isinstance(right, str):
        return _plain(given) == _plain(right)
    if isinstance(given, bool) or isinstance(right, bool) or isinstance(given, str) or isinstance(right, str):
        return type(given) is type(right) and given == right
    return bool(given == right)


def _plain(text: str) -> str:
    words = " ".join(text.casefold().split()).strip(" .,!?'\"")
    for article in _ARTICLES:
        words = words.removeprefix(article)
    return words
