"""What a request to draft an e-mail is made of: purposes and clauses, English and Spanish.

In a clause the part in square brackets is the short phrase that becomes the purpose when the request names no other.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.colibri.corpus.functions_values import lines_of


@dataclass(frozen=True, slots=True)
class Purpose:
    """A reason to write: `prefix` + a noun phrase is the purpose; `R` is the recipient, `P` the pronoun, `X` the phrase."""

    prefix: str
    direct: tuple[str, ...]
    infinitive: tuple[str, ...]
    phrases: tuple[str, ...]


PURPOSES_EN = (
    Purpose(
        "reminder about ",
        (
            "remind R about X",
            "send R a reminder about X",
            "reminder mail to R about X",
            "a reminder to R about X please",
        ),
        ("to remind P about X", "reminding P about X", "as a reminder about X"),
        lines_of("""
            the invoice {ref}
            the unpaid invoice {ref} over {amount}
            the meeting on {date}
            the deadline on {date}
            the {topic} at {time}
            the missing documents for {company}
            the open payment of {amount}
            the renewal of contract {ref}
            the {topic}
            the timesheets for {month}
            the expense report {ref}
        """),
    ),
    Purpose(
        "invitation to ",
        ("invite R to X", "send R an invitation to X", "invitation mail for R to X", "please invite R to X"),
        ("to invite P to X", "inviting P to X", "as an invitation to X"),
        lines_of("""
            the {topic}
            the {topic} on {date}
            the {topic} on {date} at {time}
            lunch on {date}
            a call about the {topic}
            the opening of our {city} office
            the summer party on {date}
            dinner with {company}
            an interview on {date} at {time}
            our webinar about {topic}
        """),
    ),
    Purpose(
        "thanks for ",
        ("thank R for X", "say thanks to R for X", "thank-you mail to R for X", "send R a thank you note for X"),
        ("to thank P for X", "thanking P for X", "to say thanks for X"),
        lines_of("""
            the quick delivery
            the order {ref}
            the meeting on {date}
            the help with the {topic}
            the payment of {amount}
            the invitation to {city}
            the good work on the {topic}
            the {product}
            the interview on {date}
            the feedback on the {product}
        """),
    ),
    Purpose(
        "apology for ",
        (
            "apologise to R for X",
            "say sorry to R for X",
            "send R an apology for X",
            "apologize to R for X",
            "apology mail to R for X",
        ),
        ("to apologise for X", "to apologize for X", "apologising for X", "to say sorry for X"),
        lines_of("""
            the late delivery of order {ref}
            the delay
            the wrong invoice {ref}
            the damaged {product}
            missing the meeting on {date}
            the mistake in the {topic}
            the outage on {date}
            the double charge of {amount}
            the late reply
            the confusion about {product}
        """),
    ),
    Purpose(
        "request for ",
        ("ask R for X", "request from R X", "mail R and ask for X", "can you ask R for X"),
        ("to ask for X", "asking for X", "to request X", "requesting X"),
        lines_of("""
            a quote for {n} pieces of the {product}
            the signed contract {ref}
            the invoice {ref}
            a call on {date}
            an offer for the {product}
            the price of the {product}
            an update on ticket {ref}
            a discount of {pct}
            the bank details of {company}
            two days off from {date}
            the slides of the {topic}
            feedback on the {topic}
        """),
    ),
    Purpose(
        "confirmation of ",
        ("confirm X to R", "send R a confirmation of X", "confirmation mail to R of X"),
        ("to confirm X", "confirming X", "as a confirmation of X"),
        lines_of("""
            the order {ref}
            the appointment on {date} at {time}
            the booking {ref}
            the meeting on {date}
            the delivery date {date}
            the payment of {amount}
            the new price of {amount}
            the {topic} on {date}
        """),
    ),
    Purpose(
        "cancellation of ",
        ("cancel X with R by mail", "tell R about the cancellation of X", "mail R a cancellation of X"),
        ("to cancel X", "cancelling X", "to call off X"),
        lines_of("""
            the meeting on {date}
            the order {ref}
            the subscription {ref}
            the {topic} on {date}
            the booking {ref}
            the contract with {company}
            the appointment at {time}
        """),
    ),
    Purpose(
        "complaint about ",
        ("complain to R about X", "send R a complaint about X", "complaint to R about X"),
        ("to complain about X", "complaining about X"),
        lines_of("""
            the broken {product}
            the late delivery of order {ref}
            the noise in {place}
            the wrong charge of {amount}
            the service of {company}
            invoice {ref}
        """),
    ),
    Purpose(
        "congratulations on ",
        ("congratulate R on X", "send R congratulations on X"),
        ("to congratulate P on X", "congratulating P on X"),
        lines_of("""
            the promotion
            the new job at {company}
            the launch of the {product}
            the birthday
            the successful {topic}
            the new office in {city}
        """),
    ),
)

PURPOSES_ES = (
    Purpose(
        "recordatorio de ",
        ("recuerda a R X", "envía a R un recordatorio de X", "recordatorio para R de X"),
        ("para recordarle X", "recordando X", "como recordatorio de X"),
        lines_of("""
            la factura {ref}
            la reunión del {fecha}
            el pago de {amount}
            la fecha límite del {fecha}
            la factura pendiente {ref}
            los documentos de {company}
            la cita de las {time}
        """),
    ),
    Purpose(
        "invitación a ",
        ("invita a R a X", "envía a R una invitación a X", "invitación para R a X"),
        ("para invitarle a X", "invitándole a X"),
        lines_of("""
            la reunión del {fecha}
            la presentación en {city}
            una llamada el {fecha} a las {time}
            la comida del {fecha}
            la inauguración de {company}
            el taller del {fecha}
        """),
    ),
    Purpose(
        "gracias por ",
        ("da las gracias a R por X", "agradece a R X", "correo de agradecimiento a R por X"),
        ("para darle las gracias por X", "agradeciendo X", "para agradecerle X"),
        lines_of("""
            el pedido {ref}
            la visita del {fecha}
            el pago de {amount}
            la ayuda con {product}
            la invitación a {city}
            la rápida entrega
        """),
    ),
    Purpose(
        "disculpas por ",
        ("pide disculpas a R por X", "discúlpate con R por X", "correo de disculpa a R por X"),
        ("para pedir disculpas por X", "pidiendo perdón por X", "disculpándote por X"),
        lines_of("""
            el retraso del pedido {ref}
            el error en la factura {ref}
            la avería del {fecha}
            el cobro doble de {amount}
            la demora
            no asistir a la reunión del {fecha}
        """),
    ),
    Purpose(
        "solicitud de ",
        ("pide a R X", "solicita a R X", "escribe a R y pídele X"),
        ("para pedirle X", "solicitando X", "para solicitar X"),
        lines_of("""
            un presupuesto para {n} unidades
            el contrato firmado {ref}
            la factura {ref}
            una reunión el {fecha}
            un descuento del {pct}
            los datos bancarios de {company}
        """),
    ),
    Purpose(
        "confirmación de ",
        ("confirma a R X", "envía a R la confirmación de X"),
        ("para confirmar X", "confirmando X"),
        lines_of("""
            el pedido {ref}
            la cita del {fecha} a las {time}
            la reserva {ref}
            la reunión del {fecha}
            la entrega del {fecha}
            el pago de {amount}
        """),
    ),
)

CLAUSES_EN = lines_of("""
    the [invoice {ref}] over {amount} is due on {date}
    [invoice {ref}] is overdue since {date}
    the [invoice {ref}] is still unpaid
    [order {ref}] will be delivered on {date}
    [order {ref}] was shipped on {date}
    the [order {ref}] is delayed by {n} days
    we cannot deliver the [{product}] before {date}
    the [{product}] is out of stock until {date}
    the [{product}] costs {amount} now
    the [price of the {product}] rises by {pct}
    the [meeting] moves to {date}
    the [meeting] is on {date} at {time}
    the [meeting] takes place in {place}
    we meet on {date} at {time} for the [{topic}]
    the [{topic}] is cancelled
    the [{topic}] is moved to {date}
    the [{topic}] starts at {time}
    I cannot come to the [{topic}] on {date}
    I am ill and will be back on {date}
    I will be on [holiday] from {date}
    {person} takes over my work
    {person} will join the [{topic}]
    the [office in {city}] is closed on {date}
    we accept the [offer {ref}]
    we reject the [offer {ref}]
    we need {n} more [pieces of the {product}]
    please send the [signed contract {ref}]
    he should call me at {phone}
    she can reach us at {email}
    the [contract {ref}] ends on {date}
    the [contract] will be renewed for {amount} a year
    the [ticket {ref}] is solved
    we found the fault in the [{product}]
    the [refund] of {amount} was sent on {date}
    the money will arrive within {n} days
    a discount of {pct} applies until {date}
    the [report] is ready
    the [slides] are at {url}
    the [interview] is on {date} at {time}
    the candidate {person} got the [job]
    the server will be down on {date} from {time} for [maintenance]
    the [payment of {amount}] arrived
    the [delivery] comes to {place}
    parking is free
    lunch is included
    payment is possible by card
    they should bring their badge
    nothing else changes
    an answer is needed by {date}
    the new [address] is {place}
    we are looking forward to it
    our [budget] is {amount}
    the [training] has {n} places left
    the [flight] to {city} leaves at {time}
    the [package {ref}] was returned
    the [{product}] from {company} arrived broken
    [{company}] will be our new supplier
    the [password] expires on {date}
    [the subscription {ref}] was cancelled
    the [deadline] is extended to {date}
    my train to {city} is late
    the sample was sent to {city}
    the keys are at {place}
    the [audit] by {company} starts on {date}
