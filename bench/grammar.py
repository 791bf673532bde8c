"""What following a grammar costs: CPU a token of answers under a JSON Schema, beside free ones, 8 at once.

python -m bench.grammar [--model DIRECTORY] [--at-once N] [--repetitions N]

The batched engine runs in this process. Free answers and those under each schema take turns; the process's CPU time for
each decoded token counts, prompts included, since another process on the machine changes it least. All answers have
the same prompt, kept from a warm-up, and the same length: a schema asks for as long a text as the limit allows.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Final

from rich.table import Table

from bench.machine import console, describe
from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.backends.onnx import wire
from service.backends.onnx.options import OnnxEngineOptions

MODEL: Final = Path(__file__).resolve().parents[1] / "models" / "colibri" / "weights"
ANSWER_TOKENS: Final = 160
MESSAGES: Final = (
    ChatMessage("system", "You write short and polite e-mails for a company that sells garden tools."),
    ChatMessage("user", "Write to Ana Torres that the meeting on Monday at ten is moved to Tuesday at four."),
)
_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 60}, "minItems": 20}
SCHEMAS: Final[dict[str, dict[str, object] | None]] = {
    "free": None,
    "one long text": {"type": "object", "properties": {"text": {"type": "string", "minLength": 3000}}},
    "names and texts": {
        "type": "object",
        "properties": {"subject": {"type": "string", "minLength": 30}, "lines": _TEXTS},
    },
    "numbers and words": {
        "type": "array",
        "minItems": 60,
        "items": {
            "type": "object",
            "properties": {"kind": {"enum": ["billing", "other"]}, "count": {"type": "integer"}},
        },
    },
}


class Subject:
    """The engine, and its answers' tokens."""

    def __init__(self, model: Path, at_once: int) -> None:
        """Load the model."""
        from service.backends.onnx.batched.engine import BatchedEngine
        from service.backends.onnx.batched.model import load_batched

        options = OnnxEngineOptions(max_active=at_once, speculate=False)
        self.frames: list[wire.Frame] = []
        self._engine = BatchedEngine(load_batched(model, options), options, self.frames.append)
        self._at_once = at_once
        self._number = 0

    def cpu_us(self, schema: dict[str, object] | None, temperature: float) -> float:
        """Return microseconds of CPU for each token of answers under `schema`."""
        self.frames.clear()
        guidance = None if schema is None else Guidance("json_schema", json.dumps(with_required(schema)))
        for seed in range(self._at_once):
            self._number += 1
            sampling = Sampling(temperature=temperature, seed=seed)
            request = GenerationRequest(MESSAGES, ANSWER_TOKENS, sampling, guidance, streamed=False)
            frame = wire.encode(wire.submit_frame(self._number, request, None))
            self._engine.handle(wire.decode(frame[wire.LENGTH_BYTES :]))
        start = time.process_time()
        while self._engine.busy:
            self._engine.step()
        spent_s = time.process_time() - start
        tokens = sum(frame["usage"]["output_tokens"] for frame in self.frames if frame["op"] == "done")
        return float(spent_s / tokens * 1e6)


def with_required(schema: dict[str, object]) -> dict[str, object]:
    """Return `schema` with all properties of its objects required."""
    found = {key: with_required(value) if isinstance(value, dict) else value for key, value in schema.items()}
    properties = found.get("properties")
    if found.get("type") == "object" and isinstance(properties, dict):
        found["required"] = list(properties)
    return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--repetitions", type=int, default=7)
    asked = parser.parse_args()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    subject = Subject(asked.model, asked.at_once)
    table = Table("Answers", "Sampling", "CPU a token", "against free")
    for words, temperature in (("greedy", 0.0), ("drawn", 0.8)):
        found: dict[str, list[float]] = {name: [] for name in SCHEMAS}
        for at in range(asked.repetitions + 1):
            for name, schema in SCHEMAS.items():
                cost = subject.cpu_us(schema, temperature)
                if at:
                    found[name].append(cost)
        free = found["free"]
        for name, costs in found.items():
            share = statistics.median(cost / other - 1 for cost, other in zip(costs, free, strict=True))
            table.add_row(name, words, f"{statistics.median(costs):.0f} µs", f"{share:+.1%}")
    console().print(describe(asked.model))
    console().print(table)


if __name__ == "__main__":
    main()
