"""The tasks of the e-mail plugin."""

from __future__ import annotations

from models.colibri.corpus import email_draft, email_reply, email_revise, email_thread
from models.colibri.corpus.example import Task

TASKS: list[Task] = [
    Task("email.draft", 3.0, email_draft.draw, email_draft.score),
    Task("email.reply", 1.0, email_reply.draw, email_reply.score),
    Task("email.revise", 2.0, email_revise.draw, email_revise.score),
    Task("email.summarize_thread", 1.4, email_thread.draw, email_thread.score),
]
