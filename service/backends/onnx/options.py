"""The settings of the local engine; `service/settings.py` fills them, the worker gets them with the model to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Provider = Literal["cpu", "cuda", "directml"]
"""Where the model runs. Nothing ever falls back from one to another."""

EngineChoice = Literal["auto", "batched", "paged", "genai"]
"""What runs the model: continuous batching on onnxruntime, genai's engine, its generators, or the first that can."""


@dataclass(frozen=True, slots=True)
class OnnxEngineOptions:
    """How one model is run in its worker process.

    `provider` is where the model runs. `intra_op_threads` is the threads of one decoding step; 0 takes the physical
    cores this process may use, at most 4. `allow_spinning` lets idle threads burn CPU while they wait for work: faster
    on a machine of its own, slower beside a server.

    `engine` is what runs it: `batched` computes a step of all requests together, `paged` lets genai's engine do so with
    paged attention, `genai` takes turns, and `auto` is the first of them where the model and the provider allow it.

    `max_active` requests are decoded at the same time, `max_queued` more wait, and one more than that is refused. The
    batched engine also refuses when the prompts and longest answers of those who wait pass `max_queued_tokens`.
    `prefill_chunk_tokens` is how much of a prompt is computed between two looks at cancellations and at other requests.
    `flush_interval_s` is the least time between two sendings of a request's text (its first text is never held back);
    where more than four requests are worked on the batched engine takes turns, four in each interval.

    `kv_memory_bytes` bounds the key-value memory of all requests of the model, at work and kept for others that begin
    with the same tokens. Kept are by genai `idle_generators` finished generators, by the batched engine blocks of
    `prefix_memory_bytes`, at most a quarter of the whole. `context_tokens` lowers the model's own context; 0 keeps it.
    `adapter_memory_bytes` bounds the adapters that are loaded beside a model that takes some. `speculate` lets the
    batched engine guess the tokens of a lone greedy answer from its prompt and the tenant's answers before.

    `allow_unverified` loads a model directory that has no SHA256SUMS file. `load_timeout_s` bounds loading, and
    `ready_timeout_s` how long a request waits for a worker that is (re)starting. `close_timeout_s` is how long a worker
    may take to end before it is killed. `max_restarts` crashes in a row make the model failed; the pause before a
    restart doubles from `restart_backoff_s` up to `restart_backoff_max_s`, each time between half and the whole of it.
    """

    provider: Provider = "cpu"
    engine: EngineChoice = "auto"
    intra_op_threads: int = 0
    allow_spinning: bool = False
    max_active: int = 8
    max_queued: int = 64
    max_queued_tokens: int = 262_144
    prefill_chunk_tokens: int = 128
    flush_interval_s: float = 0.02
    idle_generators: int = 16
    kv_memory_bytes: int = 2 * 1024**3
    prefix_memory_bytes: int = 256 * 1024**2
    adapter_memory_bytes: int = 256 * 1024**2
    speculate: bool = True
    context_tokens: int = 0
    allow_unverified: bool = False
    load_timeout_s: float = 300.0
    ready_timeout_s: float = 30.0
    close_timeout_s: float = 5.0
    max_restarts: int = 5
    restart_backoff_s: float = 0.2
    restart_backoff_max_s: float = 30.0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: A number is out of its range.
        """
        least = {
            "intra_op_threads": 0,
            "max_active": 1,
            "max_queued": 0,
            "max_queued_tokens": 1,
            "prefill_chunk_tokens": 1,
            "flush_interval_s": 0,
            "idle_generators": 0,
            "kv_memory_bytes": 1,
            "prefix_memory_bytes": 0,
            "adapter_memory_bytes": 0,
            "context_tokens": 0,
            "load_timeout_s": 0.1,
            "ready_timeout_s": 0,
            "close_timeout_s": 0,
            "max_restarts": 0,
            "restart_backoff_s": 0.001,
            "restart_backoff_max_s": self.restart_backoff_s,
        }
        for name, bound in least.items():
            if not getattr(self, name) >= bound:
                raise ValueError(f"{name} must be at least {bound}")
        if self.provider not in ("cpu", "cuda", "directml"):
            raise ValueError("provider must be cpu, cuda or directml")
        if self.engine not in ("auto", "batched", "paged", "genai"):
            raise ValueError("engine must be auto, batched, paged or genai")
