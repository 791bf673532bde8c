"""The run's chat service: decides once, delegates, overrides, and accounts for whole and broken answers."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.prompt_execution_settings import PromptExecutionSettings
from semantic_kernel.contents.chat_history import ChatHistory
from semantic_kernel.functions import KernelArguments, KernelFunctionFromPrompt, kernel_function

from service.backends.base import (
    Finished,
    GenerationPiece,
    GenerationRequest,
    Guidance,
    ModelCard,
    NoticePiece,
    Price,
    TokenChance,
    TokenLogprob,
    ToolCall,
    Usage,
)
from service.backends.fake import FAKE_CARD, FakeAnswer, FakeGenerator
from service.errors import InvalidArgumentError, NoRouteError, QueueFullError, UnavailableError, VaivenError
from service.privacy.kinds import Kind
from service.routing.candidates import Candidate, Candidates
from service.routing.chat import RoutedChat, RoutedSettings
from service.routing.decision import Decision, Verdict
from service.routing.request import GenerationParameters, RouteRequest, Sent
from service.runs.failures import worded


class Trace:
    """Remembers what routing said."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.ends: list[Finished] = []
        self.broken: list[Usage] = []
        self.sent: list[Sent] = []
        self.notices: list[NoticePiece] = []
        self.told_logprobs: list[tuple[str, tuple[TokenLogprob, ...]]] = []
        self.switches: list[tuple[str, str, str, bool]] = []
        self.short: list[Decision] = []
        self.trims: list[int] = []
        self.masks: list[tuple[str, dict[str, int]]] = []

    async def decided(self, decision: Decision) -> None:
        self.decisions.append(decision)

    async def switched(self, before: Verdict, after: Verdict, error: VaivenError, *, continued: bool) -> None:
        self.switches.append((before.deployment, after.deployment, error.reason, continued))

    async def degraded(self, decision: Decision) -> None:
        self.short.append(decision)

    async def trimmed(self, messages: int) -> None:
        self.trims.append(messages)

    async def logprobs(self, card: ModelCard, tokens: Sequence[TokenLogprob]) -> None:
        self.told_logprobs.append((card.model_id, tuple(tokens)))

    async def masked(self, counts: Mapping[Kind, int], deployment: Verdict) -> None:
        self.masks.append((deployment.deployment, {kind.value: values for kind, values in counts.items()}))

    async def noticed(self, notice: NoticePiece) -> None:
        self.notices.append(notice)

    def generated(self, card: ModelCard, finished: Finished, sent: Sent) -> None:
        self.ends.append(finished)
        self.sent.append(sent)

    def broken_off(self, card: ModelCard, usage: Usage, sent: Sent) -> None:
        self.broken.append(usage)
        self.sent.append(sent)


def _chat(
    *generators: FakeGenerator, request: RouteRequest | None = None, trace: Trace | None = None
) -> tuple[RoutedChat, Trace]:
    trace = trace or Trace()
    candidates = Candidates(Candidate(g) for g in generators)
    return RoutedChat(candidates, request or RouteRequest(), trace), trace


async def _say(chat: RoutedChat, text: str, **settings: Any) -> str:
    history = ChatHistory()
    history.add_user_message(text)
    said = ""
    async for contents in chat.get_streaming_chat_message_contents(history, PromptExecutionSettings(**settings)):
        said += "".join(str(content) for content in contents)
    return said


async def test_streams_and_accounts() -> None:
    chat, trace = _chat(FakeGenerator("one two three"))
    assert await _say(chat, "hello there") == "one two three"
    assert [end.usage for end in trace.ends] == [Usage(2, 0, 3)]
    assert trace.broken == []
    assert [d.model for d in trace.decisions] == ["fake"]


async def test_unary_is_the_same() -> None:
    chat, trace = _chat(FakeGenerator("one two three"))
    history = ChatHistory()
    history.add_user_message("hello there")
    (content,) = await chat.get_chat_message_contents(history, PromptExecutionSettings())
    assert str(content) == "one two three"
    assert [end.usage for end in trace.ends] == [Usage(2, 0, 3)]


