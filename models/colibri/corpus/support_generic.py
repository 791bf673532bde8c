"""Facts of no particular domain, with rare words in every place, so that unseen documents are answered too."""

from __future__ import annotations

import random

from models.colibri.corpus.example import Split
from models.colibri.corpus.support_facts import Fact
from models.colibri.corpus.support_values import Language, pick, word

_ATTRIBUTES_EN = (
    "height width length depth volume price cost fee rent deposit rate speed age name number code colour shape limit "
    "range target score rank grade level deadline date start end duration distance location owner author director "
    "leader captain sponsor supplier partner editor teacher winner address capital population area temperature "
    "pressure frequency voltage current density hardness strength yield output input load mass diameter radius angle "
    "thickness budget profit revenue turnover salary bonus tax fine quota share stake balance margin penalty reward "
    "serial batch version edition model type class category rating size form flavour scent taste texture finish "
    "pattern title slogan motto nickname password channel port gate platform seat row floor room wing zone region "
    "district route exit stop terminal flag anthem currency language origin source purpose goal effect cause symptom "
    "dose interval cycle delay reserve surplus minimum maximum average median tolerance threshold signal trigger"
).split()
_ATTRIBUTES_ES = (
    "la altura,la anchura,la longitud,la profundidad,el volumen,el precio,el coste,la tarifa,el alquiler,la fianza,"
    "la velocidad,la edad,el nombre,el número,el código,el color,la forma,el límite,el alcance,el objetivo,la nota,"
    "el nivel,la fecha,el inicio,el final,la duración,la distancia,el lugar,el dueño,el autor,el director,el capitán,"
    "el proveedor,el socio,la dirección,la capital,la población,la superficie,la temperatura,la presión,la frecuencia,"
    "la tensión,la densidad,la dureza,la fuerza,el rendimiento,la carga,la masa,el diámetro,el radio,el ángulo,"
    "el grosor,el presupuesto,el beneficio,el sueldo,el impuesto,la multa,la cuota,el saldo,el margen,el premio,"
    "la serie,el lote,la edición,el modelo,el tipo,la clase,el tamaño,el sabor,el olor,el título,el lema,el apodo,"
    "la clave,el canal,el puerto,la puerta,el andén,el asiento,la planta,la sala,la zona,la ruta,la salida,la moneda,"
    "el origen,la fuente,la causa,la dosis,el intervalo,el ciclo,la reserva,el mínimo,el máximo,la media,el umbral"
).split(",")
_VALUES = [
    "measure",
    "measure",
    "measure",
    "name",
    "person",
    "ref",
    "city",
    "date",
    "code",
    "pct",
    "price",
    "year",
    "time",
]
_UNITS_EN = (
    "bar,metres,grams,litres,volts,days,weeks,hours,seconds,degrees,miles,boxes,pages,points,coins,tons,units,steps,"
    "turns,pieces,watts,knots,acres,sheets,rows,bags,feet,minutes"
).split(",")
_UNITS_ES = (
    "bares,metros,gramos,litros,voltios,días,semanas,horas,segundos,grados,cajas,páginas,puntos,monedas,toneladas,"
    "unidades,pasos,vueltas,piezas,vatios,hojas,filas,sacos,minutos"
).split(",")
_MEASURED_EN = (
    "opens open at,closes close at,starts start at,stops stop after,breaks break at,melts melt at,boils boil at,"
    "turns turn after,weighs weigh about,lasts last for,grows grow to,falls fall below,rises rise to,costs cost about,"
    "runs run for,bends bend at,reacts react after,freezes freeze at,sinks sink to,jumps jump over,shrinks shrink to,"
    "rests rest for,moves move by,shuts shut at,wakes wake after,glows glow at,spins spin at,expires expire after"
).split(",")
_MEASURED_ES = (
    "se abre a,se cierra a,empieza a,se para tras,se rompe con,se funde a,hierve a,gira tras,dura hasta,crece hasta,"
    "baja de,sube hasta,cuesta unos,funciona durante,reacciona tras,se congela a,se hunde hasta,salta sobre,"
    "descansa durante,se mueve cada,se apaga tras,brilla a,caduca tras,necesita unos"
).split(",")
_ACTIONS_EN = (
    "produces produce,sells sell,makes make,uses use,carries carry,eats eat,stores store,needs need,repairs repair,"
    "builds build,exports export,imports import,teaches teach,studies study,protects protect,controls control,"
    "measures measure,replaces replace,supports support,owns own,designs design,tests test,prints print,"
    "collects collect,delivers deliver,feeds feed,paints paint,cleans clean,records record,plants plant,"
    "guards guard,trains train,funds fund,rents rent,washes wash,mixes mix,grows grow,publishes publish,"
    "contains contain,requires require"
).split(",")
_ACTIONS_ES = (
    "produce,vende,fabrica,usa,transporta,come,guarda,necesita,repara,construye,exporta,importa,enseña,estudia,protege,"
    "controla,mide,sustituye,apoya,posee,diseña,prueba,imprime,recoge,entrega,alimenta,pinta,limpia,graba,planta,"
    "vigila,entrena,financia,alquila,lava,mezcla,cultiva,publica,contiene,requiere"
).split(",")
_GROUPS = {
    word: group
    for group, words in {
        "price": "price cost fee rent rate precio coste tarifa alquiler cuota cuesta",
        "colours": "colour color",
        "made": "origin source origen fuente",
        "size": "size height width length depth altura anchura longitud profundidad tamaño",
        "weight": "mass weigh masa",
        "battery": "last run duration dura funciona duración",
        "hours": "open close start abre cierra",
        "manager": "director leader owner dirige dueño own posee",
        "office": "address location dirección lugar",
        "capacity": "capacity volume volumen",
        "temp": "temperature temperatura maximum",
        "version": "version edition",
        "languages": "language",
        "voltage": "voltage tension tensión",
        "age": "age edad",
        "wifi": "password clave",
        "allergens": "contain contiene",
        "compat": "need require necesita requiere use usa",
        "load": "load carry carga transporta",
        "speed": "speed velocidad",
        "range": "range alcance",
    }.items()
    for word in words.split()
}
"""Groups of the facts in the lists that mean the same as one made up here."""


