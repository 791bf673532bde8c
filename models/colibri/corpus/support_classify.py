"""Messages of customers to be classified: what each is about, how urgent it is, and how its writer feels.

The topic is that of its core sentence. The urgency is high or low only when the message says so. The sentiment is
negative when it voices anger or disappointment, or is a complaint; positive when it praises or thanks warmly.
"""

from __future__ import annotations

import json
import random
import re
from itertools import accumulate

from models.colibri.corpus.example import Example, Message, Split
from models.colibri.corpus.support_cores import core
from models.colibri.corpus.support_facts import subject
from models.colibri.corpus.support_values import Language, pick, value, word
from models.colibri.corpus.typing_style import moved, roughen
from plugins.prompt_file import system_text
from plugins.support.layout import SENTIMENTS, TOPICS, URGENCIES, classify_input, parse_classify

_CORES_EN = {
    "billing": "i was charged {price} twice.|invoice {ref} shows the wrong amount.|my bill is too high.|my card was charged "
    "{price}.|please send me the invoice for {ref}.|can i pay by {pay}?|the payment of {price} did not go through.|why is "
    "there a fee of {price} on my bill?|i want to change my payment method.|when is my next invoice due?|my payment was "
    "charged twice.|the invoice of {price} is wrong.",
    "delivery": "where is my order {ref}?|my parcel has not arrived.|the tracking of my parcel does not work.|do you ship to "
    "{country}?|when will {s} be shipped?|the courier lost my package.|i want to change the delivery address.|can you "
    "deliver on {day}?|my delivery is late.|what is the tracking number of {ref}?|my package has not arrived.|when will my "
    "parcel be shipped?",
    "returns": "i want to return {s}.|how do i send {s} back?|i would like to exchange {s}.|please give me a return label.|i "
    "need a refund for {s}.|my refund for {ref} has not come.|can i give {s} back?|i want my money back.|{s} does not fit, "
    "i want to return it.|how long do i have to return {s}?|i would like a refund.|how do i exchange {s}?",
    "technical": "{s} shows error {err}.|{s} does not turn on.|the app crashes.|{s} keeps losing the wifi connection.|i get "
    "error {err} after the update.|the screen stays black.|the update fails.|{s} is broken.|{s} stopped working.|the "
    "website does not load.|{s} crashes after the update.|the app shows an error.",
    "account": "i cannot log in.|i forgot my password.|please change my email to {email}.|how do i delete my account?|my "
    "account is locked.|i do not get the login code.|please close my account.|how can i change my user name?|i want to "
    "update my profile.|i need a new password.|how do i reset my password?|my login does not work.",
    "product": "does {s} come in {colour}?|how heavy is {s}?|is {s} compatible with {system}?|what is {s} made of?|which size "
    "of {s} should i take?|is {s} in stock?|does {s} have a timer?|what does {s} cost?|do you sell {s}?|can {s} be used "
    "outdoors?|in which size do you sell {s}?|what colour is {s}?",
    "complaint": "your employee {person} was rude to me.|nobody answers my emails.|i want to file a complaint.|your staff "
    "ignored me.|i waited {n20-90} minutes on the hotline.|i want to complain about {person}.|i was treated badly in your "
    "shop.|i want to speak to a manager.|your agent was rude.|your support hung up on me.|i want to complain about your "
    "staff.|your employee treated me badly.",
    "other": "do you have a job for me?|i am a journalist and would like an interview.|would you sponsor our club?|can i visit "
    "your factory?|i am writing a thesis.|we would like to become a partner of yours.|i am looking for an internship.|may i "
    "use your photos?|happy new year to the team.|who designed your logo?|i am looking for a job.|may i visit your factory?",
}  # fmt: skip
_CORES_ES = {
    "billing": "me han cobrado {price} dos veces.|la factura {ref} está mal.|¿por qué hay un cargo de {price}?|necesito la "
    "factura de {ref}.|¿puedo pagar con {pay}?|el pago de {price} no funciona.|quiero cambiar mi forma de pago.|mi factura "
    "es muy alta.|me han cobrado el pago dos veces.|hay un cargo en mi factura.",
    "delivery": "¿dónde está mi pedido {ref}?|mi paquete no ha llegado.|¿cuándo envían {s}?|quiero cambiar la dirección de "
    "entrega.|¿hacen envíos a {country}?|el repartidor no vino.|¿cuál es el número de seguimiento?|la entrega va con "
    "retraso.|mi pedido no ha llegado.|¿dónde está mi paquete?",
    "returns": "quiero devolver {s}.|¿cómo devuelvo {s}?|necesito una etiqueta de devolución.|necesito el reembolso de {s}.|no "
    "me ha llegado el reembolso.|quiero que me devuelvan el dinero.|¿puedo devolver {s}?|no me queda bien, quiero "
    "devolverlo.|quiero el reembolso.|¿cómo puedo devolver {s}?",
    "technical": "{s} muestra el error {err}.|{s} no se enciende.|la aplicación se cierra.|{s} pierde la conexión wifi.|la "
    "pantalla se queda negra.|la web no funciona.|{s} está roto.|{s} dejó de funcionar.|la aplicación muestra un error.|{s} "
    "no funciona.",
    "account": "no puedo entrar en mi cuenta.|olvidé mi contraseña.|cambien mi correo a {email}.|¿cómo borro mi cuenta?|mi "
    "cuenta está bloqueada.|no recibo el código de acceso.|quiero cambiar mi perfil.|necesito una contraseña nueva.|quiero "
    "borrar mi cuenta.|mi contraseña no vale.",
    "product": "¿hay {s} en {colour}?|¿cuánto pesa {s}?|¿es {s} compatible con {system}?|¿de qué está hecho {s}?|¿qué talla de "
    "{s} hay?|¿cuánto cuesta {s}?|¿venden {s}?|¿cuánto mide {s}?|¿en qué talla venden {s}?|¿de qué color es {s}?",
    "complaint": "su empleado {person} fue grosero.|nadie contesta a mis correos.|quiero poner una queja.|me colgaron el "
    "teléfono.|en su tienda me ignoraron.|quiero quejarme de {person}.|quiero hablar con un responsable.|esperé {n20-90} "
    "minutos al teléfono.|su empleado me ignoró.|quiero poner una queja sobre un empleado.",
    "other": "¿tienen trabajo para mí?|soy periodista y quisiera una entrevista.|¿pueden patrocinar nuestro club?|¿puedo "
    "visitar su fábrica?|escribo una tesis.|busco unas prácticas.|¿puedo usar sus fotos?|feliz año a todo el equipo.|busco "
    "trabajo.|quisiera visitar su fábrica.",
}  # fmt: skip
_CORES = {
    lang: {topic: text.split("|") for topic, text in by.items()} for lang, by in (("en", _CORES_EN), ("es", _CORES_ES))
}
_URGENCY = {
    "en": {
        "high": "this is urgent.|i need this today.|please answer immediately.|it's an emergency.|asap please!|this can't wait."
        "|please hurry.|urgent!|this is an emergency, please hurry.",
        "low": "no rush.|take your time.|whenever you can.|it is not urgent.|there is no hurry.|this can wait.|no hurry, answer "
        "whenever you can.",
    },
    "es": {
        "high": "es urgente.|lo necesito hoy.|contesten de inmediato.|es una emergencia.|no puede esperar.|dense prisa.|¡urgente!|"
        "lo necesito de inmediato.",
        "low": "no hay prisa.|sin prisa.|cuando puedan.|no es urgente.|puede esperar.|no hay prisa, cuando puedan.",
    },
}  # fmt: skip
_SENTIMENT = {
    "en": {
        "negative": "i am very disappointed.|this is unacceptable.|i'm fed up.|what a terrible experience.|i am really angry.|"
        "this is ridiculous.|i am so frustrated.|worst shop ever.|i am angry, this is terrible.",
        "positive": "i love your shop.|thank you so much for your great help.|you are wonderful.|great service!|i am very happy "
        "with you.|keep up the good work.|your team is fantastic.|best shop ever.|i love your great service.",
    },
    "es": {
        "negative": "estoy muy decepcionado.|es inaceptable.|estoy harta.|qué experiencia tan mala.|estoy muy enfadado.|es "
        "ridículo.|la peor tienda.|qué mala es la tienda.",
        "positive": "me encanta su tienda.|muchas gracias por su gran ayuda.|son maravillosos.|un servicio estupendo.|estoy muy "
        "contenta.|sigan así.|su equipo es fantástico.|me encanta su servicio.",
    },
}  # fmt: skip
_GREETINGS = {
    "en": ["hello,", "hi,", "good morning,", "dear team,"],
    "es": ["hola,", "buenos días,", "estimado equipo,"],
}
_ENDINGS = {
    "en": ["regards, {person}", "{person}", "kind regards", "my order number is {ref}.", "i bought it on {date}."],
    "es": ["saludos, {person}", "{person}", "un saludo", "mi pedido es el {ref}.", "lo compré el {date}."],
}
_SLOT = re.compile(r"\{([a-z]+(?:\d+-\d+)?)(?:#\d)?\}")