async def test_notices_are_told_and_not_shown() -> None:
    notices = (NoticePiece("PROMPT_FLAGGED", "Found."), NoticePiece("FILTER_UNAVAILABLE", "Not looked at."))
    chat, trace = _chat(FakeGenerator(FakeAnswer(("one", " two"), notices=notices)))
    assert await _say(chat, "a") == "one two"
    assert trace.notices == [*notices]
    history = ChatHistory()
    history.add_user_message("a")
    (content,) = await chat.get_chat_message_contents(history, PromptExecutionSettings())
    assert str(content) == "one two"
    assert trace.notices == [*notices, *notices]
    assert trace.broken == []


async def test_every_generation_is_routed_anew() -> None:
    small = FakeGenerator("small", replace(FAKE_CARD, model_id="small", context_tokens=40))
    large = FakeGenerator("large", replace(FAKE_CARD, model_id="large", price=Price("USD", 1.0, 1.0, 1.0)))
    chat, trace = _chat(small, large)
    assert [await _say(chat, text) for text in ("a", "b", "long " * 30, "c")] == ["small", "small", "large", "small"]
    assert [d.model for d in trace.decisions] == ["small", "small", "large", "small"]


async def test_the_request_overrides_the_prompt() -> None:
    generation = GenerationParameters(max_output_tokens=7, temperature=0.5, top_p=0.9, top_k=3, seed=1, stop=("x",))
    generator = FakeGenerator("hi")
    chat, _ = _chat(generator, request=RouteRequest(generation=generation, deadline=12.5, tenant="t"))
    await _say(chat, "hello", max_tokens=100, temperature=0.0)
    (asked,) = generator.requests
    assert asked.max_output_tokens == 7
    assert (asked.sampling.temperature, asked.sampling.top_p, asked.sampling.top_k) == (0.5, 0.9, 3)
    assert (asked.sampling.seed, asked.sampling.stop, asked.deadline) == (1, ("x",), 12.5)
    assert asked.tenant == "t"


async def test_all_that_a_caller_may_say_reaches_the_model() -> None:
    sampling: dict[str, Any] = {"min_p": 0.1, "repetition_penalty": 1.2, "presence_penalty": -0.5, "logprobs": 2}
    generation = GenerationParameters(
        **sampling,
        logit_bias=((3, -100.0), (5, 1.5)),
        priority=-4,
        guidance=Guidance("regex", "[a-z]+"),
        adapter="mail",
    )
    generator = FakeGenerator("hi", replace(FAKE_CARD, supports_logprobs=True, adapters=("mail",)))
    chat, _ = _chat(generator, request=RouteRequest(generation=generation))
    # What a prompt file says gives way, and says the same by the same names.
    await _say(chat, "hello", min_p=0.9, presence_penalty=2.0, logit_bias={7: 1.0})
    await _say(_chat(generator)[0], "hello", min_p=0.9, presence_penalty=2.0, logit_bias={7: 1.0})
    first, second = generator.requests
    assert {name: getattr(first.sampling, name) for name in sampling} == sampling
    assert dict(first.sampling.logit_bias) == {3: -100.0, 5: 1.5}
    assert (first.priority, first.guidance) == (-4, Guidance("regex", "[a-z]+"))
    assert (first.adapter, second.adapter) == ("mail", "")
    assert (second.sampling.min_p, second.sampling.presence_penalty, second.sampling.logit_bias) == (
        0.9,
        2.0,
        ((7, 1.0),),
    )


@pytest.mark.parametrize(
    ("generation", "card", "words"),
    [
        (GenerationParameters(logprobs=0), {"supports_logprobs": False}, "log-probabilities"),
        (GenerationParameters(guidance=Guidance("regex", "a")), {"supports_grammar": False}, "a grammar"),
        (
            GenerationParameters(guidance=Guidance("lark_grammar", 'start: "a"')),
            {"supports_grammar": False},
            "a grammar",
        ),
        (
            GenerationParameters(guidance=Guidance("json_schema", "{}")),
            {"supports_json_schema": False},
            "a JSON Schema",
        ),
    ],
)
async def test_what_a_model_lacks_keeps_the_request_from_it(
    generation: GenerationParameters, card: dict[str, Any], words: str
) -> None:
    able = FakeGenerator("able", replace(FAKE_CARD, model_id="able", supports_logprobs=True))
    unable = FakeGenerator("unable", replace(FAKE_CARD, model_id="unable", **card))
    assert await _say(_chat(unable, able, request=RouteRequest(generation=generation))[0], "a") == "able"
    chat, _ = _chat(unable, request=RouteRequest(generation=generation))
    with pytest.raises(NoRouteError) as refused:
        await _say(chat, "a")
    assert words in refused.value.violations[0].description


