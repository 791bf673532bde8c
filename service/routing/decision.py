"""Which model answers: limits remove, price orders, words explain. Pure: facts in, decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from service.backends.base import ModelCard, Usage
from service.economics.prices import cost_of
from service.errors import NoRouteError, UnavailableError, Violation

MIN_ANSWER_TOKENS: Final = 16
"""A model whose context leaves less than this for the answer is not used, unless less was asked for."""

DEFAULT_ANSWER_TOKENS: Final = 512
"""Room for an answer where neither the function nor the caller says; a backend takes memory for it at once."""

LOADING_RETRY_S: Final = 2.0
"""When to ask again while a model is being loaded."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one generation needs of a model. `model` (an id) and `locality` are the caller's limits."""

    max_output_tokens: int | None = None
    tools: bool = False
    json_schema: bool = False
    model: str | None = None
    locality: Literal["local", "cloud"] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One candidate: no reasons, admitted; else each reason against it as a short sentence."""

    model: str
    backend: str
    reasons: tuple[str, ...] = ()

    @property
    def admitted(self) -> bool:
        """Return whether the candidate may answer."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Decision:
    """The chosen model, what became of every candidate and one sentence for a person.

    `prompt_tokens` is the prompt's length for that model, `max_output_tokens` what its answer may have.
    """

    model: str
    backend: str
    verdicts: tuple[Verdict, ...]
    explanation: str
    prompt_tokens: int
    max_output_tokens: int


def limits_broken(card: ModelCard, needs: Needs) -> tuple[str, ...]:
    """Return why the model may not answer by its stated facts, without regard to the prompt."""
    reasons: list[str] = []
    if needs.model is not None and card.model_id != needs.model:
        reasons.append(f"the request asks for {needs.model}")
    if needs.locality is not None and card.locality != needs.locality:
        reasons.append(f"the request asks for a {needs.locality} model and this one is {card.locality}")
    if needs.tools and not card.supports_tools:
        reasons.append("it cannot call functions")
    if needs.json_schema and not card.supports_json_schema:
        reasons.append("its answers cannot be held to a JSON Schema")
    if card.state != "ready":
        reasons.append(f"it is {card.state}" + (f": {card.state_message}" if card.state_message else ""))
    return tuple(reasons)


def answer_room(card: ModelCard, needs: Needs, prompt_tokens: int) -> int:
    """Return how many tokens the answer may have: what was asked, the model's limit, or what the prompt leaves."""
    asked = DEFAULT_ANSWER_TOKENS if needs.max_output_tokens is None else needs.max_output_tokens
    return min(asked, card.max_output_tokens, card.context_tokens - prompt_tokens)


def decide(cards: Sequence[ModelCard], needs: Needs, prompt_tokens: Mapping[str, int]) -> Decision:
    """Choose among `cards`; `prompt_tokens` holds the prompt's length for each model that breaks no stated limit.

    The cheapest for the tokens expected comes first; at the same price, the first in the order given.

    Raises:
        NoRouteError: No model may answer; one violation a candidate.
        UnavailableError: A model would fit and is still being loaded.
    """
    verdicts = tuple(_verdict(card, needs, prompt_tokens) for card in cards)
    admitted = [card for card, verdict in zip(cards, verdicts, strict=True) if verdict.admitted]
    if not admitted:
        raise _refusal(cards, needs, verdicts)
    chosen = min(admitted, key=lambda card: _expected_cost(card, needs, prompt_tokens[card.model_id]))
    return Decision(
        model=chosen.model_id,
        backend=chosen.backend,
        verdicts=verdicts,
        explanation=_explanation(chosen, needs, len(admitted), len(cards)),
        prompt_tokens=prompt_tokens[chosen.model_id],
        max_output_tokens=answer_room(chosen, needs, prompt_tokens[chosen.model_id]),
    )


def _verdict(card: ModelCard, needs: Needs, prompt_tokens: Mapping[str, int]) -> Verdict:
    reasons = limits_broken(card, needs)
    if not reasons:
        prompt = prompt_tokens[card.model_id]
        least = min(MIN_ANSWER_TOKENS, needs.max_output_tokens or MIN_ANSWER_TOKENS)
        if answer_room(card, needs, prompt) < least:
            reasons = (
                f"the prompt takes {prompt} of its {card.context_tokens} tokens and leaves too few for an answer",
            )
    return Verdict(card.model_id, card.backend, reasons)


def _expected_cost(card: ModelCard, needs: Needs, prompt_tokens: int) -> Decimal:
    # Amounts are compared as numbers: all prices of one installation are in one currency. What is not known comes last.
    if card.price is None:
        return Decimal("Infinity")
    answer = answer_room(card, needs, prompt_tokens)
    return cost_of(Usage(input_tokens=prompt_tokens, output_tokens=answer), card.price).amount


def _explanation(chosen: ModelCard, needs: Needs, admitted: int, looked_at: int) -> str:
    name = f"{chosen.display_name} ({chosen.backend})"
    if needs.model is not None:
        return f"{name} answers because the request asks for it."
    if looked_at == 1:
        return f"{name} answers: it is the only model there is."
    if admitted == 1:
        return f"{name} answers: it is the only one of {looked_at} models that fits the request."
    if chosen.price is None:
        return f"{name} answers: it is the first of {admitted} models that fit the request, none of a known price."
    return f"{name} answers: it is the cheapest of the {admitted} models that fit the request."


def _refusal(cards: Sequence[ModelCard], needs: Needs, verdicts: Sequence[Verdict]) -> NoRouteError | UnavailableError:
    violations = tuple(Violation(f"models/{v.model}", "; ".join(v.reasons)) for v in verdicts)
    if any(card.state == "loading" and len(limits_broken(card, needs)) == 1 for card in cards):
        return UnavailableError(
            "The model is still being loaded.",
            reason="MODEL_LOADING",
            retry_after_s=LOADING_RETRY_S,
            violations=violations,
        )
    return NoRouteError("No model can answer this request; the violations say why for each.", violations=violations)
