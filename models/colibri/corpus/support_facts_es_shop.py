"""What Spanish support documents say of shops and firms; the form is that of `support_facts_en_shop`."""

FACTS_ES_SHOP = """
@warranty PC
- Garantía | {n2-12} años
= {s} tiene una garantía de {n2-12} años.
= La garantía de {s} dura {n6-72} meses desde la compra.
= La garantía cubre {s} durante {n2-12} años.
= Garantizamos {s} durante {n6-72} meses.
= Ofrecemos {n2-12} años de garantía para {s}.
? ¿cuánto dura la garantía de {s}
? ¿cuántos años de garantía tiene {s}
? ¿qué garantía tiene {s}
? garantía de {s}
? si se rompe {s}, ¿cuánto tiempo lo cubre la garantía
? ¿hasta cuándo tengo garantía con {s}

@returns C
- Devoluciones | en {n7-99} días
= {s} acepta devoluciones durante {n7-99} días.
= Tiene {n7-99} días para devolver un pedido a {s}.
= Puede devolver su compra en un plazo de {n7-99} días.
= Los artículos sin usar se devuelven a {s} en {n7-99} días.
= Si cambia de idea, {s} le da {n7-99} días para la devolución.
? ¿cuánto tiempo tengo para devolverlo
? ¿cuántos días tengo para devolver un pedido a {s}
? ¿cuál es el plazo de devolución de {s}
? ¿hasta cuándo puedo devolver algo a {s}
? no me gusta, ¿en cuántos días lo puedo devolver
? plazo para devolver a {s}

@refund C
- Reembolso | {n2-30} días
= {s} devuelve el dinero en {n2-30} días.
= El reembolso de {s} tarda {n2-30} días hábiles.
= Recibirá el reembolso {n2-30} días después de la devolución.
= {s} hace el reembolso en {n2-30} días.
? ¿cuánto tarda el reembolso
? ¿cuándo me devuelve el dinero {s}
? ¿en cuántos días recibo el reembolso de {s}
? ¿cuándo tendré mi dinero de vuelta
? reembolso de {s}, ¿cuánto tarda

@shiptime C ship
- Plazo de entrega | {n2-21} días
= {s} entrega los pedidos en {n2-21} días.
= Los pedidos de {s} llegan en {n2-21} días hábiles.
= El envío tarda {n2-21} días.
= Con {s}, la entrega tarda {n2-21} días laborables.
= Su paquete de {s} estará en casa en {n2-21} días.
? ¿cuánto tarda el envío
? ¿cuándo llega mi pedido de {s}
? ¿en cuántos días entrega {s}
? ¿cuál es el plazo de entrega de {s}
? tiempo de envío de {s}
? ¿cuándo recibo mi paquete

@shipprice C
- Gastos de envío | {price}
= {s} cobra {price} por el envío.
= El envío con {s} cuesta {price}.
= Los gastos de envío son {price}.
= La entrega de {s} tiene un coste de {price}.
? ¿cuánto cuesta el envío
? ¿cuánto cobra {s} por la entrega
? ¿qué gastos de envío tiene {s}
? ¿cuánto pago por el envío con {s}
? precio del envío de {s}

@freeship C
- Envío gratis | desde {price}
= {s} envía gratis los pedidos de más de {price}.
= El envío es gratis a partir de {price}.
= Con {s} no se paga envío desde {price}.
= Los pedidos de {price} o más salen gratis con {s}.
? ¿desde qué importe es gratis el envío
? ¿cuánto tengo que gastar en {s} para no pagar envío
? ¿cuándo es gratis el envío con {s}
? envío gratuito {s}

@countries C
- Enviamos a | {country} y {country#1}
= {s} envía a {country} y {country#1}.
= Enviamos pedidos a {country}, {country#1} y {country#2}.
= Los clientes de {country} y {country#1} pueden comprar en {s}.
= {s} entrega en {country} y {country#1}.
? ¿a qué países envía {s}
? ¿a dónde hacen envíos
? países de entrega de {s}
? ¿en qué países puedo comprar en {s}

@pickup C
- Recogida | {street}
= Puede recoger su pedido de {s} en {street}.
= El punto de recogida de {s} está en {street}.
= Los paquetes se recogen en {street}.
= {s} entrega los paquetes en {street}.
? ¿dónde recojo mi pedido
? ¿dónde está el punto de recogida de {s}
? ¿en qué dirección recojo el paquete de {s}
? recogida en {s}, ¿dónde

@hours CH
- Horario | {time} a {time#1}
= {s} abre de {time} a {time#1}.
= El horario de {s} es de {time} a {time#1}.
= {s} abre a las {time} y cierra a las {time#1}.
= Puede visitar {s} entre las {time} y las {time#1}.
? ¿cuándo abre {s}
? ¿qué horario tiene {s}
? ¿a qué hora cierra {s}
? ¿a qué horas puedo ir a {s}
? horario de {s}
? ¿entre qué horas abre {s}

@closed CH
- Cerrado | {day}
= {s} cierra los {day}.
= Los {day} no abre {s}.
= {s} descansa los {day}.
= El día de descanso de {s} son los {day}.
? ¿qué día cierra {s}
? ¿qué día no abre {s}
? ¿cuándo descansa {s}
? día de cierre de {s}

@phone CA
- Teléfono | {phone}
= El teléfono de {s} es {phone}.
= Puede llamar a {s} al {phone}.
= {s} atiende llamadas en el {phone}.
= Llame a {s} al número {phone}.
? ¿cuál es el teléfono de {s}
? ¿a qué número llamo para hablar con {s}
? ¿cómo llamo a {s}
? número de teléfono de {s}
? ¿qué número tiene {s}

@email CA
- Correo | {email}
= El correo de {s} es {email}.
= Escriba a {s} a {email}.
= Puede contactar con {s} en {email}.
= {s} lee los mensajes enviados a {email}.
? ¿cuál es el correo de {s}
? ¿a qué dirección escribo a {s}
? ¿cómo mando un correo a {s}
? correo electrónico de {s}
? email de {s}

@reply CA
- Respuesta | en {n2-72} horas
= {s} responde en {n2-72} horas.
= El equipo de {s} contesta en menos de {n2-72} horas.
= {s} tarda {n2-72} horas en contestar.
= Recibirá respuesta de {s} en {n2-72} horas.
? ¿cuánto tarda en responder {s}
? ¿cuándo me contesta {s}
? ¿en cuántas horas responde {s}
? tiempo de respuesta de {s}

@discount C
- Código de descuento | {code}
= Con el código {code} tiene {pct} de descuento en {s}.
= El código {code} da un {pct} de descuento en {s}.
= Use {code} y pague un {pct} menos en {s}.
= {s} descuenta un {pct} con el código {code}.
? ¿hay un código de descuento para {s}
? ¿qué código uso en {s} para pagar menos
? código promocional de {s}
? ¿tiene {s} algún cupón

@points CA
- Puntos | {n2-90} por {price}
= {s} da {n2-90} puntos por cada {price}.
= Gana {n2-90} puntos por cada {price} en {s}.
= Por cada {price} que gasta en {s} recibe {n2-90} puntos.
= Los socios de {s} ganan {n2-90} puntos por {price}.
? ¿cuántos puntos gano en {s}
? ¿cómo funcionan los puntos de {s}
? ¿cuántos puntos da {s}
? puntos de {s}

@cancel ALC
- Preaviso | {n2-90} días
= {s} se cancela con {n2-90} días de preaviso.
= Para cancelar {s}, avise {n2-90} días antes.
= El plazo de preaviso de {s} es de {n2-90} días.
= Puede dar de baja {s} avisando con {n2-90} días.
? ¿con cuánto tiempo cancelo {s}
? ¿cuántos días antes aviso para cancelar {s}
? ¿qué preaviso tiene {s}
? quiero darme de baja de {s}, ¿con cuánta antelación
? preaviso para dejar {s}
"""
