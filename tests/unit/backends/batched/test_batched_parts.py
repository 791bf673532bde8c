"""What the batched engine is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.backends.base import ChatMessage, Sampling
from service.backends.onnx.batched.adapters import AdapterRack
from service.backends.onnx.batched.arena import Arena
from service.backends.onnx.batched.batch import Batch
from service.backends.onnx.batched.blocks import BLOCK_TOKENS, PrefixCache
from service.backends.onnx.batched.choice import Chooser, is_plain, logprobs_of
from service.backends.onnx.batched.counted import CountedPrompts
from service.backends.onnx.batched.drafts import Answers, Drafter, Memory
from service.backends.onnx.batched.engine import BatchedEngine
from service.backends.onnx.batched.model import load_batched
from service.backends.onnx.batched.pace import Pace
from service.backends.onnx.batched.queue import FairQueue
from service.backends.onnx.batched.request import Ticket
from service.backends.onnx.batched.session import Floats, KvShape
from service.backends.onnx.model import NotBatchableError
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.wire import Submission
from service.testing.tiny_model import TINY_MODEL_DIR, copy_tiny_model

KV = KvShape(layers=1, heads=2, head_size=4)


def tokens_of(arena: Arena, row: int, count: int) -> list[float]:
    return [float(value) for value in arena.read(row, 0, count)[1, 1, :, 3]]


def put(arena: Arena, row: int, values: list[float]) -> None:
    block = np.zeros((2, 2, len(values), 4), np.float32)
    block[...] = np.array(values, np.float32)[None, None, :, None]
    arena.write(row, 0, block)


def test_rows_keep_what_they_hold_when_their_length_changes() -> None:
    arena = Arena(KV, capacity=1024, most_rows=4, most_tokens=1000)
    assert (arena.rows, arena.row_tokens) == (4, 256)
    for row in range(3):
        put(arena, row, [10.0 * row + at for at in range(5)])
    assert arena.fits(2, 300)
    assert not arena.fits(3, 300)
    arena.fit(2, 300, used=2, used_tokens=5)
    assert (arena.rows, arena.row_tokens) == (2, 512)
    assert [tokens_of(arena, row, 5)[4] for row in range(2)] == [4.0, 14.0]
    arena.fit(4, 200, used=2, used_tokens=5)
    assert (arena.rows, arena.row_tokens) == (4, 256)
    assert [tokens_of(arena, row, 5)[4] for row in range(2)] == [4.0, 14.0]
    arena.fit(1, 1000, used=1, used_tokens=5)
    assert (arena.rows, arena.row_tokens) == (1, 1000)
    assert tokens_of(arena, 0, 5) == [0.0, 1.0, 2.0, 3.0, 4.0]


def cache_of(blocks: int) -> PrefixCache:
    return PrefixCache(KvShape(layers=1, heads=1, head_size=1), blocks * BLOCK_TOKENS)


def read(start: int, end: int) -> Floats:
    return np.arange(start, end, dtype=np.float32).reshape(1, 1, -1, 1)


def test_equal_beginnings_share_their_blocks() -> None:
    cache = cache_of(8)
    text = list(range(50))
    cache.store("", text, read)
    assert cache.tokens == 48
    cache.store("", [*text[:32], *range(100, 120)], read)
    assert cache.tokens == 64
    assert len(cache.find("", text, 47)) == 2
    assert [float(block[0, 0, 0, 0]) for block in cache.find("", text, 50)] == [0.0, 16.0, 32.0]
    assert cache.find("", [7, *text], 50) == []
    assert cache.find("other", text, 50) == []


def test_the_block_that_was_used_longest_ago_goes_first_and_never_before_its_followers() -> None:
    cache = cache_of(4)
    old, new = list(range(48)), list(range(1000, 1032))
    cache.store("", old, read)
    cache.store("", new[:16], read)
    cache.find("", old, 16)
    cache.store("", new, read)
    assert [len(cache.find("", text, 48)) for text in (old, new)] == [2, 2]
    long = list(range(2000, 2200))
    cache.store("", long, read)
    assert cache.tokens == 64
    assert len(cache.find("", long, 200)) == 4


def test_kept_blocks_never_leave_their_piece_of_memory() -> None:
    cache = cache_of(4)
    texts = [list(range(1000 * at, 1000 * at + 40)) for at in range(50)]
    seen = set()
    for text in texts:
        cache.store("", text, read)
        found = cache.find("", text, 40)
        assert [float(block[0, 0, 0, 0]) for block in found] == [0.0, 16.0]
        seen |= {block.ctypes.data for block in found}
        assert cache.tokens <= 64
    assert len(seen) == 4


def test_a_draw_is_among_what_is_allowed() -> None:
    chooser = Chooser(Sampling(temperature=1.0, seed=1), 3000, [])
    logits = np.full(3000, -np.inf, np.float32)
    logits[[7, 9]] = (1.0, 1.5)
    assert {chooser.choose(logits) for _ in range(50)} == {7, 9}


def test_a_cache_without_memory_keeps_nothing() -> None:
    cache = cache_of(0)
    cache.store("", list(range(64)), read)
    assert cache.tokens == 0


def ticket(number: int, tenant: str = "", priority: int = 0, needed: int = 10) -> Ticket:
    submission = Submission(number, (), 5, Sampling(), None, None, tenant=tenant, priority=priority)
    return Ticket(submission, [1], needed, 0.0, None, None)


def serve_all(queue: FairQueue, costs: dict[str, float]) -> list[int]:
    order = []
    while (chosen := queue.first(lambda _: True)) is not None:
        queue.begin(chosen)
        queue.serve(chosen.tenant, costs[chosen.tenant])
        queue.end(chosen.tenant)
        order.append(chosen.number)
    return order


def test_who_was_served_least_goes_next() -> None:
    queue = FairQueue()
    for number, tenant in enumerate(["a", "a", "a", "a", "b", "b"]):
        queue.put(ticket(number, tenant))
    assert queue.tokens == 60
    assert serve_all(queue, {"a": 1.0, "b": 2.0}) == [0, 4, 1, 2, 5, 3]
    assert (len(queue), queue.tokens) == (0, 0)


def test_a_pause_is_not_paid_back() -> None:
    queue = FairQueue()
    for number in range(4):
        queue.put(ticket(number, "a"))
    first = queue.first(lambda _: True)
    assert first is not None
    queue.begin(first)
    queue.serve("a", 100.0)
    for number in range(10, 14):
        queue.put(ticket(number, "b"))
    assert serve_all(queue, {"a": 1.0, "b": 1.0})[:4] == [1, 10, 2, 11]


def test_who_is_not_ready_is_passed_over() -> None:
    queue = FairQueue()
    compiling: Future[Any] = Future()
    waiting = ticket(1)
    waiting.grammar = compiling
    queue.put(waiting)
    queue.put(ticket(2))
    chosen = queue.first(lambda each: each.grammar is None or each.grammar.done())
    assert chosen is not None
    assert chosen.number == 2


LOGITS = np.array([1.0, 3.0, 2.0, -1.0, 0.5], np.float32)


@pytest.mark.parametrize(
    ("fields", "prompt", "token"),
    [
        ({}, [], 1),
        ({"repetition_penalty": 2.0}, [1], 2),
        ({"logit_bias": ((4, 5.0), (9, 90.0))}, [], 4),
        ({"temperature": 1.0, "top_k": 1}, [], 1),
        ({"temperature": 1.5, "top_p": 0.01}, [], 1),
        ({"temperature": 1.5, "min_p": 1.0}, [], 1),
    ],
)
def test_each_knob_decides(fields: dict[str, Any], prompt: list[int], token: int) -> None:
    before = LOGITS.copy()
    assert Chooser(Sampling(**fields), 5, prompt).choose(LOGITS) == token
    assert (before == LOGITS).all()


def test_presence_counts_what_was_answered_only() -> None:
    chooser = Chooser(Sampling(presence_penalty=1.5), 5, [1])
    assert [chooser.choose(LOGITS) for _ in range(3)] == [1, 2, 1]


def test_what_the_grammar_forbids_is_never_drawn_and_the_rest_as_often_as_it_is_likely() -> None:
    left = np.where([True, False, True, False, False], LOGITS, np.float32(-np.inf))
    chooser = Chooser(Sampling(temperature=1.0, seed=1), 5, [])
    drawn = [chooser.choose(left) for _ in range(4000)]
    assert set(drawn) == {0, 2}
    assert drawn.count(2) / 4000 == pytest.approx(1 / (1 + np.exp(-1.0)), abs=0.03)


def test_only_what_changes_no_logit_is_plain() -> None:
    assert is_plain(Sampling(top_p=0.5, seed=1, logprobs=2))
    assert not is_plain(Sampling(repetition_penalty=1.1))


def test_log_probabilities_are_those_of_the_softmax() -> None:
    chance, top = logprobs_of(LOGITS, 2, 2)
    expected = np.log(np.exp(LOGITS) / np.exp(LOGITS).sum())
    assert chance == pytest.approx(expected[2])
    assert [token for token, _ in top] == [1, 2]
    assert logprobs_of(LOGITS, 2, 0)[1] == []


def test_guesses_follow_what_was_said_before() -> None:
    drafter = Drafter([0, 1, 2, 3, 4, 5, 9, 0, 1, 2], Answers())
    assert drafter.guess(8) == []
    drafter.add(3)
    assert drafter.guess(8) == [4, 5]
    assert drafter.guess(1) == [4]
    drafter.learn(2, 2)
    assert drafter.guess(8) == [4, 5, 9, 0]
    drafter.learn(4, 0)
    assert drafter.guess(8) == []
    assert drafter.rate < 0.8


def test_guesses_follow_earlier_answers_where_the_prompt_knows_nothing() -> None:
    answers = Answers()
    answers.learn([1, 2, 3, 4, 5, 6])
    answers.learn([1, 2, 3, 4, 7, 8])
    assert Drafter([9, 1, 2, 3, 4], answers).guess(8) == [7, 8], "the last answer counts"
    assert Drafter([1, 2, 3, 4, 0, 1, 2, 3, 4], answers).guess(8) == [0, 1], "the prompt before all answers"
    assert Drafter([1, 2, 3], answers).guess(8) == []


def test_answers_are_forgotten_and_those_of_others_are_never_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.backends.onnx.batched.drafts._KEPT_TOKENS", 8)
    monkeypatch.setattr("service.backends.onnx.batched.drafts._SCOPES", 2)
    memory = Memory()
    memory.of("a").learn([1, 2, 3, 4, 5])
    assert memory.of("b").after((1, 2, 3, 4), 8) == []
    memory.of("a").learn([11, 12, 13, 14, 15])
    assert memory.of("a").after((1, 2, 3, 4), 8) == [5]
    memory.of("a").learn([21, 22, 23, 24, 25])
    assert memory.of("a").after((1, 2, 3, 4), 8) == []
    assert memory.of("a").after((21, 22, 23, 24), 8) == [25]
    for scope in ("b", "c"):
        memory.of(scope)
    assert memory.of("a").after((21, 22, 23, 24), 8) == [], "two scopes are kept"


def test_guessing_is_tried_again_after_it_did_not_pay() -> None:
    pace = Pace()
    pace.stepped(1.0)
    assert pace.pays(4, 0.8), "nothing is known"
    for _ in range(9):
        pace.verified(5, 10.0)
    assert not pace.pays(4, 0.8)
    tries = 1
    while not pace.pays(4, 0.8):
        tries += 1
    assert 100 < tries < 500
    # A single moment in which another process had the core does not end it.
    steady = Pace()
    steady.stepped(1.0)
    steady.verified(5, 2.0)
    steady.verified(5, 500.0)
    assert steady.pays(4, 0.8)


def test_tokens_of_one_row_together_are_what_they_are_in_a_run_of_their_own() -> None:
    loaded = load_batched(TINY_MODEL_DIR, OnnxEngineOptions(intra_op_threads=1))
    arena = Arena(loaded.session.kv, capacity=1024, most_rows=4, most_tokens=256)
    batch = Batch(loaded.session, arena, AdapterRack(TINY_MODEL_DIR, 4, 0), 4, 256)
    prompt, guess = [3, 17, 60, 4, 5, 99], [12, 8, 7]
    for row in (0, 2):
        batch.extend(row, prompt)
        alone = batch.extend(row, guess, wanted=3).copy()
        for _ in range(2):  # the second time by what was bound the first time
            batch.cut(row, len(prompt))
            assert np.array_equal(batch.together(row, guess), alone)
        assert batch.lengths[row] == len(prompt) + len(guess)
    batch.cut(0, len(prompt))
    stepped = [batch.step([token])[0].copy() for token in guess]
    np.testing.assert_allclose(stepped, batch_logits(batch, prompt, guess), atol=1e-4)


def batch_logits(batch: Batch, prompt: list[int], guess: list[int]) -> Floats:
    batch.cut(0, len(prompt))
    return batch.together(0, guess)


def test_a_counted_prompt_is_read_once() -> None:
    class Reader:
        read = 0

        def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
            self.read += 1
            return [1] * len(messages[0].content)

    reader = Reader()
    counted = CountedPrompts(reader)
    asked = (ChatMessage("user", "three"),)
    assert counted.count(asked) == 5
    assert counted.take((ChatMessage("user", "three"),)) == [1] * 5
    assert reader.read == 1
    assert counted.take(asked) == [1] * 5
    assert reader.read == 2
    for at in range(100):
        counted.count((ChatMessage("user", str(at)),))
    counted.count((ChatMessage("user", "x" * 10_000),))
    assert len(counted) == 32


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"decoder": {"sliding_window": {"window_size": 8}}}, "sliding window"),
        ({"vision": {"filename": "vision.onnx"}}, "vision"),
        ({"decoder": {"inputs": {"input_ids": "words"}}}, "inputs"),
        ({"decoder": {"pipeline": []}}, "pipeline"),
    ],
)
def test_a_model_that_cannot_be_batched_is_said_so(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    entry = copy_tiny_model(tmp_path / "model")
    path = entry.path / "genai_config.json"
    config = json.loads(path.read_text())
    for key, value in change.items():
        config["model"][key] = {**config["model"].get(key, {}), **value}
    path.write_text(json.dumps(config))
    with pytest.raises(NotBatchableError, match=words):
        load_batched(entry.path, OnnxEngineOptions())


def test_a_graph_that_does_not_run_in_place_is_found_while_it_loads(tmp_path: Path) -> None:
    entry = copy_tiny_model(tmp_path / "model")
    path = entry.path / "genai_config.json"
    path.write_text(path.read_text().replace('"num_key_value_heads": 2', '"num_key_value_heads": 1'))
    options = OnnxEngineOptions()
    with pytest.raises(NotBatchableError, match="does not run in place"):
        BatchedEngine(load_batched(entry.path, options), options, lambda _: None)
