"""Small talk in Spanish."""

from __future__ import annotations

from models.colibri.corpus.chat_talk import ABLE, WHO, SmallTalk
from models.colibri.corpus.functions_values import lines_of

SMALL_TALK_ES = (
    SmallTalk(
        "es",
        "¡Hola! ¿En qué puedo ayudarte?",
        lines_of("""
        hola
        Buenos días
        buenas tardes
        buenas noches
        hola colibri
        hola, ¿estás ahí?
        Muy buenas
        qué tal
        saludos
        hey hola
        ¡Hola!
        hola, buenos días
        hola a todos
        hola de nuevo
        hola, muy buenas
        buenos días a todos
        ¡buenas!
        hola, ¿hay alguien?
        ey
        holi
        muy buenos días
        hola amigo
        hola buenas
    """),
    ),
    SmallTalk(
        "es",
        "¡Hola, {first}! ¿En qué puedo ayudarte?",
        lines_of("""
        hola, soy {first}
        Me llamo {first}
        buenos días, soy {first}
        mi nombre es {first}
        hola, aquí {first}
        puedes llamarme {first}
        hola, me llamo {first}
        buenas, soy {first}
    """),
    ),
    SmallTalk(
        "es",
        "¡De nada!",
        lines_of("""
        gracias
        Muchas gracias
        mil gracias
        perfecto, gracias
        gracias por la ayuda
        te lo agradezco
        genial, muchas gracias
        gracias por todo
        vale, gracias
        gracias otra vez
        gracias, me ha servido
        muchísimas gracias
        eso ayuda, gracias
        ok, gracias
        gracias, perfecto
        muy agradecido
        mil gracias por tu ayuda
        qué bien, gracias
        muchas gracias por la ayuda
    """),
    ),
    SmallTalk(
        "es",
        "¡Hasta luego!",
        lines_of("""
        adiós
        hasta luego
        nos vemos
        hasta mañana
        me voy, chao
        que tengas un buen día
        hasta pronto
        eso es todo, adiós
        adiós, hasta mañana
        adiós a todos
        adiós y gracias
        chao
        hasta otra
        hasta la próxima
        nos vemos mañana
        hasta el lunes
        ya está, adiós
        me tengo que ir
        buenas noches, hasta mañana
        bueno, hasta luego
    """),
    ),
    SmallTalk(
        "es",
        "Estoy bien, gracias. ¿En qué puedo ayudarte?",
        lines_of("""
        cómo estás
        ¿cómo te va?
        qué tal estás hoy
        ¿todo bien?
        cómo andas
        ¿cómo te encuentras?
        qué tal el día
        hola, cómo estás
        ¿cómo estás?
        ¿qué tal estás?
        cómo estás hoy
        cómo te encuentras hoy
        ¿estás bien?
        cómo va todo
        ¿va todo bien?
        ¿qué tal te va?
        ¿y tú cómo estás?
        ¿qué tal, todo bien?
    """),
    ),
    SmallTalk(
        "es",
        f"{WHO['es']} {ABLE['es']}",
        lines_of("""
        quién eres
        ¿cómo te llamas?
        ¿eres un robot?
        qué eres
        preséntate
        con quién hablo
        ¿qué modelo eres?
        háblame de ti
        hola, quién eres
        ¿quién eres?
        ¿qué eres tú?
        dime tu nombre
        ¿cuál es tu nombre?
        tu nombre por favor
        ¿eres una persona?
        ¿eres humano?
        ¿eres una máquina?
        ¿eres una inteligencia artificial?
        ¿quién me responde?
        ¿qué es colibri?
        descríbete
        preséntate por favor
        dime quién eres
    """),
    ),
    SmallTalk(
        "es",
        ABLE["es"],
        lines_of("""
        qué puedes hacer
        ¿en qué me puedes ayudar?
        ayuda
        necesito ayuda
        qué sabes hacer
        ¿para qué sirves?
        dime qué puedes hacer
        ¿me ayudas?
        hola, ¿qué puedes hacer?
        ¿qué puedes hacer por mí?
        ¿qué haces?
        ¿qué sabes hacer?
        ¿cuáles son tus funciones?
        ¿qué me ofreces?
        ¿qué te puedo pedir?
        ¿qué te puedo preguntar?
        ¿cómo me puedes ayudar?
        ¿cómo funcionas?
        enséñame qué puedes hacer
        ¿puedes ayudarme?
        no sé qué preguntar
        ¿qué cosas puedes hacer?
    """),
    ),
)
