"""What routing knows of a deployment when it decides, and which limits it breaks. Pure: facts in, words out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from service.backends.base import Guidance, ModelCard, ToolSpec, Usage
from service.economics.allowance import Allowance
from service.economics.money import Money
from service.economics.prices import cost_of
from service.economics.worst_case import WorstCase
from service.errors import Violation
from service.routing.candidates import Candidate, QualityTier
from service.routing.estimate import Pace
from service.routing.policy import NO_POLICY, QUALITY_RANK, Privacy, RoutingPolicy

DEFAULT_ANSWER_TOKENS: Final = 512
"""Room for an answer where neither the function nor the caller says; a backend takes memory for it at once."""

EXPECTED_SHARE: Final = 0.5
"""How much of its room an answer is expected to take, as long as the deployment has given none."""

_CAPABILITIES: Final = {
    "tools": "it cannot call functions",
    "json_schema": "its answers cannot be held to a JSON Schema",
    "grammar": "its answers cannot be held to a grammar",
    "vision": "it cannot see images",
    "logprobs": "it does not tell the log-probabilities of its tokens",
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What one generation needs of a model. `model` (an id), `locality` and `policy` are limits of the caller's.

    `offered` are the functions that the model may call, and `guidance` what its answer is held to, for the prompt's
    length; `may_decline`: it may also call none of them. `vision`: the prompt holds images. `logprobs`: those of its
    tokens are asked for. `masking`: personal data can be pseudonymised. `adapter` must be loaded beside the model.
    `preferred` are models or deployments that the prompt asks for, no limit: where none of them may answer, others do.
    `conflicts` say where the policies that were merged leave nothing over, for who is refused. `allowance` is what the
    run may still cost.
    """

    max_output_tokens: int | None = None
    tools: bool = False
    json_schema: bool = False
    grammar: bool = False
    logprobs: bool = False
    offered: tuple[ToolSpec, ...] = ()
    guidance: Guidance | None = None
    may_decline: bool = False
    vision: bool = False
    masking: bool = False
    adapter: str = ""
    preferred: tuple[str, ...] = ()
    model: str | None = None
    locality: Literal["local", "cloud"] | None = None
    policy: RoutingPolicy = NO_POLICY
    conflicts: tuple[Violation, ...] = ()
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A deployment as it is now. `blocked` says why it takes no requests, `wait_s` for how long."""

    card: ModelCard
    pace: Pace
    deployment: str = ""
    region: str = ""
    quality: QualityTier = "basic"
    weight: float = 1.0
    active: int = 0
    dispatched: int = 0
    blocked: str = ""
    wait_s: float = 0.0

    @classmethod
    def of(cls, candidate: Candidate) -> Facts:
        """Return the facts of a candidate now."""
        condition, place = candidate.condition, candidate.placement
        breaker = condition.breaker
        blocked = "" if breaker.admits else f"it failed too often and is left alone ({breaker.state.value})"
        return cls(
            candidate.card,
            condition.meter.pace(busy=condition.active > 0),
            candidate.deployment,
            place.region,
            place.quality,
            place.weight,
            condition.active,
            condition.dispatched,
            blocked,
            breaker.wait_s,
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a generation is expected to take. Costs None: the price is not known.

    `worst_cost` is for the longest answer, `expected_cost` and `total_s` for `expected_tokens` of it. `measured` False:
    the times are assumed. `generations`: the answer may take so many, each with such a prompt and such an answer.
    """

    prompt_tokens: int
    max_output_tokens: int
    expected_tokens: int
    worst_cost: Money | None
    expected_cost: Money | None
    first_token_s: float
    total_s: float
    measured: bool
    generations: int = 1

    @property
    def worst_prompt_tokens(self) -> int:
        """Return the most tokens of prompts that the answer may take."""
        return self.prompt_tokens * self.generations

    @property
    def worst_output_tokens(self) -> int:
        """Return the most tokens that may be generated for the answer."""
        return self.max_output_tokens * self.generations


def generations_of(card: ModelCard, needs: Needs) -> int:
    """Return the most generations that one answer takes."""
    return card.tool_generations if needs.may_decline else 1


def answer_room(card: ModelCard, needs: Needs, prompt_tokens: int) -> int:
    """Return how many tokens the answer may have: what was asked, the model's limit, or what the prompt leaves."""
    asked = DEFAULT_ANSWER_TOKENS if needs.max_output_tokens is None else needs.max_output_tokens
    return min(asked, card.max_output_tokens, card.context_tokens - prompt_tokens)


def predict(facts: Facts, needs: Needs, prompt_tokens: int) -> Prediction:
    """Return what the generation is expected to take on that deployment."""
    room, pace = answer_room(facts.card, needs, prompt_tokens), facts.pace
    usual = room * EXPECTED_SHARE if pace.output_tokens is None else pace.output_tokens
    expected = max(1, min(room, round(usual)))
    generations = generations_of(facts.card, needs)
    return Prediction(
        prompt_tokens,
        room,
        expected,
        _cost(facts.card, prompt_tokens * generations, room * generations),
        _cost(facts.card, prompt_tokens, expected),
        pace.queue_s + pace.first_token_s,
        pace.total_s(expected),
        pace.measured,
        generations,
    )


def worst_case(card: ModelCard, prediction: Prediction) -> WorstCase:
    """Return the most that the answer can take, by a prompt that is only estimated where the model is elsewhere."""
    return WorstCase.of(card, prediction.worst_prompt_tokens, prediction.worst_output_tokens)


