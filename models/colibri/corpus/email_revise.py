"""Examples of `email.revise`: a draft, one or two instructions, the changed draft."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace

from models.colibri.corpus import email_words as words
from models.colibri.corpus import names
from models.colibri.corpus.email_draft import Content, draw_content, draw_point, fixed_words, phrasing
from models.colibri.corpus.email_score import copied_ok
from models.colibri.corpus.email_situations import SITUATIONS
from models.colibri.corpus.email_tone import TONES, sentence
from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.names import Language
from models.colibri.corpus.typing_style import roughen
from plugins.email.layout import revise_input
from plugins.prompt_file import system_text

_SHORTER = {
    "en": "make it shorter|shorter|shorten it|shorter please|cut it down|make the mail shorter|can you make it "
          "shorter?|"
          "more concise|keep it brief|this is too long|make it more concise|too long, shorten it|briefer please|"
          "trim it".split("|"),
    "es": "más corto|hazlo más corto|acórtalo|más breve|que sea más corto|resúmelo un poco|es demasiado largo|"
          "más conciso|abrévialo".split("|"),
}  # fmt: skip
_TONES = {
    "en": {
        "formal": "make it more formal|more formal|more formal please|make it formal|use a formal tone|it should "
                  "sound formal|"
                  "more professional|can you make it more formal?|make the tone formal|make this sound "
                  "professional|too casual",
        "friendly": "make it friendlier|friendlier|more friendly please|make it warmer|use a friendly tone|less formal|"
                    "make it more casual|can you make it friendlier?|make it informal|sound nicer|too stiff, make "
                    "it friendly",
        "apologetic": "make it more apologetic|more apologetic|sound sorry|make it sound apologetic|apologise more|"
                      "use an apologetic tone|say it with more regret",
        "firm": "make it firmer|firmer|more firm|use a firm tone|be stricter|make it stronger|more strict please|"
                "sound tougher",
        "neutral": "make it neutral|use a neutral tone|more neutral|neutral tone please|make the tone neutral|"
                   "plainer tone",
    },
    "es": {
        "formal": "más formal|hazlo más formal|usa un tono formal|que sea formal|más profesional|trátale de usted|"
                  "ponlo formal",
        "friendly": "más amable|hazlo más cercano|más amistoso|menos formal|usa un tono cercano|más informal|tutéale",
        "apologetic": "más disculpas|que suene a disculpa|usa un tono de disculpa|discúlpate más|que pida perdón",
        "firm": "más firme|hazlo más firme|usa un tono firme|más serio|sé más duro",
        "neutral": "más neutro|usa un tono neutro|que sea neutro|tono neutral",
    },
}  # fmt: skip
_ADD = {
    "en": "add that {x}|also say that {x}|mention that {x}|include that {x}|add: {x}|add a sentence that {x}|please "
          "add that {x}|"
          "and also {x}|add {x}|can you add that {x}?|say also that {x}|add a line saying {x}|write in that {x}|"
          "append: {x}".split("|"),
    "es": "añade que {x}|di también que {x}|menciona que {x}|incluye que {x}|añade: {x}|agrega que {x}|pon también "
          "que {x}|"
          "añade {x}|suma que {x}|indica también que {x}".split("|"),
}  # fmt: skip
_REMOVE = {
    "en": "remove {x}|delete {x}|leave out {x}|take out {x}|remove the part about {x}|drop {x}|without {x}|cut {x}|"
          "skip {x}".split("|"),
    "es": "quita {x}|elimina {x}|borra {x}|quita lo de {x}|sin {x}|suprime {x}".split("|"),
}  # fmt: skip
_SWAP = {
    "en": "change {old} to {new}|replace {old} with {new}|{new} instead of {old}|it should be {new}, not {old}|"
          "make it {new} instead of {old}|change {old} into {new}|not {old} but {new}|use {new} rather than {old}|"
          "{old} -> {new}".split("|"),
    "es": "cambia {old} por {new}|sustituye {old} por {new}|{new} en vez de {old}|pon {new} en lugar de {old}|no "
          "{old} sino {new}|"
          "debe ser {new}, no {old}|reemplaza {old} por {new}".split("|"),
}  # fmt: skip
_SET = {
    "en": "change the {what} to {new}|the {what} is {new}|the {what} should be {new}|set the {what} to {new}|"
          "{what}: {new}|"
          "the {what} is wrong, it is {new}|update the {what} to {new}|new {what} {new}|correct the {what}, it is "
          "{new}".split("|"),
    "es": "cambia {what} a {new}|{what} es {new}|{what} debe ser {new}|pon {what}: {new}|corrige {what}: {new}|"
          "actualiza {what} a {new}".split("|"),
}  # fmt: skip
_SIGN = {
    "en": "sign it as {new}|sign with {new}|change the sender to {new}|the sender is {new}|sign as {new}|put {new} "
          "as the sender".split("|"),
    "es": "firma como {new}|pon de remitente a {new}|el remitente es {new}|fírmalo {new}|que firme {new}".split("|"),
}  # fmt: skip
_ADDRESS = {
    "en": "address it to {new}|change the recipient to {new}|it is for {new}|send it to {new} instead|make it for "
          "{new}|write it to {new}".split("|"),
    "es": "dirígelo a {new}|cambia el destinatario a {new}|es para {new}|que sea para {new}|ponlo a nombre de "
          "{new}".split("|"),
}  # fmt: skip
_POLITE = {
    "en": ("please {}", "{}, please", "can you {}?", "Could you {}?"),
    "es": ("{}, por favor", "por favor, {}"),
}
_LABELS = {
    "en": {"{date}": "date", "{time}": "time", "{amount}": "amount", "{pct}": "percentage", "{id}": "number",
           "{place}": "place",
           "{company}": "company", "{full}": "name", "{product}": "product"},
    "es": {"{date}": "la fecha", "{time}": "la hora", "{amount}": "el importe", "{pct}": "el porcentaje",
           "{id}": "el número",
           "{place}": "el lugar", "{company}": "la empresa", "{full}": "el nombre"},
}  # fmt: skip


@dataclass(slots=True)
class Revision:
    """What is done to a draft: a new content, whether brief, and values replaced in the text."""

    content: Content
    brief: bool = False
    swaps: list[tuple[str, str]] = field(default_factory=list)

    def render(self) -> str:
        """Return the revised e-mail."""
        text = self.content.render(self.brief)
        for old, new in self.swaps:
            text = re.sub(_bounded(old), new.replace("\\", r"\\"), text)
        return text


def draw(rng: random.Random, split: Split) -> Example:
    """Draw an example of `email.revise`, 70% in English."""
    language: Language = "en" if rng.random() < 0.7 else "es"
    while True:
        content = draw_content(rng, split, language, max_points=3)
        if content.tone == "friendly" and content.is_person:
            content.recipient = content.recipient.split()[0]
        before = content.render(brief := rng.random() < 0.1)
        revision = Revision(replace(content, points=list(content.points)), brief)
        kinds = rng.sample(_CHANGES, 2 if rng.random() < 0.15 else 1)
        asked = [change(rng, split, revision) for change in kinds]
        answer = revision.render()
        if all(asked) and answer != before:
            break
    joined = (" and " if language == "en" else " y ").join(asked)
    exact = revision.content.tone == content.tone and revision.brief == brief
    return Example(
        "email.revise",
        (
            Message("system", system_text("email", "revise")),
            Message("user", revise_input(before, _polite(rng, joined, language))),
        ),
        answer,
        {
            "expected": answer,
            "exact": exact,
            "kept": tuple(p for p in revision.content.points if p.casefold() in answer.casefold()),
            "shorter": revision.brief and not brief,
        },
    )


def score(example: Example, answer: str) -> dict[str, bool]:
    """Judge a revision: the exact text where one value or sentence changes, else form, points and nothing invented."""
    facts = example.facts
    lines, expected = answer.strip().split("\n"), str(facts["expected"]).split("\n")
    folded = answer.casefold()
    return {
        "subject": lines[0] == expected[0],
        "greeting": len(lines) > 2 and lines[2] == expected[2],
        "sender": lines[-1] == expected[-1],
        "changed": answer.strip() == facts["expected"]
        or not (facts["exact"] or len(answer) > 1.15 * len(facts["expected"])),
        "points_kept": all(point.casefold() in folded for point in facts["kept"]),
        "nothing_invented": copied_ok(example.prompt[-1].content, answer, fixed_words()),
    }


def _polite(rng: random.Random, text: str, language: Language) -> str:
    if rng.random() < 0.75 or text.endswith("?"):
        return text
    return rng.choice(_POLITE[language]).format(text)


def _shorter(rng: random.Random, split: Split, revision: Revision) -> str:
    revision.brief = True
    return roughen(rng, phrasing(rng, split, _SHORTER[revision.content.language]))


def _retone(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    tone = rng.choice((*TONES, "formal", "friendly"))
    if tone == content.tone or revision.brief:
        return ""
    content.tone = tone
    return roughen(rng, phrasing(rng, split, _TONES[content.language][tone].split("|")))


def _add(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    if rng.random() < 0.6:
        made = words.fill(rng, split, words.clause(rng, content.language), content.language)
        point = words.second_person(made, content.language)
    else:
        situation = rng.choice(SITUATIONS[content.language])
        point = draw_point(rng, split, content.language, situation, None).rstrip(".")
    content.points.append(point)
    pattern = phrasing(rng, split, _ADD[content.language])
    return roughen(rng, pattern, keep=("{x}",)).replace("{x}", point)


def _remove(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    if not content.points:
        return ""
    point = content.points.pop(rng.randrange(len(content.points)))
    pattern = phrasing(rng, split, _REMOVE[content.language])
    if rng.random() < 0.4:
        point = f'"{sentence(point, content.language)}"'
    return pattern.replace("{x}", point.rstrip("."))


def _swap(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    text = content.render(revision.brief)
    usable = [(s, v) for s, v in content.kept if s != "{word}" and _stands_alone(v, text)]
    if not usable:
        return ""
    slot, old = rng.choice(usable)
    new = words.fill(rng, split, slot, content.language)
    label = _LABELS[content.language].get(slot)
    revision.swaps.append((old, new))
    if label and [s for s, _ in content.kept].count(slot) == 1 and rng.random() < 0.55:
        pattern = phrasing(rng, split, _SET[content.language])
        return pattern.replace("{what}", label).replace("{new}", new)
    return phrasing(rng, split, _SWAP[content.language]).replace("{old}", old).replace("{new}", new)


def _sign(rng: random.Random, split: Split, revision: Revision) -> str:
    revision.content.sender = names.first_name(rng, split) if rng.random() < 0.5 else names.full_name(rng, split)
    return phrasing(rng, split, _SIGN[revision.content.language]).replace("{new}", revision.content.sender)


def _address(rng: random.Random, split: Split, revision: Revision) -> str:
    content = revision.content
    content.is_person = True
    content.recipient = names.first_name(rng, split) if rng.random() < 0.6 else names.full_name(rng, split)
    return phrasing(rng, split, _ADDRESS[content.language]).replace("{new}", content.recipient)


def _stands_alone(value: str, text: str) -> bool:
    return len(re.findall(_bounded(value), text)) == text.count(value) > 0


def _bounded(value: str) -> str:
    return rf"(?<![\w.,]){re.escape(value)}(?![\w%])"


_CHANGES = (
    *(_shorter, _shorter, _retone, _retone, _retone, _add, _add, _add),
    *(_remove, _swap, _swap, _swap, _sign, _address),
)
