"""Everyday situations: what people write about (clauses, noun phrases) and the points they give with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """One situation; every part is a list of templates for `email_words.fill`."""

    clauses: tuple[str, ...]
    phrases: tuple[str, ...]
    points: tuple[str, ...]


def _situation(clauses: str, phrases: str, points: str) -> Situation:
    return Situation(tuple(clauses.split("|")), tuple(phrases.split("|")), tuple(points.split("|")))


_EN = (
    _situation(  # meeting moved
        "the review moves to {date}|the meeting is now at {time}|we meet in {place} instead|the {noun} meeting is "
        "moved from {weekday} to {weekday}|the call is postponed to {date}|our meeting on {date} is cancelled|the "
        "kick-off is on {date} at {time}",
        "the new meeting time|the meeting on {date}|the {weekday} call|the change of room|the moved {noun} meeting",
        "new time {time}|new date: {date}|{place}|bring the {noun}|same room as before|the agenda stays the same|"
        "bring the slides|room {n}|let me know if {time} works|{full} joins us|the old slot is free again|we start "
        "at {time} sharp"),
    _situation(  # invoice reminder, payment
        "invoice {id} is overdue|we have not received the payment of {amount}|invoice {id} over {amount} was due "
        "on {date}|we received {amount} on {date}|the payment for invoice {id} has arrived|the invoice is {n} days "
        "late",
        "invoice {id}|the unpaid invoice|invoice {id} over {amount}|the payment of {amount}|the open balance of "
        "{amount}|{your} payment|the late payment",
        "invoice {id}|amount {amount}|due on {date}|{n} days overdue|IBAN ends in {n}|pay by {date}|the account is "
        "now settled|late fee of {pct}|reference {id}|receipt attached|bank transfer to {company}|contact {full} "
        "in accounting"),
    _situation(  # order delayed, shipped
        "{your} order {id} is delayed|order {id} has been shipped|the {product} arrives on {date}|the delivery is "
        "{n} days late|the parcel left on {date}|the {product} is out of stock until {date}|{your} order is on its "
        "way|{obj} will get the {product} on {date}",
        "order {id}|the delayed order|the delivery of the {product}|{your} order {id}|the shipment of {n} "
        "{product}s|the late delivery|the broken {product}",
        "order {id}|tracking number {id}|new delivery date {date}|carrier {company}|the supplier had a problem|{n} "
        "x {product}|delivered to {place}|arrives {weekday}|free returns within {n} days|{pct} discount on the "
        "next order|expected on {date}|signature needed"),
    _situation(  # quote, offer
        "we can deliver {n} {product}s for {amount}|the price of the {product} is {amount}|our offer is valid "
        "until {date}|we give {pct} off on {n} pieces|the total is {amount}",
        "a quote for {n} {product}s|our offer of {amount}|quote {id}|the offer for the {product}|a price for {n} "
        "{product}s|an offer for the {noun}",
        "{n} {product}s|unit price {amount}|valid until {date}|delivery in {n} days|{pct} discount|total {amount}|"
        "installation included|free shipping|quote number {id}|payment within {n} days|warranty of {n} months|"
        "prices without VAT"),
    _situation(  # information or a document
        "the {noun} from {company} is missing|we still need the {adj} {noun}|the deadline for the {noun} is {date}",
        "the signed contract|the contract for {company}|a copy of {your} passport|the sales figures for {month}|"
        "the latest price list|the tax certificate|the {adj} {noun}|access to the {noun}|the signed {noun}|{your} "
        "bank details|the floor plan of {place}",
        "needed by {date}|the contract has {n} pages|sign page {n}|send it to {mail}|PDF is fine|the auditors are "
        "waiting|scan both sides|upload it to {url}|project {word}|{full} needs it too|deadline is {date}"),
    _situation(  # thanks, welcome, congratulation
        "the {noun} was a great success|we enjoyed the {noun}|{your} help made the difference|{first} joins the "
        "team on {date}|we are happy to have {obj}",
        "the help with the {noun}|{your} help on {weekday}|the great {noun}|the flowers|{your} quick reply|the "
        "interview on {date}|the promotion|the team|{company}|the new job|{your} support|the warm welcome|the "
        "lovely dinner|organising the {noun}|coming to the {noun}",
        "the talk on {product}s was great|first day is {date}|start at {time} in {place}|{full} is the mentor|"
        "laptop is ready|customers loved it|dinner is on me|it saved us {n} hours|lunch with the team at {time}|"
        "account number {id}|see you in {month}"),
    _situation(  # apology, complaint
        "we sent the wrong {product}|we charged {amount} twice|the {noun} was broken|the {product} does not work|"
        "nobody answered for {n} days|I forgot the {noun}|we made a mistake in invoice {id}",
        "the mistake in invoice {id}|the wrong {product}|the noise in {place}|the delay|the broken {product}|the "
        "late reply|the missing {noun}|the confusion on {weekday}|our mistake|the rude {noun}|the faulty {product} "
        "from {company}|the double charge of {amount}",
        "order {id}|charged {amount} twice|replacement arrives {date}|refund of {amount}|bought on {date}|it "
        "stopped after {n} days|the box was open|I want my money back|the new invoice is {id}|a voucher of "
        "{amount}|it will not happen again|photos attached|I called {n} times"),
    _situation(  # application, appointment
        "I applied for the position of {adj} {noun} manager|{your} appointment is on {date} at {time}|the "
        "interview takes place in {place}|I sent my application on {date}|we would like to meet {obj}",
        "my application|my application for the {noun} job|{your} appointment|the appointment on {date}|the "
        "interview on {date}|the position of {noun} manager|job {id}|my application from {date}|{your} visit on "
        "{date}|{your} booking {id}",
        "{date} at {time}|with Dr {last}|{place}|bring {your} insurance card|arrive {n} minutes early|applied on "
        "{date}|reference {id}|available from {date}|{n} years of experience at {company}|call {n} to cancel|"
        "parking at {place}|please bring an ID|{n} minutes"),
    _situation(  # absence, sickness
        "I will be on holiday from {date} to {date}|I am out of the office until {date}|I am sick today|I am ill|I am ill today|I will be late "
        "tomorrow|I cannot come tomorrow|I need a day off on {date}|I am "
        "working from home on {weekday}|the office is closed on {date}|I cannot come to the {noun}|I am back on "
        "{date}",
        "my absence|my holiday in {month}|my leave from {date} to {date}|the office closure|my sick leave|the "
        "holiday shutdown|my day off on {date}",
        "{full} covers for me|back on {date}|urgent matters to {mail}|no access to e-mail|I can be reached on {n}|"
        "from {date} to {date}|{first} takes over the {noun}|doctor's note follows|the {noun} is finished|call "
        "{first} for the {noun}"),
    _situation(  # project status
        "the {noun} is {pct} done|the {noun} project is on track|we are {n} days behind|the {noun} is finished|"
        "project {word} goes live on {date}|the {noun} costs {amount} more than planned",
        "project {word}|the status of project {word}|the {noun} project|the progress on the {noun}|the launch on "
        "{date}|the weekly status|the new release|version {n} of the {noun}",
        "{pct} done|{n} open issues|budget used: {amount}|next milestone {date}|waiting for {company}|{full} tests "
        "the {noun}|design finished|no blockers|the {noun} slipped by {n} days|go-live {date}|we need {n} more "
        "people|risk: the {adj} {noun}"),
    _situation(  # event, party
        "we celebrate in {place} on {date}|the summer party is on {date}|the workshop starts at {time}|{first} "
        "turns {n}|we open our new shop on {date}|the webinar on {product}s is on {date}",
        "our summer party|the workshop on {date}|dinner on {weekday}|the opening of {place}|the team lunch|our "
        "webinar on {date}|the {noun} conference in {place}|a meeting on {date}|a call on {weekday} at {time}|the "
        "{company} open day|lunch|{first}'s birthday party",
        "{date} at {time}|{place}|food and drinks|bring a friend|RSVP by {date}|tickets cost {amount}|dress code "
        "{adj}|music by {full}|starts at {time}|register at {url}|{n} seats|vegetarian options|{full} gives a talk|"
        "parking is free"),
)  # fmt: skip

_ES = (
    _situation(
        "la reunión pasa al {date}|la reunión es ahora a las {time}|nos vemos en {place}|la revisión se mueve al "
        "{date}|la llamada se aplaza al {date}|la reunión del {date} se cancela|empezamos el {date} a las {time}",
        "la reunión del {date}|el cambio de sala|la llamada del {weekday}|la nueva hora|el cambio de fecha",
        "nueva hora {time}|nueva fecha: {date}|{place}|el orden del día no cambia|en la misma sala|sala {n}|viene "
        "{full}|hay que traer {noun}|empezamos a las {time} en punto|traer las diapositivas"),
    _situation(
        "la factura {id} está vencida|no hemos recibido el pago de {amount}|la factura {id} de {amount} venció el "
        "{date}|recibimos {amount} el {date}|ha llegado el pago de la factura {id}",
        "la factura {id}|la factura pendiente|la factura {id} de {amount}|el pago de {amount}|el saldo pendiente|"
        "{su} pago|el retraso en el pago",
        "factura {id}|importe {amount}|vence el {date}|{n} días de retraso|pagar antes del {date}|recargo del "
        "{pct}|referencia {id}|recibo adjunto|transferencia a {company}|contacto: {full}"),
    _situation(
        "{su} pedido {id} se retrasa|el pedido {id} ha salido hoy|el paquete llega el {date}|la entrega se retrasa "
        "{n} días|el pedido salió el {date}|el producto está agotado hasta el {date}|{su} pedido va en camino",
        "el pedido {id}|el retraso del pedido|la entrega del {date}|{su} pedido {id}|el envío {id}|la entrega tardía",
        "pedido {id}|número de seguimiento {id}|nueva fecha {date}|transportista {company}|el proveedor tuvo un "
        "problema|entrega en {place}|llega el {weekday}|devolución gratis en {n} días|{pct} de descuento en la "
        "próxima compra|hace falta firmar"),
    _situation(
        "podemos entregar {n} unidades por {amount}|el precio es {amount}|la oferta vale hasta el {date}|damos un "
        "{pct} de descuento por {n} unidades|el total es {amount}",
        "un presupuesto para {n} sillas|nuestra oferta de {amount}|el presupuesto {id}|la oferta para {noun}|un "
        "precio para {n} mesas",
        "{n} unidades|precio unitario {amount}|válido hasta el {date}|entrega en {n} días|{pct} de descuento|total "
        "{amount}|instalación incluida|envío gratis|presupuesto número {id}|garantía de {n} meses|precios sin IVA"),
    _situation(
        "falta {noun} de {company}|todavía necesitamos {noun}|el plazo acaba el {date}",
        "el contrato firmado|el contrato de {company}|una copia del pasaporte|las ventas de {month}|la lista de "
        "precios|el certificado fiscal|{su} número de cuenta|el plano de {place}|{noun} de {company}",
        "hace falta antes del {date}|el contrato tiene {n} páginas|firmar la página {n}|enviar a {mail}|vale en "
        "PDF|los auditores esperan|subir a {url}|proyecto {word}|{full} también lo necesita|plazo: {date}"),
    _situation(
        "el taller fue un éxito|nos gustó mucho la charla|{first} se une al equipo el {date}|{su} ayuda fue decisiva",
        "la ayuda con {noun}|{su} ayuda del {weekday}|las flores|{su} rápida respuesta|la entrevista del {date}|el "
        "ascenso|el equipo|{company}|el nuevo trabajo|{su} apoyo|la cena",
        "la charla fue estupenda|el primer día es el {date}|a las {time} en {place}|{full} será su mentor|el "
        "portátil está listo|nos ahorró {n} horas|comida con el equipo a las {time}|número de cliente {id}|hasta "
        "{month}"),
    _situation(
        "enviamos un producto equivocado|cobramos {amount} dos veces|el aparato no funciona|nadie contestó en {n} "
        "días|hay un error en la factura {id}|llegó roto",
        "el error en la factura {id}|el ruido en {place}|el retraso|el producto roto|la respuesta tardía|la "
        "confusión del {weekday}|nuestro error|el cobro doble de {amount}|el producto defectuoso de {company}",
        "pedido {id}|cobrado dos veces: {amount}|el recambio llega el {date}|devolución de {amount}|comprado el "
        "{date}|dejó de funcionar a los {n} días|la caja estaba abierta|quiero que me devuelvan el dinero|la nueva "
        "factura es {id}|un vale de {amount}|no volverá a pasar|fotos adjuntas|llamé {n} veces"),
    _situation(
        "{su} cita es el {date} a las {time}|la entrevista es en {place}|envié mi solicitud el {date}|me interesa "
        "el puesto {id}",
        "mi candidatura|mi solicitud del {date}|{su} cita|la cita del {date}|la entrevista del {date}|el puesto "
        "{id}|{su} visita del {date}|la reserva {id}",
        "{date} a las {time}|con la Dra. {last}|{place}|traer la tarjeta sanitaria|llegar {n} minutos antes|"
        "referencia {id}|disponible desde el {date}|{n} años de experiencia en {company}|para cancelar, llamar al "
        "{n}|aparcamiento en {place}"),
    _situation(
        "estaré de vacaciones del {date} al {date}|estoy fuera de la oficina hasta el {date}|hoy estoy de baja|el "
        "{weekday} trabajo desde casa|la oficina cierra el {date}|vuelvo el {date}",
        "mi ausencia|mis vacaciones de {month}|el cierre de la oficina|mi baja|mi día libre del {date}",
        "{full} me sustituye|vuelvo el {date}|lo urgente a {mail}|sin acceso al correo|del {date} al {date}|"
        "{first} se encarga de {noun}|llamar a {first} para {noun}"),
    _situation(
        "el proyecto va según lo previsto|llevamos {n} días de retraso|el proyecto {word} sale el {date}|el "
        "proyecto {word} está al {pct}|costará {amount} más de lo previsto",
        "el proyecto {word}|el estado del proyecto {word}|el avance de {noun}|el lanzamiento del {date}|la versión {n}",
        "{pct} terminado|{n} incidencias abiertas|gastado: {amount}|próximo hito: {date}|a la espera de {company}|"
        "{full} prueba {noun}|diseño terminado|sin bloqueos|hacen falta {n} personas más|riesgo: {noun}"),
    _situation(
        "celebramos en {place} el {date}|la fiesta de verano es el {date}|el taller empieza a las {time}|{first} "
        "cumple {n} años|abrimos la nueva tienda el {date}",
        "una cena el {weekday}|una fiesta en {place}|una reunión el {date}|una comida de equipo|una llamada el "
        "{weekday} a las {time}|una charla sobre {noun}|la fiesta de verano|la inauguración de {place}|la jornada "
        "de {company}",
        "{date} a las {time}|{place}|comida y bebida|confirmar antes del {date}|la entrada cuesta {amount}|música "
        "de {full}|empieza a las {time}|registro en {url}|{n} plazas|opción vegetariana|{full} da una charla|"
        "aparcamiento gratis"),
)  # fmt: skip

SITUATIONS: dict[str, tuple[Situation, ...]] = {"en": _EN, "es": _ES}
