"""Words that no list holds, put in the place of copied ones.

A token that never ends up in an answer of the training cannot be written: the model learns of each token whether it may
come next, and of one that never does it learns that it may not. A third of the vocabulary was such: pieces of words
that only instructions hold, the bytes of accented letters. So words that are only copied are now and then exchanged,
in the request and in the answer alike, for words made of any pieces of the vocabulary and any letters of Europe.
"""

from __future__ import annotations

import builtins
import keyword
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from models.colibri.corpus.example import Example, Message
from models.colibri.corpus.names import belongs

EXCHANGED_ROWS = 0.5
EXCHANGED_WORDS = 0.5
"""In how many rows words are exchanged, and how many of those that may be. Source: chosen, not compared with others."""

COMMON_SHARE = 0.01
COMMON_LEAST = 5
"""A word that stands in more of a task's answers than this, and so often, is one of the layout or the language: it stays."""

COPYING = frozenset(
    {
        "email.draft",
        "email.reply",
        "email.revise",
        "email.summarize_thread",
        "functions.arguments",
        "chat.reply",
        "code.explain",
        "code.write_tests",
        "code.mend",
    }
)
"""Tasks whose answers copy words for what they are and not for what they mean."""

NAMING = frozenset({"support.answer"})
"""Tasks of which only names are exchanged: other words tell whether a passage answers."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_NAME = re.compile(r"(?<=[a-zà-ÿ,:] )[A-ZÀ-Þ][^\W\d_]{2,}")
_ACCENTED = [chr(c) for c in range(0xC0, 0x180) if chr(c).isalpha()]
_PYTHON = frozenset(
    word.lower()
    for name in (*keyword.kwlist, *dir(builtins), *dir(str), *dir(list), *dir(dict))
    for word in _WORD.findall(name)
)


def pieces_of(vocabulary: Iterable[str]) -> list[str]:
    """Return what strange words are made of: the entries of `vocabulary` that are letters and nothing else."""
    return sorted({piece for piece in vocabulary if piece.isalpha()})


def common_words(examples: Iterable[Example]) -> frozenset[str]:
    """Return the lower-cased words that stand in more than `COMMON_SHARE` of a task's answers among `examples`."""
    answers: dict[str, list[set[str]]] = defaultdict(list)
    for example in examples:
        answers[example.task].append({word.lower() for word in _WORD.findall(example.answer)})
    common = set[str]()
    for of_task in answers.values():
        counts = Counter(word for words in of_task for word in words)
        common.update(word for word, count in counts.items() if count > max(COMMON_SHARE * len(of_task), COMMON_LEAST))
    return frozenset(common)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exchanges words; `pieces` are what strange words are made of, `common` the lower-cased words that stay."""

    pieces: Sequence[str]
    common: frozenset[str]

    def of(self, rng: random.Random, example: Example) -> Example:
        """Return `example` with some of its copied words exchanged, or itself."""
        if rng.random() >= EXCHANGED_ROWS:
            return example
        copied = sorted(w for w in _copied(example) if w.lower() not in self.common)
        words = {w: self._word(rng, w) for w in copied if rng.random() < EXCHANGED_WORDS}
        if not words:
            return example
        pattern = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, words))})(?![^\W\d_])")
        prompt = tuple(_exchanged(message, pattern, words) for message in example.prompt)
        return replace(example, prompt=prompt, answer=pattern.sub(lambda m: words[m[0]], example.answer))

    def _word(self, rng: random.Random, former: str) -> str:
        """Return a strange word written as `former` is: capitalised or not."""
        while True:
            letters = "".join(rng.choice(self.pieces) for _ in range(rng.choice((1, 2, 2, 3))))
            if rng.random() < 0.3:
                at = rng.randrange(len(letters) + 1)
                letters = letters[:at] + rng.choice(_ACCENTED) + letters[at:]
            if former.islower():
                word = letters.lower()
            elif letters[0].isupper() or rng.random() < 0.3:
                word = letters[0].upper() + letters[1:]
            else:
                continue
            if 3 <= len(word) <= 14 and belongs(word, "train"):
                return word


def _copied(example: Example) -> set[str]:
    """Return the words that may be exchanged, but for the common ones."""
    asked, told = "", ""
    answered = example.answer
    for message in example.prompt:
        if message.role == "system":
            told += message.content + "\n"
        elif message.role == "assistant":
            answered += "\n" + message.content
        else:
            asked += message.content + "\n"
    words = set(_WORD.findall(answered))
    if example.task == "functions.choose":
        # Names of functions: words that stand in one spelling wherever they stand, so that what is meant stays clear.
        all_words = set(_WORD.findall(told + asked))
        lower = [w.lower() for w in all_words]
        return {w for w in words & all_words if w.islower() and sum(other.startswith(w[:-1]) for other in lower) == 1}
    words -= {w for w in words if w.lower() in {t.lower() for t in _WORD.findall(told)}}
    if example.task == "code.generate":
        name = example.prompt[-1].content.rpartition("Name: ")[2].split("\n")[0]
        return words & set(_WORD.findall(name)) - set(_WORD.findall(asked.replace(name, ""))) - _PYTHON
    if example.task in NAMING:
        return words & set(_NAME.findall(asked))
    if example.task in COPYING:
        words &= set(_WORD.findall(asked))
        return {w for w in words if w.lower() not in _PYTHON} if example.task.startswith("code.") else words
    return set()


def _exchanged(message: Message, pattern: re.Pattern[str], words: dict[str, str]) -> Message:
    parts, start, shifts = [], 0, []
    for match in pattern.finditer(message.content):
        word = words[match[0]]
        parts += [message.content[start : match.start()], word]
        shifts.append((match.end(), len(word) - len(match[0])))
        start = match.end()
    content = "".join(parts) + message.content[start:]
    # A note stands at a character: what is exchanged up to its end moves it.
    notes = tuple(
        (at + sum(by for end, by in shifts if end <= at + 1), pattern.sub(lambda m: words[m[0]], text))
        for at, text in message.notes
    )
    return Message(message.role, content, notes)
