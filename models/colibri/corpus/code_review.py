"""The task `code.review`: small functions with at most two defects of a known kind."""

from __future__ import annotations

import random

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code_defects import INSERTED, MUTATIONS, Draft, Finding, Reviewed, written_wrong
from models.colibri.corpus.code_request import FAMILIES, draw_code, parameter_names
from models.colibri.corpus.example import Example, Message, Split
from plugins.code import layout
from plugins.prompt_file import system_text

_REVIEWED = tuple(f for f in FAMILIES if f.noun == "function")


def _draft(rng: random.Random, split: Split) -> Draft:
    while True:
        fam, slots, code = draw_code(rng, split, _REVIEWED)
        word = names.singular(rng, split)
        if word not in code:
            return Draft(code.split("\n"), slots["F"], parameter_names(fam, slots)[0], word, split)


def _mutated(rng: random.Random, split: Split, second: bool) -> Reviewed:
    """Return a function with one defect, or with two where `second` and there is room."""
    drawn = None
    while drawn is None:
        draft = _draft(rng, split)
        drawn = rng.choice(MUTATIONS)(rng, draft)
    lines, findings = drawn
    word = names.singular(rng, split)
    if not second or "colon" in findings[0][2] or word in " ".join(lines):
        return drawn
    more = rng.choice(INSERTED)(rng, Draft(lines, draft.name, draft.given, word, split))
    if more is None:
        return drawn
    at = more[1][0][0]
    return more[0], [*((n + (n >= at), s, m) for n, s, m in findings), *more[1]]


def _reviewed(rng: random.Random, split: Split) -> Reviewed:
    chance = rng.random()
    if chance < 0.3:
        return written_wrong(rng, split)
    if chance < 0.52:
        return _draft(rng, split).lines, []
    return _mutated(rng, split, second=chance > 0.92)


def _text(findings: list[Finding]) -> str:
    return "\n".join(f"- line {n}: {s}: {m}" for n, s, m in sorted(findings)) or layout.NO_PROBLEMS


def draw_review(rng: random.Random, split: Split) -> Example:
    """Draw numbered code and what is wrong with it, nothing in about a quarter of them."""
    lines, findings = _reviewed(rng, split)
    user = layout.review_input("\n".join(lines))
    messages = (Message("system", system_text("code", "review")), Message("user", user))
    return Example("code.review", messages, _text(findings), {"findings": sorted(findings)})


def score_review(example: Example, answer: str) -> dict[str, bool]:
    """Judge a review: the right lines, severities and messages, and nothing besides."""
    expected = sorted(example.facts["findings"])
    got = sorted((f["line"], f["severity"], f["message"]) for f in layout.parse_review(answer)["findings"])
    lines = [x for x in answer.strip().split("\n") if x.strip()]
    return {
        "lines": [f[0] for f in got] == [f[0] for f in expected],
        "severities": [f[:2] for f in got] == [f[:2] for f in expected],
        "messages": got == expected,
        "format": answer.strip() == layout.NO_PROBLEMS if not expected else len(got) == len(lines),
    }
