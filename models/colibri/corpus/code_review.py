"""The task `code.review`: small functions with at most two defects of a known kind."""

from __future__ import annotations

import random

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code_defects import INSERTED, MUTATIONS, Draft, Finding, Reviewed, sound
from models.colibri.corpus.code_request import FAMILIES, draw_code, parameter_names
from models.colibri.corpus.example import Example, Message, Split, line_notes
from plugins.code import layout
from plugins.prompt_file import system_text


def _draft(rng: random.Random, split: Split) -> Draft:
    while True:
        fam, slots, code = draw_code(rng, split, FAMILIES)
        word = names.singular(rng, split)
        if word not in code:
            return Draft(code.split("\n"), parameter_names(fam, slots)[0], word)


def _mutated(rng: random.Random, split: Split, second: bool) -> Reviewed:
    """Return a function with one defect, or with two of different kinds where `second`."""
    draft, kind = _draft(rng, split), rng.choice(MUTATIONS)
    lines, findings = kind(rng, draft)
    more = rng.choice(INSERTED)
    word = names.singular(rng, split)
    if not second or more is kind or kind is MUTATIONS[-1] or word in " ".join(lines):
        return lines, findings
    longer, added = more(rng, Draft(lines, draft.given, word))
    grown, at = len(longer) - len(lines), added[0][0]
    return longer, [*((n + grown * (n >= at), s, m) for n, s, m in findings), *added]


def _reviewed(rng: random.Random, split: Split) -> Reviewed:
    chance = rng.random()
    findings: list[Finding] = []
    if chance < 0.25:
        lines = sound(rng, _draft(rng, split))
    else:
        lines, findings = _mutated(rng, split, second=chance > 0.9)
    if rng.random() < 0.15 and not any(m for _, s, m in findings if s == "error" and "eval" not in m):
        before = [*_draft(rng, split).lines, "", ""]
        return [*before, *lines], [(n + len(before), s, m) for n, s, m in findings]
    return lines, findings


def _text(findings: list[Finding]) -> str:
    return "\n".join(f"- line {n}: {s}: {m}" for n, s, m in sorted(findings)) or layout.NO_PROBLEMS


def draw_review(rng: random.Random, split: Split) -> Example:
    """Draw numbered code and what is wrong with it, nothing in about a quarter of them."""
    lines, findings = _reviewed(rng, split)
    user = layout.review_input("\n".join(lines))
    found = {str(number): severity for number, severity, _ in findings}
    notes = line_notes(user, lambda line: found.get(line.split(":")[0], "No"))
    messages = (Message("system", system_text("code", "review")), Message("user", user, notes))
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
