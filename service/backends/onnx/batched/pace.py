"""How long things take here, measured as they are done."""

from __future__ import annotations

_WEIGHT = 0.1
_SERVICE_WEIGHT = 0.2
_RETRY_LEAST_S, _RETRY_MOST_S = 0.1, 60.0
_MOST_GROWTH = 2.0
_FORGETTING = 0.995
_DOUBT = 0.5
"""A deadline is given up only when even half of the usual time is too long."""


class Pace:
    """Moving averages, in seconds; 0 is not known yet."""

    def __init__(self) -> None:
        """Know nothing."""
        self._prefill_s = 0.0
        self._step_s = 0.0
        self._shared_s = 0.0
        self._answer_tokens = 0.0
        self._verify_s = 0.0
        self._service_s = 1.0

    def prefilled(self, tokens: int, seconds: float) -> None:
        """Take note that `tokens` of a prompt took `seconds`."""
        self._prefill_s = _mean(self._prefill_s, seconds / tokens)

    def stepped(self, seconds: float) -> None:
        """Take note that one token of a lone answer took `seconds`."""
        self._step_s = _mean(self._step_s, seconds)

    def stepped_together(self, rows: int, seconds: float) -> None:
        """Take note that a token for each of `rows` answers took `seconds`."""
        self._shared_s = _mean(self._shared_s, seconds / rows)
        if rows == 1:
            self.stepped(seconds)

    def answered(self, tokens: int) -> None:
        """Take note that an answer came to `tokens`."""
        self._answer_tokens = _mean(self._answer_tokens, tokens)

    def verified(self, tokens: int, seconds: float) -> None:
        """Take note that `tokens` of an answer, computed together, took `seconds`."""
        # A moment in which another process had the core would end all guessing.
        self._verify_s = _mean(self._verify_s, min(seconds / tokens, _MOST_GROWTH * self._verify_s or seconds))

    def served(self, seconds: float) -> None:
        """Take note that a request was worked on for `seconds`."""
        self._service_s += _SERVICE_WEIGHT * (seconds - self._service_s)

    def retry_after_s(self, at_once: int) -> float:
        """Return after how long one of `at_once` requests will be over."""
        return round(min(max(self._service_s / at_once, _RETRY_LEAST_S), _RETRY_MOST_S), 2)

    def expected(self, most: int, said: int = 0) -> float:
        """Return how many tokens an answer that said `said` so far is still expected to have, at most `most`."""
        return min(float(most), max(self._answer_tokens - said, 0.0))

    def least_s(self, prompt_tokens: int, answer_tokens: float = 0.0) -> float:
        """Return the least time to the first token of an answer.

        Before it, `prompt_tokens` of it and of others are to be computed, and `answer_tokens` of others.
        """
        return _DOUBT * (prompt_tokens * self._prefill_s + answer_tokens * self._shared_s + self._step_s)

    def pays(self, guessed: int, rate: float) -> bool:
        """Tell whether `guessed` tokens, of which `rate` usually hold, are cheaper together than one by one."""
        if (guessed + 1) * self._verify_s < (1 + guessed * rate) * self._step_s or self._verify_s == 0:
            return True
        # What is not done is not measured either: it is tried again after a while.
        self._verify_s *= _FORGETTING
        return False


def _mean(before: float, value: float) -> float:
    return before + _WEIGHT * (value - before) if before else value
