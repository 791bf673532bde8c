"""What is asked in the measurement and what the upstream says to it; the prompt tells which answer is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.backends.base import Usage
from service.testing.upstream_frames import Reply

PACE_S: Final = 0.02
"""50 tokens a second."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of request: `tokens` of an answer, `pace_s` seconds apart, that are streamed or come in one piece."""

    prompt: str
    tokens: int
    streamed: bool
    pace_s: float = 0.0

    @property
    def text(self) -> str:
        """Return the whole answer."""
        return "".join(_words(self.tokens))

    def reply(self) -> Reply:
        """Return the answer as the upstream gives it; what is not streamed is one piece however it is asked for."""
        words = _words(self.tokens)
        usage = Usage(input_tokens=60, output_tokens=self.tokens)
        return Reply(text=words if self.streamed else ("".join(words),), usage=usage)


def _words(count: int) -> tuple[str, ...]:
    return tuple(f" word{number}" for number in range(count))


CALL: Final = Asked("Good morning! Say something in one piece.", 20, streamed=False)
STREAM: Final = Asked("Good morning! Say something word by word.", 100, streamed=True)
PACED: Final = Asked("Good morning! Say something slowly.", 150, streamed=True, pace_s=PACE_S)
ALL: Final = (CALL, STREAM, PACED)
