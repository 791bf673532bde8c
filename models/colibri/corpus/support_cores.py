"""Core sentences of customers' messages by topic: a beginning and an end, each of which goes with each.

Ten sentences a topic are learned by heart; some hundreds of combinations are learned by the words that decide. A
combination belongs to one split by its checksum, so that the held-out ones put known words together anew.
"""

from __future__ import annotations

import random

from models.colibri.corpus.example import Split
from models.colibri.corpus.support_values import Language, held

Halves = tuple[tuple[str, ...], tuple[str, ...]]


def _halves(text: str) -> list[Halves]:
    lines = [line.split(" + ") for line in text.strip().splitlines()]
    return [(tuple(a.split("|")), tuple(b.split("|"))) for a, b in lines]


_CORES: dict[Language, dict[str, list[Halves]]] = {
    "en": {
        "billing": _halves("""
the invoice {ref}|my last invoice|my bill|the invoice you sent me|your invoice + is wrong.|is too high.|shows the wrong amount.|has a mistake.|lists a fee that i do not know.
the payment of {price}|my payment|the charge of {price}|my card + was charged twice.|did not go through.|was declined.|was charged again.|was charged by mistake.
can you send me|i need|please send me|where do i find|i did not get + the invoice for {ref}.|a copy of my invoice.|a receipt for my payment.|the bill for this month.
how do i change|i want to change|can i still change|where do i change + my payment method.|my credit card.|my billing address.|my bank details.
can i pay|is it possible to pay|i would like to pay + by {pay}?|the invoice later?|my bill in instalments?|the amount by {pay}?"""),
        "delivery": _halves("""
my order {ref}|my parcel|the package|my delivery|the shipment + has not arrived.|is late.|is lost.|is delayed.|went to the wrong address.|was left outside.|never came.
where is|when will you ship|when do you deliver|has the courier got|can you track + my order {ref}?|my parcel?|my package?|the delivery?|my shipment?
the courier|your driver|the delivery van + did not come.|lost my package.|did not ring the bell.|left my parcel in the rain.
can you deliver|do you ship|do you deliver|is delivery possible + to {country}?|on {day}?|abroad?|to another address?
i want to change|please change|can i change + the delivery address.|the delivery date.|where my parcel goes."""),
        "returns": _halves("""
i want to return|i would like to send back|how do i return|how can i send back|can i give back|may i exchange|i would like to exchange + {s}.|my order {ref}.|an item.|what i bought.|{s}, it does not fit.|{s}, i do not like it.
i want|i need|please give me|i am waiting for|where is|when do i get + my refund.|a refund for {s}.|my money back.|a return label.|the refund for order {ref}.
how long do i have|is it too late|what do i have to do|is it free + to return {s}?|to send {s} back?|to exchange an item?|to get a refund?"""),
        "technical": _halves("""
{s}|the screen|the app|the website|your app|the display of {s} + does not work.|crashes.|shows error {err}.|stopped working.|freezes.|stays black.|does not start.|is broken.|does not respond.
since the update|after the update|since yesterday|after a restart + {s} crashes.|the app does not load.|i get error {err}.|{s} does not connect.|nothing works.
i cannot connect|how do i connect|i have trouble connecting + {s} to the wifi.|{s} to my phone.|{s} to {system}."""),
        "account": _halves("""
how do i change|i want to change|please change|how can i update|i cannot change|where do i change + my password.|my user name.|my profile.|my e-mail address in the account.|my login.
my account|my login|my profile|my user account + is locked.|was hacked.|does not open.|is blocked.|was deleted.
i cannot|i am not able to|why can i not + log in.|sign in.|open my account.|reset my password.|delete my account.
please|i want you to|could you + close my account.|delete my account.|unlock my account.|reset my password.|send me a new login code."""),
        "product": _halves("""
is {s}|is the {colour} model of {s} + waterproof?|in stock?|available?|compatible with {system}?|made of steel?|dishwasher safe?
how heavy|how big|how loud|how tall|how wide|how expensive + is {s}?|is your {colour} model of {s}?
which size|what colour|what material|which model|what weight + does {s} have?|of {s} do you recommend?|of {s} do you sell?
does {s}|can {s}|will {s} + come in {colour}?|have a timer?|work outdoors?|fit in a bag?|work with {system}?|need batteries?
do you sell|do you have|tell me more about|what can you say about + {s}?|{s} in {colour}?|the new model of {s}?|parts for {s}?"""),
        "complaint": _halves("""
your employee {person}|your staff|your agent|a man in your shop|your hotline|the lady on the phone + was rude to me.|ignored me.|treated me badly.|hung up on me.|laughed at me.|lied to me.|shouted at me.
i want to complain|i have to complain|i would like to complain|i must complain + about your staff.|about {person}.|about your service.|about the way i was treated.
i want to|i would like to|let me|i have to + file a complaint.|speak to a manager.|talk to your boss.|report your employee.
nobody|no one|not one of you + answers my emails.|helps me.|calls me back.|takes me seriously."""),
        "other": _halves("""
do you have|is there|i am looking for|i want to apply for + a job.|an internship.|a job for me.|a summer job.|an open position.
i am a journalist|i am a student|i am a teacher|i write a blog + and would like an interview.|and write about your company.|and have a question for a survey.|and would like to visit your factory.
may i|can i|would it be possible to + visit your factory?|use your photos?|use your logo?|link to your website?|film in your office?
would you|could you|would your company + sponsor our club?|support our school?|give a talk at our event?|become our partner?
happy new year|happy birthday|merry christmas|congratulations + to the team.|to all of you.|to your company."""),
    },
    "es": {
        "billing": _halves("""
la factura {ref}|mi última factura|mi factura|la factura que me enviaron|su factura + está mal.|es muy alta.|tiene un error.|muestra un cargo que no conozco.
el pago de {price}|mi pago|el cargo de {price}|mi tarjeta + se ha cobrado dos veces.|no funciona.|fue rechazado.|se cobró por error.
necesito|envíenme|no encuentro|no he recibido + la factura de {ref}.|una copia de mi factura.|el recibo de mi pago.|la factura del mes.
quiero cambiar|¿cómo cambio|¿dónde cambio + mi forma de pago.|mi tarjeta de crédito.|mis datos de pago.
¿puedo pagar|quisiera pagar|¿es posible pagar + con {pay}?|la factura más tarde?|a plazos?"""),
        "delivery": _halves("""
mi pedido {ref}|mi paquete|mi envío|la entrega + no ha llegado.|llega tarde.|se ha perdido.|lleva retraso.|fue a otra dirección.
¿dónde está|¿cuándo envían|¿cuándo entregan|¿cuándo llega + mi pedido {ref}?|mi paquete?|mi envío?|la entrega?
el repartidor|su transportista|el mensajero + no vino.|perdió mi paquete.|no llamó a la puerta.
¿hacen envíos|¿pueden entregar|¿entregan + a {country}?|a otra dirección?|el {day}?
quiero cambiar|cambien|¿puedo cambiar + la dirección de entrega.|la fecha de entrega.|el lugar de entrega."""),
        "returns": _halves("""
quiero devolver|quisiera devolver|¿cómo devuelvo|¿cómo puedo devolver|¿puedo devolver|quiero cambiar por otro + {s}.|mi pedido {ref}.|un artículo.|lo que compré.|{s}, no me queda bien.
quiero|necesito|espero|¿dónde está|¿cuándo recibo + mi reembolso.|el reembolso de {s}.|mi dinero.|una etiqueta de devolución.
¿cuánto tiempo tengo|¿es tarde|¿es gratis + para devolver {s}?|para devolver un artículo?|para pedir un reembolso?"""),
        "technical": _halves("""
{s}|la pantalla|la aplicación|la web|su aplicación + no funciona.|se cierra.|muestra el error {err}.|dejó de funcionar.|se queda negra.|no arranca.|no responde.
desde la actualización|tras la actualización|desde ayer + {s} se apaga.|la aplicación no carga.|sale el error {err}.|{s} no se conecta.
no puedo conectar|¿cómo conecto|no consigo conectar + {s} al wifi.|{s} a mi móvil.|{s} a {system}."""),
        "account": _halves("""
¿cómo cambio|quiero cambiar|cambien|no puedo cambiar|¿dónde cambio + mi contraseña.|mi usuario.|mi perfil.|el correo de mi cuenta.
mi cuenta|mi perfil|mi usuario + está bloqueada.|no se abre.|fue borrada.|no me deja entrar.
no puedo|no consigo|¿por qué no puedo + entrar en mi cuenta.|iniciar sesión.|abrir mi cuenta.|borrar mi cuenta.
por favor,|quiero que|¿pueden + cierren mi cuenta.|borren mi cuenta.|desbloqueen mi cuenta.|me den otra contraseña."""),
        "product": _halves("""
¿es {s}|¿está {s} + resistente al agua?|disponible?|compatible con {system}?|en {colour}?|de acero?
¿cuánto|¿cómo de grande|¿cuánto espacio + pesa {s}?|mide {s}?|ocupa {s}?|cuesta {s}?
¿qué talla|¿qué color|¿qué material|¿qué modelo + tiene {s}?|de {s} venden?|de {s} me recomiendan?
¿venden|¿tienen|¿hay|¿qué me dicen de + {s}?|{s} en {colour}?|otro modelo de {s}?|piezas para {s}?"""),
        "complaint": _halves("""
su empleado {person}|su empleada|un señor de la tienda|su personal|su agente + fue grosero.|me ignoró.|me trató mal.|me colgó el teléfono.|se rio de mí.|me mintió.
quiero quejarme|tengo que quejarme|quisiera quejarme + de su personal.|de {person}.|de su servicio.|del trato.
quiero|quisiera|déjenme + poner una queja.|hablar con un responsable.|hablar con su jefe.
nadie|ninguno de ustedes + contesta a mis correos.|me ayuda.|me devuelve la llamada."""),
        "other": _halves("""
¿tienen|busco|¿hay + trabajo.|unas prácticas.|trabajo para mí.|un puesto libre.
soy periodista|soy estudiante|soy profesora|escribo un blog + y quisiera una entrevista.|y escribo sobre su empresa.|y quisiera visitar su fábrica.
¿puedo|¿podría|¿sería posible + visitar su fábrica?|usar sus fotos?|usar su logotipo?|grabar en su oficina?
¿pueden|¿podrían + patrocinar nuestro club?|apoyar a nuestra escuela?|dar una charla?
feliz año|feliz navidad|felicidades + a todo el equipo.|a todos.|a su empresa."""),
    },
}  # fmt: skip


def core(rng: random.Random, split: Split, lang: Language, topic: str) -> str:
    """Return a sentence of the topic with its slots; one in ten combinations is for held-out draws alone."""
    while True:
        begins, ends = rng.choice(_CORES[lang][topic])
        text = f"{rng.choice(begins)} {rng.choice(ends)}"
        if held(text) == (split == "heldout"):
            break
    asks = text[0] == "¿" or (lang == "en" and text.split()[0] in _ASKS)
    return text.rstrip(".?") + "?" if asks else text


_ASKS = frozenset("how where when can may is could would why do does has what which".split())