async def test_a_function_that_has_a_schema_takes_no_other_constraint() -> None:
    generator = FakeGenerator("{}")
    chat, _ = _chat(generator, request=RouteRequest(generation=GenerationParameters(guidance=Guidance("regex", "a"))))
    with pytest.raises(InvalidArgumentError, match="a schema of its own"):
        await _say(chat, "a", response_format={"type": "json_object"})
    assert generator.requests == []
    assert await _say(chat, "a", response_format={"type": "text"}) == "{}"


async def test_log_probabilities_are_told_after_the_answer() -> None:
    tokens = tuple(TokenLogprob(TokenChance(at, f"{at}", -0.5), (TokenChance(at, f"{at}", -0.5),)) for at in range(2))
    card = replace(FAKE_CARD, supports_logprobs=True)
    for streamed in (True, False):
        generator = FakeGenerator(FakeAnswer(("one", " two"), logprobs=tokens), card)
        chat, trace = _chat(generator, request=RouteRequest(generation=GenerationParameters(logprobs=1)))
        if streamed:
            assert await _say(chat, "a") == "one two"
        else:
            history = ChatHistory()
            history.add_user_message("a")
            await chat.get_chat_message_contents(history, PromptExecutionSettings())
        assert trace.told_logprobs == [("fake", tokens)]


async def test_the_answer_is_held_to_what_the_context_leaves() -> None:
    generator = FakeGenerator("hi", replace(FAKE_CARD, context_tokens=100))
    chat, _ = _chat(generator)
    await _say(chat, "word " * 60, max_tokens=400)
    assert generator.requests[0].max_output_tokens == 40


async def test_a_json_schema_needs_a_model_that_keeps_to_it() -> None:
    chat, _ = _chat(FakeGenerator("hi", replace(FAKE_CARD, supports_json_schema=False)))
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    with pytest.raises(NoRouteError):
        await _say(chat, "hello", response_format=schema)


async def test_a_broken_answer_still_counts() -> None:
    full = QueueFullError("Full.", retry_after_s=1.0)
    chat, trace = _chat(FakeGenerator(FakeAnswer(("one", " two"), error=full)))
    with pytest.raises(QueueFullError):
        await _say(chat, "a b c")
    assert (trace.broken, trace.ends) == ([Usage(3, 0, 2)], [])


async def test_an_answer_that_nobody_reads_on_is_stopped_and_counts() -> None:
    generator = FakeGenerator("one two three")
    chat, trace = _chat(generator)
    history = ChatHistory()
    history.add_user_message("a b c")
    stream = chat._inner_get_streaming_chat_message_contents(history, PromptExecutionSettings())
    async with aclosing(stream):
        await anext(stream)
    assert generator.closed_early == 1
    assert trace.broken == [Usage(3, 0, 1)]


async def test_an_answer_without_an_end_is_a_failure() -> None:
    class Truncated(FakeGenerator):
        async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationPiece, None]:
            async with aclosing(super().generate(request)) as pieces:
                async for piece in pieces:
                    if not isinstance(piece, Finished):
                        yield piece

    chat, trace = _chat(Truncated("one two"))
    with pytest.raises(UnavailableError) as failure:
        await _say(chat, "a")
    assert failure.value.reason == "STREAM_TRUNCATED"
    assert trace.broken == [Usage(1, 0, 2)]


async def test_settings_are_read_and_not_changed() -> None:
    settings = RoutedSettings(max_tokens=100, temperature=0.0)
    request = RouteRequest(generation=GenerationParameters(temperature=0.5), tenant="t", deadline=12.5)
    chat, _ = _chat(FakeGenerator("hi"), request=request)
    history = ChatHistory(system_message="Be brief.")
    history.add_user_message("hello")
    async for _contents in chat.get_streaming_chat_message_contents(history, settings):
        pass
    assert settings == RoutedSettings(max_tokens=100, temperature=0.0)
    assert len(history.messages) == 2


