"""What Spanish support documents say of products, services, places and food; the form is that of `support_facts_en_shop`."""

FACTS_ES_PRODUCT = """
@battery P
- Batería | {n3-96} horas
= La batería de {s} dura {n3-96} horas.
= {s} funciona {n3-96} horas con una carga.
= Con la batería llena, {s} aguanta {n3-96} horas.
= {s} tiene una autonomía de {n3-96} horas.
? ¿cuánto dura la batería de {s}
? ¿cuántas horas funciona {s} sin cargar
? ¿qué autonomía tiene {s}
? batería de {s}
? ¿cuánto aguanta {s} sin enchufe

@charging P
- Carga | {n20-240} minutos
= {s} se carga en {n20-240} minutos.
= La carga de {s} tarda {n20-240} minutos.
= Cargar {s} lleva {n20-240} minutos.
= Para llenar la batería de {s} hacen falta {n20-240} minutos.
? ¿cuánto tarda en cargar {s}
? ¿en cuántos minutos se carga {s}
? tiempo de carga de {s}
? ¿cuándo acaba de cargar {s}

@capacity P
- Capacidad | {litres}
= La capacidad de {s} es de {litres}.
= En {s} caben {litres}.
= {s} tiene un depósito de {litres}.
= Puede llenar {s} con {litres}.
? ¿qué capacidad tiene {s}
? ¿cuántos litros caben en {s}
? ¿cuánto cabe en {s}
? capacidad de {s}
? ¿de cuántos litros es {s}

@size P
- Medidas | {dims}
= {s} mide {dims}.
= Las medidas de {s} son {dims}.
= El tamaño de {s} es de {dims}.
= {s} ocupa {dims}.
? ¿cuánto mide {s}
? ¿qué medidas tiene {s}
? ¿qué tamaño tiene {s}
? dimensiones de {s}
? ¿cómo es de grande {s}

@weight P
- Peso | {kg}
= {s} pesa {kg}.
= El peso de {s} es de {kg}.
= Con {kg}, {s} se lleva con facilidad.
= {s} tiene un peso de {kg}.
? ¿cuánto pesa {s}
? ¿qué peso tiene {s}
? peso de {s}
? ¿cuántos kilos pesa {s}

@material P
- Material | {material}
= {s} es de {material}.
= Hacemos {s} con {material}.
= {s} se hace con {material}.
= Para {s} usamos {material}.
? ¿de qué se hace {s}
? ¿de qué material es {s}
? ¿con qué hacen {s}
? material de {s}

@colours P
- Colores | {colour}, {colour#1}
= {s} se vende en {colour} y {colour#1}.
= {s} está disponible en {colour}, {colour#1} y {colour#2}.
= Puede elegir {s} en {colour} o {colour#1}.
= Los colores de {s} son {colour} y {colour#1}.
? ¿en qué colores hay {s}
? ¿qué colores tiene {s}
? ¿de qué color puedo comprar {s}
? colores de {s}

@cleaning P
- Limpieza | {clean}
= Limpie {s} con {clean}.
= {s} se limpia con {clean}.
= Para limpiar {s}, use {clean}.
= Recomendamos {clean} para limpiar {s}.
? ¿cómo limpio {s}
? ¿con qué se limpia {s}
? ¿qué uso para limpiar {s}
? limpieza de {s}
? tengo que lavar {s}, ¿con qué lo hago

@filter P maintain
- Cambio de filtro | cada {n2-24} meses
= El filtro de {s} se cambia cada {n2-24} meses.
= Cambie el filtro de {s} cada {n2-24} meses.
= {s} necesita un filtro nuevo cada {n2-24} meses.
= Cada {n2-24} meses hay que poner un filtro nuevo a {s}.
? ¿cada cuánto cambio el filtro de {s}
? ¿cuándo necesita {s} un filtro nuevo
? cambio de filtro de {s}
? ¿cuánto dura el filtro de {s}

@part P
- Recambio de {part} | {ref}
= El recambio de {part} para {s} es {ref}.
= Para cambiar la {part} de {s}, pida {ref}.
= La {part} de {s} tiene la referencia {ref}.
= Pida una {part} nueva de {s} con el número {ref}.
? ¿qué referencia tiene la {part} de {s}
? ¿qué pido para cambiar la {part} de {s}
? necesito una {part} para {s}, ¿qué número es
? recambio {part} {s}

@error PA
- Error {err} | {cause}; {fix}
= El error {err} de {s} indica que {cause}: {fix}.
= Si {s} muestra {err}, {fix}.
= Cuando aparece {err} en {s}, {cause}; {fix}.
= {err} en {s} significa que {cause}, así que {fix}.
? {s} muestra {err}, ¿qué hago
? ¿qué significa {err} en {s}
? ¿cómo arreglo {err} en {s}
? me sale {err} en {s}
? error {err} {s}

@repair P
- Reparación | {price}
= La reparación de {s} cuesta {price}.
= Reparamos {s} por {price}.
= Reparar {s} fuera de garantía cuesta {price}.
= Arreglar {s} sale por {price}.
? ¿cuánto cuesta reparar {s}
? ¿qué precio tiene la reparación de {s}
? ¿cuánto pago por arreglar {s}
? reparación de {s}, precio

@price P
- Precio | {price}
= {s} cuesta {price}.
= El precio de {s} es de {price}.
= {s} se vende por {price}.
= Puede comprar {s} por {price}.
? ¿cuánto cuesta {s}
? ¿qué precio tiene {s}
? ¿cuánto vale {s}
? precio de {s}
? ¿por cuánto se vende {s}

@noise P
- Ruido | {n18-92} dB
= {s} hace un ruido de {n18-92} dB.
= El nivel de ruido de {s} es de {n18-92} dB.
= {s} funciona a {n18-92} decibelios.
= El ruido de {s} no pasa de {n18-92} dB.
? ¿cuánto ruido hace {s}
? ¿cuántos decibelios tiene {s}
? ¿hace mucho ruido {s}
? ruido de {s}

@power P
- Potencia | {n15-3200} W
= {s} tiene una potencia de {n15-3200} W.
= {s} consume {n15-3200} vatios.
= La potencia de {s} es de {n15-3200} W.
= {s} necesita {n15-3200} vatios.
? ¿qué potencia tiene {s}
? ¿cuántos vatios consume {s}
? consumo de {s}
? ¿cuánta luz gasta {s}

@reset PA
- Reinicio | {steps}
= Para reiniciar {s}, {steps}.
= {s} se reinicia así: {steps}.
= Si {s} no responde, {steps}.
= Para volver a empezar con {s}, {steps}.
? ¿cómo reinicio {s}
? ¿qué hago si {s} no responde
? reiniciar {s}
? se ha colgado {s}, ¿qué hago

@setup P
- Instalación | {steps}
= Para instalar {s}, {steps}.
= Antes de usar {s}, {steps}.
= {s} se instala así: {steps}.
= Al sacar {s} de la caja, {steps}.
? ¿cómo instalo {s}
? ¿qué hago antes de usar {s}
? instalación de {s}
? ¿cómo empiezo con {s}

@compat PA
- Compatible con | {system}
= {s} es compatible con {system}.
= {s} funciona con {system}.
= Para usar {s} necesita {system}.
= {s} requiere {system} o posterior.
? ¿con qué es compatible {s}
? ¿qué necesito para usar {s}
? ¿con qué funciona {s}
? compatibilidad de {s}

@languages PA
- Idiomas | {language}, {language#1}
= {s} está en {language} y {language#1}.
= {s} se puede usar en {language}, {language#1} y {language#2}.
= Los menús de {s} están en {language} y {language#1}.
= {s} habla {language} y {language#1}.
? ¿en qué idiomas está {s}
? ¿qué idiomas tiene {s}
? idiomas de {s}
? ¿puedo usar {s} en mi idioma

@password A
- Contraseña | {steps}
= Para cambiar la contraseña de {s}, {steps}.
= Si olvidó la contraseña de {s}, {steps}.
= La contraseña de {s} se cambia así: {steps}.
= Si no puede entrar en {s}, {steps}.
? olvidé la contraseña de {s}
? ¿cómo cambio mi contraseña de {s}
? no puedo entrar en {s}, perdí la contraseña
? contraseña de {s}

@delete A
- Borrar cuenta | {steps}
= Para borrar su cuenta de {s}, {steps}.
= Si quiere cerrar su cuenta de {s}, {steps}.
= La cuenta de {s} se elimina así: {steps}.
= Para dejar {s} para siempre, {steps}.
? ¿cómo borro mi cuenta de {s}
? quiero cerrar mi cuenta de {s}
? eliminar cuenta de {s}
? ¿cómo quito mi cuenta de {s}

@invoice AC
- Facturas | {steps}
= Para descargar una factura de {s}, {steps}.
= Las facturas de {s} se descargan así: {steps}.
= Si necesita una factura de {s}, {steps}.
= Para tener la factura de {s}, {steps}.
? ¿dónde está mi factura de {s}
? ¿cómo descargo la factura de {s}
? necesito una factura de {s}
? factura {s}

@payment CAH
- Pago | {pay}, {pay#1}
= {s} acepta {pay} y {pay#1}.
= Puede pagar en {s} con {pay} o {pay#1}.
= En {s} se paga con {pay}, {pay#1} o {pay#2}.
= Las formas de pago de {s} son {pay} y {pay#1}.
? ¿cómo puedo pagar en {s}
? ¿qué formas de pago acepta {s}
? ¿con qué puedo pagar en {s}
? métodos de pago de {s}

@trial AL
- Prueba | {n3-90} días
= Puede probar {s} gratis durante {n3-90} días.
= La prueba de {s} dura {n3-90} días.
= {s} tiene {n3-90} días de prueba.
= Los primeros {n3-90} días de {s} son gratis.
? ¿cuánto dura la prueba de {s}
? ¿cuántos días puedo probar {s} gratis
? periodo de prueba de {s}
? ¿puedo usar {s} sin pagar al principio

@storage AL
- Espacio | {n2-900} GB
= {s} incluye {n2-900} GB de espacio.
= Con {s} tiene {n2-900} GB de almacenamiento.
= El límite de espacio de {s} es de {n2-900} GB.
= En {s} puede guardar {n2-900} GB.
? ¿cuánto espacio tiene {s}
? ¿cuántos gigas incluye {s}
? almacenamiento de {s}
? ¿cuántos datos puedo guardar en {s}

@users AL
- Usuarios | {n2-600}
= {s} permite hasta {n2-600} usuarios.
= Hasta {n2-600} personas pueden usar {s}.
= {s} es para equipos de {n2-600} personas.
= En {s} caben {n2-600} usuarios.
? ¿cuántos usuarios permite {s}
? ¿cuántas personas pueden usar {s}
? límite de usuarios de {s}
? ¿para cuánta gente es {s}

@monthly AL price
- Cuota | {price} al mes
= {s} cuesta {price} al mes.
= La cuota mensual de {s} es de {price}.
= Por {s} se pagan {price} cada mes.
= {s} sale por {price} mensuales.
? ¿cuánto cuesta {s} al mes
? ¿cuál es la cuota de {s}
? ¿cuánto pago cada mes por {s}
? precio mensual de {s}

@age ACH
- Edad mínima | {n3-21} años
= La edad mínima en {s} es de {n3-21} años.
= Hay que tener {n3-21} años para usar {s}.
= {s} es para mayores de {n3-21} años.
= Nadie menor de {n3-21} años entra en {s}.
? ¿qué edad hace falta para {s}
? ¿cuál es la edad mínima en {s}
? ¿desde qué edad puedo ir a {s}
? límite de edad de {s}

@parking CH
- Aparcamiento | {price} al día
= Aparcar en {s} cuesta {price} al día.
= {s} tiene {n5-400} plazas de aparcamiento.
= El aparcamiento de {s} cuesta {price} por día.
= En {s} hay sitio para {n5-400} coches.
? ¿se puede aparcar en {s}
? ¿hay aparcamiento en {s}
? ¿dónde dejo el coche en {s}
? aparcamiento de {s}

@checkin H
- Entrada | desde las {time}
= La entrada en {s} es a partir de las {time}.
= Puede llegar a {s} desde las {time}.
= Las habitaciones de {s} están listas a las {time}.
= {s} da las llaves desde las {time}.
? ¿a qué hora es la entrada en {s}
? ¿desde qué hora puedo llegar a {s}
? hora de entrada en {s}
? ¿cuándo está lista mi habitación en {s}

@breakfast H
- Desayuno | de {time} a {time#1}
= El desayuno en {s} es de {time} a {time#1}.
= {s} sirve el desayuno de {time} a {time#1}.
= Puede desayunar en {s} entre las {time} y las {time#1}.
= Por la mañana se desayuna en {s} de {time} a {time#1}.
? ¿a qué hora es el desayuno en {s}
? ¿cuándo se desayuna en {s}
? horario de desayuno en {s}
? ¿hasta qué hora puedo desayunar en {s}

@pets H
- Mascotas | {price} por noche
= {s} acepta mascotas por {price} la noche.
= Las mascotas pagan {price} por noche en {s}.
= Puede traer su perro a {s} por {price} la noche.
= Traer un gato a {s} cuesta {price} por noche.
? ¿puedo llevar mi perro a {s}
? ¿se admiten mascotas en {s}
? mascotas en {s}
? ¿cuánto cuesta llevar un animal a {s}

@allergens F
- Contiene | {allergen} y {allergen#1}
= {s} contiene {allergen} y {allergen#1}.
= {s} lleva {allergen}.
= {s} puede tener trazas de {allergen}.
= Hay {allergen} y {allergen#1} en {s}.
? ¿qué alérgenos tiene {s}
? tengo alergia, ¿qué lleva {s}
? alérgenos de {s}
? ¿puedo comer {s} con una alergia

@calories F
- Energía | {n20-990} kcal
= {s} tiene {n20-990} calorías por ración.
= Una ración de {s} son {n20-990} kcal.
= En {s} hay {n20-990} calorías.
= Cada ración de {s} aporta {n20-990} kcal.
? ¿cuántas calorías tiene {s}
? calorías de {s}
? ¿cuántas kcal hay en {s}
? ¿engorda {s}, cuántas calorías tiene

@shelf F
- Conservación | {n2-40} días
= {s} se conserva {n2-40} días en la nevera.
= Tras abrir el envase, {s} dura {n2-40} días.
= Coma {s} antes de {n2-40} días.
= {s} aguanta fresco {n2-40} días.
? ¿cuánto se conserva {s}
? ¿cuántos días dura {s}
? conservación de {s}
? ¿en cuánto tiempo hay que comer {s}

@retention A
- Datos | {n2-900} días
= {s} guarda sus datos {n2-900} días.
= Los datos de {s} se borran a los {n2-900} días.
= {s} conserva los datos durante {n2-900} días.
= A los {n2-900} días, {s} borra lo que sabe de usted.
? ¿cuánto tiempo guarda {s} mis datos
? ¿cuándo se borran mis datos de {s}
? conservación de datos en {s}
? ¿a los cuántos días borra {s} mis datos

@founder C
- Fundación | {year}, {person}
= {person} fundó {s} en {year}.
= La fundación de {s} fue en {year}, por {person}.
= {s} nació en {year} de la mano de {person}.
= En {year}, {person} creó {s}.
? ¿quién fundó {s}
? ¿cuándo se fundó {s}
? ¿en qué año empezó {s}
? fundador de {s}

@manager CH
- Dirección | {person}
= {person} dirige {s}.
= La dirección de {s} la lleva {person}.
= La persona que dirige {s} es {person}.
= Al frente de {s} está {person}.
? ¿quién dirige {s}
? ¿quién es el jefe de {s}
? dirección de {s}, ¿quién es
? ¿quién manda en {s}

@made P
- Origen | {city}
= {s} se fabrica en {city}.
= {s} viene de {city}.
= Fabricamos {s} en {city}.
= {s} se monta en {city}.
? ¿dónde se fabrica {s}
? ¿de dónde viene {s}
? origen de {s}
? ¿en qué ciudad hacen {s}
"""
