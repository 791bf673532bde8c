"""What an example must copy: people, companies, dates, amounts, identifiers, places and products from large spaces.

Every generator takes the split: `heldout` never gives a word that `train` gives (decided by the word's checksum, so
the two never need to be compared).
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Literal

from models.colibri.corpus.example import Split

Language = Literal["en", "es"]
Generator = Callable[[random.Random, Split], str]
"""Draws one value for a split."""

_FIRST = (
    "Ana Luis Marta Carlos Lucía Diego Elena Javier Carmen "
    "Pablo Sofía Andrés Paula Raúl Inés Álvaro Nuria Hugo Rocío "
    "Óscar Pilar Iván Beatriz Sergio Noelia Rubén Alba "
    "Tomás Irene Mateo Valeria Emilio Jimena Nicolás Ximena Joaquín "
    "James Mary John Patricia Robert Jennifer Michael Linda David Susan William Karen Richard Nancy Thomas Lisa Mark "
    "Sarah Paul Laura Steven Emma George Alice Edward Grace Henry Olivia Jack Chloe Oliver Amelia Harry Ruby Samuel "
    "Jürgen Anke Stefan Ulrike Matthias Heike Lukas Greta "
    "Niklas Frieda Torsten Katrin Jonas Lena Moritz Hannah Dieter "
    "Milan Jana Petr Zuzana Tomasz Agnieszka Piotr Katarzyna Andrei Irina Dmitri Olga Bogdan Mirela Goran Vesna Ivo "
    "Priya Arjun Ananya Rohan Kavya Vikram Meera Sanjay Deepa "
    "Rahul Nisha Amit Lakshmi Kiran Asha Suresh Divya Nikhil "
    "Wei Mei Jun Hana Kenji Yuki Haruto Aiko Minh Linh Thanh Jin Soo Hyun Ravi Siti Budi Dewi Amara Kwame Zola Chidi "
    "Ngozi Tunde Abena Kofi Fatima Omar Layla Yusuf Amina "
    "Karim Nadia Hassan Leila Samir Pierre Claire Julien Camille "
    "Luc Margaux Giulia Marco Chiara Lorenzo Paolo Francesca João Beatriz Tiago Rita Ingrid Lars Astrid Sven Freja "
    "Mikkel Aino Eero Dries Sanne Bram Femke Eoin Siobhan Niamh Ciaran Rhys Carys Alasdair Morag Dana Eli Noa Tal"
).split()
_LAST = (
    "García Martínez López Sánchez Pérez Gómez Fernández Ruiz "
    "Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez "
    "Navarro Torres Domínguez Vázquez Ramos Gil Serrano Blanco "
    "Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio "
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Martin Lee Thompson White Harris "
    "Clark Lewis Walker Hall Young King Wright Green "
    "Baker Adams Nelson Carter Mitchell Roberts Turner Phillips Parker "
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker "
    "Schulz Hoffmann Koch Richter Klein Wolf Schröder Neumann "
    "Novák Svoboda Dvořák Kowalski Nowak Wiśniewski Zieliński "
    "Ivanov Petrov Sokolov Popescu Ionescu Horvat Kovač Jovanović "
    "Sharma Patel Gupta Singh Reddy Nair Iyer Mehta Joshi Kapoor Rao Chaudhary Banerjee Mukherjee Verma Desai "
    "Chen Wang Zhang Liu Tanaka Suzuki Watanabe Kim Park "
    "Choi Nguyen Tran Pham Okafor Mensah Diallo Adeyemi Mbeki Haddad "
    "Rossi Bianchi Ferrari Esposito Dubois Moreau Laurent Lefebvre Silva Santos Oliveira Pereira Andersson Lindqvist "
    "Nilsson Hansen Larsen Virtanen Korhonen Vries Jansen Bakker Peeters O'Brien Murphy Kelly Byrne Evans Davies"
).split()
_ONSET = "b br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sh sk sl sp st t th tr v w y z".split()
_VOWEL = "a a a e e e i i o o u ai ea ie io ou ei oa ua".split()
_CODA = ["", "", "", "", "l", "m", "n", "n", "r", "r", "s", "t", "nd", "rt", "lk", "x", "ck", "ss"]
_FIRST_END = "a e o ia el in an ra na ek is on ette io ara ina us ita ila win dra mir lin".split()
_LAST_END = (
    "son sen ez ski ova ic mann berg stein field ton ley worth "
    "ini etti eau ard iar wala kar stad lund man dal enko idis "
    "yan ara ito moto ov escu ell er"
).split()
_COMPANY_END = (
    "Logistics|Systems|Labs|Foods|Energy|Textiles|Robotics|Pharma|Media|Consulting|Motors|Software|Trading|Optics|"
    "Interiors|Freight|Instruments|Partners|Group|GmbH|Ltd|Inc|SL|SA|AG|BV|& Sons|Hotels|Dental|Books|Works|Studio|"
    "Supplies|Analytics|Insurance|Coffee|Bikes|Gardens|Clinic|Travel"
).split("|")
_PRODUCT = (
    "lamp|chair|desk|printer|router|keyboard|headset|monitor|pump|valve|sensor|drill|filter|cable|battery|bike|"
    "tent|kettle|"
    "toaster|mixer|backpack|jacket|boots|mattress|sofa|bookcase|camera|tripod|speaker|charger|scanner|thermostat|"
    "ladder|"
    "oven|freezer|blender|helmet|tablet|notebook|watch|curtain|carpet|mirror|grinder|hammock|projector|piano|bench"
).split("|")
_ADJECTIVE = (
    "red blue green black white grey oak walnut steel compact foldable wireless portable heavy-duty cordless outdoor "
    "quiet adjustable digital leather cotton ceramic solar slim double large small"
).split()
_PLACES = (
    "Room {n}|room {n}|Meeting room {n}|the {w} room|Hall {l}|building {l}|the {w} office|the café on {w} Street|"
    "{n} {w} Street|{w} Hotel|the {w} Centre|warehouse {n}|"
    "the main hall|the lobby|Zoom|Teams|the canteen|booth {l}{n}"
).split("|")
_MONTHS_EN = "January February March April May June July August September October November December".split()
_MONTHS_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_DAYS_EN = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_DAYS_ES = "lunes martes miércoles jueves viernes sábado domingo".split()


_LISTED: dict[Split, float] = {"train": 0.5, "heldout": 0.8}
"""How many names are of the lists. Training sees more of others: where a name ends must show without knowing it."""


def is_heldout(word: str) -> bool:
    """Return whether `word` belongs to the held-out tenth."""
    return zlib.crc32(word.encode()) % 10 == 0


def belongs(word: str, split: Split) -> bool:
    """Return whether `split` may show `word`."""
    return is_heldout(word) == (split == "heldout")


def draw(rng: random.Random, split: Split, make: Callable[[random.Random], str]) -> str:
    """Draw from `make` until the word belongs to `split`; `make` must have a wide enough range."""
    while True:
        word = make(rng)
        if belongs(word, split):
            return word


def syllables(rng: random.Random, count: int) -> str:
    """Return a lower-case pronounceable word of `count` syllables."""
    return "".join(rng.choice(_ONSET) + rng.choice(_VOWEL) + rng.choice(_CODA) for _ in range(count))


def rare_word(rng: random.Random, split: Split) -> str:
    """Return an invented lower-case word of one to three syllables."""
    return draw(rng, split, lambda r: syllables(r, r.choice((1, 2, 2))) + r.choice(("", "", "a", "o", "ing", "er")))


def first_name(rng: random.Random, split: Split) -> str:
    """Return a first name: 80% a real one of many languages, else composed of syllables."""

    def make(r: random.Random) -> str:
        if r.random() < _LISTED[split]:
            return r.choice(_FIRST)
        if r.random() < 0.3:
            return syllables(r, r.choice((1, 2))).capitalize()
        return (r.choice(_ONSET) + r.choice(_VOWEL) + r.choice(_ONSET) + r.choice(_FIRST_END)).capitalize()

    return draw(rng, split, make)


def last_name(rng: random.Random, split: Split) -> str:
    """Return a last name: 70% a real one of many languages, else composed of syllables."""

    def make(r: random.Random) -> str:
        if r.random() < _LISTED[split]:
            return r.choice(_LAST)
        return (syllables(r, 1) + r.choice(_LAST_END)).capitalize()

    return draw(rng, split, make)


def full_name(rng: random.Random, split: Split) -> str:
    """Return a first and a last name."""
    return f"{first_name(rng, split)} {last_name(rng, split)}"


def company(rng: random.Random, split: Split) -> str:
    """Return a company's name made of syllables, mostly with a branch or legal form."""
    stem = draw(rng, split, lambda r: syllables(r, r.choice((1, 2, 2))).capitalize() + r.choice(("", "", "o", "ia")))
    return stem if rng.random() < 0.25 else f"{stem} {rng.choice(_COMPANY_END)}"


