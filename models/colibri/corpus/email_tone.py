"""Greetings and closings by tone and language, and the assembling of a whole e-mail."""

from __future__ import annotations

from collections.abc import Sequence

TONES = ("friendly", "formal", "neutral", "apologetic", "firm")
MOODS = ("inform", "request", "thanks", "apology", "invite", "chase", "complaint")

_GREETINGS = {
    "en": {"friendly": "Hi {},", "formal": "Dear {},", "neutral": "Hello {},", "apologetic": "Dear {},",
           "firm": "Hello {},"},
    "es": {"friendly": "Hola, {}:", "formal": "Buenos días, {}:", "neutral": "Hola, {}:",
           "apologetic": "Buenos días, {}:",
           "firm": "Buenos días, {}:"},
}  # fmt: skip
_NOBODY = {
    "en": {"friendly": "Hi there,", "formal": "Dear Sir or Madam,", "neutral": "Hello,", "apologetic": "Hello,",
           "firm": "Hello,"},
    "es": {"friendly": "Hola:", "formal": "Buenos días:", "neutral": "Hola:", "apologetic": "Buenos días:",
           "firm": "Buenos días:"},
}  # fmt: skip
_FAREWELLS = {
    "en": {"friendly": "Best wishes,", "formal": "Yours sincerely,", "neutral": "Best regards,",
           "apologetic": "Kind regards,",
           "firm": "Regards,"},
    "es": {"friendly": "Un abrazo,", "formal": "Atentamente,", "neutral": "Un saludo,",
           "apologetic": "Un cordial saludo,",
           "firm": "Saludos,"},
}  # fmt: skip
_LAST_LINES = {
    "en": {
        "inform": {"friendly": "Let me know if you have any questions!",
                   "formal": "Please do not hesitate to contact me.",
                   "neutral": "Please let me know if you have any questions.",
                   "apologetic": "I am sorry for the inconvenience.", "firm": "Please take note of this."},
        "request": {"friendly": "Thanks a lot!", "formal": "Thank you in advance for your help.",
                    "neutral": "Thank you for your help.", "apologetic": "Thank you for your patience.",
                    "firm": "I expect your reply soon."},
        "thanks": {"friendly": "Talk to you soon!"},
        "apology": {"friendly": "Thanks for understanding!", "formal": "Thank you for your understanding.",
                    "neutral": "Thank you for your understanding.",
                    "apologetic": "Once again, please accept my apologies.",
                    "firm": "Thank you for your understanding."},
        "invite": {"friendly": "I hope to see you there!", "formal": "I look forward to seeing you.",
                   "neutral": "I look forward to seeing you.", "apologetic": "I look forward to seeing you.",
                   "firm": "Please confirm that you will come."},
        "chase": {"friendly": "Thanks a lot!", "formal": "Thank you for your attention.",
                  "neutral": "Thank you for taking care of it.", "apologetic": "Thank you for your understanding.",
                  "firm": "Please take care of it without delay."},
        "complaint": {"friendly": "Could you look into it?", "formal": "I would be grateful for a prompt solution.",
                      "neutral": "Please look into it.", "apologetic": "Thank you for looking into it.",
                      "firm": "I expect a solution soon."},
    },
    "es": {
        "inform": {"friendly": "¡Si tienes alguna pregunta, dímelo!", "formal": "Quedo a su disposición.",
                   "neutral": "Si tiene alguna pregunta, dígamelo.", "apologetic": "Siento las molestias.",
                   "firm": "Le ruego que lo tenga en cuenta."},
        "request": {"friendly": "¡Muchas gracias!", "formal": "Le agradezco de antemano su ayuda.",
                    "neutral": "Gracias por su ayuda.", "apologetic": "Gracias por su paciencia.",
                    "firm": "Espero su respuesta pronto."},
        "thanks": {"friendly": "¡Hasta pronto!"},
        "apology": {"friendly": "¡Gracias por entenderlo!", "formal": "Gracias por su comprensión.",
                    "neutral": "Gracias por su comprensión.", "apologetic": "De nuevo, le pido disculpas.",
                    "firm": "Gracias por su comprensión."},
        "invite": {"friendly": "¡Espero verte allí!", "formal": "Será un placer verle.", "neutral": "Espero verle.",
                   "apologetic": "Espero verle.", "firm": "Confirme su asistencia, por favor."},
        "chase": {"friendly": "¡Muchas gracias!", "formal": "Gracias por su atención.",
                  "neutral": "Gracias por ocuparse.",
                  "apologetic": "Gracias por su comprensión.", "firm": "Le ruego que se ocupe cuanto antes."},
        "complaint": {"friendly": "¿Puedes mirarlo?", "formal": "Le agradecería una pronta solución.",
                      "neutral": "Le pido que lo revise.", "apologetic": "Gracias por revisarlo.",
                      "firm": "Espero una solución pronto."},
    },
}  # fmt: skip
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Sr.", "Sra.", "Dra.", "Mr.", "Ms.", "Dr.", "Mrs.", "señor", "señora")
# Verbs that open an English imperative point, without those that are as often nouns (order, test, call, review).
_PLEASE = frozenset(
    "send bring confirm prepare collect deliver forward return sign pay print repair replace approve share upload "
    "correct finish "
    "install deploy translate archive delete rename publish edit submit renew extend let tell keep use ask join "
    "register fill "
    "choose write come arrive remember avoid attach include give make wear check cancel move read take add clean "
    "pack measure "
    "paint do be go get".split()
)


def capital(text: str) -> str:
    """Return `text` with its first character in upper case."""
    return text[:1].upper() + text[1:]


def sentence(point: str, language: str) -> str:
    """Return a point as a sentence: copied, with a capital and a full stop; English imperatives get a `Please`."""
    asks = language == "en" and point.split(" ", 1)[0].lower() in _PLEASE
    text = f"Please {point[0].lower()}{point[1:]}" if asks else capital(point)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def greeting(recipient: str, tone: str, language: str, is_person: bool = False) -> str:
    """Return the greeting line; friendly mails to a person use the first name alone, others the name as given."""
    name = recipient.strip()
    if not name:
        return _NOBODY[language][tone]
    for article in ("the ", "The ", "our ", "el ", "la ", "los ", "las "):
        name = name.removeprefix(article)
    words = name.split()
    if tone == "friendly" and is_person and len(words) > 1 and words[0] not in _TITLES:
        name = words[0]
    return _GREETINGS[language][tone].format(capital(name))


def farewell(tone: str, language: str) -> str:
    """Return the closing phrase, e.g. `Best regards,`."""
    return _FAREWELLS[language][tone]


def last_line(mood: str, tone: str, language: str) -> str:
    """Return the polite sentence before the closing, or an empty string where the mood has none."""
    return _LAST_LINES[language][mood].get(tone, "")


def compose(subject: str, greeting_line: str, paragraphs: Sequence[str], closing: str, sender: str) -> str:
    """Return the whole e-mail; empty paragraphs are left out, an empty sender leaves the closing alone."""
    body = "\n\n".join(p for p in (greeting_line, *paragraphs) if p)
    return f"Subject: {subject}\n\n{body}\n\n{closing}" + (f"\n{sender}" if sender else "")
