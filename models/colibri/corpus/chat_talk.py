"""What small talk is, and what colibri says of itself in it."""

from __future__ import annotations

from dataclasses import dataclass

ABLE = {
    "en": "I can draft e-mails, write small Python functions and answer questions from your documents.",
    "es": "Puedo redactar correos, escribir pequeñas funciones de Python y responder preguntas sobre tus documentos.",
}
"""What colibri can do, as every refusal says."""

WHO = {
    "en": "I am colibri, vaiven's embedded model.",
    "es": "Soy colibri, el modelo integrado de vaiven.",
}


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Phrasings that all get one answer; both may hold `{first}`, which is then the same name."""

    language: str
    answer: str
    phrases: tuple[str, ...]
