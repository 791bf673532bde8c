"""The shapes that the purpose of an e-mail takes, and the subject and opening sentence that each shape gives.

`{x}` is what the writer wants to say and is copied; `{obj}` is whom they write to (them, him, Ana), `{le}` its Spanish
clitic (le, les). In subjects and openings `{X}` is `{x}` with a capital.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Content = Literal["clause", "np", "vp", "question"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One shape: its purposes, the subject and the opening by tone (`*` for the tones not named).

    `mood` picks the closing line: `inform`, `request`, `thanks`, `apology`, `invite` or `chase`.
    """

    content: Content
    mood: str
    purposes: tuple[str, ...]
    subject: str
    openings: dict[str, str]
    weight: float = 1.0


def _frame(content: Content, mood: str, purposes: str, subject: str, weight: float = 1.0, **openings: str) -> Frame:
    by_tone = {"*" if tone == "other" else tone: text for tone, text in openings.items()}
    return Frame(content, mood, tuple(purposes.split("|")), subject, by_tone, weight)


_EN = (
    _frame("clause", "inform",
           "tell {obj} that {x}|let {obj} know that {x}|tell {obj} {x}|inform {obj} that {x}|say that {x}|to say "
           "that {x}|"
           "let {obj} know {x}|write to {obj} that {x}|explain that {x}|announce that {x}|tell {obj}: {x}|telling "
           "{obj} {x}|"
           "notify {obj} that {x}|mention that {x}|I want to tell {obj} that {x}|warn {obj} that {x}|to inform "
           "{obj} that {x}|"
           "say {x}|make clear that {x}|let {obj} know about this: {x}",
           "{X}", 4.0, other="I am writing to let you know that {x}.", friendly="Just a quick note to say that {x}.",
           formal="I am writing to inform you that {x}.", apologetic="I am sorry to tell you that {x}.",
           firm="Please note that {x}."),
    _frame("clause", "inform", "{x}", "{X}", 3.0, other="I am writing to let you know that {x}.",
           friendly="Just a quick note to say that {x}.", formal="I am writing to inform you that {x}.",
           apologetic="I am sorry to tell you that {x}.", firm="Please note that {x}."),
    _frame("np", "request",
           "ask for {x}|request {x}|ask {obj} for {x}|to ask for {x}|I need {x}|asking for {x}|request for {x}|"
           "we need {x} from {obj}|get {x} from {obj}|ask if we can have {x}|requesting {x}",
           "Request: {x}", 2.0, other="Could you please send me {x}?", friendly="Could you send me {x}?",
           formal="I would be grateful if you could send me {x}.",
           apologetic="I am sorry to trouble you, but could you please send me {x}?",
           firm="I must ask you to send me {x}."),
    _frame("vp", "request",
           "ask {obj} to {x}|tell {obj} to {x}|get {obj} to {x}|ask {obj} if they can {x}|ask whether {obj} could {x}|"
           "request that {obj} {x}|have {obj} {x}|asking {obj} to {x}|I need {obj} to {x}|please ask {obj} to {x}|"
           "see if {obj} can {x}",
           "Request: {x}", 2.0, other="Could you please {x}?", friendly="Could you {x}?",
           formal="I would be grateful if you could {x}.",
           apologetic="I am sorry to trouble you, but could you please {x}?", firm="I must ask you to {x}."),
    _frame("question", "request",
           "ask {x}|ask {obj} {x}|find out {x}|to ask {x}|I want to know {x}|asking {x}|we would like to know {x}|"
           "check with {obj} {x}",
           "Question: {x}", 1.2, other="Could you please tell me {x}?", friendly="Could you tell me {x}?",
           formal="I would be grateful if you could tell me {x}.",
           apologetic="I am sorry to trouble you, but could you please tell me {x}?", firm="I need to know {x}."),
    _frame("np", "thanks",
           "thank {obj} for {x}|thanks for {x}|say thank you for {x}|to thank {obj} for {x}|thank you for {x}|"
           "thank-you note for {x}|thanking {obj} for {x}|say thanks for {x}",
           "Thank you for {x}", 1.4, other="Thank you very much for {x}.", friendly="Thank you so much for {x}!",
           formal="I would like to thank you for {x}."),
    _frame("np", "apology",
           "apologise for {x}|apologize to {obj} for {x}|say sorry for {x}|apology for {x}|to apologise for {x}|"
           "apologies for {x}|apologize for {x}|say sorry about {x}|apologising for {x}",
           "Apologies for {x}", 1.4, other="I am sorry for {x}.", formal="Please accept my apologies for {x}.",
           apologetic="I am very sorry for {x}."),
    _frame("np", "invite",
           "invite {obj} to {x}|invitation to {x}|to invite {obj} to {x}|ask {obj} to come to {x}|inviting {obj} "
           "to {x}|"
           "ask {obj} along to {x}|an invite to {x}",
           "Invitation: {x}", 1.4, other="I would like to invite you to {x}.",
           friendly="I would love you to come to {x}!",
           formal="It is my pleasure to invite you to {x}.", firm="You are expected at {x}."),
    _frame("np", "chase",
           "remind {obj} about {x}|remind {obj} of {x}|reminder about {x}|reminder for {x}|to remind {obj} about {x}|"
           "send a reminder about {x}|reminding {obj} about {x}|chase {obj} about {x}|chase {x}",
           "Reminder: {x}", 1.6, other="This is a reminder about {x}.", friendly="Just a friendly reminder about {x}.",
           formal="I would like to remind you of {x}.", apologetic="I am sorry to remind you about {x}.",
           firm="I must remind you about {x}."),
    _frame("vp", "chase", "remind {obj} to {x}|reminder to {x}|reminding {obj} to {x}|make sure {obj} remembers to {x}",
           "Reminder: {x}", 0.8, other="Please remember to {x}.", formal="I would like to remind you to {x}.",
           firm="I must remind you to {x}."),
    _frame("clause", "chase", "remind {obj} that {x}|reminder that {x}|reminding {obj} that {x}|remind {obj} {x}",
           "Reminder: {x}", 0.8, other="This is a reminder that {x}.", friendly="Just a friendly reminder that {x}.",
           formal="I would like to remind you that {x}.", firm="I must remind you that {x}."),
    _frame("np", "inform", "confirm {x}|confirmation of {x}|to confirm {x}|confirming {x}|I want to confirm {x}",
           "Confirmation: {x}", 1.0, other="I am writing to confirm {x}.", friendly="I am happy to confirm {x}."),
    _frame("clause", "inform", "confirm that {x}|confirm to {obj} that {x}|confirming that {x}|to confirm that {x}",
           "Confirmation: {x}", 0.8, other="I am writing to confirm that {x}.",
           friendly="I am happy to confirm that {x}."),
    _frame("np", "request",
           "follow up on {x}|following up on {x}|follow-up on {x}|ask about {x}|check the status of {x}|"
           "ask for news about {x}|get an update on {x}|ask how {x} is going|enquire about {x}",
           "Follow-up: {x}", 1.6, other="Could you please give me an update on {x}?",
           friendly="Is there any news on {x}?", formal="I am writing to enquire about {x}.",
           apologetic="I am sorry to trouble you, but is there any news on {x}?", firm="I expect an update on {x}."),
    _frame("np", "apology",
           "cancellation of {x}|cancelling {x}|call off {x}|tell {obj} about the cancellation of {x}|to call off {x}",
           "Cancellation: {x}", 1.0, other="I have to cancel {x}.", friendly="I am afraid I have to cancel {x}.",
           formal="I am writing to cancel {x}.", apologetic="I am sorry, but I have to cancel {x}.",
           firm="I hereby cancel {x}."),
    _frame("np", "complaint",
           "complain about {x}|complaint about {x}|to complain about {x}|complaining about {x}|report a problem "
           "with {x}|"
           "problem with {x}",
           "Complaint: {x}", 1.2, other="I am writing to complain about {x}.",
           friendly="I am afraid there is a problem with {x}.",
           apologetic="I am sorry to say that there is a problem with {x}.", firm="I am not satisfied with {x}."),
    _frame("np", "thanks", "welcome {obj} to {x}|welcome to {x}|to welcome {obj} to {x}|welcoming {obj} to {x}",
           "Welcome to {x}", 1.0, other="Welcome to {x}.", friendly="Welcome to {x}!",
           formal="It is a pleasure to welcome you to {x}."),
    _frame("np", "thanks", "congratulate {obj} on {x}|congratulations on {x}|say congratulations on {x}|congrats on "
                           "{x}",
           "Congratulations on {x}", 0.7, other="Congratulations on {x}.", friendly="Congratulations on {x}!",
           formal="I would like to congratulate you on {x}."),
    _frame("np", "inform",
           "send {obj} {x}|offer {obj} {x}|send {x}|offer {x}|offer for {x}|give {obj} {x}|sending {x}|share {x} "
           "with {obj}",
           "{X}", 1.0, other="I am pleased to send you {x}.", friendly="Here is {x}.",
           apologetic="I am sorry for the wait; here is {x}."),
    _frame("vp", "inform",
           "{x}|I want to {x}|to {x}|I would like to {x}|we want to {x}|I have to {x}|say that I want to {x}",
           "{X}", 1.6, other="I would like to {x}.", apologetic="I am sorry, but I have to {x}.",
           firm="I intend to {x}."),
    _frame("np", "inform",
           "{x}|about {x}|something about {x}|regarding {x}|write about {x}|concerning {x}|news about {x}|re: {x}|"
           "on {x}",
           "{X}", 2.0, other="I am writing about {x}.", friendly="A quick note about {x}.",
           formal="I am writing to you regarding {x}.", apologetic="I am sorry to trouble you about {x}."),
)  # fmt: skip

