"""`og.Engine` on a CPU, where it batches in fixed groups: what it can do there is what the contract says."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
pytest.importorskip("onnxruntime_genai")

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.backends.onnx.engine import Engine
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.paged.engine import PagedEngine
from service.backends.onnx.paged.genai import GenaiTurns
from service.backends.onnx.runtime import Runtime
from service.backends.onnx.wire import Frame, decode, encode, submit_frame
from service.testing.tiny_model import TINY_MODEL_DIR

OPTIONS = OnnxEngineOptions(flush_interval_s=0.0, intra_op_threads=1)


class Bench:
    def __init__(self, kind: type[Engine] | type[PagedEngine]) -> None:
        self.sent: list[Frame] = []
        if kind is Engine:
            self.engine: Engine | PagedEngine = Engine(Runtime(TINY_MODEL_DIR, OPTIONS), OPTIONS, self.sent.append)
        else:
            self.engine = PagedEngine(GenaiTurns(TINY_MODEL_DIR, OPTIONS), OPTIONS, self.sent.append)

    def submit(self, number: int, text: str, **fields: Any) -> None:
        request = GenerationRequest([ChatMessage("user", text)], **{"max_output_tokens": 12, **fields})
        self.engine.handle(decode(encode(submit_frame(number, request, None))[4:]))

    def run(self) -> dict[int, str]:
        while self.engine.busy:
            self.engine.step()
        said: dict[int, str] = {}
        for frame in self.sent:
            items = frame["items"] if frame["op"] == "pieces" else [[frame["id"], frame.get("text") or ""]]
            for number, text in items:
                said[number] = said.get(number, "") + text
        return said


def test_it_says_what_the_generators_say() -> None:
    texts = {number: f"Write to Ana, part {number}." for number in range(6)}
    found = []
    for kind in (PagedEngine, Engine):
        bench = Bench(kind)
        for number, text in texts.items():
            bench.submit(number, text, max_output_tokens=5 + number)
        found.append(bench.run())
        assert [frame["finish_reason"] for frame in bench.sent if frame["op"] == "done"] == ["length"] * 6
    assert found[0] == found[1]


def test_a_grammar_holds_and_a_bad_one_is_refused() -> None:
    bench = Bench(PagedEngine)
    bench.submit(1, "Yes or no?", guidance=Guidance("lark_grammar", 'start: "yes" | "no"'))
    assert bench.run()[1] in ("yes", "no")
    bench.submit(2, "Yes or no?", guidance=Guidance("lark_grammar", "start: ("))
    bench.run()
    assert [frame["error"]["type"] for frame in bench.sent if frame["op"] == "error"] == ["InvalidArgumentError"]


def test_a_cancelled_turn_leaves_and_the_next_begins() -> None:
    bench = Bench(PagedEngine)
    bench.submit(1, "A long answer.", max_output_tokens=500)
    bench.engine.step()
    bench.engine.handle({"op": "cancel", "id": 1})
    assert not bench.engine.busy
    bench.submit(2, "A short one.", max_output_tokens=3)
    assert bench.run()[2]


def test_what_needs_paged_attention_is_refused_in_words() -> None:
    bench = Bench(PagedEngine)
    bench.submit(1, "Drawn.", sampling=Sampling(temperature=0.7, seed=3))
    bench.submit(2, "Drawn.", sampling=Sampling(temperature=0.7, top_p=0.9, repetition_penalty=1.1))
    bench.run()
    (error,) = [frame["error"] for frame in bench.sent if frame["op"] == "error"]
    assert "cannot do what is asked" in error["message"]
    assert [frame["id"] for frame in bench.sent if frame["op"] == "done"] == [2]
