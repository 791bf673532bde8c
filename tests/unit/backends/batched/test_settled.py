"""What an engine holds when all its requests are over does not depend on how many there were."""

from __future__ import annotations

import gc
from collections import Counter

from service.backends.base import Guidance, Sampling
from service.backends.onnx.batched.drafts import _SCOPES
from tests.unit.backends.batched.bench import Bench

SCHEMA = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}'


def held() -> Counter[str]:
    """Return how many objects of each of this project's kinds there are; what Python still would collect is gone."""
    gc.collect()
    kinds = (type(one) for one in gc.get_objects())
    return Counter(kind.__qualname__ for kind in kinds if str(kind.__module__).startswith("service."))


def ask_of_all_kinds(bench: Bench, turn: int) -> None:
    """Let requests end in every way, of a tenant and with texts that nobody had before."""
    for kind in range(4):
        bench.submit(
            f"Turn {turn}, letter {kind}, about the garden and the gate and what stands beside it.",
            max_output_tokens=4 + kind,
            tenant=f"tenant-{turn}",
            sampling=Sampling(temperature=0.5 * kind, seed=turn, logprobs=kind or None),
            guidance=Guidance("json_schema", SCHEMA) if kind == 1 else None,
        )
    cancelled = bench.submit(f"Turn {turn} is cancelled.", tenant=f"tenant-{turn}")
    waiting = bench.submit(f"Turn {turn} is cancelled while it waits.", tenant=f"tenant-{turn}")
    bench.submit("x" * 5000)
    bench.engine.step()
    bench.engine.handle({"op": "cancel", "id": cancelled})
    bench.engine.handle({"op": "cancel", "id": waiting})
    bench.run()
    bench.frames.clear()


def test_finished_requests_leave_nothing() -> None:
    bench = Bench(max_active=3, prefix_memory_bytes=64 * 1024)
    before = held()
    # Until as many tenants' answers are remembered as ever are.
    for turn in range(_SCOPES + 1):
        ask_of_all_kinds(bench, turn)
    first = held()
    for turn in range(_SCOPES + 1, _SCOPES + 17):
        ask_of_all_kinds(bench, turn)
    assert held() == first
    assert {kind: first[kind] - before[kind] for kind in ("Row", "Ticket", "Submission")} == {
        "Row": 0,
        "Ticket": 0,
        "Submission": 0,
    }
