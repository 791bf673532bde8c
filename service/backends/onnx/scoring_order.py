"""What `service.backends.onnx.scoring` is told to judge and what it finds; the service has this without the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MOST_KEPT_BYTES: Final = 2 * 1024**3
"""The most bytes of the reference's probabilities on disk; of a large vocabulary fewer tokens are compared."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Something to read: `text`, after the chat `messages` (role and content) that it answers, or by itself."""

    text: str
    messages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ScoringOrder:
    """Judge at most `most_tokens` of `passages`; keep the probabilities in the file `write`, or compare with `read`."""

    model_dir: str
    options: dict[str, Any]
    passages: tuple[Passage, ...]
    most_tokens: int
    write: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """What was found: `digest` is of the tokens and of the vocabulary's size, `nll` the mean of each judged token.

    `kl` (in nats, a mean) and `top1` (a share) are against the reference; None: it has other tokens, or there is none.
    """

    judged: int
    digest: str
    nll: float
    kl: float | None = None
    top1: float | None = None