def _group(word: str) -> str:
    return _GROUPS.get(word, f"generic.{word}")


def _attribute(rng: random.Random, split: Split, lang: Language, kind: str) -> Fact:
    if lang == "es":
        attr = pick(rng, split, _ATTRIBUTES_ES)
        if rng.random() < 0.25:
            attr = f"{rng.choice(['el', 'la'])} {word(rng, split, (1, 2))}"
        unit = pick(rng, split, _UNITS_ES)
        bare = attr.split(" ", 1)[1]
        shown = f"{{n2-900}} {unit}" if kind == "measure" else f"{{{kind}}}"
        statements = [f"{attr} de {{s}} es {shown}.", f"{{s}} tiene como {bare} {shown}.", f"Para {{s}}, {attr} es {shown}.",
                      f"{shown} es {attr} de {{s}}."]  # fmt: skip
        questions = [
            f"¿cuál es {attr} de {{s}}",
            f"¿qué {bare} tiene {{s}}",
            f"dígame {attr} de {{s}}",
            f"{bare} de {{s}}",
        ]
    else:
        attr = word(rng, split, (1, 2)) if rng.random() < 0.25 else pick(rng, split, _ATTRIBUTES_EN)
        unit = pick(rng, split, _UNITS_EN)
        bare = attr
        shown = f"{{n2-900}} {unit}" if kind == "measure" else f"{{{kind}}}"
        statements = [f"the {attr} of {{s}} is {shown}.", f"{{s}} has {shown} as its {attr}.", f"For {{s}}, the {attr} is {shown}.",
                      f"as {attr} of {{s}} we list {shown}.", f"{shown} is the {attr} of {{s}}."]  # fmt: skip
        questions = [f"what is the {attr} of {{s}}", f"which {attr} does {{s}} have", f"tell me the {attr} of {{s}}",
                     f"what's {{s}}'s {attr}", f"{{s}} {attr}", f"do you know the {attr} of {{s}}"]  # fmt: skip
    return Fact(f"generic.{bare}", "", _group(bare), bare.capitalize(), shown, statements, questions)


