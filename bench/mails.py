"""What is asked in every measurement: drafts of e-mails, each with its own details, of everyone in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from plugins.email import layout
from plugins.prompt_file import system_text
from service.settings import embedded_model
from service.testing.tiny_model import TINY_MODEL_DIR

FUNCTION: Final = "plugins/email/functions/draft"
MAX_OUTPUT_TOKENS: Final = 96

_PEOPLE: Final = ("Ana Ruiz", "Tom Becker", "Mei Lin", "Omar Haddad", "Julia Novak")
_MATTERS: Final = ("the project review", "the delivery of your order", "the service contract", "the training day")
_DAYS: Final = ("Monday", "Tuesday", "Thursday", "Friday")


def arguments(number: int) -> dict[str, Any]:
    """Return the arguments of the `number`-th draft; no two of the first 80 are alike."""
    matter = _MATTERS[number % len(_MATTERS)]
    return {
        "recipient": _PEOPLE[number % len(_PEOPLE)],
        "sender": "Luis Ortega",
        "purpose": f"tell about {matter}",
        "points": [
            f"it moves to {_DAYS[number % len(_DAYS)]} at {9 + number % 8}:00",
            f"the reference is {4100 + number}",
        ],
        "tone": "friendly",
        "language": "en",
    }


def messages(number: int) -> list[dict[str, str]]:
    """Return the messages into which the service turns these arguments, for an engine that is asked directly."""
    return [
        {"role": "system", "content": system_text("email", "draft")},
        {"role": "user", "content": layout.draft_input(**arguments(number))},
    ]


def default_model() -> Path:
    """Return the embedded model, or the random one of the tests where its weights are not there."""
    return embedded_model() if (embedded_model() / "genai_config.json").is_file() else TINY_MODEL_DIR