""")

CLAUSES_ES = lines_of("""
    la [factura {ref}] de {amount} vence el {fecha}
    la [factura {ref}] sigue pendiente
    el [pedido {ref}] llegará el {fecha}
    el [pedido {ref}] se envió el {fecha}
    el [pedido {ref}] se retrasa {n} días
    la [reunión] se mueve al {fecha}
    la [reunión] es el {fecha} a las {time}
    la [reunión] será en {place}
    no puedo ir a la [reunión] del {fecha}
    estaré de [vacaciones] desde el {fecha}
    {person} se encarga de mi trabajo
    la [oficina de {city}] cierra el {fecha}
    aceptamos la [oferta {ref}]
    necesitamos {n} unidades más del [producto {ref}]
    el [contrato {ref}] termina el {fecha}
    el [reembolso] de {amount} ya está hecho
    hay un descuento del {pct} hasta el {fecha}
    el [informe] está listo
    la [entrevista] es el {fecha} a las {time}
    el [pago de {amount}] ha llegado
    puede pagar con tarjeta
    el aparcamiento es gratuito
    necesitamos respuesta antes del {fecha}
    la nueva [dirección] es {place}
    puede llamar al {phone}
    el [precio] sube un {pct}
    [{company}] será nuestro proveedor
    el [curso] tiene {n} plazas
    el [plazo] se amplía hasta el {fecha}
    puede escribir a {email}
    la incidencia {ref} está resuelta
    el paquete {ref} fue devuelto