def _measured(rng: random.Random, split: Split, lang: Language) -> Fact:
    if lang == "es":
        verb = pick(rng, split, _MEASURED_ES)
        unit = pick(rng, split, _UNITS_ES)
        base, prep = verb.rsplit(" ", 1)
        shown = f"{{n2-900}} {unit}"
        statements = [f"{{s}} {verb} {shown}.", f"{{s}} siempre {verb} {shown}.", f"Como norma, {{s}} {verb} {shown}."]
        questions = [f"¿{prep} cuántos {unit} {base} {{s}}" if unit.endswith("os") else f"¿cuándo {base} {{s}}",
                     f"¿{prep} qué valor {base} {{s}}", f"¿{{s}} {base}, {prep} cuánto", f"¿cuánto {base} {{s}}"]  # fmt: skip
        label = base.removeprefix("se ")
    else:
        verb = pick(rng, split, _MEASURED_EN)
        unit = pick(rng, split, _UNITS_EN)
        third, base, prep = verb.split(" ")
        shown = f"{{n2-900}} {unit}"
        statements = [f"{{s}} {third} {prep} {shown}.", f"{{s}} always {third} {prep} {shown}.",
                      f"As a rule, {{s}} {third} {prep} {shown}.", f"{{s}} will {base} {prep} {shown}."]  # fmt: skip
        questions = [f"{prep} how many {unit} does {{s}} {base}", f"when does {{s}} {base}", f"{prep} what does {{s}} {base}",
                     f"how many {unit} does {{s}} {base} {prep}", f"{{s}} {third} {prep} what"]  # fmt: skip
        label = base
    return Fact(f"generic.{label}", "", _group(label), "", "", statements, questions)


def _action(rng: random.Random, split: Split, lang: Language) -> Fact:
    obj = "{name} {word}" if rng.random() < 0.4 else "{word}"
    if lang == "es":
        verb = pick(rng, split, _ACTIONS_ES)
        label = verb
        statements = [
            f"{{s}} {verb} {obj}.",
            f"En {{city}}, {{s}} {verb} {obj}.",
            f"{{s}} {verb} {obj} desde {{year}}.",
        ]
        questions = [f"¿qué {verb} {{s}}", f"¿{{s}} {verb} qué", f"dígame qué {verb} {{s}}"]
        if rng.random() < 0.25:
            questions = [f"¿quién {verb} {obj}", f"¿qué o quién {verb} {obj}"]
    else:
        third, base = pick(rng, split, _ACTIONS_EN).split(" ")
        label = base
        statements = [f"{{s}} {third} {obj}.", f"In {{city}}, {{s}} {third} {obj}.", f"{{s}} {third} {obj} since {{year}}.",
                      f"Every day {{s}} {third} {obj}."]  # fmt: skip
        questions = [
            f"what does {{s}} {base}",
            f"{{s}} {third} what",
            f"tell me what {{s}} {third}",
            f"what is it that {{s}} {third}",
        ]
        if rng.random() < 0.25:
            questions = [f"who or what {third} {obj}", f"who {third} {obj}"]
    return Fact(f"generic.{label}", "", _group(label), "", "", statements, questions)


def generic_fact(rng: random.Random, split: Split, lang: Language) -> Fact:
    """Return a fact made up on the spot: an attribute, a measured act, or a subject acting on an object."""
    kind = rng.random()
    if kind < 0.5:
        return _attribute(rng, split, lang, rng.choice(_VALUES))
    if kind < 0.75:
        return _measured(rng, split, lang)
    return _action(rng, split, lang)
