"""Facts of no particular domain: an attribute that only its words connect with the question."""

from __future__ import annotations

import random

from models.colibri.corpus.email_words import noun
from models.colibri.corpus.example import Split
from models.colibri.corpus.support_facts import Fact
from models.colibri.corpus.support_values import Language, held

_ATTRIBUTES: dict[Language, list[str]] = {
    "en": "speed,height,length,width,depth,range,temperature,voltage,pressure,volume,frequency,model number,serial number,"
    "country of origin,founder,owner,director,designer,opening year,capital,deadline,deposit,rent,salary,"
    "insurance,licence,interest rate,exchange rate,tax,fine,minimum age,number of seats,number of rooms,floor,entrance,"
    "parking space,bus stop,exit code,access code,room number,project manager,doctor,teacher,trainer,schedule,"
    "start date,end date,meeting point,dress code,menu,recipe,dose,storage period,lifetime,noise level,water usage,"
    "fuel usage,thickness,diameter,brightness,resolution,memory,version,update interval,backup time,booking fee,"
    "cleaning fee,late fee,entry fee,yearly fee,monthly fee,spare key,spare wheel,bulb,fuse,filter type,oil type,"
    "plug type,cable length,seat height,load limit,speed limit,age limit,time limit,data limit".split(","),
    "es": "velocidad,altura,longitud,anchura,profundidad,temperatura,presión,frecuencia,capital,fianza,tarifa,cuota,multa,"
    "edad mínima,planta,entrada,salida,parada de autobús,fecha de inicio,fecha final,receta,dosis,vida útil,resolución,"
    "memoria,versión,cuota mensual,cuota anual,bombilla,medida de la rueda,clave de acceso,capacidad,potencia,"
    "distancia,duración,talla,carga máxima,velocidad máxima,oferta,comisión".split(","),
}
_VALUES = ("{n2-900}", "{price}", "{ref}", "{name}", "{date}", "{pct}", "{person}")
_STATEMENTS: dict[Language, list[str]] = {
    "en": ["The @ of {s} is #.", "{s} has this @: #.", "# is the @ of {s}.", "@ of {s}: #.", "As @ of {s} we list #."],
    "es": ["La @ de {s} es #.", "{s} tiene esta @: #.", "# es la @ de {s}.", "@ de {s}: #.", "Como @ de {s} figura #."],
}
_QUESTIONS: dict[Language, list[str]] = {
    "en": [
        "what is the @ of {s}",
        "which @ does {s} have",
        "tell me the @ of {s}",
        "can you tell me the @ of {s}",
        "what @ does {s} have",
        "{s} @",
        "@ of {s}",
        "do you know the @ of {s}",
    ],
    "es": [
        "cuál es la @ de {s}",
        "qué @ tiene {s}",
        "dime la @ de {s}",
        "me dice la @ de {s}",
        "quiero saber la @ de {s}",
        "@ de {s}",
        "saben la @ de {s}",
    ],
}


def _attribute(rng: random.Random, split: Split, lang: Language) -> str:
    """Return an attribute of the split: a usual one, or in half of the draws any noun, alone or before or after another.

    What is asked for is then told by its words alone: there are too many to know them by heart.
    """
    if rng.random() < 0.5:
        return rng.choice([a for a in _ATTRIBUTES[lang] if held(a) == (split == "heldout")])
    while True:
        attribute = noun(rng, lang)
        if rng.random() < 0.6:
            other = noun(rng, lang)
            attribute = f"{attribute} {other}" if lang == "en" else f"{attribute} de {other}"
        if held(attribute) == (split == "heldout"):
            return attribute


def generic_fact(rng: random.Random, split: Split, lang: Language) -> Fact:
    """Return a fact whose attribute belongs to the split."""
    attribute = _attribute(rng, split, lang)
    shown = rng.choice(_VALUES)
    statements = [s.replace("@", attribute).replace("#", shown) for s in _STATEMENTS[lang]]
    return Fact(f"generic.{attribute}", "P", statements, [q.replace("@", attribute) for q in _QUESTIONS[lang]])
