"""The scheduler over an engine that batches by itself, on one that is played."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.backends.onnx.choose import engine_of
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.paged.engine import PagedEngine
from service.backends.onnx.paged.turns import TurnEvent, TurnRequest
from service.backends.onnx.wire import Frame, decode, encode, submit_frame
from service.errors import InvalidArgumentError, ModelLoadError
from service.testing.tiny_model import copy_tiny_model
from tests.unit.backends.fake_model import END, FakeStream, echo


class PlayedTurns:
    """Each turn counts on from its last character; `events` replace what the next runs tell."""

    context_tokens = 1024
    kv_bytes_per_token = 1
    end_tokens = frozenset({END})

    def __init__(self) -> None:
        self.turns: dict[int, tuple[TurnRequest, list[int]]] = {}
        self.begun: list[int] = []
        self.told: list[list[TurnEvent]] = []
        self.broken = False

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        return [ord(character) for message in messages for character in message.content]

    def text_stream(self) -> FakeStream:
        return FakeStream()

    def begin(self, request: TurnRequest) -> None:
        if "bad" in request.grammar:
            raise InvalidArgumentError("The guidance cannot be used.")
        self.begun.append(request.number)
        self.turns[request.number] = (request, list(request.prompt))

    def run(self) -> list[TurnEvent]:
        if self.broken:
            raise RuntimeError("out of memory")
        if self.told:
            return self.told.pop(0)
        events = []
        for number, (request, tokens) in self.turns.items():
            tokens.append(echo(tokens))
            last = len(tokens) - len(request.prompt) >= request.max_output_tokens
            events.append(TurnEvent(number, tokens[-1], "length" if last else None, cached=2 if last else 0))
        return events

    def end(self, number: int) -> None:
        del self.turns[number]


class Bench:
    def __init__(self, **options: Any) -> None:
        self.turns = PlayedTurns()
        self.now = 0.0
        self.sent: list[Frame] = []
        fields = {"flush_interval_s": 0.0, **options}
        self.engine = PagedEngine(self.turns, OnnxEngineOptions(**fields), self.sent.append, lambda: self.now)

    def submit(self, number: int, text: str = "abc", **fields: Any) -> None:
        deadline_s = fields.pop("deadline_s", None)
        request = GenerationRequest([ChatMessage("user", text)], **{"max_output_tokens": 4, **fields})
        self.engine.handle(decode(encode(submit_frame(number, request, deadline_s))[4:]))

    def run(self) -> None:
        while self.engine.busy:
            self.engine.step()

    def end(self, number: int) -> Frame:
        (found,) = [frame for frame in self.sent if frame["op"] in ("done", "error") and frame["id"] == number]
        return found

    def text(self, number: int) -> str:
        items = [item for frame in self.sent if frame["op"] == "pieces" for item in frame["items"]]
        return "".join(text for owner, text in items if owner == number) + str(self.end(number)["text"])


def test_all_that_take_part_share_a_step_and_say_their_own() -> None:
    bench = Bench()
    bench.submit(1, "abc")
    bench.submit(2, "xyz", max_output_tokens=2)
    bench.run()
    assert (bench.text(1), bench.text(2)) == ("defg", "{|")
    assert bench.engine.stats()["decode_steps"] == 4
    assert bench.end(1)["finish_reason"] == "length"
    assert bench.end(1)["usage"] == {"input_tokens": 3, "cached_input_tokens": 2, "output_tokens": 4}
    assert bench.turns.turns == {}


def test_a_stop_string_ends_the_turn() -> None:
    bench = Bench()
    bench.submit(1, "abc", sampling=Sampling(stop=("fg",)), max_output_tokens=100)
    bench.run()
    assert (bench.text(1), bench.end(1)["finish_reason"]) == ("de", "stop")
    assert bench.turns.turns == {}


def test_an_end_without_a_token_tells_what_was_held_back() -> None:
    bench = Bench()
    bench.submit(1, "abc", sampling=Sampling(stop=("defgh",)), max_output_tokens=100)
    bench.turns.told = [[TurnEvent(1, ord("d"))], [TurnEvent(1, END, "stop"), TurnEvent(9, 5)]]
    bench.run()
    assert (bench.text(1), bench.end(1)["finish_reason"]) == ("d", "stop")


def test_memory_and_rows_bound_who_takes_part_and_turns_are_fair() -> None:
    bench = Bench(max_active=2, kv_memory_bytes=20)
    for number, tenant in enumerate(["many", "many", "many", "few"]):
        bench.submit(number, tenant=tenant)
    most = 0
    while bench.engine.busy:
        bench.engine.step()
        most = max(most, bench.engine.stats()["kv_bytes"])
    assert most == 14
    assert bench.turns.begun == [0, 3, 1, 2]
    bench.submit(9, max_output_tokens=19)
    assert bench.end(9)["error"]["type"] == "ContextTooLongError"


def test_who_is_too_many_is_refused() -> None:
    bench = Bench(max_active=1, max_queued=1)
    for number in range(3):
        bench.submit(number)
    assert bench.end(2)["error"]["type"] == "QueueFullError"
    tokens = Bench(max_active=1, max_queued_tokens=8)
    for number in range(2):
        tokens.submit(number)
    assert tokens.end(1)["error"]["type"] == "QueueFullError"


def test_cancelled_and_late_requests_leave_the_engine() -> None:
    bench = Bench(max_active=1)
    bench.submit(1, max_output_tokens=100)
    bench.submit(2, deadline_s=1.0)
    bench.engine.step()
    bench.engine.handle({"op": "cancel", "id": 1})
    assert bench.turns.turns == {}
    bench.now = 2.0
    bench.run()
    assert bench.end(2)["error"]["type"] == "DeadlineExceededError"
    bench.submit(3, max_output_tokens=100, deadline_s=1.0)
    bench.engine.step()
    bench.now = 4.0
    bench.run()
    assert bench.end(3)["error"]["type"] == "DeadlineExceededError"
    assert bench.turns.turns == {}


def test_what_cannot_be_done_ends_its_request_alone() -> None:
    bench = Bench()
    bench.submit(1, guidance=Guidance("lark_grammar", "bad"))
    bench.submit(2, sampling=Sampling(logprobs=1))
    bench.submit(3)
    bench.engine.handle({"op": "load_adapter", "id": 4, "name": "mail"})
    bench.engine.handle({"op": "dance", "id": 5})
    bench.run()
    kinds = [bench.end(number)["error"]["type"] for number in (1, 2, 4, 5)]
    assert kinds == ["InvalidArgumentError", "InvalidArgumentError", "FailedPreconditionError", "InternalError"]
    assert bench.text(3) == "defg"


def test_a_failure_is_told_and_the_engine_goes_on() -> None:
    bench = Bench()
    bench.submit(1)
    bench.submit(2)
    bench.turns.told = [[TurnEvent(1, failure="REQUEST_UNSERVICEABLE")]]
    bench.run()
    assert "REQUEST_UNSERVICEABLE" in bench.end(1)["error"]["message"]
    assert bench.text(2) == "defg"
    bench.turns.broken = True
    bench.submit(3)
    bench.run()
    assert bench.end(3)["error"]["type"] == "InternalError"
    assert "out of memory" not in bench.end(3)["error"]["message"]
    bench.turns.broken = False
    bench.submit(4)
    bench.run()
    assert bench.text(4) == "defg"


def test_knobs_that_the_engine_lacks_are_named() -> None:
    bench = Bench()
    bench.submit(1, sampling=Sampling(min_p=0.1, presence_penalty=0.5, repetition_penalty=1.2))
    bench.engine.handle({"op": "count", "id": 7, "messages": [{"role": "user", "content": "abc"}]})
    bench.engine.handle({"op": "stats", "id": 8})
    bench.run()
    assert bench.end(1)["ignored"] == ["min_p", "presence_penalty"]
    assert [frame["tokens"] for frame in bench.sent if frame["op"] == "count"] == [3]
    assert [frame["stats"]["queued"] for frame in bench.sent if frame["op"] == "stats"] == [1]


def make_paged(model_dir: Path) -> None:
    path = model_dir / "genai_config.json"
    config = json.loads(path.read_text())
    config["model"]["decoder"]["inputs"]["block_table"] = "block_table"
    path.write_text(json.dumps(config))


@pytest.mark.parametrize("choice", ["auto", "paged"])
def test_a_model_with_paged_attention_runs_on_the_engine_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: Any
) -> None:
    pytest.importorskip("onnxruntime_genai")
    model = copy_tiny_model(tmp_path / "model").path
    with pytest.raises(ModelLoadError, match="no paged attention"):
        engine_of(model, OnnxEngineOptions(engine="paged", provider="cuda"), lambda _: None)
    make_paged(model)
    with pytest.raises(ModelLoadError, match="runs on cuda and not on cpu"):
        engine_of(model, OnnxEngineOptions(engine=choice), lambda _: None)
    monkeypatch.setattr("service.backends.onnx.paged.genai.GenaiTurns", lambda *_: PlayedTurns())
    engine = engine_of(model, OnnxEngineOptions(engine=choice, provider="cuda"), lambda _: None)
    assert isinstance(engine, PagedEngine)
