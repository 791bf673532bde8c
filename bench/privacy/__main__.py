"""How much of what is personal is found, and how much of what is found is personal: `python -m bench.privacy`.

`--missed` names what was missed and what was found wrongly, `--speed` measures the time for a text.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.privacy.detect import Detector
from service.privacy.kinds import Finding, Kind
from service.privacy.masking import TextMasking
from service.privacy.pseudonyms import Pseudonyms

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("en", "de", "es")
PATTERNS = (r"K-\d{5}",)
_MARK = re.compile(r"\[\[(?P<kind>[A-Z_]+):(?P<value>.+?)(?:\|(?P<needed>.+?))?\]\]", re.DOTALL)
"""`[[PERSON:Ms. Harlow|Harlow]]`: the part after the bar has to be found, the rest may be."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text; `gold` is what must be found, `allowed` what may be."""

    text: str
    gold: tuple[Finding, ...]
    allowed: tuple[Finding, ...]


@dataclass(slots=True)
class Score:
    """Counts for each kind."""

    wanted: Counter[Kind] = field(default_factory=Counter)
    hidden: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    right: Counter[Kind] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def recall(self, kind: Kind) -> float:
        """Return the share of what is personal of which nothing is left."""
        return self.hidden[kind] / self.wanted[kind]

    def precision(self, kind: Kind) -> float:
        """Return the share of the findings that are of something personal."""
        return self.right[kind] / max(1, self.found[kind])


def lines(language: str) -> Iterator[Line]:
    """Yield the texts of a language."""
    for row in (CORPUS / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("# "):
            yield _line(row.replace("\\n", "\n"))


def _line(marked: str) -> Line:
    text, gold, allowed, end = "", [], [], 0
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        value, kind, end = match["value"], Kind(match["kind"]), match.end()
        needed = match["needed"] or value
        start = len(text) + value.index(needed)
        gold.append(Finding(start, start + len(needed), kind))
        allowed.append(Finding(len(text), len(text) + len(value), kind))
        text += value if not match["needed"] or value != f"{needed}s" else needed
    return Line(text + marked[end:], tuple(gold), tuple(allowed))


def found(text: str) -> Sequence[Finding]:
    """Return what would be masked in a text by itself."""
    masking = TextMasking(Detector(PATTERNS), Pseudonyms())
    asyncio.run(masking.read([text]))
    return masking.found(text)


def score(languages: tuple[str, ...] = LANGUAGES) -> Score:
    """Return how the detectors do on the corpus."""
    counted = Score()
    for line in (line for language in languages for line in lines(language)):
        findings = found(line.text)
        for want in line.gold:
            counted.wanted[want.kind] += 1
            if any(one.start <= want.start and want.end <= one.end for one in findings):
                counted.hidden[want.kind] += 1
            else:
                counted.missed.append(f"missed {want.kind}: {line.text[want.start : want.end]!r} in {line.text!r}")
        for one in findings:
            counted.found[one.kind] += 1
            if any(one.start < may.end and may.start < one.end for may in line.allowed):
                counted.right[one.kind] += 1
            else:
                counted.missed.append(f"wrong {one.kind}: {line.text[one.start : one.end]!r} in {line.text!r}")
    return counted


def table(counted: Score) -> str:
    """Return the scores as a table in Markdown."""
    rows = [
        "| kind | in the corpus | found (recall) | right of what was found (precision) |",
        "| --- | --- | --- | --- |",
    ]
    rows += [
        f"| `{kind}` | {counted.wanted[kind]} | {counted.recall(kind):.0%} | {counted.precision(kind):.0%} |"
        for kind in Kind
        if counted.wanted[kind]
    ]
    wanted, hidden = counted.wanted.total(), counted.hidden.total()
    right, found = counted.right.total(), counted.found.total()
    return "\n".join([*rows, f"| all | {wanted} | {hidden / wanted:.0%} | {right / found:.0%} |"])


def speed() -> str:
    """Return what a text of the corpus' words takes, in milliseconds for a thousand characters."""
    detector = Detector(PATTERNS)
    text = "\n".join(line.text for language in LANGUAGES for line in lines(language))
    detector.detect(text)
    begun = time.perf_counter()
    detector.detect(text)
    return f"{(time.perf_counter() - begun) * 1e6 / len(text):.1f} ms for 1,000 characters, in a text of {len(text):,}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true", help="name what was missed and what was found wrongly")
    parser.add_argument("--speed", action="store_true", help="measure the time")
    asked = parser.parse_args()
    counted = score()
    print(table(counted))
    if asked.missed:
        print("\n".join(counted.missed))
    if asked.speed:
        print(speed())


if __name__ == "__main__":
    main()
