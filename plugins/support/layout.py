"""How the support functions lay out what the model reads, and read what it writes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plugins.language import STOP_WORDS

NOT_FOUND = "NOT_FOUND"
"""What the model writes when no passage holds the answer."""

TOPICS = ("billing", "delivery", "returns", "technical", "account", "product", "complaint", "other")
URGENCIES = ("low", "normal", "high")
SENTIMENTS = ("negative", "neutral", "positive")

_CITATION = re.compile(r"\s*\[(\d{1,3})\]")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(?:[-*+]|\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"\*\*|__|`")
_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_SENTENCE_END = re.compile(r"[.!?:;]$")


def plain(text: str) -> str:
    """Return Markdown as sentences on one line: headings end in a colon, list items and lines in a full stop.

    A heading that the text begins with stands on a line of its own before them. Numbers in square brackets become round
    ones, so that no passage can pass for a citation.
    """
    parts: list[str] = []
    lines = [line.strip() for line in text.splitlines()]
    for i, line in enumerate(lines):
        marked = bool(_HEADING.match(line) or _BULLET.match(line))
        bare = _EMPHASIS.sub("", _BULLET.sub("", _HEADING.sub("", line))).strip()
        if not bare:
            continue
        following = lines[i + 1] if i + 1 < len(lines) else ""
        ends_block = marked or not following or bool(_HEADING.match(following) or _BULLET.match(following))
        if ends_block and not _SENTENCE_END.search(bare):
            bare += ":" if _HEADING.match(line) else "."
        parts.append(bare)
    parts = [re.sub(r"\[(\d{1,3})\]", r"(\1)", " ".join(part.split())) for part in parts]
    begins = next((line for line in lines if line), "")
    if len(parts) > 1 and _HEADING.match(begins):
        return f"{parts[0]}\n{' '.join(parts[1:])}"
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence that can be cited: the passage it comes from (from 0), the heading over it (or none), its words."""

    passage: int
    heading: str
    sentence: str


def statements(passages: Sequence[str]) -> list[Statement]:
    """Return the sentences of `passages`, in order; what is cited is a sentence, so that a reader need not search.

    The first sentence of a passage is a heading where it is a question that the rest answers.
    """
    found = []
    for number, text in enumerate(passages):
        heading, _, body = plain(text).rpartition("\n")
        sentences = _BETWEEN_SENTENCES.split(body)
        if not heading and len(sentences) > 1 and sentences[0].endswith("?"):
            heading = sentences.pop(0)
        found += [Statement(number, heading, sentence) for sentence in sentences if sentence]
    return found


def answer_input(question: str, found: Sequence[Statement]) -> str:
    """Return the user message of `answer`: the question, the sentences numbered from 1, one a line, the question again.

    A small model reads the passages better when it knows what is asked, and answers better what it read last. It knows
    what a number stands for when it has read the sentence before, and where to copy from when it reads it after; so
    each stands between its number. It finds a word more easily where it is written the same way, so the question takes
    the passages' capitals and accents.
    """
    lines: list[str] = []
    before = (-1, "")
    for number, s in enumerate(found, 1):
        if s.heading and (s.passage, s.heading) != before:
            lines.append(s.heading)
        before = (s.passage, s.heading)
        lines.append(f"[{number}] {s.sentence} [{number}]")
    asked = f"Question: {_spelled_as_in(' '.join(lines), ' '.join(question.split()))}"
    return "\n".join([asked, *lines, asked])


def _spelled_as_in(passages: str, question: str) -> str:
    """Return `question` with each word of weight in the capitals and accents that it has in `passages`."""
    there = _WORD.findall(passages)
    exact = set(there)
    spelled: dict[str, str] = {}
    for word in sorted(there, key=str.islower, reverse=True):
        spelled.setdefault(_folded(word), word)

    def put(match: re.Match[str]) -> str:
        word = match.group()
        folded = _folded(word)
        return word if word in exact or folded in STOP_WORDS else spelled.get(folded, word)

    return _WORD.sub(put, question)


def _folded(word: str) -> str:
    """Return `word` in lower case and without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


def parse_answer(text: str) -> dict[str, Any]:
    """Return `{"answer", "numbers"}` of the model's text; both are empty when it abstained.

    `numbers` are the cited passages in order of first mention; `answer` keeps its citations.
    """
    cleaned = " ".join(_FENCE.sub("", text.strip()).split())
    if not cleaned or cleaned.strip(" .\"'`").upper().startswith(NOT_FOUND):
        return {"answer": "", "numbers": []}
    return {"answer": cleaned, "numbers": list(dict.fromkeys(int(n) for n in _CITATION.findall(cleaned)))}


def classify_input(message: str) -> str:
    """Return the user message of `classify`: the customer's words on one line."""
    return f"Message: {' '.join(message.split())}"


def parse_classify(text: str) -> dict[str, str]:
    """Return topic, urgency and sentiment of the model's JSON, with or without a code fence around it.

    Raises:
        ValueError: the text holds no JSON object, or a value is none of the known ones.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise ValueError("the classification is not a JSON object")
    found = json.loads(text[start : end + 1])
    result: dict[str, str] = {}
    for field, allowed in (("topic", TOPICS), ("urgency", URGENCIES), ("sentiment", SENTIMENTS)):
        value = str(found.get(field, "")).strip().lower()
        if value not in allowed:
            raise ValueError(f"the classification's {field} is not one of {', '.join(allowed)}")
        result[field] = value
    return result