def _said(rng: random.Random, split: Split, lang: Language, choices: list[str], about: str) -> str:
    return _filled(rng, split, lang, pick(rng, split, choices), about)


def _filled(rng: random.Random, split: Split, lang: Language, text: str, about: str) -> str:
    text = _SLOT.sub(lambda m: about if m.group(1) == "s" else value(rng, split, lang, m.group(1)), text)
    if lang == "es":
        text = text.replace(" de el ", " del ").replace(" a el ", " al ")
    return text


def draw_classify(rng: random.Random, split: Split) -> Example:
    """Return a message with its topic, urgency and sentiment."""
    lang: Language = "es" if rng.random() < 0.4 else "en"
    topic = rng.choice(TOPICS)
    urgency = rng.choices(URGENCIES, [3, 4, 4])[0]
    sentiment = "negative" if topic == "complaint" else rng.choices(SENTIMENTS, [3, 4, 3])[0]
    thing = subject(rng, split, lang, "P").text
    thing = rng.choice([thing, thing, re.sub(r"^the ", "my ", thing)])
    put = core(rng, split, lang, topic) if rng.random() < 0.7 else pick(rng, split, _CORES[lang][topic])
    sentences = [(_filled(rng, split, lang, put, thing), topic)]
    if urgency != "normal":
        sentences.append((_said(rng, split, lang, _URGENCY[lang][urgency].split("|"), thing), urgency))
    if sentiment != "neutral" and (topic != "complaint" or rng.random() < 0.4):
        sentences.append((_said(rng, split, lang, _SENTIMENT[lang][sentiment].split("|"), thing), sentiment))
    rng.shuffle(sentences)
    if rng.random() < 0.35:
        sentences.insert(0, (rng.choice(_GREETINGS[lang]), ""))
    if rng.random() < 0.25:
        sentences.append((_said(rng, split, lang, _ENDINGS[lang], word(rng, split)), ""))
    capitals = rng.random() < 0.6
    parts = [_capital(s) if capitals else s for s, _ in sentences]
    clean = " ".join(parts)
    text = roughen(rng, clean, keep=(thing,))
    content = classify_input(text)
    ends = list(accumulate((len(part) + 1 for part in parts), initial=-1))[1:]
    notes = tuple(
        (content.index(text) + moved(clean, text, end) - 1, means)
        for end, (_, means) in zip(ends, sentences, strict=True)
        if means
    )
    answer = {"topic": topic, "urgency": urgency, "sentiment": sentiment}
    prompt = (Message("system", system_text("support", "classify")), Message("user", content, notes))
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
