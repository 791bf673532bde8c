"""The next token of every row, and the choice of it; several of a lone greedy answer, where guesses are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from service.backends.onnx.batched.batch import Batch
from service.backends.onnx.batched.choice import logprobs_of
from service.backends.onnx.batched.grammar import Matcher
from service.backends.onnx.batched.model import BatchedModel
from service.backends.onnx.batched.pace import Pace
from service.backends.onnx.batched.request import Row
from service.backends.onnx.batched.session import Floats

_NEVER = np.float32(-np.inf)


class Decoder:
    """Advances the rows of `batch`. `steps` are runs of the graph, `guessed` tokens of which `guessed_right` held."""

    def __init__(self, model: BatchedModel, batch: Batch, pace: Pace, clock: Callable[[], float]) -> None:
        """Work with `model`; `clock` is monotonic, in seconds."""
        self._model = model
        self._batch = batch
        self._pace = pace
        self._clock = clock
        self.steps = 0
        self.guessed = 0
        self.guessed_right = 0

    def advance(self, rows: Sequence[Row], *, alone: bool) -> None:
        """Give each row its next token, or a lone one several; `alone` says that nobody's prompt waits.

        What goes wrong with one row is its `failure`.

        Raises:
            RuntimeError: onnxruntime refuses.
        """
        if any(row.finish is not None for row in rows):
            # Its first token was its last: it leaves before the next step.
            return
        if alone and len(rows) == 1 and (guess := self._guess(rows[0])):
            self._verify(rows[0], guess)
            return
        start = self._clock()
        masked = [row.masked for row in rows]
        masks = self._model.grammars.begin([matcher for matcher in masked if matcher is not None])
        logits = self._batch.step([row.tokens[-1] for row in rows], [row.ticket.adapter for row in rows])
        if masks is not None:
            masks.result()
        self.steps += 1
        largest: list[int] = logits.argmax(axis=1).tolist()
        for at, row in enumerate(rows):
            row.computed += 1
            try:
                self.choose(row, logits[at], largest[at], masked=masked[at] is not None)
            except Exception as error:  # noqa: BLE001 (one request must not end the others)
                row.failure = error
        self._pace.stepped_together(len(rows), self._clock() - start)

    def choose(self, row: Row, logits: Floats, largest: int, *, masked: bool = False) -> None:
        """Choose the row's next token; `largest` is the one with the largest logit.

        `masked`: its matcher has computed what may follow. What it forbids is taken out of `logits`.

        Raises:
            InvalidArgumentError: The grammar became too complex to be followed.
        """
        count = row.ticket.submission.sampling.logprobs
        before = logits if count is None or row.matcher is None else logits.copy()
        if row.matcher is not None:
            token = self._constrained(row, row.matcher, logits, largest, masked=masked)
        else:
            token = largest if row.chooser is None else row.chooser.choose(logits)
        if count is not None:
            chance, top = logprobs_of(before, token, count)
            text = self._model.words.text_of
            row.logprobs.append(((token, text(token), chance), [(other, text(other), p) for other, p in top]))
        row.take(token, self._model.words.end_tokens, self._clock())
        if row.drafter is not None:
            row.drafter.add(token)

    def _constrained(self, row: Row, matcher: Matcher, logits: Floats, largest: int, *, masked: bool) -> int:
        """Return the next token of a row that is held to a grammar, with which its matcher has gone on."""
        if not masked:
            # The largest of all that is allowed is the largest of the allowed: no need to know the others.
            if matcher.tries(largest):
                return largest
            matcher.fill()
        forbidden = matcher.forbidden()
        if masked:
            matcher.learn(allowed=not forbidden[largest])
        # In place: the next step writes these logits anew.
        np.copyto(logits, _NEVER, where=forbidden)
        token = int(logits.argmax()) if row.chooser is None else row.chooser.choose(logits)
        if token not in self._model.words.end_tokens:
            matcher.take(token)
        return token

    def _guess(self, row: Row) -> list[int]:
        if row.drafter is None:
            return []
        guess = row.drafter.guess(row.left - 1)
        return guess if guess and self._pace.pays(len(guess), row.drafter.rate) else []

    def _verify(self, row: Row, guess: Sequence[int]) -> None:
        """Compute the row's last token and `guess` together, and keep as much as the model itself would have said."""
        start = self._clock()
        tokens = [row.tokens[-1], *guess]
        logits = self._batch.together(0, tokens, row.ticket.adapter)
        largest: list[int] = logits.argmax(axis=1).tolist()
        self.steps += 1
        right = 0
        while right < len(guess) and guess[right] == largest[right]:
            right += 1
        self.guessed += len(guess)
        self.guessed_right += right
        assert row.drafter is not None
        row.drafter.learn(len(guess), right)
        for at in range(right + 1):
            row.computed += 1
            self.choose(row, logits[at], largest[at])
            if row.finish is not None:
                break
        self._batch.cut(0, row.computed)
        self._pace.verified(len(guess) + 1, self._clock() - start)
