"""Choosing a token from a row of logits: penalties and bias, then the grammar, then the draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.backends.base import Sampling
from service.backends.onnx.batched.session import Floats
from service.backends.onnx.sampling import DEFAULT_TOP_K

Marks: TypeAlias = NDArray[np.bool_]
"""A yes or no for each token of the vocabulary."""


def is_plain(sampling: Sampling) -> bool:
    """Tell whether the largest logit decides, with nothing to change before."""
    return (
        sampling.temperature == 0
        and sampling.repetition_penalty == 1
        and sampling.presence_penalty == 0
        and not sampling.logit_bias
    )


class Chooser:
    """Chooses for one request; its random numbers are its own, so that others in the batch change nothing."""

    def __init__(self, sampling: Sampling, vocabulary: int, prompt: Sequence[int]) -> None:
        """Start the random numbers at the request's seed."""
        self._sampling = sampling
        self._random = np.random.default_rng(sampling.seed)
        self._repeated: Marks | None = None
        if sampling.repetition_penalty != 1:
            self._repeated = np.zeros(vocabulary, np.bool_)
            self._repeated[np.asarray(prompt, np.int64)] = True
        self._answered = np.zeros(vocabulary, np.bool_) if sampling.presence_penalty else None
        pairs = [(token, bias) for token, bias in sampling.logit_bias if token < vocabulary]
        self._biased = np.array([token for token, _ in pairs], np.int64)
        self._bias = np.array([bias for _, bias in pairs], np.float32)

    def choose(self, logits: Floats) -> int:
        """Return the token that follows; `logits` is left as it is, minus infinity never follows."""
        row = self._changed(logits)
        token = int(row.argmax()) if self._sampling.temperature == 0 else self._draw(row)
        if self._repeated is not None:
            self._repeated[token] = True
        if self._answered is not None:
            self._answered[token] = True
        return token

    def _changed(self, logits: Floats) -> Floats:
        row: Floats = logits
        if self._repeated is not None:
            by = np.float32(self._sampling.repetition_penalty)
            row = np.where(self._repeated, np.where(row > 0, row / by, row * by), row)
        if self._answered is not None:
            row = np.where(self._answered, row - np.float32(self._sampling.presence_penalty), row)
        if self._biased.size:
            row = row.copy()
            np.add.at(row, self._biased, self._bias)
        return row

    def _draw(self, row: Floats) -> int:
        """Return a token drawn from the softmax of `row` over the likely ones.

        The largest of logits with Gumbel noise is such a draw, and it needs no sum of probabilities.
        """
        sampling = self._sampling
        # What a grammar forbids is left out first: among so many equal ones a partition takes ten times as long.
        allowed = np.flatnonzero(row > -np.inf)
        values = row if allowed.size == row.size else row[allowed]
        count = min(sampling.top_k or DEFAULT_TOP_K, values.size)
        likely = allowed[np.argpartition(values, values.size - count)[values.size - count :]]
        # Equal logits are told apart by the token, so that the order is always the same.
        likely = likely[np.lexsort((likely, -row[likely]))]
        scaled = row[likely].astype(np.float64) / sampling.temperature
        scaled -= scaled[0]
        weights = np.exp(scaled)
        kept = weights > 0
        if sampling.top_p < 1.0:
            kept &= np.cumsum(weights) - weights < sampling.top_p * weights.sum()
        if sampling.min_p > 0.0:
            kept &= weights >= sampling.min_p
        noise = self._random.gumbel(size=count)
        return int(likely[np.where(kept, scaled + noise, -np.inf).argmax()])


def logprobs_of(logits: Floats, token: int, count: int) -> tuple[float, list[tuple[int, float]]]:
    """Return the log-probability of `token`, and the `count` likeliest tokens with theirs, likeliest first."""
    row = logits.astype(np.float64)
    row -= row.max()
    row -= np.log(np.exp(row).sum())
    if not count:
        return float(row[token]), []
    top = np.argpartition(row, row.size - count)[row.size - count :]
    top = top[np.lexsort((top, -row[top]))]
    return float(row[token]), [(int(at), float(row[at])) for at in top]
