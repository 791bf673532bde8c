"""Words and phrases that e-mails are made of: a wide grammar of noun phrases, requests and clauses, filled with slots.

`fill` replaces `{date}`, `{amount}`, `{company}` and so on by fresh values, `{your}`, `{you}` and the like by words that
address the reader.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from models.colibri.corpus import names
from models.colibri.corpus.example import Split
from models.colibri.corpus.names import Language

_READER = {"{your}": "your", "{you}": "you", "{obj}": "you", "{su}": "su", "{puede}": "puede"}

_NOUNS = {
    "en": (
        "report contract budget invoice agenda slides proposal review workshop training audit forecast timetable "
        "survey "
        "brochure catalogue poster banner website logo newsletter backup server password licence laptop key badge "
        "parcel "
        "delivery shipment order refund discount voucher receipt deposit payment balance quote offer estimate tender "
        "lease permit passport visa certificate diploma questionnaire feedback draft manuscript chapter recording "
        "minutes "
        "photo video blueprint prototype sample mock-up test release upgrade migration installation inspection repair "
        "maintenance cleaning catering menu breakfast lunch dinner cake coffee tea venue booking flight train taxi "
        "ticket "
        "itinerary hotel parking lift heating roof kitchen window door garden fence pool gym locker uniform helmet "
        "tool "
        "ladder pallet forklift truck van bicycle engine brake tyre battery cable fuse lamp sensor printer cartridge "
        "scanner phone headset camera microphone projector screen whiteboard marker folder binder stapler shelf "
        "desk chair "
        "interview application candidate internship vacancy salary bonus payslip shift rota holiday absence appraisal "
        "lecture seminar exam essay thesis library choir concert rehearsal costume ticketing exhibition painting "
        "auction "
        "patient prescription vaccine appointment scan x-ray dentist therapy diet recipe harvest seedling "
        "fertiliser barn "
        "tractor fishing vessel harbour customs duty tariff ledger tax payroll pension insurance claim warranty "
        "complaint "
        "meeting call deadline party office course project subscription account event conference plan price room "
        "dashboard spreadsheet query database endpoint firewall router domain hosting plugin ticket backlog sprint demo"
    ).split(),
    "es": (
        "el informe|el contrato|el presupuesto|la factura|la agenda|la propuesta|el taller|la auditoría|el calendario|"
        "la encuesta|el folleto|el catálogo|el cartel|la web|el logotipo|el boletín|el servidor|la contraseña|la "
        "licencia|"
        "el portátil|la llave|el paquete|la entrega|el envío|el pedido|el reembolso|el descuento|el recibo|la fianza|"
        "el pago|el saldo|la oferta|el permiso|el pasaporte|el certificado|el diploma|el cuestionario|el borrador|"
        "el capítulo|la grabación|el acta|la foto|el vídeo|el plano|el prototipo|la muestra|la prueba|la versión|"
        "la migración|la instalación|la inspección|la reparación|el mantenimiento|la limpieza|el menú|el desayuno|"
        "la comida|la cena|la tarta|el café|el local|la reserva|el vuelo|el tren|el taxi|el billete|el hotel|"
        "el aparcamiento|el ascensor|la calefacción|la cocina|la ventana|la puerta|el jardín|la piscina|el gimnasio|"
        "el uniforme|el casco|la herramienta|el palé|el camión|la furgoneta|la bicicleta|el motor|el freno|la batería|"
        "el cable|la lámpara|el sensor|la impresora|el escáner|el teléfono|la cámara|el proyector|la pantalla|la "
        "pizarra|"
        "la carpeta|el escritorio|la silla|la entrevista|la solicitud|el candidato|la vacante|el sueldo|la nómina|"
        "el turno|las vacaciones|la evaluación|la conferencia|el seminario|el examen|la tesis|la biblioteca|el coro|"
        "el concierto|el ensayo|la exposición|la subasta|la receta|la vacuna|la cita|la radiografía|la cosecha|"
        "el tractor|el puerto|la aduana|el impuesto|el seguro|la reclamación|la garantía|la hoja de cálculo|"
        "la base de datos|el cortafuegos|el dominio|la tarea|la demo|la reunión|el proyecto|el curso|la visita"
    ).split("|"),
}
_ADJECTIVES = {
    "en": (
        "new final updated signed quarterly annual weekly monthly first second third missing broken internal external "
        "temporary revised printed old large small spare blue green red white yellow main shared open overdue late "
        "urgent "
        "short long free digital technical legal medical local regional official informal preliminary corrected "
        "complete "
        "partial second-hand wooden glass steel electric heavy light early remote joint optional mandatory"
    ).split(),
    "es": (
        "anual mensual semanal trimestral final actual general urgente reciente principal digital azul verde grande "
        "interior exterior parcial provisional inicial central local regional legal especial breve gris útil "
        "formal oficial"
    ).split(),
}
_TAILS = {
    "en": (
        "for {company}|for {full}|for {month}|of {date}|from {company}|about {product}|with {full}|on {date}|at {time}|"
        "in {place}|number {id}|{id}|for {n} people|of {amount}|on {weekday}|for the {noun}|about the {noun}|"
        "for project {word}|of {weekday}|for the {adj} {noun}"
    ).split("|"),
    "es": (
        "para {company}|de {full}|de {month}|de {date}|con {full}|sobre {product}|a las {time}|en {place}|número "
        "{id}|{id}|"
        "para {n} personas|de {amount}|para {noun}|sobre {noun}|para el proyecto {word}|de {company}|por {amount}"
    ).split("|"),
}
_VERBS = {
    "en": (
        "send check review sign confirm return update cancel move book order pay print repair replace prepare approve "
        "share upload forward correct finish bring collect deliver open close install test deploy translate archive "
        "delete rename measure paint clean water feed pack label scan copy publish record edit submit renew extend"
    ).split(),
    "es": (
        "enviar revisar firmar confirmar devolver actualizar cancelar mover reservar pedir pagar imprimir reparar "
        "cambiar preparar aprobar compartir subir reenviar corregir terminar traer recoger entregar abrir cerrar "
        "instalar "
        "probar archivar borrar medir pintar limpiar regar embalar copiar publicar grabar presentar renovar ampliar"
    ).split(),
}
_PREDICATES = {
    "en": (
        "is ready|is late|is on {date}|moves to {date}|has moved to {date}|starts at {time}|costs {amount}|is in "
        "{place}|"
        "has been approved|has been cancelled|was paid on {date}|arrives on {date}|is delayed until {date}|is now "
        "{amount}|"
        "will be closed on {date}|needs {n} more days|is still missing|has a mistake on page {n}|is attached|is "
        "{pct} done|"
        "goes to {full}|must reach {company} by {date}|takes {n} minutes|weighs {n} kg|is due on {date}|was lost|"
        "rose by {pct}|fell to {amount}|is signed by {full}|is out of stock|lasts until {time}|begins in {month}|"
        "was shipped on {date}|is extended to {date}|expires on {date}|has {n} places left|was returned|arrived broken|"
        "was sent on {date}|moves to {weekday} at {time}|moves to {weekday}|is moved to {weekday}|is on {weekday} at {time}|"
        "is open until {time}|is {amount}|is not working|works again|is full|is still unpaid|was cancelled|is cancelled|"
        "starts on {weekday}|must be paid by {date}|was moved to {place}|is signed|was repaired on {date}|"
        "depends on the {noun}|is waiting for {full}|is cheaper than the {noun}|will be checked by {full}"
    ).split("|"),
    "es": (
        "está listo|llega tarde|es el {date}|pasa al {date}|se ha movido al {date}|empieza a las {time}|cuesta "
        "{amount}|"
        "está en {place}|ya está aprobado|se ha cancelado|se pagó el {date}|llega el {date}|se retrasa hasta el {date}|"
        "ahora son {amount}|estará cerrado el {date}|necesita {n} días más|sigue pendiente|tiene un error en la "
        "página {n}|"
        "va adjunto|está al {pct}|debe llegar a {company} antes del {date}|dura {n} minutos|pesa {n} kg|vence el "
        "{date}|"
        "ha subido un {pct}|ha bajado a {amount}|lleva la firma de {full}|está agotado|dura hasta las {time}|"
        "se envió el {date}|fue devuelto|pasa al {weekday} a las {time}|es el {weekday} a las {time}|será en {place}|"
        "no funciona|está lleno|llegó roto|se amplía hasta el {date}|caduca el {date}|sale el {date}|sigue sin pagar|"
        "empieza en {month}|depende de {full}|lo revisará {full}"
    ).split("|"),
}
_FREE_CLAUSES = {
    "en": (
        "we need {n} {noun}s|I will be away from {date} to {date}|we can offer {pct} off|{full} will call on {date}|"
        "we received {amount} from {company}|there are {n} seats left|I am free on {date} at {time}|we meet at "
        "{time} in {place}|"
        "I cannot come on {date}|we would like to {verb} the {noun}|{first} will {verb} the {noun}|we are moving "
        "to {place}|"
        "everyone is welcome|nobody has to pay|it takes about {n} minutes|they should call {first}|I have attached "
        "the {noun}|"
        "we have found another {adj} {noun}|it will rain|the wifi code is {id}|we expect {n} guests|I have a "
        "question about the {noun}|"
        "the next {noun} is on {date}|my number is {id}|our new address is {n} {word} Street|we had to {verb} the "
        "{adj} {noun}|"
        "I would like to {verb} the {noun} before {date}|{your} order {id} ships on {date}|we have received {your} "
        "{noun}|"
        "we will call {obj} on {date}|{you} can collect the {noun} in {place}|{your} {noun} is ready|{you} will "
        "receive {amount}|"
        "we accept {your} {adj} {noun}|{you} must {verb} the {noun}|we cannot find {your} {noun}|{your} {noun} "
        "expires on {date}|"
        "{your} number is {id}|{you} can reach us on {phone}|the phone number is {phone}|we no longer {verb} "
        "{noun}s|{company} will {verb} the {noun}"
    ).split("|"),
    "es": (
        "necesitamos {n} sillas|estaré fuera del {date} al {date}|podemos ofrecer un {pct} de descuento|{full} "
        "llamará el {date}|"
        "hemos recibido {amount} de {company}|quedan {n} plazas|estoy libre el {date} a las {time}|nos vemos a las "
        "{time} en {place}|"
        "no puedo ir el {date}|queremos {verb} {noun}|{first} va a {verb} {noun}|nos mudamos a {place}|todos son "
        "bienvenidos|"
        "nadie tiene que pagar|se tarda unos {n} minutos|adjunto {noun}|el código es {id}|esperamos {n} invitados|"
        "tengo una duda sobre {noun}|la próxima reunión es el {date}|hubo que {verb} {noun}|mi número es {id}|"
        "{su} pedido {id} llega el {date}|ya {puede} recoger {noun}|{su} cita es el {date}|hemos recibido {su} "
        "mensaje del {date}|"
        "{su} número es {id}|no {puede} {verb} {noun}|{su} plaza está confirmada|hemos aprobado {su} solicitud {id}|"
        "{company} va a {verb} {noun}|hay que {verb} {noun} antes del {date}|no hace falta {verb} {noun}|{puede} "
        "llamar al {phone}"
    ).split("|"),
}
_PLACES_ES = (
    "la sala {n}|la sala {w}|la oficina {w}|el hotel {w}|la calle {w} {n}|el café {w}|el edificio {l}|Zoom|Teams"
).split("|")
_VERB_TAILS = {
    "en": (" by {date}", " on {date}", " before {time}", " with {full}", " this week", " again", " today"),
    "es": (" antes del {date}", " el {date}", " a las {time}", " con {full}", " esta semana"),
}
_ASKED_ES = (
    "envíe revise firme confirme devuelva actualice cancele reserve pida pague imprima repare prepare apruebe comparta "
    "suba corrija traiga recoja entregue abra cierre instale archive borre limpie copie publique renueve"
).split()
_PLACEHOLDER = re.compile(r"\{[a-z]+\}")


@cache
def pool(kind: str, language: Language, split: Split) -> tuple[str, ...]:
    """Return the words of a `kind` (`noun`, `adj` or `verb`) that `split` may show."""
    words = {"noun": _NOUNS, "adj": _ADJECTIVES, "verb": _VERBS}[kind][language]
    return tuple(w for w in words if names.belongs(w, split)) or tuple(words)


def _place_es(rng: random.Random, split: Split) -> str:
    def make(r: random.Random) -> str:
        pattern = r.choice(_PLACES_ES)
        return pattern.format(n=r.randrange(1, 400), w=names.syllables(r, 2).capitalize(), l=r.choice("ABCDEFGH"))

    return names.draw(rng, split, make)


_Maker = Callable[[random.Random, Split, Language], str]
_MAKERS: dict[str, _Maker] = {
    "{first}": lambda r, s, g: names.first_name(r, s),
    "{last}": lambda r, s, g: names.last_name(r, s),
    "{full}": lambda r, s, g: names.full_name(r, s),
    "{company}": lambda r, s, g: names.company(r, s),
    "{id}": lambda r, s, g: names.reference_id(r, s),
    "{n}": lambda r, s, g: names.number(r, s),
    "{pct}": lambda r, s, g: names.percentage(r, s),
    "{amount}": lambda r, s, g: names.amount(r, s),
    "{date}": lambda r, s, g: names.date(r, s, g),
    "{weekday}": lambda r, s, g: names.weekday(r, g),
    "{month}": lambda r, s, g: names.month(r, g),
    "{time}": lambda r, s, g: names.clock_time(r, s),
    "{phone}": lambda r, s, g: names.phone(r, s),
    "{url}": lambda r, s, g: names.url(r, s),
    "{mail}": lambda r, s, g: names.email_address(r, s),
    "{place}": lambda r, s, g: _place_es(r, s) if g == "es" else names.place(r, s),
    "{product}": lambda r, s, g: names.product(r, s),
    "{word}": lambda r, s, g: names.rare_word(r, s),
    "{noun}": lambda r, s, g: r.choice(pool("noun", g, s)),
    "{adj}": lambda r, s, g: r.choice(pool("adj", g, s)),
    "{verb}": lambda r, s, g: r.choice(pool("verb", g, s)),
}
FACT_SLOTS = frozenset(
    "{first} {last} {full} {company} {id} {n} {pct} {amount} {date} {time} {phone} {url} {mail} {place} {product} "
    "{word}".split()
)


Fact = tuple[str, str]
"""A value that an answer must keep, after the slot it filled: `("{date}", "5 May")`."""


def fill(rng: random.Random, split: Split, template: str, language: Language, kept: list[Fact] | None = None) -> str:
    """Fill the slots of `template`; values that an answer must keep are added to `kept`."""

    def value(match: re.Match[str]) -> str:
        slot = match.group()
        if slot in _READER:
            return _READER[slot]
        made = _MAKERS[slot](rng, split, language)
        if kept is not None and slot in FACT_SLOTS:
            kept.append((slot, made))
        return made

    return _PLACEHOLDER.sub(value, template)


def noun(rng: random.Random, language: Language) -> str:
    """Return a noun without its article."""
    return rng.choice(_NOUNS[language]).removeprefix("el ").removeprefix("la ").removeprefix("las ")


def noun_phrase(rng: random.Random, language: Language) -> str:
    """Return the template of a noun phrase with its article, e.g. `the signed {noun} for {company}`."""
    kind = rng.random()
    adjective = kind < 0.4
    if language == "es":
        phrase = "{noun} {adj}" if adjective else "{noun}"
    else:
        article = rng.choice(("the ", "the ", "the ", "our ", "my ", "{your} ", ""))
        phrase = f"{article}{{adj}} {{noun}}" if adjective else f"{article}{{noun}}"
    if rng.random() < 0.45:
        phrase += " " + rng.choice(_TAILS[language])
    return phrase


def verb_phrase(rng: random.Random, language: Language) -> str:
    """Return the template of an infinitive without `to`, e.g. `sign the {noun} by {date}`."""
    tail = rng.choice(_VERB_TAILS[language]) if rng.random() < 0.35 else ""
    return f"{{verb}} {noun_phrase(rng, language)}{tail}"


def clause(rng: random.Random, language: Language) -> str:
    """Return the template of a whole clause, e.g. `the {noun} moves to {date}`."""
    if rng.random() < 0.4:
        return rng.choice(_FREE_CLAUSES[language])
    return f"{noun_phrase(rng, language)} {rng.choice(_PREDICATES[language])}"


def request(rng: random.Random) -> str:
    """Return the template of a Spanish request in the subjunctive, e.g. `que envíe {noun}`."""
    tail = rng.choice(_VERB_TAILS["es"]) if rng.random() < 0.35 else ""
    return f"que {rng.choice(_ASKED_ES)} {noun_phrase(rng, 'es')}{tail}"
