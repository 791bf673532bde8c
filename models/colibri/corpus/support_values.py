"""What stands in the braces of a support fact: values and subjects from large spaces, by language and split."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Literal

from models.colibri.corpus.example import Split

Language = Literal["en", "es"]

_ON = "b br c ch d dr f fl g gr h j k kl l m n p pr qu r s st t tr v w y z sk pl bl cr gl th sh".split()
_VO = "a a e e i i o o u ai ea io oo ou".split()
_MID = "l m n r s t v d k b g nd rt lm rk st nt mb ld rv lt".split()
_END = ["", "", "", "", "n", "r", "s", "l", "x", "t", "k", "m", "rn", "ck", "nt", "st", "th"]
_BRANDS = (
    "Kestrel Aurora Nova Pluma Orion Cedro Vega Luna Condor Falcon Heron Osprey Maple Willow Cedar Birch Amber Onyx Opal "
    "Ruby Coral Delta Sigma Omega Alpha Zenith Summit Ridge Canyon Harbor Meadow Prairie Tundra Fjord Lagoon Breeze Storm "
    "Thunder Comet Meteor Nebula Quasar Pulsar Photon Vertex Matrix Vector Prism Pixel Echo Sonata Tempo Allegro Lyra "
    "Cygnus Draco Phoenix Griffin Pegasus Titan Atlas Apollo Hermes Athena Artemis Juno Minerva Bruma Sierra Costa Brisa "
    "Trueno Faro Olivo Encina Roble Lince Halcón Garza Nube Marea Duna Cometa Estrella Alba Ocaso Norte Levante Poniente "
    "Bluebird Greenleaf Northwind Silverline Brightside Clearwater Stonebridge Riverside Hillcrest Oakwood Ironclad "
    "Swift Rapid Nimbus Cirrus Stratus Velvet Cobalt Indigo Saffron Basil Juniper Clover Thistle Bramble Fern Ivy "
    "Badger Otter Lynx Puma Jaguar Cheetah Bison Moose Raven Sparrow Swallow Magpie Puffin Pelican Marlin Dolphin Orca"
).split()
_SPELLED = {
    "en": "two three four five six seven eight nine ten eleven twelve".split(),
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce".split(),
}
_CONSONANTS = "BCDFGHKLMNPRSTVWXZ"


def held(word: str) -> bool:
    """Return whether a word belongs to the held-out split, by its checksum (one in ten)."""
    return zlib.crc32(word.casefold().encode()) % 10 == 0


def word(rng: random.Random, split: Split, syllables: tuple[int, int] = (1, 2)) -> str:
    """Return an invented lower-case word of the split, some four to ten letters long."""
    want = split == "heldout"
    while True:
        n = rng.randint(*syllables)
        made = rng.choice(_ON) + rng.choice(_VO)
        for _ in range(n - 1):
            made += rng.choice(_MID) + rng.choice(_VO)
        made += rng.choice(_END)
        if len(made) >= 4 and held(made) == want:
            return made


def brand(rng: random.Random, split: Split) -> str:
    """Return a name for a product or a company: a known word, two of them run together, or an invented one."""
    kind = rng.random()
    if kind > 0.45:
        return word(rng, split, (1, 2) if kind > 0.65 else (2, 3)).capitalize()
    want = split == "heldout"
    while True:
        made = rng.choice(_BRANDS)
        if kind < 0.15:
            made += rng.choice(
                ["ton", "well", "ix", "ora", "field", "mark", "io", "tec", "link", "star", "land", "lux"]
            )
        if held(made) == want:
            return made


def pick(rng: random.Random, split: Split, choices: list[str]) -> str:
    """Return one of `choices`: the last seventh (at least one) is for held-out draws alone, which take it half the time."""
    cut = len(choices) - max(1, round(len(choices) / 7)) if len(choices) > 3 else len(choices)
    if split == "heldout" and cut < len(choices) and rng.random() < 0.5:
        return rng.choice(choices[cut:])
    return rng.choice(choices[:cut])


def _ref(rng: random.Random, split: Split) -> str:
    want = split == "heldout"
    while True:
        letters = "".join(rng.choice(_CONSONANTS) for _ in range(rng.randint(1, 3)))
        made = letters + rng.choice(["-", "-", ""]) + str(rng.randint(10, 99999))
        if held(made) == want:
            return made


def _price(rng: random.Random, lang: Language) -> str:
    whole = rng.choice([rng.randint(1, 99), rng.randint(10, 999), rng.randint(100, 4999)])
    cents = rng.choice(["", "", f"{rng.randint(5, 95):02d}", "50", "90", "99"])
    if lang == "es":
        amount = f"{whole},{cents}" if cents else str(whole)
        return rng.choice([f"{amount} €", f"{amount} euros", f"{amount} €"])
    amount = f"{whole}.{cents}" if cents else str(whole)
    return rng.choice([f"{amount} euros", f"€{amount}", f"${amount}", f"£{amount}", f"{amount} EUR"])


def _time(rng: random.Random, lang: Language) -> str:
    hour, minute = rng.randint(5, 23), rng.choice([0, 0, 15, 30, 45, rng.randint(1, 59)])
    if lang == "en" and rng.random() < 0.3:
        clock = f"{(hour - 1) % 12 + 1}" + (f":{minute:02d}" if minute else "")
        return f"{clock} {'am' if hour < 12 else 'pm'}"
    return f"{hour}:{minute:02d}"


def _phone(rng: random.Random) -> str:
    groups = [f"{rng.randint(0, 10**n - 1):0{n}d}" for n in rng.choice([(3, 3, 3), (3, 4), (2, 3, 4), (4, 2, 2)])]
    prefix = rng.choice(["", "", "+34 ", "+44 ", "0800 ", "+1 ", "900 ", "+49 "])
    return prefix + rng.choice([" ", "-"]).join(groups)


def _dims(rng: random.Random, lang: Language) -> str:
    numbers = [str(rng.randint(2, 240)) for _ in range(rng.choice([2, 3, 3]))]
    by = " por " if lang == "es" else " by "
    return rng.choice([" x ", by]).join(numbers) + rng.choice([" cm", " cm", " mm"])


def _decimal(rng: random.Random, lang: Language, low: int, high: int) -> str:
    number = rng.randint(low, high)
    if rng.random() < 0.6:
        return f"{number}{',' if lang == 'es' else '.'}{rng.randint(1, 9)}"
    return str(number)


_SETTINGS = {
    "en": "Settings Account Privacy Profile Security Billing Orders Help Devices Tools Network Data Storage Options".split(),
    "es": "Ajustes Cuenta Privacidad Perfil Seguridad Pagos Pedidos Ayuda Equipos Red Datos Opciones Sistema".split(),
}
_BUTTONS = {
    "en": "Reset,Delete,Confirm,Save,Send,Start,Restore,Request,Export,Erase,Renew,Continue".split(","),
    "es": "Borrar,Confirmar,Guardar,Enviar,Iniciar,Restaurar,Solicitar,Exportar,Renovar,Continuar".split(","),
}
_COLOURS = {
    "en": "red,blue,green,black,white,grey,yellow,orange,purple,pink,brown,silver,gold,navy,cream,olive,teal".split(
        ","
    ),
    "es": "rojo,azul,verde,negro,blanco,gris,amarillo,naranja,morado,rosa,marrón,plata,dorado,crema".split(","),
}
_MATERIALS = {
    "en": "steel,oak,glass,cotton,wool,leather,bamboo,copper,aluminium,linen,pine,rubber,ceramic,brass,cork,nylon,"
    "silk,titanium,clay,walnut",
    "es": "acero,roble,vidrio,algodón,lana,cuero,bambú,cobre,aluminio,lino,pino,goma,cerámica,latón,corcho,nailon,seda",
}
_CLEAN = {
    "en": "a damp cloth,warm water and soap,a soft brush,vinegar,lemon juice,a dry cloth,cold water,alcohol,"
    "baking soda,a mild cleaner,a sponge and water,compressed air",
    "es": "un paño húmedo,agua tibia y jabón,un cepillo suave,vinagre,zumo de limón,un paño seco,agua fría,alcohol,"
    "bicarbonato,un limpiador suave,aire comprimido",
}
_PARTS = {
    "en": "lid,handle,cable,filter,belt,hose,battery,button,wheel,hinge,gasket,fuse,brush,strap,knob,nozzle,spring,fan",
    "es": "tapa,asa,correa,manguera,batería,rueda,bisagra,junta,boquilla,pila,funda,rejilla,bandeja,válvula",
}
_CAUSES = {
    "en": "the tank is empty,the lid is open,the motor is too hot,the battery is low,the filter is blocked,"
    "the line is busy,the door is not shut,the sensor is dirty,the card is missing,the pump has stopped",
    "es": "el depósito está vacío,la tapa está abierta,el motor está muy caliente,la batería está baja,"
    "el filtro está sucio,la línea está ocupada,la puerta no está cerrada,el sensor está sucio,falta la tarjeta",
}
_FIXES = {
    "en": "close the lid,clean the filter,wait {n} minutes,charge it for {n} minutes,call the service,fill in water,"
    "turn it off and on,press {b} for {n} seconds,remove the plug for {n} seconds,change the fuse,check the cable",
    "es": "cierre la tapa,limpie el filtro,espere {n} minutos,cárguelo {n} minutos,llame al servicio,eche agua,"
    "apáguelo y enciéndalo,pulse {b} durante {n} segundos,desenchúfelo {n} segundos,revise el cable",
}
_STEPS = {
    "en": "open {m} and press {b}|go to {m} > {m2} and choose {b}|hold the {b} button for {n} seconds|"
    "press {b} for {n} seconds|select {b} under {m}|fill in the form at {u}|remove the cover and press {b} {n} times|"
    "turn the dial to {n} and press {b}|tap {m}, then {b}|send a message to {e}|charge it for {n} hours|"
    "scan the code on page {n} of the manual|enter the code {r}",
    "es": "abra {m} y pulse {b}|vaya a {m} > {m2} y elija {b}|mantenga pulsado {b} {n} segundos|"
    "pulse {b} durante {n} segundos|seleccione {b} en {m}|rellene el formulario de {u}|gire el mando hasta {n}|"
    "toque {m} y luego {b}|envíe un mensaje a {e}|cárguelo durante {n} horas|escriba el código {r}",
}
_COUNTRIES = {
    "en": "Spain,France,Germany,Italy,Portugal,Ireland,Austria,Belgium,Norway,Sweden,Poland,Chile,Peru,Mexico,Japan,"
    "Canada,Brazil,Greece,Denmark,Finland,Croatia,Kenya,India,Iceland",
    "es": "España,Francia,Alemania,Italia,Portugal,Irlanda,Austria,Bélgica,Noruega,Suecia,Polonia,Chile,Perú,México,"
    "Japón,Canadá,Brasil,Grecia,Dinamarca,Finlandia,Croacia,Kenia,Colombia",
}
_PAY = {
    "en": "credit card,bank transfer,cash,debit card,gift card,invoice,cheque,direct debit,mobile payment,voucher",
    "es": "tarjeta de crédito,transferencia,efectivo,tarjeta de débito,cheque,recibo,contra reembolso,vale,Bizum",
}
_LANGUAGES = {
    "en": "English,Spanish,French,German,Italian,Polish,Dutch,Greek,Turkish,Arabic,Hindi,Czech,Swedish,Basque,Catalan",
    "es": "inglés,español,francés,alemán,italiano,polaco,neerlandés,griego,turco,árabe,checo,sueco,vasco,catalán",
}
_ALLERGENS = {
    "en": "nuts,milk,eggs,gluten,soy,sesame,mustard,celery,fish,peanuts,lupin,shellfish",
    "es": "nueces,leche,huevo,gluten,soja,sésamo,mostaza,apio,pescado,cacahuetes,altramuces,marisco",
}
_DAYS = {
    "en": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "es": "lunes,martes,miércoles,jueves,viernes,sábados,domingos",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
_LISTS = {
    "material": _MATERIALS, "clean": _CLEAN, "part": _PARTS, "cause": _CAUSES, "country": _COUNTRIES, "pay": _PAY,
    "language": _LANGUAGES, "allergen": _ALLERGENS, "day": _DAYS,
}  # fmt: skip
_CHOICES = {kind: {lang: text.split(",") for lang, text in by.items()} for kind, by in _LISTS.items()}
_FIX_CHOICES = {lang: text.split(",") for lang, text in _FIXES.items()}
_STEP_CHOICES = {lang: text.split("|") for lang, text in _STEPS.items()}


def _filled(rng: random.Random, split: Split, lang: Language, template: str) -> str:
    if "{" not in template:
        return template
    menu = _SETTINGS[lang]
    button = rng.choice(_BUTTONS[lang]) if rng.random() < 0.5 else word(rng, split, (1, 2)).capitalize()
    return template.format(
        m=rng.choice(menu), m2=word(rng, split, (1, 2)).capitalize(), b=button, n=rng.randint(2, 60),
        u=f"{word(rng, split)}.example", e=f"{word(rng, split)}@{word(rng, split)}.example", r=_ref(rng, split),
    )  # fmt: skip


def _email(rng: random.Random, split: Split) -> str:
    name = word(rng, split, (1, 2)) if rng.random() < 0.6 else rng.choice(["help", "info", "service", "hola"])
    return f"{name}@{word(rng, split)}.example"


def _street(rng: random.Random, split: Split, lang: Language) -> str:
    number, name = rng.randint(1, 240), word(rng, split, (2, 3)).capitalize()
    if lang == "es":
        return f"{rng.choice(['calle', 'avenida', 'plaza'])} {name} {number}"
    return f"{number} {name} {rng.choice(['Street', 'Road', 'Lane', 'Avenue'])}"


def _date(rng: random.Random, lang: Language) -> str:
    day, month = rng.randint(1, 28), rng.choice(_MONTHS[lang])
    return f"{day} de {month}" if lang == "es" else f"{day} {month}"


def _number(rng: random.Random, lang: Language, low: int, high: int) -> str:
    number = rng.randint(low, high)
    spelled = _SPELLED[lang]
    return spelled[number - 2] if number - 2 < len(spelled) and rng.random() < 0.3 else str(number)


_MAKERS: dict[str, Callable[[random.Random, Split, Language], str]] = {
    "price": lambda rng, _, lang: _price(rng, lang),
    "time": lambda rng, _, lang: _time(rng, lang),
    "phone": lambda rng, _, __: _phone(rng),
    "email": lambda rng, split, _: _email(rng, split),
    "pct": lambda rng, _, lang: f"{rng.randint(3, 85)}" + (" %" if lang == "es" else "%"),
    "code": lambda rng, split, _: word(rng, split, (1, 2)).upper() + str(rng.randint(5, 99)),
    "ref": lambda rng, split, _: _ref(rng, split),
    "err": lambda rng, _, __: f"{rng.choice('EFHCX')}{rng.choice(['', '-', '0'])}{rng.randint(1, 99)}",
    "litres": lambda rng, _, lang: (
        _decimal(rng, lang, 1, 90) + (" litros" if lang == "es" else rng.choice([" litres", " l"]))
    ),
    "kg": lambda rng, _, lang: _decimal(rng, lang, 1, 60) + rng.choice([" kg", " kilos"]),
    "dims": lambda rng, _, lang: _dims(rng, lang),
    "street": _street,
    "city": lambda rng, split, _: word(rng, split, (2, 3)).capitalize(),
    "person": lambda rng, split, _: f"{word(rng, split, (2, 2)).capitalize()} {word(rng, split, (2, 3)).capitalize()}",
    "year": lambda rng, _, __: str(rng.randint(1880, 2025)),
    "date": lambda rng, _, lang: _date(rng, lang),
    "version": lambda rng, _, __: ".".join(str(rng.randint(0, 20)) for _ in range(rng.choice([2, 3]))),
    "system": lambda rng, split, _: (
        f"{word(rng, split, (1, 2)).capitalize()}{rng.choice(['', ' ', ''])}{rng.randint(2, 19)}"
    ),
    "colour": lambda rng, _, lang: rng.choice(_COLOURS[lang]),
    "fix": lambda rng, split, lang: _filled(rng, split, lang, rng.choice(_FIX_CHOICES[lang])),
    "steps": lambda rng, split, lang: _filled(rng, split, lang, rng.choice(_STEP_CHOICES[lang])),
    "setting": lambda rng, _, lang: rng.choice(_SETTINGS[lang]),
    "button": lambda rng, _, lang: rng.choice(_BUTTONS[lang]),
    "word": lambda rng, split, _: word(rng, split),
    "name": lambda rng, split, _: word(rng, split).capitalize(),
}


def value(rng: random.Random, split: Split, lang: Language, kind: str) -> str:
    """Return a value for the placeholder `kind` (`n2-30` for a whole number in a range, `price`, `phone`, ...).

    Raises:
        KeyError: no such kind.
    """
    if kind[0] == "n" and "-" in kind:
        low, _, high = kind[1:].partition("-")
        return _number(rng, lang, int(low), int(high))
    if kind in _CHOICES:
        return rng.choice(_CHOICES[kind][lang])
    return _MAKERS[kind](rng, split, lang)