def domain(rng: random.Random, split: Split) -> str:
    """Return a domain that ends in `.example`."""
    return draw(rng, split, lambda r: syllables(r, 2)) + ".example"


def email_address(rng: random.Random, split: Split) -> str:
    """Return a mail address at a domain that ends in `.example`."""
    name = draw(rng, split, lambda r: syllables(r, 2))
    return f"{name}@{domain(rng, split)}"


def url(rng: random.Random, split: Split) -> str:
    """Return an https address at a domain that ends in `.example`."""
    path = rng.choice(("", f"/{draw(rng, split, lambda r: syllables(r, 1))}", f"/{rng.randrange(100, 9999)}"))
    return f"{rng.choice(('https://', 'https://', ''))}{domain(rng, split)}{path}"


def reference_id(rng: random.Random, split: Split) -> str:
    """Return an identifier such as `AX-4471`, `#83102`, `INV-2026-019` or `7F3K9`."""

    def make(r: random.Random) -> str:
        letters = "".join(r.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(r.choice((1, 2, 2, 3))))
        digits = "".join(r.choice("0123456789") for _ in range(r.choice((2, 3, 4, 4, 5, 6))))
        kind = r.randrange(6)
        if kind == 0:
            return f"#{digits}{r.randrange(10)}"
        if kind == 1:
            return f"{r.choice(('INV', 'F', 'PO', 'ORD', 'Q', 'TKT', letters))}-20{r.randrange(22, 32)}-{digits}"
        if kind == 2:
            return f"{letters}{digits}"
        if kind == 3:
            return f"{letters}/{digits}"
        return f"{letters}-{digits}"

    return draw(rng, split, make)


