"""What a comparison asks for and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Match: TypeAlias = Literal["exact", "contains", "json"]
"""How an answer is compared with the expected ones: the same, holding one, or JSON of the same value."""


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """Something to do: `expected` are answers of which one is right, `kind` is for the table."""

    prompt: str
    expected: tuple[str, ...]
    system: str = ""
    match: Match = "exact"
    kind: str = "tasks"
    max_output_tokens: int = 256


@dataclass(frozen=True, slots=True)
class CompareOrder:
    """Measure variants: models of this machine by id, folders by path, and all that were built of a checkpoint.

    `reference` is one of them as it is named (`models/…` or a path); empty: the one in fp32, or else the first. `text`
    empty: the answers of the model's own tasks, or one of ours. `own_examples` None: 10 of each kind of the embedded
    model's own tasks for its variants, where no `tasks` are given. `memory_bytes` 0: the recommended one may take any;
    `least_quality` is what must be left in it of the reference's quality, 0 to 1.
    """

    models: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    checkpoint: str = ""
    reference: str = ""
    text: str = ""
    text_tokens: int = 1024
    tasks: tuple[TaskOrder, ...] = ()
    own_examples: int | None = None
    output_tokens: int = 64
    repeats: int = 3
    memory_bytes: int = 0
    least_quality: float = 0.95


@dataclass(frozen=True, slots=True)
class TaskScore:
    """How many tasks of one kind were done right."""

    name: str
    right: int
    total: int


@dataclass(frozen=True, slots=True)
class VariantReport:
    """What one variant takes and how good it is; None: it could not be measured, and `problem` says why.

    `perplexity` is for each token of the text, `kl_divergence` in nats, agreement, score and quality are 0 to 1.
    """

    name: str
    precision: str = ""
    size_bytes: int = 0
    memory_bytes: int = 0
    load_s: float = 0.0
    output_tokens_per_s: float = 0.0
    first_token_s: float = 0.0
    perplexity: float | None = None
    kl_divergence: float | None = None
    top1_agreement: float | None = None
    tasks: tuple[TaskScore, ...] = ()
    quality: float | None = None
    problem: str = ""

    @property
    def score(self) -> float | None:
        """Return the share of tasks that it did right; None: it had none."""
        return share_right(self.tasks)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The variant to take (empty: none keeps to the limits), why, and why not each of the others."""

    name: str
    explanation: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """All variants; `text_tokens` were read by each."""

    reference: str
    text_tokens: int
    variants: tuple[VariantReport, ...]
    recommendation: Recommendation


def share_right(tasks: Sequence[TaskScore]) -> float | None:
    """Return the share of tasks done right, 0 to 1; None: there were none."""
    total = sum(task.total for task in tasks)
    return sum(task.right for task in tasks) / total if total else None
