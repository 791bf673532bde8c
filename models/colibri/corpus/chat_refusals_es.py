"""What colibri cannot do, and how people ask for it in Spanish."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

ACTIONS_ES = (
    "limpiar la cocina",
    "lavar el coche",
    "alquilar un piso en {city}",
    "adoptar un {animal_es}",
    "pasear al perro",
    "bailar con {first}",
    "ganar la lotería",
    "diseñar un coche",
    "instalar un juego",
    "aparcar el coche",
    "imprimir una foto",
    "pintar la pared",
    "cortar el césped",
    "hacer la maleta",
    "despertar a {first}",
    "hornear un pan",
    "enseñar inglés a {first}",
    "pagar una multa",
    "viajar a {city}",
    "conducir hasta {city}",
    "medir la habitación",
    "tocar la guitarra",
    "arreglar la bicicleta",
    "comparar {city} y {city2}",
    "cuidar a un {animal_es}",
    "reservar un vuelo a {city}",
    "reservar un hotel en {city}",
    "reservar una mesa para {n}",
    "traducir un libro",
    "dibujar un {animal_es}",
    "pedir una pizza",
    "pedir un taxi",
    "poner música",
    "comprar un coche",
    "comprar acciones de {company}",
    "vender una casa en {city}",
    "llamar a {first}",
    "llamar a {person}",
    "cocinar una paella",
    "reparar el coche",
    "predecir la lotería",
    "contar un chiste",
    "contar un cuento sobre un {animal_es}",
    "cantar una canción",
    "escribir una novela",
    "escribir un poema sobre {city}",
    "resolver un sudoku",
    "buscar un restaurante en {city}",
    "buscar trabajo en {city}",
    "abrir la puerta",
    "encender la luz",
    "transferir {amount} a {first}",
    "editar una foto",
    "recomendar una película",
    "planear un viaje a {city}",
    "organizar una boda",
    "mirar las noticias",
    "jugar al ajedrez",
    "fotografiar un {animal_es}",
    "subir una foto",
    "pescar en {city}",
    "grabar un vídeo de {city}",
    "regar las plantas",
    "votar por {person}",
    "adivinar un número",
    "construir un robot",
    "descargar un juego",
)

ACTION_FRAMES_ES = lines_of("""
    V
    V por favor
    por favor V
    V, por favor
    V, ¿puedes?
    ahora V
    me puedes V
    ¿me podrías V?
    ¿puedes ayudarme a V?
    ¿podrías ayudarme a V?
    quiero V
    quisiera V
    tengo que V
    me toca V
    ¿podemos V?
    ¿podrías V?
    ¿es posible V?
    ¿sería posible V?
    ¿te importaría V?
    ¿te importa V?
    necesito que me ayudes a V
    hazme el favor de V
    haz el favor de V
    vamos a V
    ¿vas a V?
    intenta V
    trata de V
    enséñame a V
    dime cómo V
    explícame cómo V
    ¿puedes decirme cómo V?
    ¿hay manera de V?
    ¿hay forma de V?
    ¿tienes tiempo para V?
    ¿tienes ganas de V?
    me han pedido V
    mi jefe quiere V
    no sé V
    no consigo V
    no olvides V
    acuérdate de V
    tienes que V
    debes V
    deberías V
    ahora quiero V
    mañana tengo que V
    ¿por qué no puedes V?
    estoy intentando V
    ¿te atreves a V?
    ¿eres bueno para V?
    ¿quieres V?
    ¿te gustaría V?
    ¿serías tan amable de V?
    ¿estás listo para V?
    tu tarea es V
    mi tarea es V
    lo que necesito es V
    puedes V
    ¿puedes V?
    ¿podrías V por favor?
    quiero que me ayudes a V
    necesito V
    me gustaría V
    ayúdame a V
    ¿me ayudas a V?
    ¿sabes V?
    hay que V
    por favor, ¿puedes V?
    lo que quiero es V
    ¿te animas a V?
    ¿se te da bien V?
    te pido V
    me encantaría V
    ojalá pudieras V
    ¿aceptas V?
    ¿cuándo vas a V?
    ¿llegarías a V?
    alguien debería V
    ¿serías capaz de V?
""")

TOPIC_FRAMES_ES = lines_of("""
    qué sabes sobre T
    cuéntame algo sobre T
    cuéntame más sobre T
    tengo una duda sobre T
    tengo una pregunta sobre T
    mi pregunta es sobre T
    quiero hablar sobre T
    dame información sobre T
    necesito información sobre T
    ¿qué me puedes decir sobre T?
    ¿qué me cuentas sobre T?
    necesito ayuda con T
    ayúdame con T
    ¿me ayudas con T?
    ¿qué piensas sobre T?
    ¿qué opinas sobre T?
    explícame T
    ¿puedes explicarme T?
    me interesa T
    ¿te interesa T?
    quisiera saber más sobre T
    quiero saberlo todo sobre T
    ¿conoces T?
    ¿sabes algo sobre T?
    dime algo sobre T
    estoy leyendo sobre T
    ¿y T?
    T
    T por favor
    ¿qué pasa con T?
    enséñame T
    ¿eres experto en T?
    hablemos sobre T
    cuál es tu opinión sobre T
    datos sobre T
    ¿por qué es importante T?
    quiero aprender sobre T
    ¿has oído hablar sobre T?
""")
"""How people ask about anything; `T` is the topic. Those of a topic of its own stand beside it."""

TOPICS_ES = (
    (
        "el tiempo en {city}",
        (
            "qué tal es el tiempo en {city}",
            "dime el tiempo en {city}",
            "¿cómo está el tiempo en {city}?",
        ),
    ),
    ("la política", ("qué opinas de la política", "hablemos de la política")),
    ("las noticias", ("cuéntame las noticias", "¿qué dicen las noticias?")),
    (
        "la capital de {tierra}",
        ("cuál es la capital de {tierra}", "dime la capital de {tierra}"),
    ),
    (
        "la historia de {tierra}",
        ("explícame la historia de {tierra}", "qué sabes de la historia de {tierra}"),
    ),
    (
        "{materia}",
        (
            "qué sabes de {materia}",
            "explícame {materia}",
            "háblame de {materia}",
            "tengo una pregunta sobre {materia}",
        ),
    ),
    ("{person}", ("quién es {person}", "háblame de {person}")),
)