def number(rng: random.Random, split: Split) -> str:
    """Return a whole number of one to five digits."""
    return draw(rng, split, lambda r: str(r.randrange(2, 10 ** r.choice((1, 2, 2, 3, 4, 5)) + 2)))


def phone(rng: random.Random, split: Split) -> str:
    """Return a phone number such as `+34 612 345 678` or `0171 5550134`."""

    def make(r: random.Random) -> str:
        if r.random() < 0.5:
            groups = " ".join(f"{r.randrange(100, 1000)}" for _ in range(3))
            return f"+{r.randrange(20, 99)} {groups}"
        return f"0{r.randrange(100, 1000)} {r.choice(('555', '555 '))}{r.randrange(1000, 10000)}"

    return draw(rng, split, make)


def percentage(rng: random.Random, split: Split) -> str:
    """Return a percentage such as `12%` or `3.5%`."""
    return draw(rng, split, lambda r: f"{r.randrange(1, 100)}{r.choice(('', '', f'.{r.randrange(1, 10)}'))}%")


def amount(rng: random.Random, split: Split) -> str:
    """Return an amount of money in one of several formats: `€1,250.00`, `480 EUR`, `$75`, `1.250,00 €`."""

    def make(r: random.Random) -> str:
        whole = r.randrange(5, 10 ** r.choice((2, 3, 3, 4, 4, 5)))
        cents = r.choice((None, None, r.randrange(100)))
        english = f"{whole:,}" if r.random() < 0.6 else str(whole)
        english += "" if cents is None else f".{cents:02d}"
        spanish = f"{whole:,}".replace(",", ".") + ("" if cents is None else f",{cents:02d}")
        return r.choice(
            (f"€{english}", f"${english}", f"£{english}", f"{english} EUR", f"{english} USD", f"{english} euros",
             f"{spanish} €", f"{english} dollars", f"EUR {english}")
        )  # fmt: skip

    return draw(rng, split, make)


