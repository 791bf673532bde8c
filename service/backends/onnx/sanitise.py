"""Keeps the text of messages text: it can neither open a role nor end one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from service.errors import ModelLoadError

_MARKER = re.compile(r"<\|.+\|>")


class Sanitiser:
    """Takes the power from a model's special tokens where they occur in content."""

    def __init__(self, special_tokens: Iterable[str]) -> None:
        """Neutralise `special_tokens`, longest first; those that are only spaces mean nothing to a role."""
        tokens = sorted({token.strip() for token in special_tokens if token.strip()}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(token) for token in tokens)) if tokens else None

    def clean(self, text: str) -> str:
        """Return `text` without NUL, with a space after the first character of each special token in it.

        The tokenizer would read a special token in the text as the token itself, and stop at a NUL.
        """
        text = text.replace("\0", "")
        while self._pattern is not None and self._pattern.search(text):
            # A token of one character has no second half to move away: it goes.
            text = self._pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}" if len(found[0]) > 1 else "", text)
        return text


def special_tokens(model_dir: Path) -> frozenset[str]:
    """Return the special tokens of the model's tokenizer, and whatever is shaped like a role marker, `<|...|>`.

    Raises:
        ModelLoadError: `tokenizer.json` is missing or not of the known form.
    """
    path = model_dir / "tokenizer.json"
    try:
        added = json.loads(path.read_text(encoding="utf-8")).get("added_tokens", [])
        return frozenset(
            token["content"] for token in added if token.get("special") or _MARKER.fullmatch(token["content"])
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelLoadError(
            f"{path.name} of the model in {model_dir} cannot be read ({type(error).__name__}). "
            "Copy it again from where the model came from."
        ) from error
