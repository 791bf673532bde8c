"""Greetings and closings by tone and language, and the assembling of a whole e-mail."""

from __future__ import annotations

from collections.abc import Sequence

TONES = ("friendly", "formal", "neutral", "apologetic", "firm")

_GREETINGS = {
    "en": {"friendly": "Hi {},", "formal": "Dear {},", "neutral": "Hello {},", "apologetic": "Dear {},",
           "firm": "Hello {},"},
    "es": {"friendly": "Hola, {}:", "formal": "Buenos días, {}:", "neutral": "Hola, {}:",
           "apologetic": "Buenos días, {}:", "firm": "Buenos días, {}:"},
}  # fmt: skip
_NOBODY = {
    "en": {"friendly": "Hi,", "formal": "Dear Sir or Madam,", "neutral": "Hello,", "apologetic": "Hello,",
           "firm": "Hello,"},
    "es": {"friendly": "Hola:", "formal": "Buenos días:", "neutral": "Hola:", "apologetic": "Buenos días:",
           "firm": "Buenos días:"},
}  # fmt: skip
_FAREWELLS = {
    "en": {"friendly": "Best wishes,", "formal": "Yours sincerely,", "neutral": "Best regards,",
           "apologetic": "Kind regards,", "firm": "Regards,"},
    "es": {"friendly": "Un abrazo,", "formal": "Atentamente,", "neutral": "Un saludo,",
           "apologetic": "Un cordial saludo,", "firm": "Saludos,"},
}  # fmt: skip
_LAST_LINES = {
    "en": {"friendly": "Let me know if you have any questions!", "formal": "Please do not hesitate to contact me.",
           "neutral": "Please let me know if you have any questions.",
           "apologetic": "I am sorry for any inconvenience.", "firm": "I look forward to your prompt reply."},
    "es": {"friendly": "¡Aquí estoy para cualquier duda!", "formal": "Quedo a su disposición.",
           "neutral": "Quedo a la espera de noticias.", "apologetic": "Siento las molestias.",
           "firm": "Espero una pronta respuesta."},
}  # fmt: skip


def greeting(recipient: str, tone: str, language: str) -> str:
    """Return the greeting line; `recipient` is as the plugin lays it out."""
    return _GREETINGS[language][tone].format(recipient) if recipient else _NOBODY[language][tone]


def farewell(tone: str, language: str) -> str:
    """Return the closing phrase, e.g. `Best regards,`."""
    return _FAREWELLS[language][tone]


def last_line(tone: str, language: str) -> str:
    """Return the polite sentence before the closing."""
    return _LAST_LINES[language][tone]


def compose(subject: str, greeting_line: str, paragraphs: Sequence[str], closing: str, sender: str) -> str:
    """Return the whole e-mail; empty paragraphs are left out, an empty sender leaves the closing alone."""
    body = "\n\n".join(p for p in (greeting_line, *paragraphs) if p)
    return f"Subject: {subject}\n\n{body}\n\n{closing}" + (f"\n{sender}" if sender else "")
