"""Facts of support documents: read from their lists, given a subject and values, and worded."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from models.colibri.corpus.example import Split
from models.colibri.corpus.support_facts_en import SHOP_FACTS_EN
from models.colibri.corpus.support_facts_en_things import THING_FACTS_EN
from models.colibri.corpus.support_facts_en_ways import MORE_FACTS_EN
from models.colibri.corpus.support_facts_es import FACTS_ES
from models.colibri.corpus.support_values import Language, brand, value

_SLOTS = re.compile(r"\{[^}]*\}")
_SLOT = re.compile(r"\{([a-z]+(?:\d+-\d+)?)(?:#\d)?\}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of fact: the `kind` of subject it fits (`-` for none), its statements and the questions for it."""

    key: str
    kind: str
    statements: list[str]
    questions: list[str]

    @property
    def keyed(self) -> set[str]:
        """Return the value slots that questions name, such as an error's code."""
        return {slot for q in self.questions for slot in _SLOTS.findall(q) if slot != "{s}"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about: `text` with its article, and the name and noun in it."""

    text: str
    kind: str
    name: str
    noun: str


@dataclass(slots=True)
class Known:
    """One fact of one subject, with its values, which are drawn once and then kept for statement and question."""

    fact: Fact
    subject: Subject
    slots: dict[str, str] = field(default_factory=dict)

    def fill(self, rng: random.Random, split: Split, lang: Language, template: str) -> tuple[str, list[str]]:
        """Return the template with its braces filled, and the values that went in (without the subject)."""
        used: list[str] = []

        def put(match: re.Match[str]) -> str:
            slot, kind = match.group(), match.group(1)
            if kind == "s":
                return self.subject.text
            if slot not in self.slots:
                for _ in range(6):
                    self.slots[slot] = value(rng, split, lang, kind)
                    if list(self.slots.values()).count(self.slots[slot]) == 1:
                        break
            used.append(self.slots[slot])
            return self.slots[slot]

        text = _SLOT.sub(put, template)
        if lang == "es":
            text = re.sub(r"\b(de|a) el ", lambda m: "del " if m.group(1) == "de" else "al ", text)
        return text, used


def parse_facts(text: str) -> list[Fact]:
    """Return the facts of a list in the form that `support_facts_en` explains."""
    facts: list[Fact] = []
    for line in text.strip().splitlines():
        mark, rest = line[:1], line[1:].strip()
        if mark == "@":
            key, kind = rest.split()
            facts.append(Fact(key, kind, [], []))
        elif mark == "=":
            facts[-1].statements.append(rest)
        else:
            facts[-1].questions.append(rest)
    return facts


def merged(facts: list[Fact], more: list[Fact]) -> list[Fact]:
    """Return `facts` with what `more` adds to those of the same key, before their own ways, and with its others."""
    added = {f.key: f for f in more}
    for fact in facts:
        if extra := added.pop(fact.key, None):
            fact.statements[:0], fact.questions[:0] = extra.statements, extra.questions
    return facts + list(added.values())


FACTS: dict[Language, list[Fact]] = {
    "en": merged(parse_facts(SHOP_FACTS_EN), parse_facts(MORE_FACTS_EN)) + parse_facts(THING_FACTS_EN),
    "es": parse_facts(FACTS_ES),
}

NOUNS: dict[Language, list[str]] = {
    "en": "kettle,lamp,toaster,blender,camera,drill,printer,heater,radio,watch,tent,oven,bicycle,chair,desk,charger,phone,"
    "tablet,speaker,fridge,mixer,keyboard,monitor,fan,grill,pump,jacket,backpack,router,scooter,floor lamp,city bicycle,"
    "coffee maker,hair dryer".split(","),
    "es": "el hervidor,la lámpara,la batidora,la cámara,el taladro,la impresora,la radio,el reloj,el horno,la bicicleta,"
    "la silla,la mesa,el cargador,el teléfono,la nevera,el monitor,el teclado,el ventilador,la mochila,la cafetera,"
    "el altavoz,el router,el patinete,la bomba".split(","),
}
_PLURAL = {
    "en": "kettles,lamps,toasters,cameras,drills,printers,tents,ovens,bicycles,chairs,phones,tablets,speakers,fridges,fans",
    "es": "los hervidores,las lámparas,las cámaras,los taladros,las impresoras,los relojes,los hornos,las bicicletas,"
    "las sillas,las mesas,los teléfonos,los altavoces",
}
_CITIES = (
    "Lisbon,Porto,Madrid,Berlin,Lyon,Oslo,Vienna,Prague,Turin,Ghent,Leeds,Cork,Athens,Lima,Quito,Valencia,Sevilla,Bilbao,"
    "Hamburg,Dresden,Basel,Geneva,Riga,Boston,Denver,Austin,Toronto,Sydney,Chicago,Dublin,Bristol,Paris,Rome,London"
).split(",")


def subject(rng: random.Random, split: Split, lang: Language, kind: str, *, noun: str = "") -> Subject:
    """Return a subject of `kind`; `noun` fixes that part of it."""
    if kind == "-":
        return Subject("", kind, "", "")
    if kind == "K":
        text = rng.choice(_PLURAL[lang].split(","))
        return Subject(text, kind, "", text)
    if kind == "R":
        text = rng.choice(NOUNS[lang])
        return Subject(f"a{'n' if text[0] in 'aeiou' else ''} {text}", kind, "", text)
    if kind == "S":
        city = rng.choice(_CITIES) if rng.random() < 0.6 else brand(rng, split)
        place = rng.choice(["tienda de"] if lang == "es" else ["shop", "shop", "store", "office"])
        return Subject(f"la {place} {city}" if lang == "es" else f"the {city} {place}", kind, city, place)
    name, noun = brand(rng, split), noun or rng.choice(NOUNS[lang])
    return Subject(f"{noun} {name}" if lang == "es" else f"the {name} {noun}", kind, name, noun)


def sibling(rng: random.Random, split: Split, lang: Language, of: Subject) -> Subject:
    """Return another subject of the same kind, in half of the cases with the same noun."""
    while True:
        other = subject(rng, split, lang, of.kind, noun=of.noun if of.kind == "P" and rng.random() < 0.5 else "")
        if other.text != of.text and (not other.name or other.name != of.name):
            return other
