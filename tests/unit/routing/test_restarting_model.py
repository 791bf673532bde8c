"""A model whose worker died: the only one there is is waited for, and what it held together is not held against it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from service.backends.base import ChatMessage
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.errors import NoRouteError, UnavailableError, WorkerDiedError
from service.routing.breaker import BreakerOptions, BreakerState
from service.routing.candidates import Candidate, Candidates, Placement
from service.routing.chat import RoutedChat
from service.routing.request import RouteRequest
from tests.unit.routing.test_chat import Trace, _say

LOADING = replace(FAKE_CARD, state="loading", state_message="The worker is being restarted.")


class Restarting(FakeGenerator):
    """A model that is loading until somebody waits for it, and then may be another one."""

    def __init__(self, becomes: str = "ready") -> None:
        super().__init__("I am back.", LOADING)
        self._becomes = becomes

    async def count_tokens(self, messages: Sequence[ChatMessage], *told: Any) -> int:
        self.change_card(replace(self.card, state=self._becomes))  # type: ignore[arg-type]
        if self.card.state != "ready":
            raise UnavailableError("It is still loading.")
        return await super().count_tokens(messages)


def routed(*generators: FakeGenerator, placement: Placement | None = None) -> tuple[RoutedChat, Candidates]:
    candidates = Candidates(Candidate(one, placement) for one in generators)
    return RoutedChat(candidates, RouteRequest(), Trace()), candidates


async def test_the_only_model_is_waited_for() -> None:
    chat, _ = routed(Restarting())
    assert await _say(chat, "hello") == "I am back."


async def test_nobody_waits_where_another_one_answers() -> None:
    restarting = Restarting()
    chat, _ = routed(restarting, FakeGenerator("At once.", replace(FAKE_CARD, model_id="other")))
    assert await _say(chat, "hello") == "At once."
    assert restarting.card.state == "loading"


@pytest.mark.parametrize(("becomes", "reason"), [("loading", "MODEL_LOADING"), ("failed", "NO_ROUTE")])
async def test_one_that_does_not_come_back_is_said_so(becomes: str, reason: str) -> None:
    chat, _ = routed(Restarting(becomes))
    with pytest.raises((UnavailableError, NoRouteError)) as refused:
        await _say(chat, "hello")
    assert refused.value.reason == reason


async def test_one_death_is_not_many_failures() -> None:
    died = WorkerDiedError("The worker ended.", retry_after_s=1.0)
    chat, candidates = routed(
        FakeGenerator(FakeAnswer(("one",), error=died)), placement=Placement(breaker=BreakerOptions(failures=2))
    )
    for _ in range(3):
        with pytest.raises(WorkerDiedError):
            await _say(chat, "hello")
    (candidate,) = candidates
    assert candidate.condition.breaker.state is BreakerState.CLOSED
