"""The form of an answer from documents: an abstention, or one of the sentences that were shown, with its number."""

from __future__ import annotations

import re

from plugins.forms import form, literal, one_of
from plugins.support.layout import NOT_FOUND

_SHOWN = re.compile(r"^\[(\d+)\] (.+) \[\1\]$", re.MULTILINE)


def answer_form(user: str) -> str:
    """Return the form of the answer to `user`, which is of `layout.answer_input`."""
    shown = (f"[{number}] {sentence}" for number, sentence in _SHOWN.findall(user))
    return form(one_of(map(literal, (NOT_FOUND, *shown))))
