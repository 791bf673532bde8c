"""The code tasks of the corpus."""

from __future__ import annotations

from models.colibri.corpus.code_generate import (
    draw_explain,
    draw_generate,
    draw_mend,
    draw_tests,
    score_explain,
    score_generate,
    score_mend,
    score_tests,
)
from models.colibri.corpus.code_review import draw_review, score_review
from models.colibri.corpus.example import Task

TASKS: list[Task] = [
    Task("code.generate", 3.0, draw_generate, score_generate),
    Task("code.explain", 0.4, draw_explain, score_explain),
    Task("code.review", 0.6, draw_review, score_review),
    Task("code.write_tests", 0.6, draw_tests, score_tests),
    Task("code.mend", 0.3, draw_mend, score_mend),
]
