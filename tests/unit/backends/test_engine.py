"""The scheduler, on a fake model and a fake clock: what is done in which order, and what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.backends.onnx.engine import Engine
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.wire import Frame, decode, encode, submit_frame
from tests.unit.backends.fake_model import END, FakeModel, FakeSequence

PROMPT = "a prompt that is long enough to be worth keeping"


class Bench:
    """An engine with its model, clock and sent frames at hand."""

    def __init__(self, model: FakeModel | None = None, **options: Any) -> None:
        self.model = model or FakeModel()
        self.now = 0.0
        self.sent: list[Frame] = []
        self.options = OnnxEngineOptions(**{"flush_interval_s": 0.0, **options})
        self.engine = Engine(self.model, self.options, self.sent.append, lambda: self.now)

    def submit(self, number: int, text: str = PROMPT, **fields: Any) -> None:
        deadline_s = fields.pop("deadline_s", None)
        request = GenerationRequest([ChatMessage("user", text)], **{"max_output_tokens": 4, **fields})
        self.engine.handle(decode(encode(submit_frame(number, request, deadline_s))[4:]))

    def cancel(self, number: int) -> None:
        self.engine.handle({"op": "cancel", "id": number})

    def run(self) -> None:
        while self.engine.busy:
            self.engine.step()

    def text(self, number: int) -> str:
        items = [item for frame in self.sent if frame["op"] == "pieces" for item in frame["items"]]
        return "".join(text for owner, text in items if owner == number)

    def end(self, number: int) -> Frame:
        ends = [frame for frame in self.sent if frame["op"] in ("done", "error") and frame["id"] == number]
        assert len(ends) == 1
        return ends[0]


def test_answer_ends_at_the_limit_with_usage() -> None:
    bench = Bench()
    bench.submit(1, "abc")
    bench.run()
    assert bench.text(1) == "defg"
    end = bench.end(1)
    assert end["finish_reason"] == "length"
    assert end["usage"] == {"input_tokens": 3, "cached_input_tokens": 0, "output_tokens": 4}


def test_end_token_stops_and_is_not_text() -> None:
    bench = Bench(FakeModel(lambda tokens: END if len(tokens) == 5 else ord("x")))
    bench.submit(1, "abc", max_output_tokens=100)
    bench.run()
    assert bench.text(1) == "xx"
    assert bench.end(1)["finish_reason"] == "stop"


def test_prompt_is_computed_in_chunks() -> None:
    bench = Bench(prefill_chunk_tokens=20)
    bench.submit(1, "x" * 50)
    bench.run()
    assert bench.model.log[:4] == ["append 20", "append 20", "append 10", "token"]


def test_answers_flow_while_a_prompt_is_computed() -> None:
    bench = Bench(prefill_chunk_tokens=10)
    bench.submit(1, "a", max_output_tokens=20)
    bench.engine.step()
    bench.submit(2, "b" * 40)
    bench.submit(3, "c" * 40)
    bench.model.log.clear()
    for _ in range(8):
        bench.engine.step()
    assert bench.model.log == ["token", "append 10"] * 4


def test_several_answers_take_turns() -> None:
    bench = Bench()
    for number in (1, 2, 3):
        bench.submit(number, "abc"[number - 1])
    bench.run()
    owners = [item[0] for frame in bench.sent if frame["op"] == "pieces" for item in frame["items"]]
    assert sorted(owners[:3]) == sorted(owners[-3:]) == [1, 2, 3]
    assert [bench.text(number) for number in (1, 2, 3)] == ["bcde", "cdef", "defg"]


def test_cancel_stops_before_the_next_step() -> None:
    bench = Bench()
    bench.submit(1, max_output_tokens=100)
    bench.submit(2, max_output_tokens=5)
    for _ in range(6):
        bench.engine.step()
    bench.cancel(1)
    steps = bench.engine.stats()["decode_steps"]
    left = 5 - len(bench.text(2))
    bench.run()
    assert bench.engine.stats()["decode_steps"] - steps == left
    assert not [frame for frame in bench.sent if frame.get("id") == 1]


def test_cancel_during_the_prompt_and_in_the_queue() -> None:
    bench = Bench(prefill_chunk_tokens=10, max_active=1)
    bench.submit(1, "x" * 100)
    bench.submit(2)
    bench.engine.step()
    bench.cancel(1)
    bench.cancel(2)
    assert not bench.engine.busy
    assert bench.engine.stats()["prefill_chunks"] == 1


def test_deadline_ends_active_and_waiting_requests() -> None:
    bench = Bench(max_active=1)
    bench.submit(1, max_output_tokens=100, deadline_s=5.0)
    bench.submit(2, deadline_s=2.0)
    bench.engine.step()
    bench.now = 2.0
    bench.engine.step()
    assert bench.end(2)["error"]["type"] == "DeadlineExceededError"
    bench.now = 5.0
    bench.engine.step()
    assert bench.end(1)["error"]["type"] == "DeadlineExceededError"
    assert not bench.engine.busy


def test_full_queue_is_refused_with_a_time_to_retry() -> None:
    bench = Bench(max_active=1, max_queued=2)
    for number in range(1, 5):
        bench.submit(number)
    error = bench.end(4)["error"]
    assert error["type"] == "QueueFullError"
    assert 0 < error["retry_after_s"] <= 60
    bench.run()
    assert [bench.end(number)["op"] for number in (1, 2, 3)] == ["done"] * 3


def test_second_request_reuses_the_prefix() -> None:
    bench = Bench()
    bench.submit(1, PROMPT + " one")
    bench.run()
    bench.submit(2, PROMPT + " two")
    bench.run()
    assert bench.end(2)["usage"]["cached_input_tokens"] == len(PROMPT) + 1
    assert bench.model.made == 1
    fresh = Bench()
    fresh.submit(2, PROMPT + " two")
    fresh.run()
    assert bench.text(2) == fresh.text(2)


def test_same_prompt_leaves_one_token_to_compute() -> None:
    bench = Bench()
    for number in (1, 2):
        bench.submit(number)
        bench.run()
    assert bench.end(2)["usage"]["cached_input_tokens"] == len(PROMPT) - 1
    assert bench.text(1) == bench.text(2)


def test_continued_chat_reuses_the_answer_but_its_last_token() -> None:
    bench = Bench()
    bench.submit(1)
    bench.run()
    bench.submit(2, PROMPT + bench.text(1) + " and more")
    bench.run()
    assert bench.end(2)["usage"]["cached_input_tokens"] == len(PROMPT) + 3


def test_cancelled_request_leaves_its_prefix() -> None:
    bench = Bench()
    bench.submit(1, max_output_tokens=100)
    for _ in range(4):
        bench.engine.step()
    bench.cancel(1)
    bench.submit(2)
    bench.run()
    assert bench.end(2)["usage"]["cached_input_tokens"] == len(PROMPT) - 1


def test_model_that_cannot_go_back_computes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: FakeSequence, length: int) -> None:
        raise RuntimeError("these positions are gone")

    monkeypatch.setattr(FakeSequence, "rewind", refuse)
    bench = Bench()
    for number in (1, 2):
        bench.submit(number)
        bench.run()
    assert bench.end(2)["usage"]["cached_input_tokens"] == 0
    assert bench.text(1) == bench.text(2)


def test_grammars_do_not_share_sequences() -> None:
    bench = Bench()
    for number, value in enumerate(("a", "b", "a"), start=1):
        bench.submit(number, guidance=Guidance("regex", value))
        bench.run()
    cached = [bench.end(number)["usage"]["cached_input_tokens"] for number in (1, 2, 3)]
    assert cached == [0, 0, len(PROMPT) - 1]


def test_bad_grammar_ends_only_its_request() -> None:
    bench = Bench()
    bench.submit(1, guidance=Guidance("regex", "bad"))
    bench.submit(2)
    bench.run()
    assert bench.end(1)["error"]["type"] == "InvalidArgumentError"
    assert bench.end(2)["op"] == "done"


def test_memory_bounds_what_is_active() -> None:
    bench = Bench(kv_memory_bytes=600)
    for number in (1, 2, 3):
        bench.submit(number, f"{number}")
    most = 0
    while bench.engine.busy:
        bench.engine.step()
        stats = bench.engine.stats()
        most = max(most, stats["active"])
        assert stats["kv_bytes"] <= 600
    assert most == 2
    assert [bench.end(number)["op"] for number in (1, 2, 3)] == ["done"] * 3


def test_idle_sequences_give_way_to_requests() -> None:
    bench = Bench(kv_memory_bytes=600)
    for number, letter in enumerate("abcd"):
        bench.submit(number, letter * 100)
        bench.run()
    assert bench.model.made == 4
    assert bench.engine.stats()["idle"] == 2


def test_idle_sequences_are_bounded_in_number() -> None:
    bench = Bench(idle_generators=1)
    for number, letter in enumerate("abcd"):
        bench.submit(number, letter * 100)
        bench.run()
    assert bench.engine.stats()["idle"] == 1


@pytest.mark.parametrize(("length", "memory"), [(1021, 10**6), (300, 256)])
def test_too_long_for_context_or_memory(length: int, memory: int) -> None:
    bench = Bench(kv_memory_bytes=memory)
    bench.submit(1, "x" * length)
    assert bench.end(1)["error"]["type"] == "ContextTooLongError"


def test_stop_string_across_tokens() -> None:
    bench = Bench()
    bench.submit(1, "a", max_output_tokens=50, sampling=Sampling(stop=("efg",)))
    bench.run()
    assert bench.text(1) == "bcd"
    assert bench.end(1)["finish_reason"] == "stop"


def test_text_that_could_have_become_a_stop_string_comes_at_the_end() -> None:
    bench = Bench()
    bench.submit(1, "a", max_output_tokens=5, sampling=Sampling(stop=("efgh",)))
    bench.run()
    assert bench.text(1) == "bcdef"


def test_text_is_collected_between_flushes_but_for_the_first() -> None:
    bench = Bench(flush_interval_s=1.0)
    bench.submit(1, "a", max_output_tokens=6)
    bench.run()
    pieces = [frame["items"] for frame in bench.sent if frame["op"] == "pieces"]
    assert pieces == [[[1, "b"]], [[1, "cdefg"]]]


def test_sampling_draws_before_each_token() -> None:
    bench = Bench()
    bench.submit(1, sampling=Sampling(temperature=1.0, seed=3))
    bench.run()
    assert sum(entry.startswith("drawn") for entry in bench.model.log) == 4


def test_unforeseen_failure_ends_its_request_with_a_fixed_text(caplog: pytest.LogCaptureFixture) -> None:
    def fail(tokens: Sequence[int]) -> int:
        if chr(tokens[0]) == "s":
            raise RuntimeError("".join(map(chr, tokens)))
        return ord("x")

    bench = Bench(FakeModel(fail))
    bench.submit(1, "secret")
    bench.submit(2, "other")
    bench.run()
    error = bench.end(1)["error"]
    assert error["type"] == "InternalError"
    assert "secret" not in error["message"] + caplog.text
    assert bench.text(2) == "xxxx"


def test_times_are_from_the_submission() -> None:
    bench = Bench(max_active=1)
    bench.submit(1, max_output_tokens=1)
    bench.submit(2, max_output_tokens=1)
    while bench.engine.busy:
        bench.engine.step()
        bench.now += 1.0
    end = bench.end(2)
    assert 0 < end["queued_s"] < end["first_token_s"] <= end["total_s"]


def test_count_and_stats_are_answered() -> None:
    bench = Bench()
    bench.engine.handle({"op": "count", "id": 7, "messages": [{"role": "user", "content": "abc"}]})
    bench.engine.handle({"op": "stats", "id": 8})
    assert bench.sent[0] == {"op": "count", "id": 7, "tokens": 3}
    assert bench.sent[1]["stats"]["active"] == 0


def test_unknown_frame_is_an_error() -> None:
    bench = Bench()
    bench.engine.handle({"op": "dance", "id": 1})
    assert bench.end(1)["error"]["type"] == "InternalError"


def test_a_sequence_belongs_to_its_adapter() -> None:
    bench = Bench()
    for name in ("mail", "code"):
        bench.engine.handle({"op": "load_adapter", "id": 1000, "name": name})
    for number, adapter in enumerate(("mail", "code", "mail", "")):
        bench.submit(number, adapter=adapter)
        bench.run()
    assert [entry for entry in bench.model.log if entry.startswith("adapter")] == ["adapter mail#1", "adapter code#2"]
    assert bench.model.made == 3


def test_an_adapter_leaves_with_its_last_request_and_its_sequences_with_it() -> None:
    bench = Bench()
    bench.engine.handle({"op": "load_adapter", "id": 1000, "name": "mail"})
    bench.submit(1, adapter="mail")
    bench.engine.step()
    bench.engine.handle({"op": "unload_adapter", "id": 1001, "name": "mail"})
    assert not [frame for frame in bench.sent if frame.get("id") == 1001]
    bench.run()
    assert [frame["names"] for frame in bench.sent if frame.get("id") == 1001] == [[]]
    assert bench.engine.stats()["idle"] == 0


def test_an_unknown_adapter_ends_its_request_with_those_there_are() -> None:
    bench = Bench()
    bench.engine.handle({"op": "load_adapter", "id": 1000, "name": "mail"})
    bench.submit(1, adapter="sales")
    assert "loaded are: mail" in bench.end(1)["error"]["message"]
    bench.engine.handle({"op": "load_adapter", "id": 1001, "name": "missing"})
    assert bench.end(1001)["error"]["type"] == "NotFoundError"
