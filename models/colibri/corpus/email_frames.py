"""The shapes that the purpose of an e-mail takes, and the one subject and opening sentence that each shape gives.

`{x}` is what the writer wants to say and is copied word for word; `{obj}` is whom they write to (them, him, Ana),
`{le}` its Spanish clitic (le, les).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Content = Literal["clause", "np", "vp", "question", "que"]
Mood = Literal["inform", "request", "thanks", "invite", "complaint"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One shape: its purposes as orders (which take a lead-in such as `I want to`) and as they are.

    `mood` is how a reader of the mail thanks for it.
    """

    content: Content
    mood: Mood
    orders: tuple[str, ...]
    others: tuple[str, ...]
    subject: str
    opening: str
    weight: float = 1.0


def _frame(
    content: Content, mood: Mood, orders: str, others: str, subject: str, opening: str, weight: float = 1.0
) -> Frame:
    plain = tuple(others.split("|")) if others else ()
    return Frame(content, mood, tuple(filter(None, orders.split("|"))), plain, subject, opening, weight)


LEADS: dict[str, tuple[str, ...]] = {
    "en": ("", "", "", "", "to ", "to ", "please ", "I want to ", "we would like to "),
    "es": ("", "", "", "", "para ", "quiero ", "por favor, ", "nos gustaría "),
}
"""What stands before an order."""
HELD_LEADS: dict[str, tuple[str, ...]] = {
    "en": ("we want to ", "I would like to ", "please, I want to "),
    "es": ("por favor, quiero ", "por favor, nos gustaría "),
}
"""The same words put together as only the held-out split shows them."""

_EN = (
    _frame("clause", "inform",
           "tell {obj} that {x}|tell {obj} that {x}|let {obj} know that {x}|inform {obj} that {x}|say that {x}|"
           "tell {obj} {x}|let {obj} know {x}|say {x}|write that {x}|notify {obj} that {x}|mention that {x}|"
           "explain that {x}|announce that {x}|warn {obj} that {x}",
           "saying that {x}|saying {x}|telling {obj} that {x}|telling {obj} {x}|that {x}",
           "Update: {x}", "I am writing to let you know that {x}.", 3.0),
    _frame("clause", "inform", "", "{x}", "Update: {x}", "I am writing to let you know that {x}.", 4.0),
    _frame("np", "request", "ask for {x}|request {x}|ask {obj} for {x}|ask {obj} for {x}",
           "request for {x}|asking for {x}|I need {x}|asking {obj} for {x}",
           "Request: {x}", "Could you please send me {x}?", 1.6),
    _frame("vp", "request", "ask {obj} to {x}|ask {obj} to {x}|tell {obj} to {x}",
           "asking {obj} to {x}|telling {obj} to {x}|I need {obj} to {x}",
           "Request: {x}", "Could you please {x}?", 1.6),
    _frame("question", "request", "ask {x}|ask {obj} {x}|ask {obj} {x}|find out {x}|know {x}", "asking {obj} {x}|asking {x}",
           "Question: {x}", "Could you please tell me {x}?", 1.2),
    _frame("np", "thanks", "thank {obj} for {x}|say thank you for {x}|say thanks for {x}",
           "thanks for {x}|thank you for {x}|thanking {obj} for {x}|thank-you note for {x}",
           "Thank you for {x}", "Thank you very much for {x}.", 1.3),
    _frame("np", "inform", "apologise for {x}|apologize for {x}|apologise to {obj} for {x}|say sorry for {x}",
           "apology for {x}|apologies for {x}|apologising for {x}",
           "Apologies for {x}", "I am sorry for {x}.", 1.3),
    _frame("np", "invite", "invite {obj} to {x}|invite {obj} to {x}", "invitation to {x}|inviting {obj} to {x}",
           "Invitation to {x}", "I would like to invite you to {x}.", 1.3),
    _frame("np", "request", "remind {obj} about {x}|send a reminder about {x}", "reminder about {x}|reminding {obj} about {x}",
           "Reminder about {x}", "This is a reminder about {x}.", 1.3),
    _frame("vp", "request", "remind {obj} to {x}|send a reminder to {x}", "reminder to {x}|reminding {obj} to {x}",
           "Reminder to {x}", "This is a reminder to {x}.", 0.9),
    _frame("clause", "inform", "remind {obj} that {x}|send a reminder that {x}", "reminder that {x}|reminding {obj} that {x}",
           "Reminder that {x}", "This is a reminder that {x}.", 0.9),
    _frame("np", "inform", "confirm {x}|confirm {x}", "confirmation of {x}|confirming {x}",
           "Confirmation: {x}", "I am writing to confirm {x}.", 0.9),
    _frame("clause", "inform", "confirm that {x}|confirm to {obj} that {x}", "confirming that {x}|confirmation that {x}",
           "Confirmation: {x}", "I am writing to confirm that {x}.", 0.9),
    _frame("np", "request", "ask about {x}|ask {obj} about {x}|follow up on {x}|ask for news about {x}",
           "follow-up on {x}|following up on {x}|asking about {x}|question about {x}",
           "Question about {x}", "Is there any news about {x}?", 1.2),
    _frame("np", "inform", "cancel {x}|call off {x}", "cancellation of {x}|cancelling {x}",
           "Cancellation: {x}", "I have to cancel {x}.", 0.9),
    _frame("np", "complaint", "complain about {x}|complain to {obj} about {x}|report a problem with {x}",
           "complaint about {x}|problem with {x}|complaining about {x}",
           "Complaint about {x}", "I am writing to complain about {x}."),
    _frame("np", "thanks", "congratulate {obj} on {x}|say congratulations on {x}",
           "congratulations on {x}|congratulating {obj} on {x}",
           "Congratulations on {x}", "Congratulations on {x}!", 0.7),
    _frame("np", "inform", "send {obj} {x}", "sending {obj} {x}",
           "Attached: {x}", "I am sending you {x}.", 0.9),
    _frame("np", "inform", "write about {x}|write to {obj} about {x}|tell {obj} about {x}|tell about {x}", "{x}|{x}|{x}|about {x}|regarding {x}|something about {x}",
           "About {x}", "I am writing about {x}.", 2.2),
)  # fmt: skip

