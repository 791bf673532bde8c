"""Facts of support documents: read from their lists, given a subject and values, and worded."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from models.colibri.corpus.example import Split
from models.colibri.corpus.support_facts_en_product import FACTS_EN_PRODUCT
from models.colibri.corpus.support_facts_en_service import FACTS_EN_SERVICE
from models.colibri.corpus.support_facts_en_shop import FACTS_EN_SHOP
from models.colibri.corpus.support_facts_es_product import FACTS_ES_PRODUCT
from models.colibri.corpus.support_facts_es_shop import FACTS_ES_SHOP
from models.colibri.corpus.support_values import Language, brand, pick, value

_SLOTS = re.compile(r"\{[^}]*\}")
_SLOT = re.compile(r"\{([a-z]+(?:\d+-\d+)?)(?:#\d)?\}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of fact: `kinds` of subjects it fits, its table `label` and `bare` value, statements and questions."""

    key: str
    kinds: str
    group: str
    label: str
    bare: str
    statements: list[str]
    questions: list[str]

    @property
    def keyed(self) -> set[str]:
        """Return the value slots that questions name, such as an error's code."""
        return {slot for q in self.questions for slot in _SLOTS.findall(q) if slot != "{s}"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about: `text` with its article, the invented `name` and the `noun` in it, and its kind."""

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
    """Return the facts of a list in the form that `support_facts_en_shop` explains."""
    facts: list[Fact] = []
    for line in text.strip().splitlines():
        mark, rest = line[:1], line[1:].strip()
        if mark == "@":
            key, kinds, *group = rest.split()
            facts.append(Fact(key, kinds, group[0] if group else key, "", "", [], []))
        elif mark == "-":
            label, _, bare = rest.partition(" | ")
            last = facts[-1]
            facts[-1] = Fact(last.key, last.kinds, last.group, label, bare, last.statements, last.questions)
        elif mark == "=":
            facts[-1].statements.append(rest)
        elif mark == "?":
            facts[-1].questions.append(rest)
    return facts


FACTS: dict[Language, list[Fact]] = {
    "en": parse_facts(FACTS_EN_SHOP + FACTS_EN_PRODUCT + FACTS_EN_SERVICE),
    "es": parse_facts(FACTS_ES_SHOP + FACTS_ES_PRODUCT),
}

_NOUNS_EN = {
    "P": "kettle,toaster,lamp,blender,speaker,camera,drill,printer,vacuum,heater,radio,watch,router,scooter,tent,stove,"
    "fridge,mixer,monitor,keyboard,projector,humidifier,fan,grill,oven,bike,backpack,chair,desk,mattress,pump,charger,"
    "thermostat,headset,tablet,phone,scale,juicer,freezer,dryer,washer,mower,saw,sander,ladder,helmet,jacket,boots,"
    "bottle,pan,knife,clock,sofa,shelf,stroller,guitar,drone,telescope,microscope,sewing machine,coffee maker,"
    "air purifier,hair dryer,water filter,alarm,doorbell,treadmill,generator,compressor,welder",
    "C": "Foods,Outfitters,Books,Sports,Tools,Garden,Travel,Toys,Labs,Home,Pharmacy,Optics,Bikes,Music,Shop,Market,Energy",
    "A": "app,platform,cloud,service,editor,tracker,wallet,portal,drive,mail,calendar,game,bank app,scanner,planner",
    "L": "plan,package,subscription,membership,tariff,bundle,contract,pass",
    "H": "hotel,museum,gym,clinic,library,hostel,pool,campsite,theatre,zoo,spa,cinema,gallery,guest house,garden",
    "F": "soup,bread,cheese,salad,pie,cake,sauce,bar,yoghurt,pizza,curry,cereal,juice,cookie mix,pasta,jam,stew",
    "": "valve,engine,bridge,ship,river,tower,reactor,market,school,bird,fish,plant,mine,village,robot,rocket,tunnel,"
    "festival,theory,law,committee,farm,dam,satellite,virus,crystal,glacier,island,train,tree,bee,orchestra,statue,"
    "sensor,cable,gate,ferry,desert,beetle,turbine,relay",
}  # fmt: skip
_NOUNS_ES = {
    "P": "la tetera,el hervidor,la lámpara,la batidora,el altavoz,la cámara,el taladro,la impresora,la aspiradora,"
    "el calefactor,la radio,el reloj,el router,el patinete,la tienda de campaña,la cocina,la nevera,el monitor,"
    "el teclado,el proyector,el ventilador,la parrilla,el horno,la bicicleta,la mochila,la silla,la mesa,el colchón,"
    "la bomba,el cargador,el termostato,la tableta,el teléfono,la báscula,el congelador,la secadora,la lavadora,"
    "la sierra,la escalera,el casco,la chaqueta,la botella,la sartén,el cuchillo,el sofá,la guitarra,el dron,"
    "el telescopio,la cafetera,el purificador,el secador,el filtro de agua,la alarma,el timbre,la cinta de correr",
    "C": "la tienda,la empresa,la librería,la farmacia,el mercado,la óptica,la casa,el taller,la agencia",
    "A": "la aplicación,la plataforma,el servicio,el editor,el portal,el programa,el calendario,el juego,la cartera",
    "L": "el plan,el paquete,la suscripción,el abono,la tarifa,el contrato,el pase",
    "H": "el hotel,el museo,el gimnasio,la clínica,la biblioteca,el albergue,la piscina,el teatro,el zoo,el cine,el balneario",
    "F": "la sopa,el pan,el queso,la ensalada,la tarta,la salsa,la barrita,el yogur,la pizza,el curry,el zumo,la pasta",
    "": "la válvula,el motor,el puente,el barco,el río,la torre,el reactor,la escuela,el pájaro,el pez,la planta,la mina,"
    "el robot,el cohete,el túnel,el festival,la teoría,la ley,la granja,la presa,el satélite,el cristal,el glaciar,"
    "la isla,el tren,el árbol,la orquesta,la estatua,el sensor,el cable,el desierto,la turbina",
}  # fmt: skip
NOUNS = {
    lang: {kind: text.split(",") for kind, text in by.items()} for lang, by in (("en", _NOUNS_EN), ("es", _NOUNS_ES))
}


def subject(rng: random.Random, split: Split, lang: Language, kind: str, *, name: str = "", noun: str = "") -> Subject:
    """Return a subject of `kind` (empty: any thing); `name` or `noun` fix that part of it."""
    if not name:
        name = brand(rng, split)
        if kind in ("P", "L") and rng.random() < 0.2:
            name += f" {rng.choice(['', 'X', 'S', 'M'])}{rng.randint(2, 900)}"
    if not noun:
        bare = kind in ("C", "A") and rng.random() < 0.6
        noun = "" if bare else pick(rng, split, NOUNS[lang][kind])
    if not noun:
        text = name
    elif lang == "es":
        text = f"{noun} {name}"
    elif kind == "C":
        text = f"{name} {noun}"
    elif kind == "H" and noun in ("hotel", "museum", "zoo", "hostel") and rng.random() < 0.3:
        text = f"{noun.capitalize()} {name}"
    elif kind == "":
        text = f"the {name if rng.random() < 0.5 else name.lower()} {noun}"
    else:
        text = f"the {name} {noun}"
    return Subject(text, kind, name, noun)


def sibling(rng: random.Random, split: Split, lang: Language, of: Subject) -> Subject:
    """Return another subject of the same kind, often with the same noun or the same name."""
    kind = rng.random()
    for _ in range(20):
        if kind < 0.45 and of.noun:
            other = subject(rng, split, lang, of.kind, noun=of.noun)
        elif kind < 0.6 and of.noun and of.kind in ("P", "F", "L", ""):
            other = subject(rng, split, lang, of.kind, name=of.name)
        else:
            other = subject(rng, split, lang, of.kind)
        if other.text.casefold() != of.text.casefold() and (other.name != of.name or other.noun != of.noun):
            return other
    return subject(rng, split, lang, of.kind)
