"""The tasks of the support plugin: answers from numbered passages, and the classification of messages."""

from __future__ import annotations

from models.colibri.corpus.example import Task
from models.colibri.corpus.support_answer import draw_answer, score_answer
from models.colibri.corpus.support_classify import draw_classify, score_classify

TASKS: list[Task] = [
    Task("support.answer", 5.5, draw_answer, score_answer),
    Task("support.classify", 1.0, draw_classify, score_classify),
]
