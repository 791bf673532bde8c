"""The requests: e-mails to be drafted, each beginning with other words, so that nobody has computed its beginning."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

from bench import mails
from bench.local.asks import Ask
from plugins.email import layout
from plugins.prompt_file import system_text
from service.backends.base import ChatMessage
from service.backends.onnx.words import ModelWords

FUNCTION: Final = "plugins/bench/functions/write"
PROMPT: Final = """
name: Write
description: Writes what it is told to.
template: |-
  <message role="system">{{$instructions}}</message>
  <message role="user">{{$request}}</message>
input_variables:
  - name: instructions
    description: What is to be done.
    is_required: true
  - name: request
    description: With what.
    is_required: true
execution_settings:
  default: {temperature: 0.0}
"""
"""The function that hands both messages on as they are."""

MAX_TOKENS: Final = (24, 48, 96, 128)
_BRIEF_MAX_TOKENS: Final = (48, 96, 128, 160)
PROBE_TOKENS: Final = 2
_MOST_POINTS: Final = 4


class Prompts:
    """Makes requests and counts their tokens as the service does."""

    def __init__(self, model: Path, *, brief: bool = False) -> None:
        """Read the tokenizer and the chat template of `model`.

        `brief` leaves of the prompts what only a model that was trained for it has a use for, and asks for more.
        """
        self._words = ModelWords(model)
        self._brief = brief
        self._system = "" if brief else system_text("email", "draft")

    def ask(self, number: int, max_tokens: int | None = None) -> Ask:
        """Return the request of that number; prompts and answers are of mixed lengths, but for a given `max_tokens`."""
        lot = random.Random(number)
        arguments = mails.arguments(number)
        points = [*arguments["points"], "the room is the same", "please bring the papers", "the rest stays as it is"]
        arguments["points"] = points[: 2 if max_tokens else lot.randint(1, _MOST_POINTS)]
        user = " ".join(arguments["points"]) if self._brief else layout.draft_input(**arguments)
        # Not at the end: equal beginnings would be found again in the prefix cache.
        system = f"Letter {number}. {self._system}".rstrip()  # templates of prompts end with their last word
        messages = [ChatMessage(role="system", content=system), ChatMessage(role="user", content=user)]
        longest = max_tokens or lot.choice(_BRIEF_MAX_TOKENS if self._brief else MAX_TOKENS)
        return Ask(number, system, user, longest, self._words.prompt(messages))

    def probe(self, number: int) -> Ask:
        """Return a short request, all of about the same length, of which the first token is waited for."""
        return self.ask(number, PROBE_TOKENS)