async def test_settings_that_change_are_read_again() -> None:
    generator = FakeGenerator("hi")
    chat, _ = _chat(generator)
    settings = PromptExecutionSettings(max_tokens=100)
    history = ChatHistory(system_message="Be brief.")
    for most in (100, 100, 50):
        settings.extension_data["max_tokens"] = most
        async for _contents in chat.get_streaming_chat_message_contents(history, settings):
            pass
    assert [asked.max_output_tokens for asked in generator.requests] == [100, 100, 50]


async def test_errors_are_found_again_under_what_semantic_kernel_wraps_them_in() -> None:
    chat, _ = _chat(FakeGenerator(FakeAnswer(error=QueueFullError("Full.", retry_after_s=1.0))))
    kernel = Kernel()
    kernel.add_service(chat)
    function = KernelFunctionFromPrompt(function_name="f", plugin_name="p", prompt="{{$input}}")
    with pytest.raises(Exception) as failure:  # noqa: PT011 - whatever Semantic Kernel makes of it
        await kernel.invoke(function, KernelArguments(input="x"))
    assert isinstance(worded(failure.value), QueueFullError)


async def test_the_tool_loop_routes_and_accounts_for_every_turn() -> None:
    class Clock:
        @kernel_function(name="now", description="Tell the time.")
        async def now(self) -> str:
            return "noon"

    def script(request: GenerationRequest) -> FakeAnswer | str:
        if request.messages[-1].role == "tool":
            return f"It is {request.messages[-1].content}."
        return FakeAnswer((ToolCall("c1", "clock-now", "{}"),), "tool_calls")

    chat, trace = _chat(FakeGenerator(script))
    kernel = Kernel()
    kernel.add_plugin(Clock(), "clock")
    history = ChatHistory()
    history.add_user_message("What time is it?")
    settings = RoutedSettings(
        function_choice_behavior=FunctionChoiceBehavior.Auto(filters={"included_functions": ["clock-now"]})
    )
    (content,) = await chat.get_chat_message_contents(history, settings, kernel=kernel)
    assert str(content) == "It is noon."
    assert [end.finish_reason for end in trace.ends] == ["tool_calls", "stop"]
    assert len(trace.decisions) == 2


FORM = 'start: "yes" | "no"\n'


async def _formed(
    generator: FakeGenerator, request: RouteRequest | None = None, form: str | Callable[[], str] = FORM
) -> Guidance | None:
    chat, _ = _chat(generator, request=request)
    history = ChatHistory()
    history.add_user_message("a")
    async with aclosing(
        chat.get_streaming_chat_message_contents(history, PromptExecutionSettings(), form=form)
    ) as said:
        async for _ in said:
            pass
    return generator.requests[0].guidance


@pytest.mark.parametrize(("small", "grammar", "held"), [(True, True, True), (False, True, False), (True, False, False)])
async def test_a_form_holds_a_small_model_that_can_be_held_and_no_other(small: bool, grammar: bool, held: bool) -> None:
    generator = FakeGenerator("yes", replace(FAKE_CARD, small=small, supports_grammar=grammar))
    assert await _formed(generator) == (Guidance("lark_grammar", FORM) if held else None)


@pytest.mark.parametrize(("small", "made"), [(True, 1), (False, 0)])
async def test_a_form_is_made_only_for_who_is_held_to_it(small: bool, made: int) -> None:
    calls: list[str] = []

    def form() -> str:
        calls.append(FORM)
        return FORM

    generator = FakeGenerator("yes", replace(FAKE_CARD, small=small, supports_grammar=True))
    assert await _formed(generator, form=form) == (Guidance("lark_grammar", FORM) if small else None)
    assert len(calls) == made


async def test_a_form_that_is_made_empty_holds_nobody() -> None:
    generator = FakeGenerator("yes", replace(FAKE_CARD, small=True, supports_grammar=True))
    assert await _formed(generator, form=str) is None


async def test_a_callers_own_constraint_comes_before_a_form() -> None:
    own = Guidance("regex", "[a-z]+")
    generator = FakeGenerator("yes", replace(FAKE_CARD, small=True, supports_grammar=True))
    request = RouteRequest(generation=GenerationParameters(guidance=own))
    assert await _formed(generator, request) == own
