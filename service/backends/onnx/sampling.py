"""Drawing of tokens: onnxruntime-genai takes the largest logit, so noise on the logits makes it draw.

Adding Gumbel noise and taking the largest is the same as drawing from the softmax. So every generator is greedy and can
be used again by a request with other settings, and a seed gives the same text on a used generator as on a new one
(genai's own random state goes on where the request before left it).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.backends.base import Sampling

Logits: TypeAlias = NDArray[np.float32]

DEFAULT_TOP_K = 50
"""Source: `search.top_k` that the onnxruntime-genai builder writes into genai_config.json."""

_OUT_OF_REACH = 1000.0


def unknown_knobs(sampling: Sampling, priority: int = 0) -> list[str]:
    """Return the names of what was asked for and genai's generators do not have."""
    wishes = {
        "min_p": sampling.min_p > 0,
        "repetition_penalty": sampling.repetition_penalty != 1,
        "presence_penalty": sampling.presence_penalty != 0,
        "logit_bias": bool(sampling.logit_bias),
        "priority": priority != 0,
    }
    return [name for name, wish in wishes.items() if wish]


class Sampler:
    """Draws for one request; `temperature` must be above 0. `guided` says that a grammar will forbid some tokens."""

    def __init__(self, sampling: Sampling, *, guided: bool) -> None:
        """Start the random numbers at the request's seed."""
        self._guided = guided
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p
        self._top_k = sampling.top_k or DEFAULT_TOP_K
        self._random = np.random.default_rng(sampling.seed)

    def perturb(self, logits: Logits) -> Logits:
        """Return `logits` (any shape, one row of tokens) so that the largest is the token drawn.

        The grammar is applied later, so tokens beyond `top_k` and `top_p` stay, far below the others: where it forbids
        all the likely ones, the draw is among the rest.
        """
        scaled = logits.ravel().astype(np.float64) / self._temperature
        scaled -= scaled.max()
        count = min(self._top_k, scaled.size)
        likely = np.argpartition(scaled, scaled.size - count)[scaled.size - count :]
        likely = likely[np.argsort(scaled[likely])[::-1]]
        if self._top_p < 1.0:
            weights = np.exp(scaled[likely])
            before = np.cumsum(weights) - weights
            likely = likely[before < self._top_p * weights.sum()]
        drawn = scaled - _OUT_OF_REACH
        if self._guided:
            drawn += self._random.gumbel(size=scaled.size)
        drawn[likely] = scaled[likely] + self._random.gumbel(size=likely.size)
        return drawn.astype(np.float32).reshape(logits.shape)