def date(rng: random.Random, split: Split, language: Language = "en") -> str:
    """Return a date in one of several formats, e.g. `5 May`, `May 5, 2027`, `2027-05-05`, `5 de mayo`."""

    def make(r: random.Random) -> str:
        day, month, year = r.randrange(1, 29), r.randrange(12), r.randrange(2025, 2032)
        if r.random() < 0.12:
            return f"{year}-{month + 1:02d}-{day:02d}"
        if language == "es":
            name, week = _MONTHS_ES[month], r.choice(_DAYS_ES)
            return r.choice(
                (f"{day} de {name}", f"{day} de {name}", f"{day} de {name} de {year}", f"{week} {day} de {name}",
                 f"{day}/{month + 1}", f"{day:02d}/{month + 1:02d}/{year}", f"{week} {day}")
            )  # fmt: skip
        name, week = _MONTHS_EN[month], r.choice(_DAYS_EN)
        suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        return r.choice(
            (f"{day} {name}", f"{day} {name}", f"{name} {day}", f"{name} {day}, {year}", f"{day} {name} {year}",
             f"{week} {day} {name}", f"{week}, {name} {day}", f"{day}/{month + 1}/{year}", f"{name[:3]} {day}",
             f"{name} {day}{suffix}", f"the {day}{suffix} of {name}")
        )  # fmt: skip

    return draw(rng, split, make)


def weekday(rng: random.Random, language: Language = "en") -> str:
    """Return the name of a day of the week; there are too few to hold any out."""
    return rng.choice(_DAYS_ES if language == "es" else _DAYS_EN)


def month(rng: random.Random, language: Language = "en") -> str:
    """Return the name of a month; there are too few to hold any out."""
    return rng.choice(_MONTHS_ES if language == "es" else _MONTHS_EN)


def clock_time(rng: random.Random, split: Split) -> str:
    """Return a time of day, e.g. `14:30`, `9 am`, `9:15am`."""

    def make(r: random.Random) -> str:
        hour, minute = r.randrange(7, 21), r.choice((0, 0, 0, 15, 30, 30, 45, r.randrange(60)))
        if r.random() < 0.6:
            return f"{hour}:{minute:02d}"
        half, twelve = ("am", "pm")[hour >= 12], (hour - 1) % 12 + 1
        return f"{twelve}{f':{minute:02d}' if minute else ''}{r.choice(('', ' '))}{half}"

    return draw(rng, split, make)


def place(rng: random.Random, split: Split) -> str:
    """Return a room, street, hotel or online place."""

    def make(r: random.Random) -> str:
        word = syllables(r, 2).capitalize()
        return r.choice(_PLACES).format(n=r.randrange(1, 400), l=r.choice("ABCDEFGH"), w=word)

    return draw(rng, split, make)


def product(rng: random.Random, split: Split) -> str:
    """Return a product, e.g. `oak desk`, `wireless headset`, `Brilo pump`, `drill KX220`."""

    def make(r: random.Random) -> str:
        noun = r.choice(_PRODUCT)
        kind = r.randrange(4)
        if kind == 0:
            return f"{r.choice(_ADJECTIVE)} {noun}"
        if kind == 1:
            return f"{syllables(r, 2).capitalize()} {noun}"
        if kind == 2:
            return f"{noun} {r.choice('ABCDKMTXZ')}{r.choice('ABKLRXZ')}{r.randrange(10, 999)}"
        return f"{r.choice(_ADJECTIVE)} {r.choice(_ADJECTIVE)} {noun}"

    return draw(rng, split, make)
