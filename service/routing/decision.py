"""Which deployment answers: limits remove, a score orders, words explain. Pure: facts in, decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.economics.allowance import run_cost_exceeded
from service.errors import NoRouteError, UnavailableError, Violation
from service.routing.facts import (
    Facts,
    Needs,
    Prediction,
    allowance_broken,
    answer_room,
    limits_broken,
    predict,
    prediction_broken,
)
from service.routing.policy import QUALITY_RANK

MIN_ANSWER_TOKENS: Final = 16
"""A model whose context leaves less than this for the answer is not used, unless less was asked for."""

LOADING_RETRY_S: Final = 2.0
"""When to ask again while a model is being loaded."""

BUSY_RETRY_S: Final = 1.0
"""When to ask again where deployments may be sent no more in this minute; how much is left changes all the time."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the expected cost, the expected time and missing quality count against a candidate.

    `by_difficulty` True: quality counts as much as the request looks hard.
    """

    cost: float = 0.5
    latency: float = 0.2
    quality: float = 0.3
    by_difficulty: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One candidate: no reasons, admitted; else each reason against it as a short sentence.

    `prediction` is there where the prompt was looked at, `score` (the lower, the better) where it was admitted.
    """

    model: str
    backend: str
    reasons: tuple[str, ...] = ()
    deployment: str = ""
    region: str = ""
    quality: str = ""
    prediction: Prediction | None = None
    score: float | None = None

    @property
    def admitted(self) -> bool:
        """Return whether the candidate may answer."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Decision:
    """The chosen deployment, what became of every candidate and one sentence for a person.

    `order` holds the verdicts of all that were admitted, the chosen one first and then who would answer in its place.
    `unmet` says why none of the models answers that the prompt asks for; empty: one does, or it asks for none.
    """

    verdicts: tuple[Verdict, ...]
    order: tuple[Verdict, ...]
    explanation: str
    unmet: str = ""

    @property
    def chosen(self) -> Verdict:
        """Return the verdict on who answers."""
        return self.order[0]

    @property
    def model(self) -> str:
        """Return the id of the model that answers."""
        return self.chosen.model

    @property
    def backend(self) -> str:
        """Return the backend of the model that answers."""
        return self.chosen.backend


def decide(
    candidates: Sequence[Facts],
    needs: Needs,
    prompt_tokens: Mapping[str, int],
    weights: Weights = Weights(),
    objections: Mapping[str, str] | None = None,
) -> Decision:
    """Choose among `candidates`.

    `prompt_tokens` holds the prompt's length for each deployment that breaks no stated limit, `objections` what else
    there is against some of them now. What the prompt asks for comes first, and then the lowest score; at the same
    score, the first in the order given.
    Among several deployments of one model the one with the least to do for its weight comes first.

    Raises:
        NoRouteError: None may answer; one violation a candidate.
        RunCostExceededError: One would fit, if the run might cost more.
        UnavailableError: One would fit and is still being loaded, or takes no requests for a while.
    """
    verdicts = [_verdict(facts, needs, prompt_tokens, objections or {}) for facts in candidates]
    admitted = [(facts, verdict) for facts, verdict in zip(candidates, verdicts, strict=True) if verdict.admitted]
    if not admitted:
        raise _refusal(candidates, needs, verdicts, objections or {})
    scores = dict(zip((facts.deployment for facts, _ in admitted), _scores(admitted, weights), strict=True))
    verdicts = [_scored(verdict, scores.get(verdict.deployment)) for verdict in verdicts]
    order = _ordered([facts for facts, _ in admitted], scores, needs)
    unmet = "" if _asked_for(order[0], needs) is not None else _unmet(needs, verdicts)
    by_deployment = {verdict.deployment: verdict for verdict in verdicts}
    return Decision(
        verdicts=tuple(verdicts),
        order=tuple(by_deployment[facts.deployment] for facts in order),
        explanation=f"{_explanation(order, needs, scores, len(candidates))} {unmet}".strip(),
        unmet=unmet,
    )


def _verdict(facts: Facts, needs: Needs, prompt_tokens: Mapping[str, int], objections: Mapping[str, str]) -> Verdict:
    card, prediction = facts.card, None
    reasons = limits_broken(facts, needs)
    if not reasons:
        prompt = prompt_tokens[facts.deployment]
        least = min(MIN_ANSWER_TOKENS, needs.max_output_tokens or MIN_ANSWER_TOKENS)
        if answer_room(card, needs, prompt) < least:
            reasons = (
                f"the prompt takes {prompt} of its {card.context_tokens} tokens and leaves too few for an answer",
            )
        else:
            prediction = predict(facts, needs, prompt)
            reasons = prediction_broken(prediction, needs.policy)
            if short := allowance_broken(card, prediction, needs):
                reasons = (*reasons, short)
            if objection := objections.get(facts.deployment):
                reasons = (*reasons, objection)
    return Verdict(card.model_id, card.backend, reasons, facts.deployment, facts.region, facts.quality, prediction)


def _scores(admitted: Sequence[tuple[Facts, Verdict]], weights: Weights) -> list[float]:
    """Return a score for each: every part is between 0 and 1, the worst of those that were admitted."""
    predictions = [verdict.prediction for _, verdict in admitted if verdict.prediction is not None]
    # Amounts are compared as numbers: all prices of one installation are in one currency. What is unknown is the worst.
    costs = [None if p.expected_cost is None else float(p.expected_cost.amount) for p in predictions]
    dearest = max((cost for cost in costs if cost is not None), default=0.0)
    slowest = max(p.total_s for p in predictions)
    best = max(QUALITY_RANK.values())
    return [
        weights.cost * (1.0 if cost is None else cost / dearest if dearest else 0.0)
        + weights.latency * (p.total_s / slowest if slowest else 0.0)
        + weights.quality * (best - QUALITY_RANK[facts.quality]) / (best - 1)
        for (facts, _), cost, p in zip(admitted, costs, predictions, strict=True)
    ]


def _scored(verdict: Verdict, score: float | None) -> Verdict:
    return Verdict(
        verdict.model,
        verdict.backend,
        verdict.reasons,
        verdict.deployment,
        verdict.region,
        verdict.quality,
        verdict.prediction,
        score,
    )


def _asked_for(facts: Facts, needs: Needs) -> int | None:
    """Return the place of the deployment among those that the prompt asks for; None: it does not."""
    names = (facts.card.model_id, facts.deployment)
    return next((place for place, name in enumerate(needs.preferred) if name in names), None)


def _unmet(needs: Needs, verdicts: Sequence[Verdict]) -> str:
    """Return why none of the models answers that the prompt asks for, as a sentence; none asked for: no words."""
    if not needs.preferred:
        return ""
    why = []
    for name in needs.preferred:
        reasons = next((v.reasons for v in verdicts if name in (v.model, v.deployment)), ("there is no such model",))
        why.append(f"{name} ({'; '.join(reasons)})")
    return f"The prompt asks for {', or '.join(why)}; another one answers."


def _ordered(admitted: Sequence[Facts], scores: Mapping[str, float], needs: Needs) -> list[Facts]:
    best: dict[str, tuple[float, int]] = {}
    for place, facts in enumerate(admitted):
        key = (scores[facts.deployment], place)
        best[facts.card.model_id] = min(key, best.get(facts.card.model_id, key))
    return sorted(
        admitted,
        key=lambda facts: (
            len(needs.preferred) if (place := _asked_for(facts, needs)) is None else place,
            best[facts.card.model_id],
            (facts.active + 1) / facts.weight,
            facts.dispatched / facts.weight,
        ),
    )


def _explanation(order: Sequence[Facts], needs: Needs, scores: Mapping[str, float], looked_at: int) -> str:
    chosen = order[0]
    card = chosen.card
    name = f"{card.display_name} ({card.backend})"
    siblings = sum(facts.card.model_id == card.model_id for facts in order)
    if siblings > 1:
        name = f"{card.display_name} ({card.backend}, {chosen.deployment}: the least busy of {siblings} deployments)"
    if needs.model is not None:
        return f"{name} answers because the request asks for it."
    if _asked_for(chosen, needs) is not None:
        return f"{name} answers because the prompt asks for it."
    if looked_at == 1:
        return f"{name} answers: it is the only model there is."
    if len(order) == 1:
        return f"{name} answers: it is the only one of {looked_at} models that fits the request."
    score = scores[chosen.deployment]
    return f"{name} answers: of {len(order)} that fit the request, cost, time and quality speak for it ({score:.2f})."


def _refusal(
    candidates: Sequence[Facts], needs: Needs, verdicts: Sequence[Verdict], objections: Mapping[str, str]
) -> NoRouteError | UnavailableError:
    violations = tuple(Violation(f"models/{v.model}", "; ".join(v.reasons)) for v in verdicts)
    nearly = [facts for facts, v in zip(candidates, verdicts, strict=True) if len(v.reasons) == 1]
    if any(facts.card.state == "loading" and len(limits_broken(facts, needs)) == 1 for facts in nearly):
        return UnavailableError(
            "The model is still being loaded.",
            reason="MODEL_LOADING",
            retry_after_s=LOADING_RETRY_S,
            violations=violations,
        )
    resting = [facts.wait_s for facts in nearly if facts.blocked and facts.card.state == "ready"]
    resting += [BUSY_RETRY_S for facts in nearly if objections.get(facts.deployment)]
    if resting:
        return UnavailableError(
            "The models that fit the request take none for a while; the violations say why for each.",
            reason="BACKENDS_RESTING",
            retry_after_s=min(resting),
            violations=violations,
        )
    alone = [(v.prediction, facts) for facts, v in zip(candidates, verdicts, strict=True) if len(v.reasons) == 1]
    if any(found is not None and allowance_broken(facts.card, found, needs) for found, facts in alone):
        return run_cost_exceeded(list(violations))
    words = "No model can answer this request; the violations say why for each."
    if not candidates:
        words = (
            "No model is loaded; ModelService.ListModels names those there are, and ModelService.LoadModel loads one."
        )
    if needs.conflicts:
        words = "No model can answer this request: policies that hold together leave none over, as the violations say."
    return NoRouteError(words, violations=(*violations, *needs.conflicts))
