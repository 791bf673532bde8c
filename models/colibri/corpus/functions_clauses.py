"""What e-mails shall say, English and Spanish."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

CLAUSES_EN = lines_of("""
    I am ill today
    I am ill
    I am sick and cannot come today
    I will be late tomorrow
    I will be {n} minutes late
    I cannot come tomorrow
    I am on holiday next week
    I need a day off on {date}
    I need more time
    I have a new phone number
    I am working from home today
    I quit my job
    I accept the job
    I cannot accept the offer
    I love the idea
    I lost my keys
    I have sent the documents
    I got the {product}
    we will be there at {time}
    we won the contract
    we have a new office
    we will call back tomorrow
    we moved to {place}
    we are waiting for an answer
    we do not need the {product} any more
    everything is fine
    the project is finished
    the project will take longer
    the website is down
    the heating does not work
    the budget was approved
    the price is too high
    the bill is wrong
    the car is broken
    the children are ill
    the party is at my house
    the rent will be paid on {date}
    the meeting is cancelled
    the {topic} went well
    my flight is delayed
    my daughter is ill and stays at home
    dinner is at {time}
    the invoice {ref} over {amount} is due on {date}
    invoice {ref} is overdue since {date}
    the invoice {ref} is still unpaid
    order {ref} will be delivered on {date}
    order {ref} was shipped on {date}
    the order {ref} is delayed by {n} days
    we cannot deliver the {product} before {date}
    the {product} is out of stock until {date}
    the {product} costs {amount} now
    the price of the {product} rises by {pct}
    the meeting moves to {date}
    the meeting is on {date} at {time}
    the meeting takes place in {place}
    we meet on {date} at {time} for the {topic}
    the {topic} is cancelled
    the {topic} is moved to {date}
    the {topic} starts at {time}
    I cannot come to the {topic} on {date}
    I am ill and will be back on {date}
    I will be on holiday from {date}
    {person} takes over my work
    {person} will join the {topic}
    the office in {city} is closed on {date}
    we accept the offer {ref}
    we reject the offer {ref}
    we need {n} more pieces of the {product}
    please send the signed contract {ref}
    he should call me at {phone}
    she can reach us at {email}
    the contract {ref} ends on {date}
    the contract will be renewed for {amount} a year
    the ticket {ref} is solved
    we found the fault in the {product}
    the refund of {amount} was sent on {date}
    the money will arrive within {n} days
    a discount of {pct} applies until {date}
    the report is ready
    the slides are at {url}
    the interview is on {date} at {time}
    the candidate {person} got the job
    the server will be down on {date} from {time} for maintenance
    the payment of {amount} arrived
    the delivery comes to {place}
    parking is free
    lunch is included
    payment is possible by card
    they should bring their badge
    nothing else changes
    an answer is needed by {date}
    the new address is {place}
    we are looking forward to it
    our budget is {amount}
    the training has {n} places left
    the flight to {city} leaves at {time}
    the package {ref} was returned
    the {product} from {company} arrived broken
    {company} will be our new supplier
    the password expires on {date}
    the subscription {ref} was cancelled
    the deadline is extended to {date}
    my train to {city} is late
    the sample was sent to {city}
    the keys are at {place}
    the audit by {company} starts on {date}
""")

CLAUSES_ES = lines_of("""
    hoy estoy enfermo
    hoy no puedo ir
    mañana llego tarde
    llegaré {n} minutos tarde
    estoy de vacaciones la semana que viene
    necesito un día libre
    necesito más tiempo
    tengo un nuevo teléfono
    trabajo desde casa
    acepto el trabajo
    he enviado los documentos
    llegamos a las {time}
    tenemos una nueva oficina
    la web no funciona
    la reunión se cancela
    el proyecto está terminado
    el precio es muy alto
    el coche está roto
    mi vuelo se retrasa
    la cena es a las {time}
    todo va bien
    la factura {ref} de {amount} vence el {fecha}
    la factura {ref} sigue pendiente
    el pedido {ref} llegará el {fecha}
    el pedido {ref} se envió el {fecha}
    el pedido {ref} se retrasa {n} días
    la reunión se mueve al {fecha}
    la reunión es el {fecha} a las {time}
    la reunión será en {place}
    no puedo ir a la reunión del {fecha}
    estaré de vacaciones desde el {fecha}
    {person} se encarga de mi trabajo
    la oficina de {city} cierra el {fecha}
    aceptamos la oferta {ref}
    necesitamos {n} unidades más del producto {ref}
    el contrato {ref} termina el {fecha}
    el reembolso de {amount} ya está hecho
    hay un descuento del {pct} hasta el {fecha}
    el informe está listo
    la entrevista es el {fecha} a las {time}
    el pago de {amount} ha llegado
    puede pagar con tarjeta
    el aparcamiento es gratuito
    necesitamos respuesta antes del {fecha}
    la nueva dirección es {place}
    puede llamar al {phone}
    el precio sube un {pct}
    {company} será nuestro proveedor
    el curso tiene {n} plazas
    el plazo se amplía hasta el {fecha}
    puede escribir a {email}
    la incidencia {ref} está resuelta
    el paquete {ref} fue devuelto
""")

TOPICS_EN = lines_of("""
    my application
    our project
    the party
    my holiday
    the heating
    the broken window
    the noise
    my salary
    the next steps
    the results
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
