"""Messages of customers to be classified: what each is about, how urgent it is, and how its writer feels.

The topic is that of its core sentence. The urgency is high or low only when the message says so. The sentiment is
negative when it voices anger or disappointment, or is a complaint; positive when it praises or thanks warmly.
"""

from __future__ import annotations

import json
import random
import re

from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.support_facts import subject
from models.colibri.corpus.support_values import Language, pick, value, word
from models.colibri.corpus.typing_style import roughen
from plugins.prompt_file import system_text
from plugins.support.layout import SENTIMENTS, TOPICS, URGENCIES, classify_input, parse_classify

_CORES_EN = {
    "billing": "i was charged {price} twice on {date}.|invoice {ref} shows the wrong amount.|why is there a fee of {price} on "
    "my bill?|my card was billed {price} for {s}.|please send me the invoice for order {ref}.|can i pay by {pay}?|the "
    "payment for {ref} did not go through.|what is this charge of {price} on my statement?|i would like to change my "
    "payment method to {pay}.|the tax number on my invoice is wrong.|my bill this month is {price} instead of {price#1}.|"
    "the discount code {code} was not taken off the total.|do you offer monthly payments?|i paid {price} but the invoice "
    "is still open.|could you correct the billing address on {ref}?|you took {price} from my bank account.",
    "delivery": "where is my order {ref}?|my parcel has not arrived yet.|the tracking of {ref} has not moved since {date}.|can "
    "you deliver to {street}?|when will {s} be shipped?|the courier left my package at {street}.|i want to change the "
    "delivery address of order {ref}.|is it possible to deliver on {day}?|the parcel {ref} was sent to {city}.|my order "
    "was due on {date} and is not here.|do you ship to {country}?|the driver could not find my house.|please send {ref} by "
    "express.|what is the tracking number of my order?|the shipment of {s} is late.|half of my order is still on its way.",
    "returns": "i want to return {s}.|how do i send {s} back?|i would like to exchange {s} for another size.|please give me a "
    "return label for {ref}.|i need a refund for {s}.|the refund for {ref} has not reached me.|can i give {s} back after "
    "{n7-60} days?|i sent the item back on {date}, did you get it?|i'd like my money back for order {ref}.|{s} does not fit, "
    "i want to swap it.|how long do i have to return {s}?|where do i drop off my return?|i changed my mind about {s} and "
    "want to send it back.|do i pay for the return of {ref}?|the wrong item came, how can i exchange it?",
    "technical": "{s} shows error {err}.|{s} does not turn on.|the app crashes when i open it.|{s} keeps disconnecting from "
    "the wifi.|i get {err} after the update to {version}.|the screen of {s} stays black.|{s} makes a strange noise.|the "
    "page gives an error when i click save.|{s} no longer charges.|the update of {s} fails at {n5-99} percent.|the sync "
    "with {system} does not work.|{s} freezes after {n2-50} minutes.|the website does not load.|how do i fix {err} on {s}?|"
    "the {part} of {s} is broken.|{s} stopped working on {date}.",
    "account": "i cannot log in to my account.|i forgot my password.|please change my email to {email}.|how do i delete my "
    "account?|i want to update my phone number to {phone}.|my account is locked.|i do not receive the login code.|please "
    "close my account {ref}.|how can i change my user name?|can i add a second user to my account?|somebody else signed in "
    "to my profile.|how do i switch on two-factor login?|i want to cancel my membership.|my name is misspelled in my "
    "profile.|please merge my two accounts.|the link to reset my password has expired.",
    "product": "does {s} come in {colour}?|how heavy is {s}?|is {s} compatible with {system}?|what is {s} made of?|which size of "
    "{s} should i take?|when is {s} back in stock?|does {s} have a timer?|what is the difference between {s} and the "
    "{name}?|how long does the battery of {s} last?|do you sell a {part} for {s}?|is {s} suitable for children?|what does "
    "{s} cost?|can {s} be used outdoors?|how many people is {s} for?|is there a newer model of {s}?|does {s} work with "
    "{n5-400} volts?",
    "complaint": "your employee {person} was rude to me.|nobody has answered my {n2-9} emails.|i want to file a complaint about "
    "your service.|your support hung up on me.|i waited {n20-90} minutes on the hotline.|i wish to complain about "
    "{person}.|your staff in {city} ignored me.|i was promised a call back and nobody called.|your agent gave me false "
    "information.|this is my {n2-9}th complaint about your team.|i was treated badly in your shop in {city}.|i want to "
    "speak to a manager about how i was treated.|your chat kept me waiting for {n2-9} hours.|please put this complaint on "
    "record.|i am going to report your company.",
    "other": "do you have open positions in {city}?|i am a journalist and would like an interview.|would you sponsor our "
    "club in {city}?|can i visit your factory?|i am writing a thesis about your company.|we would like to become a partner "
    "of yours.|who designed your logo?|i'd like to offer you our services as {name}.|are you on the stock exchange?|can you "
    "give a talk at our school on {date}?|i am looking for an internship.|may i use your photos on my blog?|what music is "
    "in your advert?|happy new year to the whole team.|we are selling a building at {street}.|is {person} still working "
    "with you?",
}  # fmt: skip
_CORES_ES = {
    "billing": "me han cobrado {price} dos veces.|la factura {ref} tiene un importe equivocado.|¿por qué hay un cargo de "
    "{price} en mi factura?|me cobraron {price} por {s}.|envíenme la factura del pedido {ref}.|¿puedo pagar con {pay}?|el "
    "pago de {ref} no se ha realizado.|¿qué es este cargo de {price} en mi cuenta?|quiero cambiar mi forma de pago a "
    "{pay}.|el código {code} no se descontó del total.|¿se puede pagar a plazos?|ya pagué {price} y la factura sigue "
    "pendiente.|el NIF de mi factura está mal.",
    "delivery": "¿dónde está mi pedido {ref}?|mi paquete no ha llegado todavía.|el seguimiento de {ref} no cambia desde el "
    "{date}.|¿pueden entregar en {street}?|¿cuándo envían {s}?|el repartidor dejó mi paquete en {street}.|quiero cambiar la "
    "dirección de entrega de {ref}.|el pedido tenía que llegar el {date}.|¿hacen envíos a {country}?|el repartidor no "
    "encontró mi casa.|¿cuál es el número de seguimiento?|el envío de {s} va con retraso.",
    "returns": "quiero devolver {s}.|¿cómo devuelvo {s}?|quiero cambiar {s} por otra talla.|necesito una etiqueta de "
    "devolución para {ref}.|necesito el reembolso de {s}.|no me ha llegado el reembolso de {ref}.|envié la devolución el "
    "{date}, ¿la tienen?|quiero que me devuelvan el dinero de {ref}.|{s} no me queda bien y quiero cambiarlo.|¿cuánto "
    "tiempo tengo para devolver {s}?|llegó otro artículo, ¿cómo lo cambio?|¿pago yo la devolución de {ref}?",
    "technical": "{s} muestra el error {err}.|{s} no se enciende.|la aplicación se cierra al abrirla.|{s} pierde la conexión "
    "wifi.|sale {err} después de actualizar a {version}.|la pantalla de {s} se queda negra.|{s} hace un ruido raro.|la "
    "página da error al guardar.|{s} ya no carga.|{s} se bloquea a los {n2-50} minutos.|la web no funciona.|¿cómo arreglo "
    "{err} en {s}?|{s} dejó de funcionar el {date}.",
    "account": "no puedo entrar en mi cuenta.|olvidé mi contraseña.|cambien mi correo a {email}.|¿cómo borro mi cuenta?|quiero "
    "actualizar mi teléfono a {phone}.|mi cuenta está bloqueada.|no recibo el código de acceso.|cierren mi cuenta {ref}.|"
    "¿cómo cambio mi nombre de usuario?|¿puedo añadir otro usuario a mi cuenta?|alguien ha entrado en mi perfil.|quiero "
    "dar de baja mi suscripción.|mi nombre está mal escrito en mi perfil.",
    "product": "¿hay {s} en {colour}?|¿cuánto pesa {s}?|¿es {s} compatible con {system}?|¿de qué está hecho {s}?|¿cuándo vuelve "
    "a haber {s}?|¿qué diferencia hay entre {s} y {name}?|¿cuánto dura la batería de {s}?|¿es {s} apto para niños?|¿cuánto "
    "cuesta {s}?|¿se puede usar {s} al aire libre?|¿hay un modelo nuevo de {s}?|¿venden una {part} para {s}?",
    "complaint": "su empleado {person} fue grosero conmigo.|nadie ha contestado a mis {n2-9} correos.|quiero poner una queja "
    "sobre su servicio.|me colgaron el teléfono.|esperé {n20-90} minutos al teléfono.|quiero quejarme de {person}.|en su "
    "tienda de {city} me ignoraron.|prometieron llamarme y nadie llamó.|su agente me dio información falsa.|quiero hablar "
    "con un responsable por el trato recibido.|quiero la hoja de reclamaciones.|voy a denunciar a su empresa.",
    "other": "¿tienen puestos libres en {city}?|soy periodista y quisiera una entrevista.|¿patrocinarían nuestro club en "
    "{city}?|¿puedo visitar su fábrica?|escribo una tesis sobre su empresa.|queremos ser socios suyos.|¿quién diseñó su "
    "logotipo?|les ofrezco los servicios de {name}.|busco unas prácticas.|¿puedo usar sus fotos en mi blog?|feliz año a "
    "todo el equipo.|¿sigue {person} en la empresa?",
}  # fmt: skip
_CORES = {
    lang: {topic: text.split("|") for topic, text in by.items()} for lang, by in (("en", _CORES_EN), ("es", _CORES_ES))
}
_URGENCY = {
    "en": {
        "high": "this is urgent.|i need this today.|please answer immediately.|it's an emergency.|asap please!|i need it by "
        "tomorrow morning.|this can't wait.|please hurry.|my shop stands still because of this.|i need help right now.|"
        "we leave in {n2-9} hours and need it before.|urgent!!|the deadline is tonight.|every minute counts.",
        "low": "no rush.|take your time.|whenever you can.|it is not urgent.|there is no hurry.|just curious.|any time next "
        "month is fine.|answer when you have a moment.|this can wait.|only if you have time.|no need to reply soon.",
    },
    "es": {
        "high": "es urgente.|lo necesito hoy.|contesten de inmediato.|es una emergencia.|lo antes posible, por favor.|lo "
        "necesito mañana por la mañana.|no puede esperar.|dense prisa.|necesito ayuda ahora mismo.|¡urgente!|el plazo acaba "
        "esta noche.|cada minuto cuenta.",
        "low": "no hay prisa.|sin prisa.|cuando puedan.|no es urgente.|es solo curiosidad.|contesten cuando tengan un rato.|"
        "puede esperar.|no corre prisa.|cualquier día del mes que viene me va bien.",
    },
}  # fmt: skip
_SENTIMENT = {
    "en": {
        "negative": "i am very disappointed.|this is unacceptable.|i'm fed up.|what a terrible experience.|i am really angry.|"
        "this is ridiculous.|worst shop ever.|i am so frustrated.|it is a disgrace.|i regret buying from you.|awful.|this "
        "makes me furious.|i have lost all patience.|what a waste of money.",
        "positive": "i love your shop.|thank you so much for your great help.|you are wonderful.|great service so far!|i am very "
        "happy with {s}.|keep up the good work.|your team is fantastic.|best company ever.|thanks a million.|i really enjoy "
        "{s}.|everything was perfect last time.|i'm delighted with you.",
    },
    "es": {
        "negative": "estoy muy decepcionado.|es inaceptable.|estoy harta.|qué experiencia tan mala.|estoy muy enfadado.|es "
        "ridículo.|la peor tienda.|qué frustración.|es una vergüenza.|me arrepiento de comprar aquí.|fatal.|he perdido la "
        "paciencia.|qué manera de tirar el dinero.",
        "positive": "me encanta su tienda.|muchísimas gracias por su gran ayuda.|son maravillosos.|un servicio estupendo.|estoy "
        "muy contenta con {s}.|sigan así.|su equipo es fantástico.|la mejor empresa.|mil gracias.|disfruto mucho con {s}.|"
        "todo fue perfecto la última vez.",
    },
}  # fmt: skip
_GREETINGS = {
    "en": ["hello,", "hi,", "hi there,", "good morning,", "dear team,", "hey,", "to whom it may concern,"],
    "es": ["hola,", "buenos días,", "buenas tardes,", "estimado equipo,", "buenas,", "hola a todos,"],
}
_ENDINGS = {
    "en": [
        "regards, {person}",
        "{person}",
        "thanks, {person}",
        "kind regards",
        "my order number is {ref}.",
        "i bought it on {date}.",
    ],
    "es": [
        "saludos, {person}",
        "{person}",
        "gracias, {person}",
        "un saludo",
        "mi pedido es el {ref}.",
        "lo compré el {date}.",
    ],
}
_SLOT = re.compile(r"\{([a-z]+(?:\d+-\d+)?)(?:#\d)?\}")


