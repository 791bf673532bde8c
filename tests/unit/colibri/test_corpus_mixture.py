"""What the training reads: rows of one or of several requests."""

from __future__ import annotations

import json
import random
from itertools import islice

from models.colibri.corpus.mixture import TURNS, rows_to_learn


def test_the_tasks_of_short_answers_hold_several_requests_and_each_answer_is_right() -> None:
    rows = [r for r in islice(rows_to_learn(random.Random(4), 0.0), 400) if r.turns_taught]
    assert {r.task for r in rows} == set(TURNS)
    for row in rows:
        roles = [m.role for m in row.prompt]
        assert roles[0] == "system"
        assert roles[-1] == "user"
        answers = [m.content for m in row.prompt if m.role == "assistant"]
        if row.task == "support.classify":
            assert len(answers) == TURNS[row.task] - 1
    lengths = [sum(m.role == "user" for m in r.prompt) for r in rows if r.task == "functions.choose"]
    assert max(lengths) == TURNS["functions.choose"]


def test_a_further_request_is_for_a_function_that_is_listed() -> None:
    rows = (r for r in rows_to_learn(random.Random(5), 0.0) if r.task == "functions.choose")
    for row in islice(rows, 60):
        listed = {line.rsplit(": ", 1)[1] for line in row.prompt[0].content.splitlines()[1:]}
        answers = [row.answer, *(m.content for m in row.prompt if m.role == "assistant")]
        assert {json.loads(a)["name"] for a in answers} <= listed