def allowance_broken(card: ModelCard, prediction: Prediction, needs: Needs) -> str:
    """Return why what the run may still cost does not cover the answer; empty where it does."""
    return "" if needs.allowance is None else needs.allowance.shortage(worst_case(card, prediction))


def _cost(card: ModelCard, prompt_tokens: int, output_tokens: int) -> Money | None:
    return None if card.price is None else cost_of(Usage(prompt_tokens, 0, output_tokens), card.price)


def limits_broken(facts: Facts, needs: Needs) -> tuple[str, ...]:
    """Return why the deployment may not answer now by what is stated of it, without regard to the prompt."""
    card, reasons = facts.card, list(stated_limits_broken(facts, needs))
    if card.state != "ready":
        reasons.append(f"it is {card.state}" + (f": {card.state_message}" if card.state_message else ""))
    elif facts.blocked:
        reasons.append(facts.blocked)
    return tuple(reasons)


def stated_limits_broken(facts: Facts, needs: Needs) -> tuple[str, ...]:
    """Return why the deployment may not answer at any time, whether it is ready now or not."""
    card = facts.card
    reasons: list[str] = []
    if needs.model is not None and card.model_id != needs.model:
        reasons.append(f"the request asks for {needs.model}")
    if needs.locality is not None and card.locality != needs.locality:
        reasons.append(f"the request asks for a {needs.locality} model and this one is {card.locality}")
    wanted: set[str] = set(needs.policy.capabilities)
    wanted |= {"tools"} if needs.tools else set()
    wanted |= {"json_schema"} if needs.json_schema else set()
    wanted |= {"grammar"} if needs.grammar else set()
    wanted |= {"vision"} if needs.vision else set()
    wanted |= {"logprobs"} if needs.logprobs else set()
    able = {
        "tools": card.supports_tools,
        "json_schema": card.supports_json_schema,
        "grammar": card.supports_grammar,
        "vision": card.supports_vision,
        "logprobs": card.supports_logprobs,
    }
    reasons += [words for name, words in _CAPABILITIES.items() if name in wanted and not able[name]]
    if needs.adapter and needs.adapter not in card.adapters:
        loaded = ", ".join(card.adapters) or "none"
        reasons.append(f"the adapter {needs.adapter} is not loaded beside it (loaded: {loaded})")
    reasons += _policy_broken(facts, needs)
    return tuple(reasons)


def _policy_broken(facts: Facts, needs: Needs) -> list[str]:
    policy, card = needs.policy, facts.card
    reasons: list[str] = []
    if card.locality == "cloud":
        reasons += _privacy_broken(needs)
        if policy.regions is not None and not policy.regions:
            reasons.append("the policies that hold have no region in common")
        elif policy.regions is not None and facts.region not in policy.regions:
            reasons.append(f"it computes in {facts.region or 'an unknown region'}, which the policy does not allow")
    if policy.min_quality is not None and QUALITY_RANK[facts.quality] < QUALITY_RANK[policy.min_quality]:
        reasons.append(f"its quality is {facts.quality} and the policy asks for {policy.min_quality}")
    if card.context_tokens < policy.min_context_tokens:
        least = policy.min_context_tokens
        reasons.append(f"its context has {card.context_tokens} tokens and the policy asks for {least}")
    if policy.models is not None and card.model_id not in policy.models:
        named = "it is not among the models that the policy names"
        reasons.append(named if policy.models else "the policies that hold have no model in common")
    if policy.backends is not None and card.backend not in policy.backends:
        named = "its backend is not among those that the policy names"
        reasons.append(named if policy.backends else "the policies that hold have no backend in common")
    if card.model_id in policy.excluded_models:
        reasons.append("the policy excludes it")
    if card.backend in policy.excluded_backends:
        reasons.append("the policy excludes its backend")
    return reasons


def _privacy_broken(needs: Needs) -> Iterator[str]:
    """Yield why the words may not leave."""
    if needs.policy.privacy is Privacy.LOCAL_ONLY:
        yield "the policy keeps the request on this machine"
    elif needs.policy.privacy is Privacy.PSEUDONYMISED and not needs.masking:
        yield "the policy asks for pseudonyms, and making them is switched off (privacy.masking)"
    elif needs.policy.privacy is Privacy.PSEUDONYMISED and needs.vision:
        yield "the policy asks for pseudonyms, and there can be none in images"


def prediction_broken(prediction: Prediction, policy: RoutingPolicy) -> tuple[str, ...]:
    """Return which limits of the policy the prediction breaks; times that are assumed break none."""
    reasons: list[str] = []
    for limit in policy.max_costs:
        cost = prediction.worst_cost
        if cost is None:
            reasons.append("its price is not known and the policy limits the cost")
        elif cost.total_nanos and cost.currency != limit.currency:
            reasons.append(f"its price is in {cost.currency} and the policy limits the cost in {limit.currency}")
        elif cost.total_nanos > limit.total_nanos:
            reasons.append(f"it may cost {cost} and the policy allows {limit}")
    limit_s = policy.max_latency_s
    if limit_s is not None and prediction.measured and prediction.total_s > limit_s:
        reasons.append(f"it would take about {prediction.total_s:.1f} s and the policy allows {limit_s:g} s")
    return tuple(reasons)