def _said(rng: random.Random, split: Split, lang: Language, choices: list[str], about: str) -> str:
    text = _SLOT.sub(
        lambda m: about if m.group(1) == "s" else value(rng, split, lang, m.group(1)), pick(rng, split, choices)
    )
    if lang == "es":
        text = text.replace(" de el ", " del ").replace(" a el ", " al ")
    return text


def draw_classify(rng: random.Random, split: Split) -> Example:
    """Return a message with its topic, urgency and sentiment."""
    lang: Language = "es" if rng.random() < 0.4 else "en"
    topic = rng.choice(TOPICS)
    urgency = rng.choices(URGENCIES, [3, 4, 4])[0]
    sentiment = "negative" if topic == "complaint" else rng.choices(SENTIMENTS, [3, 4, 3])[0]
    thing = subject(rng, split, lang, rng.choice(["P", "P", "A", "F"])).text
    thing = rng.choice([thing, thing, re.sub(r"^the ", "my ", thing)])
    sentences = [_said(rng, split, lang, _CORES[lang][topic], thing)]
    if urgency != "normal":
        sentences.append(_said(rng, split, lang, _URGENCY[lang][urgency].split("|"), thing))
    if sentiment != "neutral" and (topic != "complaint" or rng.random() < 0.4):
        sentences.append(_said(rng, split, lang, _SENTIMENT[lang][sentiment].split("|"), thing))
    rng.shuffle(sentences)
    if rng.random() < 0.35:
        sentences.insert(0, rng.choice(_GREETINGS[lang]))
    if rng.random() < 0.25:
        sentences.append(_said(rng, split, lang, _ENDINGS[lang], word(rng, split)))
    capitals = rng.random() < 0.6
    parts = [_capital(s) if capitals else s for s in sentences]
    text = roughen(rng, " ".join(parts), keep=(thing,))
    answer = {"topic": topic, "urgency": urgency, "sentiment": sentiment}
    prompt = (Message("system", system_text("support", "classify")), Message("user", classify_input(text)))
    return Example("support.classify", prompt, json.dumps(answer, separators=(",", ":")), {**answer, "language": lang})


def _capital(text: str) -> str:
    return text[0] + text[1:2].upper() + text[2:] if text[0] in "¿¡" else text[0].upper() + text[1:]


def score_classify(example: Example, answer: str) -> dict[str, bool]:
    """Judge each of the three fields; an answer that is no such JSON has none right."""
    try:
        found = parse_classify(answer)
    except ValueError:
        return {"topic": False, "urgency": False, "sentiment": False}
    return {field: found[field] == example.facts[field] for field in ("topic", "urgency", "sentiment")}
