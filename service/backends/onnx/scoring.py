"""How likely a model finds a text: `python -m service.backends.onnx.scoring`, one process for one model.

A line of JSON on standard input says what to do (`ScoringOrder`). Standard output gets lines of JSON: `{"done": …}`
with the tokens that were judged while it goes on, and at the end `{"found": …}` or `{"error": words}`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.backends.base import ChatMessage
from service.backends.onnx import integrity
from service.backends.onnx.facts import read_facts
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.scoring_order import MOST_KEPT_BYTES, Passage, Scored, ScoringOrder
from service.backends.onnx.wheels import installed_wheels, require_wheel
from service.errors import VaivenError

_ROLES: Final[dict[str, Literal["system", "user", "assistant"]]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}

Logprobs: TypeAlias = NDArray[np.float32]
"""Natural logarithms of probabilities, of shape (tokens, vocabulary)."""

WINDOW_TOKENS: Final = 512
"""A text is read in windows of at most so many tokens, each begun anew; the first token of each is not judged."""

ANSWER_WINDOW_TOKENS: Final = 2048
"""The most tokens of an answer and what it answers; a longer one is cut."""

CHUNK_TOKENS: Final = 64
"""So many tokens are computed at once, so that the logits of a large vocabulary stay small."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens that are read together; those from `first` on are judged."""

    tokens: list[int]
    first: int


class _Model:
    """A model that gives the logits of all tokens of a text."""

    def __init__(self, model_dir: Path, options: OnnxEngineOptions) -> None:
        require_wheel(options.provider, installed_wheels())
        integrity.verify(model_dir, allow_unverified=options.allow_unverified)
        import onnxruntime_genai.onnxruntime_genai as og

        from service.backends.onnx import runtime, words

        self._og: Any = og
        self._model = runtime.load_model(model_dir, options)
        self._words = words.ModelWords(model_dir)
        self._context = read_facts(model_dir).context_tokens

    def spans(self, passages: Sequence[Passage], most_tokens: int) -> list[_Span]:
        """Return what is read, so that at most `most_tokens` are judged."""
        found: list[_Span] = []
        left = most_tokens
        for passage in passages:
            for span in self._spans(passage):
                tokens = span.tokens[: span.first + left]
                if len(tokens) > span.first:
                    found.append(_Span(tokens, span.first))
                    left -= len(tokens) - span.first
        return found

    def _spans(self, passage: Passage) -> Iterator[_Span]:
        tokens = self._words.text(passage.text)
        if passage.messages:
            prompt = self._words.prompt([ChatMessage(_ROLES[role], text) for role, text in passage.messages])
            yield _Span([*prompt, *tokens][: min(ANSWER_WINDOW_TOKENS, self._context)], len(prompt))
            return
        window = min(WINDOW_TOKENS, self._context)
        for start in range(0, len(tokens), window):
            yield _Span(tokens[start : start + window], 1)

    def logprobs(self, span: _Span) -> Iterator[tuple[int, Logprobs]]:
        """Yield what follows the tokens of a span, chunk by chunk, and where in it each chunk begins."""
        params = self._og.GeneratorParams(self._model)
        params.set_search_options(max_length=len(span.tokens) + 1, do_sample=False, num_beams=1)
        generator = self._og.Generator(self._model, params)
        for start in range(0, len(span.tokens) - 1, CHUNK_TOKENS):
            # What follows the last token is not known.
            generator.append_tokens(span.tokens[:-1][start : start + CHUNK_TOKENS])
            logits = np.asarray(generator.get_output("logits"))[0].astype(np.float32)
            logits -= logits.max(axis=-1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
            yield start, logits


def score(order: ScoringOrder, done: Callable[[int], None]) -> Scored:
    """Read the passages and return what was found; `done` is told how many tokens were judged.

    Raises:
        VaivenError: The model cannot be loaded.
    """
    model = _Model(Path(order.model_dir), OnnxEngineOptions(**order.options))
    spans = model.spans(order.passages, order.most_tokens)
    total = sum(len(span.tokens) - span.first for span in spans)
    kept: _Kept | None = None
    nll = kl = 0.0
    judged = same = 0
    for span in spans:
        for start, chunk in model.logprobs(span):
            if kept is None:
                kept = _Kept(order, spans, total, chunk.shape[1])
            # The row at a place tells of the token after it.
            rows = chunk[max(0, span.first - 1 - start) :]
            following = span.tokens[start + len(chunk) - len(rows) + 1 :][: len(rows)]
            if not len(rows) or judged + len(rows) > kept.most:
                continue
            nll -= float(rows[np.arange(len(rows)), following].sum())
            if (reference := kept.exchange(judged, rows)) is not None:
                kl += float((np.exp(reference) * (reference - rows)).sum())
                same += int((reference.argmax(axis=-1) == rows.argmax(axis=-1)).sum())
            judged += len(rows)
            done(judged)
    compared = kept is not None and kept.is_read and judged > 0
    return Scored(
        judged=judged,
        digest="" if kept is None else kept.digest,
        nll=nll / max(1, judged),
        kl=max(0.0, kl / judged) if compared else None,
        top1=same / judged if compared else None,
    )


class _Kept:
    """The reference's probabilities in a file: written by the reference, read by the others."""

    def __init__(self, order: ScoringOrder, spans: Sequence[_Span], total: int, vocabulary: int) -> None:
        self.most = min(total, max(1, MOST_KEPT_BYTES // (4 * vocabulary)))
        what = [vocabulary, *([span.tokens, span.first] for span in spans)]
        self.digest = hashlib.sha256(json.dumps(what).encode()).hexdigest()
        self._rows: Logprobs | None = None
        self.is_read = False
        shape = (self.most, vocabulary)
        if order.write:
            _digest_file(order.write).write_text(self.digest, encoding="utf-8")
            self._rows = np.memmap(order.write, np.float32, "w+", shape=shape)
        elif order.read and _digest_of(order.read) == self.digest:
            self._rows = np.memmap(order.read, np.float32, "r", shape=shape)
            self.is_read = True

    def exchange(self, at: int, rows: Logprobs) -> Logprobs | None:
        """Keep the rows, or return the reference's in their place."""
        if self._rows is None:
            return None
        if self.is_read:
            return np.asarray(self._rows[at : at + len(rows)])
        self._rows[at : at + len(rows)] = rows
        return None


def _digest_file(path: str) -> Path:
    return Path(path).with_suffix(".digest")


def _digest_of(path: str) -> str:
    file = _digest_file(path)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


@contextmanager
def _answers() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Keep standard output for answers: whatever a library prints goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as sink:
        os.dup2(2, 1)

        def send(answer: dict[str, Any]) -> None:
            sink.write(json.dumps(answer) + "\n")
            sink.flush()

        yield send


def main() -> None:
    """Do what the first line of standard input says."""
    # Before the first import of onnxruntime: its telemetry is on otherwise.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if sys.platform != "win32":
        os.nice(5)
    with _answers() as send:
        told = json.loads(sys.stdin.readline())
        passages = (Passage(one["text"], tuple(map(tuple, one["messages"]))) for one in told.pop("passages"))
        order = ScoringOrder(**told, passages=tuple(passages))
        try:
            send({"found": dataclasses.asdict(score(order, lambda tokens: send({"done": tokens})))})
        except VaivenError as error:
            send({"error": error.message})
        except (ImportError, OSError, RuntimeError, MemoryError) as error:
            # The models' libraries say in a line what they lack; their paths are this machine's business.
            send({"error": f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"})


if __name__ == "__main__":
    main()
