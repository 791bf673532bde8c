"""Examples of `email.revise`: a draft, one instruction of six kinds, the changed draft."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_draft import Content, draw_content, fixed_words, hurried, phrasing
from models.colibri.corpus.email_reply import NOTE
from models.colibri.corpus.email_score import copied_ok, vocabulary
from models.colibri.corpus.email_tone import TONES
from models.colibri.corpus.example import Example, Message, Split, line_notes
from models.colibri.corpus.names import Language
from plugins.email.layout import revise_input, sentence
from plugins.prompt_file import system_text

_SHORTER = {
    "en": "make it shorter|shorter|shorten it|shorter please|cut it down|make the mail shorter|can you make it shorter?|"
          "more concise|make it more concise|make it brief|it is too long|too long|please shorten the mail|it is too long, "
          "make it shorter|please make it shorter".split("|"),
    "es": "más corto|hazlo más corto|acórtalo|más breve|que sea más corto|es demasiado largo|más corto, por favor|"
          "hazlo más breve|que sea más breve".split("|"),
}  # fmt: skip
_TONES = {
    "en": {
        "formal": "make it more formal|more formal|more formal please|make it formal|use a formal tone|make it sound "
                  "formal|more professional|make it professional|can you make it more formal?|please use a formal tone|"
                  "make it more professional",
        "friendly": "make it friendlier|friendlier|more friendly please|make it warmer|use a friendly tone|less formal|"
                    "make it more casual|can you make it friendlier?|please use a friendly tone|make it less formal",
        "apologetic": "make it more apologetic|more apologetic|make it apologetic|apologise more|use an apologetic tone|"
                      "make it sound apologetic|please use an apologetic tone|can you make it more apologetic?",
        "firm": "make it firmer|firmer|more firm|use a firm tone|make it stricter|more strict please|can you make it "
                "firmer?|please use a firm tone|make it more firm",
        "neutral": "make it neutral|use a neutral tone|more neutral|neutral tone please|can you make it neutral?|please use a "
                   "neutral tone|make it more neutral",
    },
    "es": {
        "formal": "más formal|hazlo más formal|usa un tono formal|que sea formal|más profesional|usa un tono más formal",
        "friendly": "más amable|hazlo más cercano|más amistoso|menos formal|usa un tono cercano|hazlo más amable",
        "apologetic": "más disculpas|usa un tono de disculpa|discúlpate más|que sea una disculpa|usa un tono de más disculpas",
        "firm": "más firme|hazlo más firme|usa un tono firme|más serio|hazlo más serio",
        "neutral": "más neutro|usa un tono neutro|que sea neutro|tono neutro|hazlo más neutro",
    },
}  # fmt: skip
_ADD = {
    "en": "add that {x}|also say that {x}|mention that {x}|include that {x}|add: {x}|add a sentence that {x}|please "
          "add that {x}|also add that {x}|can you add that {x}?|add a line saying that {x}|please mention that {x}|"
          "also mention that {x}|please also say that {x}".split("|"),
    "es": "añade que {x}|di también que {x}|menciona que {x}|incluye que {x}|añade: {x}|agrega que {x}|añade también "
          "que {x}|menciona también que {x}|incluye también que {x}".split("|"),
}  # fmt: skip
_SWAP = {
    "en": "change {old} to {new}|replace {old} with {new}|change {old} to {new}|replace {old} by {new}|please change {old} "
          "to {new}|can you change {old} to {new}?|please replace {old} with {new}|can you replace {old} with {new}?".split("|"),
    "es": "cambia {old} por {new}|sustituye {old} por {new}|cambia {old} por {new}|reemplaza {old} por {new}|por favor, "
          "cambia {old} por {new}|por favor, sustituye {old} por {new}".split("|"),
}  # fmt: skip
_SIGN = {
    "en": "sign it as {new}|sign with {new}|change the sender to {new}|the sender is {new}|sign as {new}|please sign as "
          "{new}|sign it with {new}|please change the sender to {new}".split("|"),
    "es": "firma como {new}|pon de remitente a {new}|el remitente es {new}|cambia el remitente a {new}|por favor, firma como "
          "{new}|por favor, cambia el remitente a {new}".split("|"),
}  # fmt: skip
_ADDRESS = {
    "en": "address it to {new}|change the recipient to {new}|it is for {new}|send it to {new}|the recipient is {new}|"
          "write it to {new}|please address it to {new}|please change the recipient to {new}|please send it to {new}".split("|"),
    "es": "dirígelo a {new}|cambia el destinatario a {new}|es para {new}|que sea para {new}|el destinatario es {new}|"
          "por favor, cambia el destinatario a {new}|por favor, dirígelo a {new}".split("|"),
}  # fmt: skip


@dataclass(slots=True)
class Revision:
    """What is done to a draft: a new content, whether brief, a sentence added, and values replaced in the text."""

    content: Content
    brief: bool = False
    added: str = ""
    swaps: list[tuple[str, str]] = field(default_factory=list)

    def render(self) -> str:
        """Return the revised e-mail."""
        text = self.content.render(self.brief, self.added)
        for old, new in self.swaps:
            text = re.sub(_bounded(old), new.replace("\\", r"\\"), text)
        return text


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.revise`, 70% in English."""
    language: Language = "en" if rng.random() < 0.7 else "es"
    while True:
        content = draw_content(rng, split, language, max_points=2)
        before = content.render(brief := rng.random() < 0.15)
        revision = Revision(replace(content), brief)
        asked = rng.choice(_CHANGES)(rng, split, revision)
        answer = revision.render()
        if asked and answer != before:
            break
    user = revise_input(before, asked)
    kept = set(answer.split("\n"))
    notes = line_notes(user, lambda line: "Draft" if line in kept else "Instruction")
    return Example(
        "email.revise",
        (Message("system", system_text("email", "revise")), Message("user", user, notes)),
        answer,
        {"expected": answer, "kept": () if revision.swaps else tuple(map(sentence, content.points))},
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a revision: exactly the expected text, and which part of another is wrong."""
    facts = example.facts
    lines, expected = answer.strip().split("\n"), str(facts["expected"]).split("\n")
    return {
        "subject": lines[0] == expected[0],
        "greeting": len(lines) > 2 and lines[2] == expected[2],
        "sender": lines[-1] == expected[-1],
        "changed": answer.strip() == facts["expected"],
        "points_kept": all(point in answer for point in facts["kept"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, fixed_words() | vocabulary(NOTE.values())),
    }


def _shorter(rng: random.Random, split: Split, revision: Revision) -> str:
    revision.brief = True
    return hurried(rng, phrasing(rng, split, _SHORTER[revision.content.language]))


def _retone(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    tone = rng.choice((*TONES, "formal", "friendly"))
    if tone == content.tone:
        return ""
    content.tone = tone
    return hurried(rng, phrasing(rng, split, _TONES[content.language][tone].split("|")))


def _add(rng: random.Random, split: Split, revision: Revision) -> str:
    language = revision.content.language
    said = words.fill(rng, split, words.clause(rng, language), language)
    revision.added = NOTE[language].replace("{x}", said)
    return hurried(rng, phrasing(rng, split, _ADD[language]), keep=("{x}",)).replace("{x}", said)


def _swap(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    text = content.render(revision.brief)
    usable = [(slot, value) for slot, value in content.kept if slot != "{word}" and _stands_alone(value, text)]
    if not usable:
        return ""
    slot, old = rng.choice(usable)
    new = words.fill(rng, split, slot, content.language)
    revision.swaps.append((old, new))
    pattern = hurried(rng, phrasing(rng, split, _SWAP[content.language]), keep=("{old}", "{new}"))
    return pattern.replace("{old}", old).replace("{new}", new)


def _sign(rng: random.Random, split: Split, revision: Revision) -> str:
    revision.content.sender = names.first_name(rng, split) if rng.random() < 0.5 else names.full_name(rng, split)
    pattern = hurried(rng, phrasing(rng, split, _SIGN[revision.content.language]), keep=("{new}",))
    return pattern.replace("{new}", revision.content.sender)


def _address(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    content.recipient = names.first_name(rng, split) if rng.random() < 0.6 else names.full_name(rng, split)
    pattern = hurried(rng, phrasing(rng, split, _ADDRESS[content.language]), keep=("{new}",))
    return pattern.replace("{new}", content.recipient)


def _stands_alone(value: str, text: str) -> bool:
    return len(re.findall(_bounded(value), text)) == text.count(value) > 0


def _bounded(value: str) -> str:
    return rf"(?<![\w.,]){re.escape(value)}(?![\w%])"


_CHANGES = (_shorter, _retone, _retone, _add, _add, _swap, _swap, _sign, _address)
