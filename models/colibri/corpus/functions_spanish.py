"""How people ask for an e-mail in Spanish; the capital letters are the marks of `functions_tongues.marked`."""

from __future__ import annotations

from models.colibri.corpus.functions_values import lines_of

ROLES = [
    "mi jefe",
    "el equipo de ventas",
    "nuestro proveedor",
    "todo el equipo",
    "recursos humanos",
    "mi casero",
    "los clientes",
    "mi profesora",
]

TONES = {
    "friendly": ("amable", "cordial", "cercano", "amistoso"),
    "formal": ("formal", "formal", "oficial", "profesional"),
    "apologetic": ("de disculpa",),
    "firm": ("firme", "firme", "serio"),
}

TONE_ENDS = ("Tono T", "Tono: T", "en tono T", "que suene T", "Que sea T")

OPENERS = lines_of("""
    mensaje para R
    un mensaje T para R
    manda un email a R
    envía un correo a R
    envíale un correo T a R
    quiero escribir a R
    tengo que escribir a R
    hay que escribir a R
    mándale a R un correo T
    prepárame un correo T para R
    hazme un correo para R
    correo T a R
    carta a R
    una carta T para R
    R necesita un correo T
    quiero mandar un mensaje T a R
    contacta por correo con R
    un email para R
    redáctale a R un correo
    para R
    ponle un correo a R
    manda un correo a R
    correo para R
    escríbele un correo T a R
    nuevo correo a R
    me redactas un correo T para R
    escribe a R
    necesito un correo T para R
    escríbele a R
    un correo T a R
    toca escribir a R
    un correo nuevo, destinatario R,
    R espera un correo T
""")

ASKING = (
    "",
    "",
    "",
    "por favor ",
    "puedes ",
    "podrías ",
    "quiero ",
    "tengo que ",
    "necesito ",
    "ayúdame a ",
    "hay que ",
)

WRITING = (
    ("escribe", "escribir"),
    ("redacta", "redactar"),
    ("prepara", "preparar"),
    ("manda", "mandar"),
    ("haz", "hacer"),
    ("crea", "crear"),
)

MAILS = ("un correo T", "un correo T", "un email T", "un mensaje T", "un borrador T")

TO = (" a R", " a R", " para R", " dirigido a R")

SENDERS = (
    " de S",
    " de parte de S",
    ", firmado S",
    ", firma S",
    " en nombre de S",
    ", remitente S",
)

SENDER_STARTS = ("Soy S. ", "Me llamo S. ", "Hola, soy S, ")

SENDER_ENDS = (
    "Firma como S",
    "Firmado S",
    "Remitente: S",
    "De: S",
    "Soy S",
    "Me llamo S",
    "Un saludo, S",
)

THAT = (
    " diciendo que ",
    " para contarle que ",
    " contando que ",
    " explicando que ",
    " para explicarle que ",
    " porque ",
    " en el que digas que ",
    " donde diga que ",
    " con el mensaje de que ",
    " anunciando que ",
    " para que sepa que ",
    ". Cuéntale que ",
    ", dile que ",
    " y cuéntale que ",
    " para comunicarle que ",
    " que diga que ",
    ": ",
    ", di que ",
    " para decirle que ",
    " para informar de que ",
    " y dile que ",
    " para avisar de que ",
    ". Di que ",
    " y di que ",
    " avisando de que ",
    ". Dile que ",
    " informando de que ",
    ". Explica que ",
)

SPEECH = (
    "informa a R de que ",
    "cuéntale a R por correo que ",
    "explícale a R que ",
    "comunica a R que ",
    "avisa a R de que ",
    "escríbele a R que ",
    "manda a R el aviso de que ",
    "por favor informa a R de que ",
    "dile a R por correo que ",
    "avisa a R por correo de que ",
    "escribe a R que ",
)

ABOUT = (
    " sobre X",
    " sobre X",
    " en relación con X",
    " referente a X",
    " respecto a X",
    " por X",
    " para hablar de X",
    " con motivo de X",
    " con el asunto X",
    ". Tema: X",
    " con una pregunta sobre X",
    " acerca de X",
    ", asunto X",
    ", tema: X",
    " tratando X",
    " a propósito de X",
)

MORE = (
    ": ",
    ". Explica que ",
    ". Añade que ",
    " y di que ",
    " y menciona que ",
    ", añade que ",
    ". Cuéntale que ",
    ". No olvides que ",
    ", di que ",
    ". Menciona que ",
    ". Di que ",
    ". Incluye que ",
    ". Puntos: ",
)

FILLERS = (
    *(" por favor", " ahora", " hoy", " otra vez", " cuanto antes", " también", " luego", " rápido", " mañana"),
    *(" sin falta", " esta tarde", " primero", " de nuevo"),
)

LISTS = (":\n", "\n", "\nPuntos:\n", " con estos puntos:\n")


def composed() -> tuple[str, ...]:
    """Return all openers that are put together of parts."""
    made = (
        f"{a}{w[a not in ('', 'por favor ')]} {m}{t}"
        for a in dict.fromkeys(ASKING)
        for w in WRITING
        for m in dict.fromkeys(MAILS)
        for t in TO
    )
    return tuple(dict.fromkeys(made))
