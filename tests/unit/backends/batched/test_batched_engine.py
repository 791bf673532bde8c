"""The batched engine: whatever else is computed in the same steps, each request gets its own answer, in its turn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from service.backends.base import Guidance, Sampling
from service.backends.onnx.batched.drafts import Answers, Drafter
from tests.unit.backends.batched.bench import Bench, model

TEXTS = [f"Request {number}: " + "tell Ana about the spades. " * (number % 4) for number in range(10)]
DRAWN = Sampling(temperature=1.0, top_p=0.95, min_p=0.02, seed=3, repetition_penalty=1.2, presence_penalty=0.5)


def test_requests_that_join_and_leave_at_any_step_get_the_answers_of_lone_ones() -> None:
    lone = Bench(prefix_memory_bytes=0, speculate=False)
    lengths = [3 + 7 * (number % 5) for number in range(len(TEXTS))]
    samplings = [DRAWN if number % 2 else Sampling() for number in range(len(TEXTS))]
    asked = list(zip(TEXTS, lengths, samplings, strict=True))
    expected = [lone.say(text, max_output_tokens=most, sampling=sampling) for text, most, sampling in asked]
    assert len(set(expected)) == len(expected)
    shuffle = random.Random(5)
    for chunk in (7, 1024):
        bench = Bench(max_active=4, prefill_chunk_tokens=chunk)
        numbers = []
        for text, most, sampling in asked:
            numbers.append(bench.submit(text, max_output_tokens=most, sampling=sampling))
            for _ in range(shuffle.randrange(8)):
                bench.engine.step()
        bench.run()
        assert [bench.text(number) for number in numbers] == expected


def test_others_in_the_batch_share_a_step() -> None:
    bench = Bench(max_active=8)
    for text in TEXTS[:8]:
        bench.submit(text, max_output_tokens=20)
    bench.run()
    assert bench.engine.stats()["finished"] == 8
    assert bench.engine.stats()["decode_steps"] < 8 * 20 / 3


def test_a_long_prompt_is_computed_in_chunks_between_the_steps_of_others() -> None:
    bench = Bench(prefill_chunk_tokens=32, max_active=4)
    first = bench.submit(max_output_tokens=100)
    while bench.engine.stats()["decode_steps"] == 0:
        bench.engine.step()
    bench.submit("spade " * 100, max_output_tokens=4)
    chunks = bench.engine.stats()["prefill_chunks"]
    steps = bench.engine.stats()["decode_steps"]
    while bench.engine.stats()["prefill_chunks"] < chunks + 8:
        bench.engine.step()
    assert bench.engine.stats()["decode_steps"] - steps >= 8
    assert not bench.done(first)


def test_cancelled_requests_leave_at_once_and_disturb_nobody() -> None:
    expected = [Bench().say(text, max_output_tokens=30) for text in TEXTS[:4]]
    bench = Bench(max_active=3)
    numbers = [bench.submit(text, max_output_tokens=30) for text in TEXTS[:4]]
    gone = [bench.submit(text, max_output_tokens=30, priority=1) for text in TEXTS[4:8]]
    for at, number in enumerate(gone):
        for _ in range(at):
            bench.engine.step()
        bench.engine.handle({"op": "cancel", "id": number})
    bench.run()
    assert [bench.text(number) for number in numbers] == expected
    assert bench.engine.stats()["finished"] == 4


def test_memory_is_never_taken_twice() -> None:
    token_bytes = model().session.kv.bytes_per_token
    bench = Bench(max_active=8, kv_memory_bytes=1600 * token_bytes, prefix_memory_bytes=400 * token_bytes)
    numbers = [
        bench.submit(text, max_output_tokens=length) for text, length in zip(TEXTS, [30, 600, 30] * 4, strict=False)
    ]
    most = 0
    while bench.engine.busy:
        bench.engine.step()
        stats = bench.engine.stats()
        assert stats["kv_bytes"] <= 1600 * token_bytes
        most = max(most, stats["active"])
    assert most >= 2
    assert all(bench.done(number) for number in numbers)
    wide = Bench(prefix_memory_bytes=0, speculate=False)
    assert bench.text(numbers[1]) == wide.say(TEXTS[1], max_output_tokens=600)


def test_what_can_never_fit_is_refused() -> None:
    token_bytes = model().session.kv.bytes_per_token
    bench = Bench(kv_memory_bytes=400 * token_bytes)
    number = bench.submit(max_output_tokens=390)
    assert bench.errors(number)[0]["type"] == "ContextTooLongError"
    assert not bench.engine.busy


def test_a_second_prompt_copies_its_beginning_and_says_the_same() -> None:
    expected = Bench(prefix_memory_bytes=0).say("A question of its own.")
    bench = Bench()
    bench.say("Something else first.")
    number = bench.submit("A question of its own.")
    bench.run()
    assert bench.text(number) == expected
    assert bench.usage(number)["cached_input_tokens"] >= 48
    again = bench.submit("A question of its own.")
    bench.run()
    usage = bench.usage(again)
    assert usage["input_tokens"] - 16 <= usage["cached_input_tokens"] < usage["input_tokens"]


def test_a_prompt_is_kept_as_soon_as_it_is_computed() -> None:
    bench = Bench(max_active=4)
    first, second = bench.submit(max_output_tokens=100), bench.submit(max_output_tokens=100)
    bench.run()
    assert bench.usage(first)["cached_input_tokens"] == 0
    assert bench.usage(second)["cached_input_tokens"] > 0
    assert bench.text(first) == bench.text(second)


def test_no_tenant_sees_what_another_asked() -> None:
    bench = Bench()
    bench.say(tenant="one")
    number = bench.submit(tenant="two")
    bench.run()
    assert bench.usage(number)["cached_input_tokens"] == 0


def test_tenants_take_fair_turns() -> None:
    bench = Bench(max_active=1)
    many = [bench.submit(f"{text} again", tenant="many") for text in TEXTS]
    few = [bench.submit(text, tenant="few") for text in TEXTS[:3]]
    bench.run()
    assert Counter(number in few for number in bench.order()[:6])[True] == 3
    assert [number for number in bench.order() if number in many] == many


def test_the_urgent_go_first() -> None:
    bench = Bench(max_active=1)
    later = [bench.submit(text, priority=priority) for text, priority in zip(TEXTS, [-1, 0, 5, 5], strict=False)]
    bench.run()
    assert bench.order() == [later[2], later[3], later[1], later[0]]


def test_the_queue_is_bounded_by_tokens() -> None:
    bench = Bench(max_active=1, max_queued=50, max_queued_tokens=1000)
    numbers = [bench.submit(max_output_tokens=400) for _ in range(4)]
    refused = [number for number in numbers if bench.errors(number)]
    assert refused == numbers[2:]
    assert bench.errors(numbers[2])[0]["type"] == "QueueFullError"
    assert bench.errors(numbers[2])[0]["retry_after_s"] > 0


def test_a_deadline_that_the_prompt_alone_would_pass_is_refused_at_once() -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.01
        return now[0]

    bench = Bench(clock, prefill_chunk_tokens=16)
    bench.say()
    number = bench.submit("spade " * 120, deadline_s=0.001)
    assert bench.errors(number)[0]["type"] == "DeadlineExceededError"
    assert "the prompt alone" in bench.errors(number)[0]["message"]
    assert not bench.engine.busy
    later = bench.submit("spade " * 120, deadline_s=1000.0)
    bench.run()
    assert bench.done(later)


def test_a_deadline_that_passes_ends_the_request() -> None:
    now = [0.0]
    bench = Bench(lambda: now[0])
    working, waiting = bench.submit(max_output_tokens=300, deadline_s=5.0), bench.submit(TEXTS[1], deadline_s=1.0)
    bench.engine.step()
    now[0] = 6.0
    bench.run()
    for number in (working, waiting):
        assert bench.errors(number)[0]["type"] == "DeadlineExceededError"
    assert bench.engine.stats()["active"] == 0


def test_grammars_of_several_kinds_in_one_batch() -> None:
    bench = Bench(max_active=4)
    kinds = [Guidance("regex", "[a-z]{7}"), Guidance("lark_grammar", 'start: "yes" | "no"'), None]
    free = Bench().say(max_output_tokens=20)
    numbers = [bench.submit(guidance=kind, max_output_tokens=20) for kind in kinds]
    broken = bench.submit(guidance=Guidance("regex", "(a"))
    bench.run()
    assert bench.text(numbers[0]).isalpha()
    assert len(bench.text(numbers[0])) == 7
    assert bench.text(numbers[1]) in ("yes", "no")
    assert bench.text(numbers[2]) == free
    assert bench.errors(broken)[0]["type"] == "InvalidArgumentError"


class HalfKnowing(Drafter):
    """Knows the answer, and is wrong in every third token."""

    answer: ClassVar[list[int]] = []

    def __init__(self, tokens: Sequence[int], answers: Answers) -> None:
        super().__init__(tokens, answers)
        self._at = 0

    def add(self, token: int) -> None:
        self._at += 1

    def guess(self, most: int) -> list[int]:
        known = self.answer[self._at : self._at + min(most, 4)]
        return [token + 1 if at % 3 == 0 else token for at, token in enumerate(known, self._at)]


def test_guesses_change_nothing_but_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where time stands still, guessing never seems to cost more than it brings.
    slow, fast = Bench(speculate=False), Bench(lambda: 0.0)
    number = slow.submit(max_output_tokens=100, sampling=Sampling(logprobs=0), streamed=False)
    slow.run()
    HalfKnowing.answer = [chosen[0] for chosen, _ in slow.done(number)[0]["logprobs"]]
    monkeypatch.setattr("service.backends.onnx.batched.engine.Drafter", HalfKnowing)
    assert fast.say(max_output_tokens=100) == slow.text(number)
    stats = fast.engine.stats()
    assert 0 < stats["guessed_right"] < stats["guessed"]
    assert stats["decode_steps"] < slow.engine.stats()["decode_steps"]
    # What follows in the same row starts from clean keys.
    assert fast.say("Another one.", max_output_tokens=30) == slow.say("Another one.", max_output_tokens=30)


def test_log_probabilities_are_of_the_tokens_that_were_said() -> None:
    bench = Bench()
    number = bench.submit(sampling=Sampling(logprobs=3), max_output_tokens=10, streamed=False)
    bench.run()
    (done,) = bench.done(number)
    assert len(done["logprobs"]) == 10
    for (token, _, chance), top in done["logprobs"]:
        assert top[0][0] == token
        assert top[0][2] == pytest.approx(chance)
        assert chance <= 0
        assert [other[2] for other in top] == sorted((other[2] for other in top), reverse=True)


def test_nothing_is_sent_before_the_end_to_who_does_not_read_before() -> None:
    bench = Bench()
    number = bench.submit(streamed=False)
    bench.run()
    assert [frame["op"] for frame in bench.frames] == ["done"]
    assert bench.text(number)


def test_the_texts_of_a_step_are_one_frame_of_few_and_all_have_their_turn() -> None:
    bench = Bench(max_active=8)
    for text in TEXTS[:8]:
        bench.submit(text, max_output_tokens=40)
    while bench.engine.stats()["active"] < 8:
        bench.engine.step()
    bench.frames.clear()
    for _ in range(15):
        bench.engine.step()
    assert len(bench.frames) <= 15
    # A step may end within a character, and then has no text for that request.
    assert max(len(frame["items"]) for frame in bench.frames) == 4
    assert len({item[0] for frame in bench.frames for item in frame["items"]}) == 8


def test_a_choice_that_the_grammar_allows_is_taken_as_the_mask_would_have_left_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grammars = [
        Guidance("regex", "(.|\n){4,}"),
        Guidance("regex", "[a-m]{12}[0-9]{5}"),
        Guidance("json_schema", '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}'),
    ]
    tried = [Bench().say(text, guidance=kind, max_output_tokens=40) for text in TEXTS[:3] for kind in grammars]
    bench = Bench(max_active=4)
    numbers = [bench.submit(text, guidance=kind, max_output_tokens=40) for text in TEXTS[:3] for kind in grammars]
    bench.run()
    assert [bench.text(number) for number in numbers] == tried
    monkeypatch.setattr("service.backends.onnx.batched.grammar._TRUST", 2.0)
    masked = [Bench().say(text, guidance=kind, max_output_tokens=40) for text in TEXTS[:3] for kind in grammars]
    assert masked == tried


def test_the_more_are_answered_the_less_often_their_text_is_sent() -> None:
    now = 10.0
    bench = Bench(lambda: now, flush_interval_s=1.0, max_active=8)
    names = ("Ana", "Tom", "Mei", "Omar", "Luis", "Eva")
    numbers = {bench.submit(f"Write to {name}.", max_output_tokens=60) for name in names}

    def sent(at: float) -> set[int]:
        nonlocal now
        now = at
        before = len(bench.frames)
        for _ in range(3):
            bench.engine.step()
        return {item[0] for frame in bench.frames[before:] if frame["op"] == "pieces" for item in frame["items"]}

    begun: set[int] = set()
    while begun != numbers:
        begun |= sent(10.0)
    assert sent(10.9) == set()
    first = sent(11.1)
    assert len(first) == 4
    # Who waited longest comes first.
    assert sent(12.2) > numbers - first


class Ticking:
    """A clock that goes on by a hundredth of a second each time somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


