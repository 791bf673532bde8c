"""onnxruntime-genai by itself, as its own examples use it; the peer of `bench.throughput`, as a process of its own.

Each line on standard input asks for a measurement, each line on standard output answers one. The model runs with the
same threads as in the service, so that what differs is what stands around it.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnxruntime_genai as og

from service.backends.onnx.threads import default_threads

Messages = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One generation: its tokens, its text, and seconds from being asked to the first text."""

    tokens: int
    text: str
    first_text_s: float


class BareModel:
    """A model and one greedy generator for each request."""

    def __init__(self, path: Path) -> None:
        """Load the model with the service's own session options."""
        session = {"intra_op_num_threads": default_threads(path), "session.intra_op.allow_spinning": "0"}
        config = og.Config(str(path))
        config.clear_providers()
        config.overlay(json.dumps({"model": {"decoder": {"session_options": session}}}))
        self._model = og.Model(config)
        self._tokenizer = og.Tokenizer(self._model)
        self._ends = frozenset(int(token) for token in self._tokenizer.eos_token_ids)

    def generate(self, messages: Messages, max_tokens: int) -> Iterator[str]:
        """Yield the text of each token; a token that is part of a character yields an empty one."""
        prompt = self._tokenizer.encode(
            self._tokenizer.apply_chat_template(json.dumps(list(messages)), add_generation_prompt=True)
        )
        params = og.GeneratorParams(self._model)
        params.set_search_options(max_length=len(prompt) + max_tokens, do_sample=False)
        generator, stream = og.Generator(self._model, params), self._tokenizer.create_stream()
        generator.append_tokens(prompt)
        while not generator.is_done():
            generator.generate_next_token()
            token = int(generator.get_next_tokens()[0])
            yield "" if token in self._ends else stream.decode(token)

    def answer(self, messages: Messages, max_tokens: int, asked: float) -> Answer:
        """Return one whole answer; `asked` is when it was asked for, on the clock of `time.perf_counter`."""
        first_text_s, pieces = 0.0, []
        for piece in self.generate(messages, max_tokens):
            if piece and not first_text_s:
                first_text_s = time.perf_counter() - asked
            pieces.append(piece)
        return Answer(len(pieces), "".join(pieces), first_text_s)


def measure(
    model: BareModel, requests: Sequence[Messages], *, at_once: int, turns: int, max_tokens: int
) -> dict[str, Any]:
    """Answer all requests as plain values: `at_once` are asked for at a time, and `turns` of those are worked on."""
    gate = threading.Semaphore(turns)

    def one(messages: Messages) -> Answer:
        asked = time.perf_counter()
        with gate:
            return model.answer(messages, max_tokens, asked)

    start = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(one, requests))
    return {"seconds": time.perf_counter() - start, "answers": [asdict(answer) for answer in answers]}


def main() -> None:
    """Load the model that the command line names and measure what is asked until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    model = BareModel(parser.parse_args().model)
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(model, **json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
