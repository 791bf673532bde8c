"""When a model fails: another one answers before the first word, goes on after it if allowed, or nobody does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from semantic_kernel.connectors.ai.function_choice_type import FunctionChoiceType
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory

from service.backends.base import Guidance, ModelCard, NoticePiece, Price, Usage
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.backends.openai_protocol import UpstreamThrottledError, UpstreamUnavailableError
from service.economics.allowance import Allowance
from service.economics.guard import Spending
from service.economics.money import Money
from service.errors import (
    BudgetExceededError,
    Code,
    ContextTooLongError,
    NoRouteError,
    RunCostExceededError,
    UnavailableError,
    VaivenError,
)
from service.routing.breaker import BreakerOptions, BreakerState
from service.routing.candidates import Candidate, Candidates, Placement
from service.routing.chat import GO_ON, RoutedChat
from service.routing.decision import Weights
from service.routing.policy import RoutingPolicy
from service.routing.request import RouteRequest
from tests.unit.routing.test_chat import Trace, _say

DOWN = UpstreamUnavailableError("Down.", reason="UPSTREAM_FAILED")
ONCE = BreakerOptions(failures=1, open_s=30.0)


def candidate(model_id: str, script: Any, **facts: Any) -> Candidate:
    placement = facts.pop("placement", Placement(breaker=ONCE))
    generator = FakeGenerator(script, replace(FAKE_CARD, model_id=model_id, **facts))
    return Candidate(generator, placement)


def routed(*candidates: Candidate, **limits: Any) -> tuple[RoutedChat, Trace]:
    trace = Trace()
    return RoutedChat(Candidates(candidates), RouteRequest(**limits), trace), trace


class Guard:
    """A budget that some models are too dear for."""

    def __init__(self, *too_dear: str) -> None:
        self.too_dear = too_dear
        self.log: list[tuple[str, Usage | None]] = []
        self.asked: list[tuple[int, int]] = []

    async def objections(self, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> tuple[str, ...]:
        return ("budgets/b has nothing left",) if card.model_id in self.too_dear else ()

    @asynccontextmanager
    async def spend(self, card: ModelCard, prompt_tokens: int, max_output_tokens: int) -> AsyncIterator[Spending]:
        if card.model_id in self.too_dear:
            raise BudgetExceededError("Nothing left.")
        self.asked.append((prompt_tokens, max_output_tokens))
        spending = Spending()
        try:
            yield spending
        finally:
            self.log.append((card.model_id, spending.used_so_far))


async def test_another_model_answers_before_the_first_word() -> None:
    guard = Guard()
    first = candidate("first", FakeAnswer(error=DOWN))
    chat, trace = routed(first, candidate("second", "fine"), guard=guard)
    assert await _say(chat, "a b") == "fine"
    assert trace.switches == [("first", "second", "UPSTREAM_FAILED", False)]
    assert guard.log == [("first", None), ("second", Usage(2, 0, 1))]
    assert (trace.broken, first.condition.active) == ([], 0)


async def test_a_whole_answer_may_come_from_another_one_even_when_it_broke_off() -> None:
    first = candidate("first", FakeAnswer(("one", " two"), error=DOWN))
    chat, trace = routed(first, candidate("second", "fine"))
    history = ChatHistory()
    history.add_user_message("a b")
    (content,) = await chat.get_chat_message_contents(history, PromptExecutionSettings())
    assert str(content) == "fine"
    assert trace.switches == [("first", "second", "UPSTREAM_FAILED", False)]


@pytest.mark.parametrize(("shown", "told"), [((), []), (("one",), ["first"])])
async def test_only_notices_of_what_was_shown_are_told(shown: tuple[str, ...], told: list[str]) -> None:
    broken = FakeAnswer(shown, error=DOWN, notices=(NoticePiece("PROMPT_FLAGGED", "first"),))
    whole = FakeAnswer(("fine",), notices=(NoticePiece("PROMPT_FLAGGED", "second"),))
    policy = RoutingPolicy(allow_continuation=True)
    chat, trace = routed(candidate("first", broken), candidate("second", whole), policy=policy)
    assert await _say(chat, "a") == "".join((*shown, "fine"))
    assert [notice.message for notice in trace.notices] == [*told, "second"]


async def test_who_fails_is_left_alone_and_then_tried_again() -> None:
    first = candidate("first", FakeAnswer(error=DOWN))
    chat, trace = routed(first, candidate("second", "fine"))
    await _say(chat, "a")
    assert first.condition.breaker.state is BreakerState.OPEN
    await _say(chat, "a")
    assert len(trace.switches) == 1
    assert trace.decisions[1].model == "second"
    assert trace.decisions[1].verdicts[0].reasons == ("it failed too often and is left alone (open)",)
    alone, _ = routed(first)
    with pytest.raises(UnavailableError) as refusal:
        await _say(alone, "a")
    assert refusal.value.reason == "BACKENDS_RESTING"


async def test_nobody_answers_whom_the_policy_forbids() -> None:
    policy = RoutingPolicy(excluded_models=frozenset({"second"}))
    chat, trace = routed(candidate("first", FakeAnswer(error=DOWN)), candidate("second", "fine"), policy=policy)
    with pytest.raises(UpstreamUnavailableError):
        await _say(chat, "a")
    assert trace.switches == []


async def test_who_may_cost_more_than_the_run_may_is_passed_over() -> None:
    def priced(name: str, price: float) -> Candidate:
        return candidate(name, "fine", price=Price("EUR", 0.0, price, 0.0))

    allowance = Allowance(Money("EUR", 1), lambda: None)
    dear, free = priced("dear", 1_000_000.0), priced("free", 0.0)
    chat, trace = routed(dear, free, allowance=allowance, weights=Weights(cost=0.0, latency=0.0, quality=0.0))
    assert await _say(chat, "a", max_tokens=2) == "fine"
    assert trace.decisions[0].model == "free"
    assert trace.decisions[0].verdicts[0].reasons == ("it may cost 2 EUR and the run has 1 EUR of 1 EUR left",)
    assert await _say(chat, "a", max_tokens=1) == "fine"
    assert trace.decisions[1].model == "dear"
    alone, _ = routed(dear, allowance=allowance)
    with pytest.raises(RunCostExceededError) as refusal:
        await _say(alone, "a", max_tokens=2)
    assert (refusal.value.code, refusal.value.reason) == (Code.FAILED_PRECONDITION, "RUN_COST_EXCEEDED")
    assert [v.subject for v in refusal.value.violations] == ["models/dear"]


@pytest.mark.parametrize("error", [ContextTooLongError("Too long."), NoRouteError("None.")])
async def test_an_error_that_another_one_would_make_too_ends_it(error: VaivenError) -> None:
    first = candidate("first", FakeAnswer(error=error))
    chat, trace = routed(first, candidate("second", "fine"))
    with pytest.raises(type(error)):
        await _say(chat, "a")
    assert trace.switches == []


async def test_after_the_first_word_it_fails_unless_a_continuation_is_allowed() -> None:
    def script(request: Any) -> FakeAnswer | str:
        return " three four"

    broken = FakeAnswer(("one", " two"), error=DOWN)
    chat, trace = routed(candidate("first", broken), candidate("second", script))
    with pytest.raises(UpstreamUnavailableError):
        await _say(chat, "a")
    assert trace.broken == [Usage(1, 0, 2)]

    second = candidate("second", script)
    policy = RoutingPolicy(allow_continuation=True)
    chat, trace = routed(candidate("first", broken), second, policy=policy)
    assert await _say(chat, "a", max_tokens=20) == "one two three four"
    assert trace.switches == [("first", "second", "UPSTREAM_FAILED", True)]
    assert isinstance(second.generator, FakeGenerator)
    (asked,) = second.generator.requests
    assert [m.content for m in asked.messages] == ["a", "one two", GO_ON]
    assert asked.max_output_tokens == 18


async def test_who_goes_on_is_not_held_to_the_form_of_a_whole_answer() -> None:
    first = candidate("first", FakeAnswer(("y",), error=DOWN), small=True)
    second = candidate("second", "es", small=True)
    chat, _ = routed(first, second, policy=RoutingPolicy(allow_continuation=True))
    history = ChatHistory()
    history.add_user_message("a")
    form = 'start: "yes"\n'
    async for _ in chat.get_streaming_chat_message_contents(history, PromptExecutionSettings(), form=form):
        pass
    asked = [one.generator.requests[0] for one in (first, second) if isinstance(one.generator, FakeGenerator)]
    assert [request.guidance for request in asked] == [Guidance("lark_grammar", form), None]


async def test_an_answer_in_json_is_never_continued() -> None:
    broken = FakeAnswer(("{", "}"), error=DOWN)
    policy = RoutingPolicy(allow_continuation=True)
    chat, trace = routed(candidate("first", broken), candidate("second", "x"), policy=policy)
    with pytest.raises(UpstreamUnavailableError):
        await _say(chat, "a", response_format={"type": "json_object"})
    assert trace.switches == []


async def test_who_is_throttled_rests_and_is_not_broken() -> None:
    busy = UpstreamThrottledError("Later.", retry_after_s=9.0)
    first = candidate("first", FakeAnswer(error=busy))
    chat, trace = routed(first, candidate("second", "fine"))
    await _say(chat, "a")
    await _say(chat, "a")
    assert first.condition.breaker.state is BreakerState.CLOSED
    (reason,) = trace.decisions[1].verdicts[0].reasons
    assert reason.startswith("it takes no requests for another")


async def test_requests_of_a_minute_move_to_another_deployment() -> None:
    def placed(name: str) -> Candidate:
        return candidate("m", "fine", placement=Placement(name, requests_per_minute=1))

    chat, trace = routed(placed("one"), placed("two"))
    await _say(chat, "a")
    await _say(chat, "a")
    assert [d.chosen.deployment for d in trace.decisions] == ["one", "two"]


async def test_a_short_budget_refuses_or_lets_another_model_answer() -> None:
    def pair() -> tuple[Candidate, Candidate]:
        dear = candidate("dear", "x", price=Price("EUR", 1.0, 1.0, 1.0), placement=Placement(quality="high"))
        return dear, candidate("free", "fine", supports_tools=False)

    weighed = {"policy": RoutingPolicy(min_quality="high")}
    chat, trace = routed(*pair(), guard=Guard("dear"), **weighed)
    with pytest.raises(BudgetExceededError):
        await _say(chat, "a")
    assert trace.switches == []

    from service.routing.decision import Weights

    best = Weights(cost=0.0, latency=0.0, quality=1.0)
    chat, trace = routed(*pair(), guard=Guard("dear"), weights=best, policy=RoutingPolicy(degrade_to_local=True))
    assert await _say(chat, "a") == "fine"
    assert [decision.model for decision in trace.short] == ["free"]
    assert trace.decisions[0].verdicts[0].reasons == ("budgets/b has nothing left",)


async def test_where_nobody_can_be_afforded_the_budget_says_no() -> None:
    policy = RoutingPolicy(degrade_to_local=True)
    chat, _ = routed(candidate("dear", "x"), guard=Guard("dear"), policy=policy)
    with pytest.raises(BudgetExceededError):
        await _say(chat, "a")


def tool(name: str) -> dict[str, Any]:
    function = {"name": name, "description": "One two three.", "parameters": {"type": "object", "properties": {}}}
    return {"type": "function", "function": function}


@pytest.mark.parametrize(
    ("choice", "generations", "expected", "set_aside"),
    [
        (FunctionChoiceType.AUTO, 2, 2 + 4, (2 * 6, 2 * 5)),
        (FunctionChoiceType.AUTO, 1, 2 + 4, (6, 5)),
        (FunctionChoiceType.REQUIRED, 2, 2 + 4, (6, 5)),
        (FunctionChoiceType.NONE, 2, 2, (2, 5)),
    ],
)
async def test_functions_and_a_free_choice_among_them_are_set_aside(
    choice: FunctionChoiceType, generations: int, expected: int, set_aside: tuple[int, int]
) -> None:
    guard = Guard()
    chat, trace = routed(candidate("only", "fine", tool_generations=generations), guard=guard)
    await _say(chat, "a b", tools=[tool("clock-tell")], tool_choice=choice, max_tokens=5)
    assert guard.asked == [set_aside]
    (decision,) = trace.decisions
    prediction = decision.chosen.prediction
    assert prediction is not None
    assert (prediction.prompt_tokens, prediction.worst_prompt_tokens) == (expected, set_aside[0])