_ES = (
    _frame("clause", "inform",
           "decir{le} que {x}|informar{le} de que {x}|avisar de que {x}|avisar{le} que {x}|decir que {x}|"
           "comunicar{le} que {x}|contar{le} que {x}|para decir{le} que {x}|quiero decir{le} que {x}|informar que {x}|"
           "explicar que {x}|hacer{le} saber que {x}|que {x}",
           "{X}", 4.0, other="Le escribo para comunicarle que {x}.", friendly="Te escribo para decirte que {x}.",
           formal="Me dirijo a usted para informarle de que {x}.", apologetic="Siento tener que decirle que {x}.",
           firm="Tenga en cuenta que {x}."),
    _frame("clause", "inform", "{x}", "{X}", 3.0, other="Le escribo para comunicarle que {x}.",
           friendly="Te escribo para decirte que {x}.", formal="Me dirijo a usted para informarle de que {x}.",
           apologetic="Siento tener que decirle que {x}.", firm="Tenga en cuenta que {x}."),
    _frame("np", "request",
           "pedir{le} {x}|solicitar {x}|pedir {x}|necesito {x}|pedir que me envíe {x}|solicitud de {x}|para pedir {x}|"
           "pidiendo {x}|pedir{le} que mande {x}|solicitar{le} {x}",
           "Solicitud: {x}", 2.0, other="¿Podría enviarme {x}, por favor?", friendly="¿Podrías enviarme {x}?",
           formal="Le agradecería que me enviara {x}.", apologetic="Siento molestarle, pero ¿podría enviarme {x}?",
           firm="Necesito que me envíe {x}."),
    _frame("vp", "request",
           "pedir{le} {x}|preguntar{le} si puede {x}|preguntar si podría {x}|que pueda {x}|necesito que pueda {x}|"
           "ver si puede {x}",
           "Solicitud: {x}", 1.6, other="¿Podría {x}, por favor?", friendly="¿Podrías {x}?",
           formal="Le agradecería que pudiera {x}.", apologetic="Siento molestarle, pero ¿podría {x}?",
           firm="Le pido {x}."),
    _frame("question", "request",
           "preguntar {x}|preguntar{le} {x}|saber {x}|quiero saber {x}|para preguntar {x}|necesito saber {x}|"
           "averiguar {x}",
           "Pregunta: {x}", 1.2, other="¿Podría decirme {x}, por favor?", friendly="¿Podrías decirme {x}?",
           formal="Le agradecería que me dijera {x}.", apologetic="Siento molestarle, pero ¿podría decirme {x}?",
           firm="Necesito saber {x}."),
    _frame("np", "thanks",
           "agradecer{le} {x}|dar{le} las gracias por {x}|gracias por {x}|dar las gracias por {x}|agradecer {x}|"
           "agradecimiento por {x}|para agradecer {x}",
           "Gracias por {x}", 1.4, other="Muchas gracias por {x}.", friendly="¡Muchas gracias por {x}!",
           formal="Quisiera agradecerle {x}."),
    _frame("np", "apology",
           "pedir{le} disculpas por {x}|disculparme por {x}|pedir perdón por {x}|disculpas por {x}|pedir disculpas "
           "por {x}|"
           "disculparnos por {x}",
           "Disculpas por {x}", 1.4, other="Le pido disculpas por {x}.", friendly="Te pido perdón por {x}.",
           formal="Le ruego que acepte mis disculpas por {x}.", apologetic="Siento mucho {x}."),
    _frame("np", "invite",
           "invitar{le} a {x}|invitación a {x}|invitar a {x}|para invitar{le} a {x}|invitando a {x}",
           "Invitación: {x}", 1.4, other="Me gustaría invitarle a {x}.", friendly="¡Me encantaría que vinieras a {x}!",
           formal="Tengo el placer de invitarle a {x}.", firm="Contamos con su presencia en {x}."),
    _frame("np", "chase",
           "recordar{le} {x}|recordatorio de {x}|recordar {x}|recordatorio sobre {x}|enviar un recordatorio de {x}|"
           "para recordar{le} {x}",
           "Recordatorio: {x}", 1.6, other="Le escribo para recordarle {x}.",
           friendly="Te escribo para recordarte {x}.",
           formal="Me permito recordarle {x}.", firm="Debo recordarle {x}."),
    _frame("clause", "chase", "recordar{le} que {x}|recordar que {x}|recordatorio de que {x}|acordar{le} que {x}",
           "Recordatorio: {x}", 0.8, other="Le escribo para recordarle que {x}.",
           friendly="Te escribo para recordarte que {x}.", formal="Me permito recordarle que {x}.",
           firm="Debo recordarle que {x}."),
    _frame("np", "inform", "confirmar {x}|confirmación de {x}|para confirmar {x}|confirmar{le} {x}|confirmando {x}",
           "Confirmación: {x}", 1.0, other="Le escribo para confirmarle {x}.", friendly="Te confirmo {x}.",
           formal="Me complace confirmarle {x}."),
    _frame("clause", "inform", "confirmar que {x}|confirmar{le} que {x}|confirmando que {x}",
           "Confirmación: {x}", 0.8, other="Le escribo para confirmarle que {x}.", friendly="Te confirmo que {x}.",
           formal="Me complace confirmarle que {x}."),
    _frame("np", "request",
           "preguntar por {x}|preguntar{le} por {x}|saber cómo va {x}|seguimiento de {x}|hacer seguimiento de {x}|"
           "pedir noticias sobre {x}|consultar el estado de {x}",
           "Seguimiento: {x}", 1.6, other="¿Hay novedades sobre {x}?", friendly="¿Sabes algo sobre {x}?",
           formal="Le agradecería que me informara sobre {x}.", apologetic="Siento molestarle, pero ¿hay novedades "
                                                                           "sobre {x}?",
           firm="Espero noticias suyas sobre {x}."),
    _frame("np", "apology", "cancelación de {x}|anulación de {x}|para anular {x}|cancelando {x}",
           "Cancelación: {x}", 1.0, other="Tengo que cancelar {x}.", formal="Me dirijo a usted para cancelar {x}.",
           apologetic="Lo siento, pero tengo que cancelar {x}."),
    _frame("np", "complaint",
           "quejarme por {x}|queja por {x}|reclamación por {x}|reclamar por {x}|presentar una queja por {x}|"
           "problema con {x}",
           "Reclamación: {x}", 1.2, other="Le escribo para quejarme por {x}.", friendly="Hay un problema con {x}.",
           formal="Deseo presentar una reclamación por {x}.", apologetic="Siento decirle que hay un problema con {x}."),
    _frame("np", "thanks", "dar{le} la bienvenida a {x}|bienvenida a {x}|dar la bienvenida a {x}",
           "Bienvenida a {x}", 1.0, other="Le damos la bienvenida a {x}.", friendly="¡Te damos la bienvenida a {x}!"),
    _frame("np", "thanks", "felicitar{le} por {x}|felicidades por {x}|dar la enhorabuena por {x}|enhorabuena por {x}",
           "Enhorabuena por {x}", 0.7, other="Le felicito por {x}.", friendly="¡Enhorabuena por {x}!"),
    _frame("np", "inform", "enviar{le} {x}|ofrecer{le} {x}|mandar{le} {x}|mandar {x}|ofrecer {x}",
           "{X}", 1.0, other="Le envío {x}.", friendly="Te envío {x}.", formal="Me complace enviarle {x}."),
    _frame("vp", "inform", "{x}|quiero {x}|me gustaría {x}|queremos {x}|tengo que {x}", "{X}", 1.6,
           other="Quisiera {x}.", friendly="Me gustaría {x}.", apologetic="Lo siento, pero tengo que {x}.",
           firm="Tengo la intención de {x}."),
    _frame("np", "inform", "{x}|sobre {x}|acerca de {x}|algo sobre {x}|en relación con {x}|noticias sobre {x}",
           "{X}", 2.0, other="Le escribo en relación con {x}.", friendly="Te escribo sobre {x}.",
           formal="Me dirijo a usted en relación con {x}.", apologetic="Siento molestarle por {x}."),
)  # fmt: skip

FRAMES: dict[str, tuple[Frame, ...]] = {"en": _EN, "es": _ES}
