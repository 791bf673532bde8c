"""Grammars by llguidance: compiled once and kept, their masks computed while the graph computes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import llguidance
import numpy as np
from llguidance.numpy import allocate_token_bitmask

from service.backends.onnx.batched.choice import Marks
from service.errors import InvalidArgumentError, ModelLoadError

_KEPT = 64
_HANDOVER_S = 100e-6
"""What handing work to another thread costs here; a mask that takes less is computed at once."""

_WEIGHT = 0.1
_MOST_GROWTH = 2.0

_TRUST = 0.5
"""Where fewer of the model's own choices than this were allowed, of late, a mask is computed beside the next step."""


class Matcher:
    """Where one answer stands in its grammar."""

    def __init__(self, fresh: llguidance.LLMatcher, vocabulary: int) -> None:
        """Begin with a matcher that took no token yet."""
        self._matcher = fresh
        self._vocabulary = vocabulary
        self._mask = allocate_token_bitmask(1, vocabulary)
        self._bytes = self._mask[0].view(np.uint8)
        self._place = (self._mask.ctypes.data, self._mask.nbytes)
        self._allowed = 1.0

    @property
    def trusts(self) -> bool:
        """Tell whether the model's own choices are mostly allowed, so that trying one is cheaper than a mask."""
        return self._allowed >= _TRUST

    def tries(self, token: int) -> bool:
        """Go on with `token` if it is allowed; False leaves everything as it was.

        Raises:
            InvalidArgumentError: The grammar became too complex to be followed.
        """
        allowed = bool(self._matcher.try_consume_tokens([token]))
        self.learn(allowed=allowed)
        if not allowed:
            self._check()
        return allowed

    def learn(self, *, allowed: bool) -> None:
        """Take note whether the model's own choice was allowed."""
        self._allowed += _WEIGHT * (allowed - self._allowed)

    @property
    def complete(self) -> bool:
        """Tell whether nothing but an end may follow."""
        return bool(self._matcher.is_stopped())

    def fill(self) -> None:
        """Compute what may follow."""
        self._matcher.unsafe_compute_mask_ptr(*self._place)

    def forbidden(self) -> Marks:
        """Return which tokens may not follow, as `fill` computed."""
        bits = np.unpackbits(np.invert(self._bytes), count=self._vocabulary, bitorder="little")
        forbidden: Marks = bits.view(np.bool_)
        return forbidden

    def take(self, token: int) -> None:
        """Go on with `token`, which was allowed.

        Raises:
            InvalidArgumentError: The grammar became too complex to be followed.
        """
        if not self._matcher.consume_token(token):
            self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise InvalidArgumentError("The guidance is too complex: it could not be followed to the end.")


class Grammars:
    """The compiled grammars of one model. Compiling and masks of some size are done in a thread of their own."""

    def __init__(self, model_dir: Path, vocabulary: int, end_tokens: Sequence[int]) -> None:
        """Read the vocabulary.

        Raises:
            ModelLoadError: The tokenizer is of a kind that llguidance does not know.
        """
        text = (model_dir / "tokenizer.json").read_text(encoding="utf-8")
        try:
            self._tokenizer = llguidance.LLTokenizer(text, n_vocab=vocabulary, eos_token=list(end_tokens))
        except ValueError as error:
            raise ModelLoadError(f"The grammar engine cannot read the tokenizer of {model_dir.name}.") from error
        self._vocabulary = vocabulary
        self._compiled: OrderedDict[str, Future[llguidance.LLMatcher]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="grammars")
        self._mask_s = 0.0

    def compile(self, grammar: str) -> Future[llguidance.LLMatcher]:
        """Return the compiled form of `grammar`, which may still be on its way."""
        future = self._compiled.get(grammar)
        if future is None:
            future = self._compiled[grammar] = self._thread.submit(self._compile, grammar)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(grammar)
        return future

    def matcher(self, compiled: Future[llguidance.LLMatcher]) -> Matcher:
        """Return a matcher at the beginning of a grammar that is compiled.

        Raises:
            InvalidArgumentError: It does not compile.
        """
        return Matcher(compiled.result().deep_copy(), self._vocabulary)

    def begin(self, matchers: Sequence[Matcher]) -> Future[None] | None:
        """Compute the masks of `matchers`, beside the caller's work where that pays; None: they are ready."""
        if self._mask_s * len(matchers) > _HANDOVER_S:
            return self._thread.submit(self._fill, matchers)
        self._fill(matchers)
        return None

    def _fill(self, matchers: Sequence[Matcher]) -> None:
        if not matchers:
            return
        start = time.perf_counter()
        for matcher in matchers:
            matcher.fill()
        taken_s = (time.perf_counter() - start) / len(matchers)
        # A moment in which another process had the core is no measure of a mask.
        usual_s = min(taken_s, _MOST_GROWTH * self._mask_s) if self._mask_s else min(taken_s, _HANDOVER_S)
        self._mask_s += _WEIGHT * (usual_s - self._mask_s)

    def _compile(self, grammar: str) -> llguidance.LLMatcher:
        matcher = llguidance.LLMatcher(self._tokenizer, llguidance.LLMatcher.grammar_from_lark(grammar), log_level=0)
        if matcher.is_error():
            raise InvalidArgumentError(f"The guidance cannot be used: {_first_line(matcher.get_error())}.")
        return matcher


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[0][:300].rstrip(".")
