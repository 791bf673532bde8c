"""The tasks of the e-mail plugin."""

from __future__ import annotations

from models.colibri.corpus import email_draft
from models.colibri.corpus.example import Task

TASKS: list[Task] = [
    Task("email.draft", 3.0, email_draft.draw, email_draft.score),
]