def deadlines(bench: Bench, *asked: float, **fields: Any) -> list[bool]:
    """Ask with each deadline, take back what was let in, and return which were refused."""
    refused = []
    for deadline_s in asked:
        number = bench.submit(deadline_s=deadline_s, **fields)
        refused.append(bool(bench.errors(number)))
        bench.engine.handle({"op": "cancel", "id": number})
    return refused


def test_a_deadline_counts_the_prompts_and_answers_that_are_ahead() -> None:
    bench = Bench(Ticking(), max_active=2, prefix_memory_bytes=0)
    bench.say(max_output_tokens=40)
    assert deadlines(bench, 0.001, 1.0) == [True, False]
    for _ in range(6):
        bench.submit(max_output_tokens=40, tenant="many")
    # Answers are expected to be as long as those before, six of them at the speed of one row, halved.
    assert deadlines(bench, 0.3, 8.0, tenant="many") == [True, False]
    refused = bench.submit(deadline_s=0.3, tenant="many")
    assert "6 requests are before it" in bench.errors(refused)[0]["message"]
    # Another tenant's turn comes sooner, and so does an urgent request's.
    assert deadlines(bench, 0.3, tenant="few") == [False]
    assert deadlines(bench, 0.3, tenant="many", priority=1) == [False]


def test_with_a_free_row_only_the_prompts_ahead_count() -> None:
    bench = Bench(Ticking(), max_active=8, prefix_memory_bytes=0)
    bench.say(max_output_tokens=40)
    for _ in range(3):
        bench.submit(max_output_tokens=400)
    assert deadlines(bench, 0.3) == [False]


def test_short_prompts_begin_together_and_a_long_one_alone() -> None:
    bench = Bench(max_active=8, prefill_chunk_tokens=128)
    bench.say(max_output_tokens=2)
    short = [bench.submit(f"{at}?", max_output_tokens=30) for at in range(4)]
    bench.engine.step()
    assert bench.engine.stats()["active"] == 4
    assert not any(bench.done(number) for number in short)
    alone = Bench(max_active=8, prefill_chunk_tokens=128)
    for at in range(3):
        alone.submit("spade " * 60 + str(at), max_output_tokens=30)
    alone.engine.step()
    assert alone.engine.stats()["active"] == 1
