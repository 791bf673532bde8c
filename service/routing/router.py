"""Gathers what a decision needs: the state of the deployments, the prompt's length on each, what budgets say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from service.backends.base import ChatMessage
from service.economics.guard import SpendGuard
from service.errors import NoRouteError, UnavailableError
from service.routing.candidates import Candidate, Candidates
from service.routing.decision import Decision, Weights, decide
from service.routing.difficulty import difficulty_of
from service.routing.facts import Facts, Needs, answer_room, generations_of, limits_broken
from service.routing.leaving import Leaving, Told
from service.routing.past import Cut, Past


@dataclass(frozen=True, slots=True)
class Routed:
    """A decision, and what is left out of the prompt for each deployment that has no room for all of it.

    `degraded` says that it would be another one if budgets had more left.
    """

    decision: Decision
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    degraded: bool = False


class Router:
    """Decides over all deployments of the service."""

    def __init__(self, candidates: Candidates, weights: Weights) -> None:
        """Choose among `candidates` by `weights`."""
        self._candidates = candidates
        self._weights = weights

    async def route(
        self,
        messages: Sequence[ChatMessage],
        needs: Needs,
        guard: SpendGuard | None = None,
        without: frozenset[str] = frozenset(),
        leaving: Leaving | None = None,
        past: Past | None = None,
    ) -> Routed:
        """Return who answers `messages`; deployments in `without` are not looked at.

        A prompt counts as it will be sent: `leaving` says how it leaves this machine (None: as it is), and of the turns
        in `past` the oldest are left out where a model has no room for all.

        Raises:
            NoRouteError: None may answer.
            UnavailableError: One would fit and is being loaded, or is left alone for a while.
        """
        candidates = [one for one in self._candidates if one.deployment not in without]
        facts, able = _able(candidates, needs)
        if not able and await _loaded(candidates, facts, needs, messages):
            facts, able = _able(candidates, needs)
        told = Told(tuple(messages), needs.offered, needs.guidance)
        measured = await _measured(able, told, needs, leaving, past)
        prompt_tokens = {known.deployment: count for (_, known), (count, _) in zip(able, measured, strict=True)}
        cuts = {known.deployment: cut for (_, known), (_, cut) in zip(able, measured, strict=True) if cut is not None}
        rates = {one.deployment: one.rate_objection(sum(_worst(known, needs, prompt_tokens))) for one, known in able}
        money = await self._money(able, needs, prompt_tokens, guard)
        weights, why = self._weighed(messages, needs)
        plain = _told(decide(facts, needs, prompt_tokens, weights, rates), why)
        if not money:
            return Routed(plain, cuts)
        try:
            affordable = _told(decide(facts, needs, prompt_tokens, weights, _joined(rates, money)), why)
        except (NoRouteError, UnavailableError):
            # Nobody can be afforded: whoever would answer is asked, and the budget itself says no.
            return Routed(plain, cuts)
        return Routed(affordable, cuts, degraded=affordable.chosen.deployment != plain.chosen.deployment)

    def _weighed(self, messages: Sequence[ChatMessage], needs: Needs) -> tuple[Weights, str]:
        """Return the weights for these messages, and what is to be said of them."""
        if not self._weights.by_difficulty:
            return self._weights, ""
        found = difficulty_of(messages, formed=needs.tools or needs.json_schema or needs.grammar)
        why = f" Its difficulty is {found.score:.2f} of 1 ({found.words}), and quality counts as much."
        return replace(self._weights, quality=self._weights.quality * found.score), why

    async def _money(
        self,
        able: Sequence[tuple[Candidate, Facts]],
        needs: Needs,
        prompt_tokens: Mapping[str, int],
        guard: SpendGuard | None,
    ) -> Mapping[str, str]:
        """Return why deployments cannot be afforded, if the policy lets another one answer then."""
        if guard is None or not needs.policy.degrade_to_local:
            return {}
        objections = {}
        for one, known in able:
            if found := await guard.objections(known.card, *_worst(known, needs, prompt_tokens)):
                objections[one.deployment] = "; ".join(found)
        return objections


def _able(candidates: Sequence[Candidate], needs: Needs) -> tuple[list[Facts], list[tuple[Candidate, Facts]]]:
    """Return the facts of all, and those with theirs that break no stated limit."""
    facts = [Facts.of(one) for one in candidates]
    return facts, [pair for pair in zip(candidates, facts, strict=True) if not limits_broken(pair[1], needs)]


@dataclass(frozen=True, slots=True)
class _Prompts:
    """What the deployments are told: those on this machine, and those elsewhere."""

    here: Told
    elsewhere: Told
    past: Past | None
    max_output_tokens: int | None

    async def measured(self, one: Candidate, known: Facts) -> tuple[int, Cut | None]:
        """Return how long the prompt is on a deployment, and what has to be left out of it."""
        told = self.elsewhere if known.card.locality == "cloud" else self.here
        place = None if self.past is None else self.past.place(self.here.messages)
        if self.past is None or place is None:
            return await one.generator.count_tokens(told.messages, told.tools, told.guidance), None
        more = len(told.messages) - len(self.here.messages)
        tokens, left_out = await self.past.fitting(one, told, place + more, self.max_output_tokens)
        return tokens, Cut(place, left_out) if left_out else None


async def _measured(
    able: Sequence[tuple[Candidate, Facts]], told: Told, needs: Needs, leaving: Leaving | None, past: Past | None
) -> Sequence[tuple[int, Cut | None]]:
    """Return how long the prompt is on each deployment, and what has to be left out of it there."""
    elsewhere = told
    if leaving is not None and any(known.card.locality == "cloud" for _, known in able):
        elsewhere = await leaving.told()
    prompts = _Prompts(told, elsewhere, past, needs.max_output_tokens)
    if len(able) == 1:  # a task for one would only cost
        return [await prompts.measured(*able[0])]
    return await asyncio.gather(*(prompts.measured(*pair) for pair in able))


async def _loaded(
    candidates: Sequence[Candidate], facts: Sequence[Facts], needs: Needs, messages: Sequence[ChatMessage]
) -> bool:
    """Wait for a model that is only being loaded, e.g. again after its worker died; return whether there is one."""
    for one, known in zip(candidates, facts, strict=True):
        if known.card.state == "loading" and len(limits_broken(known, needs)) == 1:
            # To count, a backend waits for its model as long as it lets a request wait; then the decision says no.
            with suppress(UnavailableError):
                await one.generator.count_tokens(messages)
            return True
    return False


def _told(decision: Decision, why: str) -> Decision:
    return replace(decision, explanation=decision.explanation + why) if why else decision


def _worst(facts: Facts, needs: Needs, prompt_tokens: Mapping[str, int]) -> tuple[int, int]:
    """Return the most tokens of prompt and of answer that the deployment may take."""
    prompt, times = prompt_tokens[facts.deployment], generations_of(facts.card, needs)
    return prompt * times, max(0, answer_room(facts.card, needs, prompt)) * times


def _joined(*many: Mapping[str, str]) -> Mapping[str, str]:
    names = {name for one in many for name in one}
    return {name: "; ".join(one[name] for one in many if one.get(name)) for name in names}
