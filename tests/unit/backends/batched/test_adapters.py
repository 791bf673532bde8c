"""Adapters in the batched engine: each request has its own, and what is computed is what a merged model computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.backends.base import Sampling
from service.backends.onnx.adapters import adapter_path
from service.backends.onnx.batched.model import BatchedModel, load_batched
from service.backends.onnx.options import OnnxEngineOptions
from service.testing.tiny_model import PEFT_DIR, copy_adaptable_model, tiny_model
from tests.unit.backends.batched.bench import Bench

EXPECTED = json.loads((PEFT_DIR / "expected.json").read_text(encoding="utf-8"))
"""The tokens that PyTorch says with an adapter merged into the weights; `make_tiny_adaptable.py` wrote them."""

WHO = ["mail", "", "code", "mail", "code", "", "mail", "code"]
DRAWN = Sampling(temperature=1.0, seed=3)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_adaptable_model(tmp_path_factory.mktemp("models") / "own", "mail", "code").path


@pytest.fixture(scope="module")
def adaptable(model_dir: Path) -> BatchedModel:
    return load_batched(model_dir, OnnxEngineOptions(intra_op_threads=1))


def bench_of(adaptable: BatchedModel, *adapters: str, **options: Any) -> Bench:
    bench = Bench(loaded=adaptable, **options)
    for name in adapters:
        number = bench.ask("load_adapter", name=name)
        assert bench.answers(number)[0]["op"] == "adapters"
    return bench


def tokens_of(bench: Bench, adapter: str) -> list[int]:
    number = bench.submit(adapter=adapter, max_output_tokens=40, sampling=Sampling(logprobs=0), streamed=False)
    bench.run()
    return [chosen[0] for chosen, _ in bench.done(number)[0]["logprobs"]]


def test_an_adapter_answers_as_a_model_into_which_it_was_merged(adaptable: BatchedModel) -> None:
    bench = bench_of(adaptable, "mail", "code")
    for name, expected in EXPECTED.items():
        assert tokens_of(bench, name) == expected
    assert len({str(expected) for expected in EXPECTED.values()}) == 3


def test_requests_of_different_adapters_share_their_steps_and_get_the_answers_of_lone_ones(
    adaptable: BatchedModel,
) -> None:
    lone = bench_of(adaptable, "mail", "code", prefix_memory_bytes=0, speculate=False)
    asked = [(f"Request {at}: tell Ana.", name, 10 + 3 * at) for at, name in enumerate(WHO)]
    samplings = [DRAWN if at % 3 else Sampling(logprobs=2) for at in range(len(asked))]
    for sampling in (None, DRAWN):
        expected = []
        for at, (text, name, most) in enumerate(asked):
            expected.append(lone.say(text, adapter=name, max_output_tokens=most, sampling=sampling or samplings[at]))
        bench = bench_of(adaptable, "mail", "code", max_active=8, prefill_chunk_tokens=32)
        numbers = []
        for at, (text, name, most) in enumerate(asked):
            chosen = sampling or samplings[at]
            numbers.append(bench.submit(text, adapter=name, max_output_tokens=most, sampling=chosen))
            bench.engine.step()
        bench.run()
        assert [bench.text(number) for number in numbers] == expected
        # They did not take turns.
        assert bench.engine.stats()["decode_steps"] < sum(most for _, _, most in asked) / 3


def test_log_probabilities_are_the_same_bit_for_bit_alone_and_among_others(adaptable: BatchedModel) -> None:
    def chances(bench: Bench, number: int) -> Any:
        bench.run()
        return bench.done(number)[0]["logprobs"]

    asking: dict[str, Any] = {
        "sampling": Sampling(logprobs=3),
        "streamed": False,
        "max_output_tokens": 20,
        "adapter": "mail",
    }
    lone = bench_of(adaptable, "mail", prefix_memory_bytes=0)
    expected = chances(lone, lone.submit(**asking))
    crowd = bench_of(adaptable, "mail", "code", prefix_memory_bytes=0)
    for name in ("code", "", "code", "mail"):
        crowd.submit("Another one.", adapter=name, max_output_tokens=60)
    number = crowd.submit(**asking)
    assert chances(crowd, number) == expected


def test_what_one_adapter_computed_is_not_taken_for_anothers(adaptable: BatchedModel) -> None:
    bench = bench_of(adaptable, "mail", "code")
    numbers = [bench.submit(adapter=name) for name in ("mail", "code", "", "mail")]
    bench.run()
    assert [bench.usage(number)["cached_input_tokens"] > 0 for number in numbers] == [False, False, False, True]
    # An adapter that is loaded again may be another one.
    bench.ask("unload_adapter", name="mail")
    bench.ask("load_adapter", name="mail")
    number = bench.submit(adapter="mail")
    bench.run()
    assert bench.usage(number)["cached_input_tokens"] == 0


def test_an_adapter_in_use_leaves_when_the_last_request_with_it_is_over(adaptable: BatchedModel) -> None:
    bench = bench_of(adaptable, "mail", "code", max_active=1)
    working, waiting = (bench.submit(adapter="mail", max_output_tokens=8) for _ in range(2))
    bench.engine.step()
    asked = bench.ask("unload_adapter", name="mail")
    assert bench.answers(asked) == []
    late = bench.submit(adapter="mail")
    assert bench.errors(late)[0]["type"] == "NotFoundError"
    assert "loaded are: code" in bench.errors(late)[0]["message"]
    bench.run()
    assert bench.done(working)
    assert bench.done(waiting)
    assert [frame["names"] for frame in bench.answers(asked)] == [["code"]]


def test_a_cancelled_request_lets_its_adapter_go(adaptable: BatchedModel) -> None:
    bench = bench_of(adaptable, "mail")
    number = bench.submit(adapter="mail", max_output_tokens=500)
    bench.engine.step()
    asked = bench.ask("unload_adapter", name="mail")
    bench.engine.handle({"op": "cancel", "id": number})
    assert [frame["names"] for frame in bench.answers(asked)] == [[]]


def test_asked_for_again_on_its_way_out_an_adapter_stays(adaptable: BatchedModel) -> None:
    bench = bench_of(adaptable, "mail")
    number = bench.submit(adapter="mail", max_output_tokens=20)
    bench.engine.step()
    leaving = bench.ask("unload_adapter", name="mail")
    back = bench.ask("load_adapter", name="mail")
    assert [frame["names"] for frame in bench.answers(leaving) + bench.answers(back)] == [["mail"], ["mail"]]
    bench.run()
    assert bench.done(number)
    assert tokens_of(bench, "mail") == EXPECTED["mail"]


@pytest.mark.parametrize("name", ["sales", "../mail", ""])
def test_an_unknown_adapter_is_refused_with_those_there_are(adaptable: BatchedModel, name: str) -> None:
    bench = bench_of(adaptable, "mail")
    if name:
        number = bench.submit(adapter=name)
        assert "loaded are: mail" in bench.errors(number)[0]["message"]
    loading = bench.ask("load_adapter", name=name)
    assert bench.errors(loading)[0]["type"] == "NotFoundError"
    assert "there are: code, mail" in bench.errors(loading)[0]["message"]


def test_adapters_stay_within_their_memory(adaptable: BatchedModel) -> None:
    bench = Bench(loaded=adaptable, adapter_memory_bytes=332_000, max_active=8)
    bench.ask("load_adapter", name="mail")
    refused = bench.ask("load_adapter", name="code")
    assert bench.errors(refused)[0]["type"] == "ModelMemoryError"
    assert "adapter_memory_bytes" in bench.errors(refused)[0]["message"]
    assert tokens_of(bench, "mail") == EXPECTED["mail"]
    bench.ask("unload_adapter", name="mail")
    assert bench.answers(bench.ask("load_adapter", name="code"))[0]["op"] == "adapters"


def test_a_changed_adapter_is_not_loaded(tmp_path: Path) -> None:
    entry = copy_adaptable_model(tmp_path / "own", "mail")
    path = adapter_path(entry.path, "mail")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    bench = Bench(loaded=load_batched(entry.path, OnnxEngineOptions(intra_op_threads=1)))
    number = bench.ask("load_adapter", name="mail")
    assert bench.errors(number)[0]["type"] == "ModelFilesError"


def test_a_model_that_takes_none_says_so() -> None:
    bench = Bench(loaded=load_batched(tiny_model().path, OnnxEngineOptions(intra_op_threads=1)))
    number = bench.ask("load_adapter", name="mail")
    assert bench.errors(number)[0]["type"] == "FailedPreconditionError"
    assert "--adaptable" in bench.errors(number)[0]["message"]
