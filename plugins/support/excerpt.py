"""Shortens a passage to the sentences that a question is about, so that prompts stay small."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from plugins.language import STOP_WORDS
from plugins.support.layout import Statement, plain

MAX_WORDS = 60
"""The most words of one passage that the model reads."""
STATEMENTS = 4
"""The most sentences of all passages together that the model reads."""
_STEM = 5
"""Words count as the same when their first letters are: `return`, `returned` and `returns`."""

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def excerpt(text: str, question: str, max_words: int = MAX_WORDS) -> str:
    """Return `text`, or at most `max_words` words of its sentences: those that match `question` best.

    The heading stays; sentences keep their order. Between equal ones the earlier is kept. A sentence that is too
    long by itself is cut around its first match.
    """
    whole = plain(text)
    if len(whole.split()) <= max_words:
        return text
    heading, _, body = whole.rpartition("\n")
    if len(heading.split()) > max_words // 3:
        heading, body = "", f"{heading} {body}"
    sentences = _SENTENCE.split(body)
    wanted = _stems(question)
    weights = {stem: 1 / (1 + sum(stem in _stems(s) for s in sentences)) for stem in wanted}
    ranked = sorted(range(len(sentences)), key=lambda i: (-sum(weights[w] for w in wanted & _stems(sentences[i])), i))
    room = max_words - len(heading.split())
    chosen: dict[int, str] = {}
    for i in ranked:
        length = len(sentences[i].split())
        if length <= room:
            chosen[i] = sentences[i]
            room -= length
        elif not chosen:
            chosen[i] = _around(sentences[i], wanted, room)
            break
    kept = " ".join(chosen[i] for i in sorted(chosen))
    return f"## {heading}\n\n{kept}" if heading else kept


def closest(found: Sequence[Statement], question: str, most: int = STATEMENTS) -> list[Statement]:
    """Return the `most` sentences that share the rarest words with `question`, the closest last: next to the question.

    The heading counts as part of its sentence. Of two that share as much, the one that says less besides is closer.
    """
    wanted = _stems(question)
    said = [_stems(f"{s.heading} {s.sentence}") for s in found]
    weights = {stem: 1 / sum(stem in stems for stems in said) for stem in wanted & set().union(*said)}
    closeness = [
        (sum(weights[stem] for stem in stems & wanted), -len(_stems(s.sentence) - wanted), -i)
        for i, (s, stems) in enumerate(zip(found, said, strict=True))
    ]
    ranked = sorted(range(len(found)), key=closeness.__getitem__)
    return [found[i] for i in ranked[-most:]]


def _around(sentence: str, wanted: set[str], max_words: int) -> str:
    words = sentence.split()
    first = next((i for i, word in enumerate(words) if wanted & _stems(word)), 0)
    start = max(0, min(first - max_words // 3, len(words) - max_words))
    return " ".join(words[start : start + max_words])


def _stems(text: str) -> set[str]:
    """Return the first letters of the words that say something, in lower case and without accents."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return {word[:_STEM] for word in _WORD.findall(bare) if word not in STOP_WORDS}