_ES = (
    _frame("clause", "inform",
           "decir{le} que {x}|decir{le} a {obj} que {x}|informar{le} de que {x}|avisar{le} de que {x}|decir que {x}|"
           "comunicar{le} que {x}|explicar{le} que {x}|avisar de que {x}",
           "que {x}|diciendo que {x}|avisando de que {x}", "Novedad: {x}", "Escribo para informar de que {x}.", 3.0),
    _frame("clause", "inform", "", "{x}", "Novedad: {x}", "Escribo para informar de que {x}.", 4.0),
    _frame("np", "request", "pedir{le} {x}|pedir {x}|solicitar {x}|pedir{le} a {obj} {x}", "pidiendo {x}|necesito {x}|solicitud de {x}",
           "Petición: {x}", "Escribo para pedir {x}.", 1.6),
    _frame("que", "request", "pedir{le} {x}|pedir {x}|pedir{le} a {obj} {x}", "pidiendo {x}|necesito {x}",
           "Petición: {x}", "Escribo para pedir {x}.", 1.2),
    _frame("question", "request", "preguntar {x}|preguntar{le} {x}|saber {x}|preguntar{le} a {obj} {x}", "preguntando {x}",
           "Pregunta: {x}", "Me gustaría saber {x}.", 1.2),
    _frame("np", "thanks", "agradecer{le} {x}|dar{le} las gracias por {x}|dar las gracias por {x}",
           "gracias por {x}|agradecimiento por {x}", "Gracias por {x}", "Muchas gracias por {x}.", 1.3),
    _frame("np", "inform", "pedir{le} disculpas por {x}|pedir disculpas por {x}|pedir perdón por {x}",
           "disculpas por {x}|pidiendo disculpas por {x}", "Disculpas por {x}", "Pido disculpas por {x}.", 1.3),
    _frame("np", "invite", "invitar{le} a {x}|invitar a {obj} a {x}", "invitación a {x}|invitando a {x}",
           "Invitación a {x}", "Me gustaría invitarle a {x}.", 1.3),
    _frame("np", "request", "recordar{le} {x}|recordar {x}|recordar{le} a {obj} {x}", "recordatorio de {x}|recordando {x}",
           "Recordatorio: {x}", "Escribo para recordar {x}.", 1.3),
    _frame("clause", "inform", "recordar{le} que {x}|recordar que {x}", "recordatorio de que {x}|recordando que {x}",
           "Recordatorio: {x}", "Escribo para recordar que {x}.", 0.9),
    _frame("np", "inform", "confirmar {x}|confirmar{le} {x}", "confirmación de {x}|confirmando {x}",
           "Confirmación: {x}", "Escribo para confirmar {x}.", 0.9),
    _frame("clause", "inform", "confirmar que {x}|confirmar{le} que {x}", "confirmando que {x}",
           "Confirmación: {x}", "Escribo para confirmar que {x}.", 0.9),
    _frame("np", "request", "preguntar por {x}|preguntar{le} por {x}|pedir noticias sobre {x}", "preguntando por {x}",
           "Pregunta sobre {x}", "¿Hay novedades sobre {x}?", 1.2),
    _frame("np", "inform", "cancelar {x}|anular {x}", "cancelación de {x}|cancelando {x}",
           "Cancelación: {x}", "Tengo que cancelar {x}.", 0.9),
    _frame("np", "complaint", "quejarme por {x}|presentar una queja por {x}", "queja por {x}|reclamación por {x}|problema con {x}",
           "Queja por {x}", "Escribo para quejarme por {x}."),
    _frame("np", "inform", "enviar{le} {x}|mandar{le} {x}|enviar{le} a {obj} {x}", "enviando {x}",
           "Adjunto: {x}", "Le envío {x}.", 0.9),
    _frame("np", "inform", "escribir sobre {x}", "{x}|{x}|sobre {x}|acerca de {x}|algo sobre {x}",
           "Sobre {x}", "Escribo sobre {x}.", 2.2),
)  # fmt: skip

FRAMES: dict[str, tuple[Frame, ...]] = {"en": _EN, "es": _ES}
