"""What a request says about the model and the generation, as routing sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from service.backends.base import Finished, Guidance, Image, ModelCard, NoticePiece, TokenLogprob, Usage
from service.economics.allowance import Allowance
from service.economics.guard import SpendGuard
from service.errors import VaivenError, Violation
from service.privacy.kinds import Kind
from service.privacy.masked import RunMasking
from service.routing.decision import Decision, Verdict, Weights
from service.routing.facts import Prediction
from service.routing.past import Past
from service.routing.policy import NO_POLICY, RoutingPolicy


@dataclass(frozen=True, slots=True)
class GenerationParameters:
    """What the caller overrides of a function's own settings; None leaves the function's or the model's value.

    Ranges: `max_output_tokens` >= 1, and those of `base.Sampling` and `base.GenerationRequest`. `guidance` is what the
    answer is held to, `adapter` one that is loaded beside the model that answers.
    """

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: tuple[tuple[int, float], ...] | None = None
    logprobs: int | None = None
    priority: int | None = None
    guidance: Guidance | None = None
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """The limits of one run: `model` is an id, `deadline` is on the event loop's clock. `guard` None: no budgets.

    `tenant` is with whom a local model shares its turns and its prefix cache.

    `conflicts` say where the policies that were merged leave nothing over. `images` belong to the newest of the user's
    messages. `masking` is there where the policy asks for pseudonyms and the operator lets them be made. `allowance` is
    what the run may still cost, `past` what its session had before.
    """

    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    generation: GenerationParameters = field(default_factory=GenerationParameters)
    deadline: float | None = None
    policy: RoutingPolicy = NO_POLICY
    weights: Weights = field(default_factory=Weights)
    guard: SpendGuard | None = None
    conflicts: tuple[Violation, ...] = ()
    tenant: str = ""
    images: tuple[Image, ...] = ()
    masking: RunMasking | None = None
    allowance: Allowance | None = None
    past: Past | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A generation that was dispatched: where to, what it was predicted to take, and the seconds since then."""

    deployment: str
    prediction: Prediction
    elapsed_s: float = 0.0


class RouteTrace(Protocol):
    """Who wants to know what routing did; a run."""

    async def decided(self, decision: Decision) -> None:
        """Take the decision of one generation, before it begins."""
        ...

    async def switched(self, before: Verdict, after: Verdict, error: VaivenError, *, continued: bool) -> None:
        """Take note that another model answers, because of `error`; `continued`: it goes on with what was said."""
        ...

    async def degraded(self, decision: Decision) -> None:
        """Take note that a budget has no money left for others, so that the chosen model answers."""
        ...

    async def masked(self, counts: Mapping[Kind, int], deployment: Verdict) -> None:
        """Take how many values of each kind were replaced in what the deployment is about to be sent."""
        ...

    async def noticed(self, notice: NoticePiece) -> None:
        """Take what the model's side said of an answer that was shown, after it."""
        ...

    async def logprobs(self, card: ModelCard, tokens: Sequence[TokenLogprob]) -> None:
        """Take the log-probabilities of the tokens of one generation, after it."""
        ...

    async def trimmed(self, messages: int) -> None:
        """Take how many messages of the session's earlier turns are left out of what the model is about to be sent."""
        ...

    def generated(self, card: ModelCard, finished: Finished, sent: Sent) -> None:
        """Take the usage and timings of one generation that came to its end."""
        ...

    def broken_off(self, card: ModelCard, usage: Usage, sent: Sent) -> None:
        """Take what is known of a generation that was stopped: its prompt, and the least that it said."""
        ...
