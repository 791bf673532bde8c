"""Facts of Spanish help pages, in the form that `support_facts_en` explains."""

FACTS_ES = """
@ return_days -
= Tiene {n7-90} días para devolver un pedido.
= Puede devolver un pedido en {n7-90} días.
= Los clientes tienen {n7-90} días para devolver un artículo.
= Hay {n7-90} días para devolver un artículo.
? cuántos días tengo para devolver un pedido
? cuánto tiempo tengo para devolver un artículo
? hasta cuándo puedo devolver un pedido
? puedo devolver mi pedido
? en cuántos días puedo devolver un artículo
? cuántos días hay para devolver un pedido
@ refund_time -
= El reembolso llega en {n2-30} días.
= Hacemos el reembolso en {n2-30} días.
= El reembolso tarda {n2-30} días laborables.
= Recibe el reembolso después de {n2-30} días.
? cuándo llega el reembolso
? cuánto tarda el reembolso
? en cuántos días llega el reembolso
? cuándo recibo mi reembolso
? cuándo llega mi reembolso
? cuánto tiempo tarda el reembolso
@ delivery_time -
= La entrega tarda {n2-14} días.
= La entrega normal tarda {n2-14} días laborables.
= El plazo de entrega es de {n2-14} días.
= Para la entrega necesitamos {n2-14} días.
? cuánto tarda la entrega
? cuál es el plazo de entrega
? cuántos días tarda la entrega
? en cuántos días es la entrega
? cuánto tiempo tarda la entrega
? qué plazo de entrega hay
@ shipping_cost -
= El envío cuesta {price}.
= Los gastos de envío son {price}.
= Cobramos {price} por el envío.
= Por el envío cobramos {price}.
? cuánto cuesta el envío
? qué gastos de envío hay
? cuánto son los gastos de envío
? qué cuesta el envío
? cuánto cobran por el envío
? cuánto cuestan los gastos de envío
@ free_delivery -
= El envío es gratis a partir de {price}.
= Hay envío gratis desde {price}.
= Los pedidos de más de {price} tienen envío gratis.
= Envío gratis: desde {price}.
? desde qué importe es gratis el envío
? cuándo es gratis el envío
? hay envío gratis
? a partir de cuánto es gratis el envío
? tienen envío gratis
? desde cuánto hay envío gratis
@ countries -
= Enviamos a {country}, {country#1} y {country#2}.
= Solo enviamos a {country} y {country#1}.
= Los países a los que enviamos son {country} y {country#1}.
= Enviamos a los países {country} y {country#1}.
? a qué países envían
? a qué países enviamos
? envían a otros países
? cuáles son los países de envío
? a cuáles países envían
? qué países hay para enviar
@ payment -
= Puede pagar con {pay} o {pay#1}.
= Aceptamos {pay} y {pay#1} para pagar.
= Las formas de pagar son {pay} y {pay#1}.
= Se puede pagar con {pay}.
? cómo puedo pagar
? qué formas de pagar hay
? con qué puedo pagar
? se puede pagar con tarjeta
? cómo se puede pagar
? qué aceptan para pagar
@ cancel -
= Puede cancelar un pedido en {n2-48} horas.
= Para cancelar un pedido, escriba a {email}.
= Se puede cancelar un pedido hasta las {time}.
= Un pedido se puede cancelar en {n2-48} horas.
? cómo puedo cancelar un pedido
? hasta cuándo puedo cancelar un pedido
? puedo cancelar mi pedido
? se puede cancelar un pedido
? dónde puedo cancelar mi pedido
? quiero cancelar un pedido
@ damaged -
= Si un artículo llega dañado, envíe una foto a {email}.
= Cambiamos un artículo dañado en {n2-30} días.
= Para un artículo dañado, llame al {phone}.
= Un artículo dañado se cambia en {n2-30} días.
? mi artículo llegó dañado
? qué hago si un artículo llega dañado
? cambian un artículo dañado
? el artículo está dañado
? qué hago con un artículo dañado
? si llega dañado, qué hago
@ contact_phone -
= El teléfono de atención al cliente es el {phone}.
= Nuestro teléfono es el {phone}.
= Nos encuentra en el teléfono {phone}.
= Atención al cliente tiene el teléfono {phone}.
? cuál es su teléfono
? cuál es el teléfono de atención al cliente
? qué teléfono tienen
? tienen teléfono
? a qué teléfono puedo llamar
? en qué teléfono puedo llamar
@ contact_email -
= El correo de atención al cliente es {email}.
= Nuestro correo es {email}.
= Escriba al correo {email}.
= Atención al cliente tiene el correo {email}.
? cuál es su correo
? cuál es el correo de atención al cliente
? a qué correo puedo escribir
? qué correo tienen
? tienen un correo
? a qué correo escribo
@ answer_time -
= Respondemos en {n2-72} horas.
= Respondemos a los mensajes en {n2-72} horas.
= Respondemos después de {n2-10} días.
= Respondemos siempre en {n2-72} horas.
? en cuántas horas respondemos
? cuándo responden
? cuánto tardan en responder
? en cuánto tiempo responden a los mensajes
? cuándo responden a mi mensaje
? cuántas horas tardan en responder
@ gift_cards -
= Una tarjeta regalo vale {n2-10} años.
= Hay tarjetas regalo de {n10-90} euros.
= La tarjeta regalo caduca a los {n12-60} meses.
= Su tarjeta regalo caduca en {n2-10} años.
? cuánto tiempo vale una tarjeta regalo
? hay tarjetas regalo
? cuándo caduca la tarjeta regalo
? cuántos años vale una tarjeta regalo
? cuándo caduca mi tarjeta regalo
? qué tarjetas regalo hay
@ points -
= Los puntos caducan a los {n6-48} meses.
= Gana {n2-9} puntos por cada euro.
= {n50-500} puntos valen {price}.
= Cada euro son {n2-9} puntos.
? cuándo caducan los puntos
? cuántos puntos gano
? cuánto valen los puntos
? qué valen mis puntos
? cuántos puntos son cada euro
? cómo gano puntos
@ password -
= Para cambiar la contraseña, pulse {button} en {setting}.
= Puede cambiar su contraseña en {word}.example.
= La contraseña se cambia en {setting}.
= Su contraseña se cambia en {setting}.
? cómo puedo cambiar la contraseña
? dónde cambio mi contraseña
? olvidé mi contraseña
? quiero cambiar mi contraseña
? dónde se cambia la contraseña
? necesito una contraseña nueva
@ complaint -
= Envíe las quejas a {email}.
= Respondemos a cada queja en {n2-20} días.
= Para una queja, llame al {phone}.
= Una queja se envía a {email}.
? dónde envío una queja
? tengo una queja
? a quién envío las quejas
? quiero enviar una queja
? a dónde envío mi queja
? cómo envío una queja
@ warranty_kind K
= {s} tienen una garantía de {n2-15} años.
= La garantía de {s} es de {n2-15} años.
= Damos una garantía de {n12-90} meses para {s}.
= Para {s} hay una garantía de {n2-15} años.
? qué garantía tienen {s}
? cuánto dura la garantía de {s}
? cuántos años de garantía tienen {s}
? cuál es la garantía de {s}
? tienen garantía {s}
? qué garantía hay para {s}
@ open S
= {s} abre de {time} a {time#1}.
= El horario de {s} es de {time} a {time#1}.
= {s} abre a las {time}.
= Horario de {s}: de {time} a {time#1}.
? cuándo abre {s}
? cuál es el horario de {s}
? a qué hora abre {s}
? qué horario tiene {s}
? de qué hora a qué hora abre {s}
? qué días y horas abre {s}
@ address S
= {s} está en {street}.
= La dirección de {s} es {street}.
= Encuentra {s} en {street}.
= {s} tiene la dirección {street}.
? dónde está {s}
? cuál es la dirección de {s}
? qué dirección tiene {s}
? en qué calle está {s}
? dónde encuentro {s}
? me dice la dirección de {s}
@ warranty P
= {s} tiene una garantía de {n2-15} años.
= La garantía de {s} es de {n2-15} años.
= La garantía de {s} dura {n12-90} meses.
= Para {s} hay una garantía de {n2-15} años.
? qué garantía tiene {s}
? cuánto dura la garantía de {s}
? tiene garantía {s}
? cuántos años de garantía tiene {s}
? cuál es la garantía de {s}
? qué garantía hay para {s}
@ price P
= {s} cuesta {price}.
= El precio de {s} es {price}.
= {s} tiene un precio de {price}.
= Vendemos {s} a un precio de {price}.
? cuánto cuesta {s}
? cuál es el precio de {s}
? qué precio tiene {s}
? me dice el precio de {s}
? qué cuesta {s}
? a qué precio está {s}
@ weight P
= {s} pesa {kg}.
= El peso de {s} es {kg}.
= {s} tiene un peso de {kg}.
= Con un peso de {kg}, {s} es ligero.
? cuánto pesa {s}
? cuál es el peso de {s}
? qué peso tiene {s}
? me dice el peso de {s}
? qué pesa {s}
? pesa mucho {s}
@ colour P
= {s} está en color {colour} y {colour#1}.
= El color de {s} es {colour}.
= {s} tiene el color {colour}.
= El color de {s} puede ser {colour} o {colour#1}.
? de qué color es {s}
? en qué color está {s}
? qué color tiene {s}
? cuál es el color de {s}
? está {s} en otro color
? de qué color puede ser {s}
@ battery P
= La batería de {s} dura {n2-90} horas.
= {s} tiene una batería para {n2-90} horas.
= Con una batería, {s} dura {n2-90} horas.
= {s} dura {n2-90} horas con la batería.
? cuánto dura la batería de {s}
? qué batería tiene {s}
? cuántas horas dura la batería de {s}
? dura mucho la batería de {s}
? cómo es la batería de {s}
? qué tiempo dura la batería de {s}
@ material P
= {s} es de {material}.
= El material de {s} es {material}.
= {s} está hecho de {material}.
= Como material de {s} usamos {material}.
? de qué material es {s}
? de qué está hecho {s}
? cuál es el material de {s}
? qué material tiene {s}
? me dice el material de {s}
? con qué material está hecho {s}
@ clean P
= Para limpiar {s}, use {clean}.
= Puede limpiar {s} con {clean}.
= Se debe limpiar {s} cada {n2-12} semanas.
= Hay que limpiar {s} con {clean}.
? cómo puedo limpiar {s}
? con qué puedo limpiar {s}
? cómo se debe limpiar {s}
? cada cuánto debo limpiar {s}
? cómo hay que limpiar {s}
? qué uso para limpiar {s}
@ error P
= Si {s} muestra {err}, {fix}.
= El error {err} de {s} significa que {cause}.
= Cuando {s} muestra el error {err}, {fix}.
= Con {err}, {s} muestra que {cause}.
? {s} muestra {err}, qué hago
? qué significa el error {err} de {s}
? {s} muestra el error {err}
? qué hago con el error {err} de {s}
? qué significa {err} en {s}
? error {err} de {s}
"""
