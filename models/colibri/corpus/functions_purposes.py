"""Why people write e-mails, and how they ask for one, English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass

from models.colibri.corpus.functions_values import lines_of


@dataclass(frozen=True, slots=True)
class Purpose:
    """A reason to write: `prefix` and a phrase are the purpose.

    In requests `R` is the recipient, `P` a pronoun, `X` the phrase. `R` in a prefix is the pronoun where the request
    has one.
    """

    prefix: str
    direct: tuple[str, ...]
    infinitive: tuple[str, ...]
    phrases: tuple[str, ...]


PURPOSES_EN = (
    Purpose(
        "reminder about ",
        (
            "remind R about X",
            "remind R by mail about X",
            "send a reminder about X to R",
            "I must remind R about X",
            "send R a reminder about X",
            "reminder mail to R about X",
            "a reminder to R about X please",
        ),
        (
            "to remind P about X",
            "reminding P about X",
            "as a reminder about X",
            "and remind P about X",
            "reminding P once more about X",
            "that reminds P about X",
            "with a reminder about X",
        ),
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
        (
            "invite R to X",
            "invite R by mail to X",
            "R is invited to X, write the mail",
            "we want to invite R to X",
            "send R an invitation to X",
            "invitation mail for R to X",
            "please invite R to X",
        ),
        (
            "to invite P to X",
            "inviting P to X",
            "as an invitation to X",
            "and invite P to X",
            "that invites P to X",
            "with an invitation to X",
        ),
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
        (
            "thank R for X",
            "thanks to R for X",
            "write a thank you to R for X",
            "say thanks to R for X",
            "thank-you mail to R for X",
            "send R a thank you note for X",
        ),
        (
            "to thank P for X",
            "thanking P for X",
            "to say thanks for X",
            "and thank P for X",
            "saying thanks for X",
            "to express thanks for X",
        ),
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
            "tell R sorry for X",
            "write R an apology for X",
            "say sorry to R for X",
            "send R an apology for X",
            "apologize to R for X",
            "apology mail to R for X",
        ),
        (
            "to apologise for X",
            "to apologize for X",
            "apologising for X",
            "to say sorry for X",
        ),
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
        (
            "ask R for X",
            "request X from R",
            "ask R by e-mail for X",
            "I need X from R, write a mail",
            "request from R X",
            "mail R and ask for X",
            "can you ask R for X",
        ),
        (
            "to ask for X",
            "asking for X",
            "to request X",
            "requesting X",
            "and ask for X",
            "and request X",
            "with a request for X",
            "in which I ask for X",
        ),
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
        (
            "to confirm X",
            "confirming X",
            "as a confirmation of X",
            "and confirm X",
            "that confirms X",
            "with the confirmation of X",
        ),
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
        (
            "cancel X with R by mail",
            "write R that we cancel X",
            "call off X with R",
            "tell R about the cancellation of X",
            "mail R a cancellation of X",
        ),
        (
            "to cancel X",
            "cancelling X",
            "to call off X",
            "and cancel X",
            "that cancels X",
            "calling off X",
            "because we cancel X",
        ),
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
        (
            "complain to R about X",
            "write R a complaint about X",
            "file a complaint with R about X",
            "send R a complaint about X",
            "complaint to R about X",
        ),
        (
            "to complain about X",
            "complaining about X",
            "and complain about X",
            "with a complaint about X",
            "as a complaint about X",
        ),
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
        (
            "congratulate R on X",
            "send R congratulations on X",
            "congratulations to R on X",
            "congratulate R by mail on X",
        ),
        ("to congratulate P on X", "congratulating P on X", "and congratulate P on X", "with congratulations on X"),
        lines_of("""
            the promotion
            the new job at {company}
            the launch of the {product}
            the birthday
            the successful {topic}
            the new office in {city}
        """),
    ),
    Purpose(
        "ask R to ",
        ("ask R to X", "please ask R to X", "ask R by mail to X", "can you ask R to X"),
        (
            "to ask P to X",
            "asking P to X",
            "and ask P to X",
            "that asks P to X",
            "in which we ask P to X",
            "kindly asking P to X",
        ),
        lines_of("""
            send the signed contract {ref}
            call me at {phone}
            confirm the date {date}
            pay the invoice {ref} by {date}
            come to {place} at {time}
            send {n} more pieces of the {product}
            check the order {ref}
            prepare the {topic}
            book {place} for {date}
            return the {product} to {company}
            reply before {date}
            move the {topic} to {date}
            sign the offer {ref}
            forward the report to {person}
        """),
    ),
    Purpose(
        "ask R ",
        ("ask R X", "please ask R X", "can you ask R by mail X"),
        ("to ask P X", "asking P X", "and ask P X", "that asks P X", "wondering X"),
        lines_of("""
            whether {date} at {time} is fine
            if the {product} is still available
            when the order {ref} will arrive
            how much {n} pieces of the {product} cost
            who leads the {topic}
            where the {topic} takes place
            why the invoice {ref} is so high
            whether {person} can join the {topic}
            if we can meet on {date}
            what the {product} costs
            when {company} will pay {amount}
        """),
    ),
    Purpose(
        "remind R to ",
        ("remind R to X", "send a mail to remind R to X"),
        ("to remind P to X", "reminding P to X", "and remind P to X", "that reminds P to X"),
        lines_of("""
            pay the invoice {ref}
            bring the {product}
            sign the contract {ref} by {date}
            book the flight to {city}
            send the slides of the {topic}
            call {person} on {date}
            submit the timesheet for {month}
        """),
    ),
)

PURPOSES_ES = (
    Purpose(
        "recordatorio de ",
        (
            "recuerda a R X",
            "envía a R un recordatorio de X",
            "recordatorio para R de X",
        ),
        (
            "para recordarle X",
            "recordando X",
            "como recordatorio de X",
            "y recuérdale X",
            "que recuerde X",
            "recordándole X",
        ),
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
        ("invita a R a X", "envía a R una invitación a X", "invitación para R a X", "invítale a R a X"),
        ("para invitarle a X", "invitándole a X", "e invítale a X", "con una invitación a X"),
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
        (
            "da las gracias a R por X",
            "agradece a R X",
            "correo de agradecimiento a R por X",
        ),
        (
            "para darle las gracias por X",
            "agradeciendo X",
            "para agradecerle X",
            "y dale las gracias por X",
            "dando las gracias por X",
        ),
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
        (
            "pide disculpas a R por X",
            "discúlpate con R por X",
            "correo de disculpa a R por X",
        ),
        (
            "para pedir disculpas por X",
            "pidiendo perdón por X",
            "disculpándote por X",
            "y discúlpate por X",
            "con disculpas por X",
        ),
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
        ("pide a R X", "solicita a R X", "escribe a R y pídele X", "pídele a R X", "necesito que R envíe X"),
        ("para pedirle X", "solicitando X", "para solicitar X", "y pídele X", "pidiendo X", "pidiéndole X"),
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
        ("para confirmar X", "confirmando X", "y confirma X", "que confirme X"),
        lines_of("""
            el pedido {ref}
            la cita del {fecha} a las {time}
            la reserva {ref}
            la reunión del {fecha}
            la entrega del {fecha}
            el pago de {amount}
        """),
    ),
    Purpose(
        "preguntar ",
        (
            "pregunta a R X",
            "por favor pregunta a R X",
            "escribe a R y pregunta X",
            "pregúntale a R X",
            "pregúntale por correo a R X",
        ),
        (
            "para preguntar X",
            "preguntando X",
            "para preguntarle X",
            "y pregúntale X",
            "y pregunta X",
            "preguntándole X",
        ),
        lines_of("""
            si el {fecha} a las {time} va bien
            cuándo llega el pedido {ref}
            cuánto cuestan {n} unidades
            si podemos reunirnos el {fecha}
            quién dirige la reunión del {fecha}
            si {person} puede venir
            dónde es la presentación de {company}
        """),
    ),
)