""")

TOPICS_EN = lines_of("""
    the {topic}
    invoice {ref}
    order {ref}
    the {product}
    the {topic} in {city}
    the contract {ref}
    the price of the {product}
    the delivery to {city}
    our visit on {date}
    the new {product}
    ticket {ref}
    the job at {company}
    the offer {ref}
    holiday from {date}
    the cooperation with {company}
    a change of address
    the delay of order {ref}
""")

TOPICS_ES = lines_of("""
    la factura {ref}
    el pedido {ref}
    la reunión del {fecha}
    el contrato {ref}
    la oferta {ref}
    la entrega en {city}
    la visita del {fecha}
    un cambio de dirección
    la colaboración con {company}
""")

ITEMS_EN = lines_of("""
    {date} at {time}
    {place}
    price {amount}
    {n} pieces
    {product}
    bring a laptop
    delivery on {date}
    contact: {person}
    discount {pct}
    order {ref}
    invoice {ref}
    payment by {date}
    reply by {date}
    phone {phone}
    starts at {time}
    call {first} before {date}
    {city} office
    total {amount}
""")

ITEMS_ES = lines_of("""
    {fecha} a las {time}
    {place}
    precio {amount}
    {n} unidades
    entrega el {fecha}
    contacto: {person}
    descuento {pct}
    pedido {ref}
    factura {ref}
    respuesta antes del {fecha}
    teléfono {phone}
    empieza a las {time}
    total {amount}
""")
