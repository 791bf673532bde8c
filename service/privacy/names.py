"""People's names: after words that announce one, common given names, and what addresses of e-mail give away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from service.privacy.given_names import AMBIGUOUS_NAMES, GIVEN_NAMES, NOT_NAMES, ROLES
from service.privacy.kinds import Finding, Kind
from service.privacy.letters import UPPER

MIN_PART: Final = 3
"""A shorter part of a name is not looked for by itself."""

MAX_WORDS: Final = 6
"""What has more words and is given as a name is taken for none."""

_WORD: Final = rf"[{UPPER}][^\W\d_]{{0,24}}(?:['’-][^\W\d_]{{1,24}}){{0,2}}"
_PARTICLE: Final = (
    r"(?:de la|de los|de las|van der|van den|von der|del|de|da|dos|di|van|von|vom|zu|bin|ben|al|el|y|ten|ter)"
)
_NAME: Final = rf"{_WORD}(?:[ \u00a0](?:[{UPPER}]\.[ \u00a0]?)?(?:{_PARTICLE} )?{_WORD}){{0,4}}"
_NAME_RE: Final = re.compile(_NAME)
_WORD_RE: Final = re.compile(rf"(?<![\w'’.@/-]){_WORD}(?![\w@])")
_PARTICLES: Final = frozenset(_PARTICLE[3:-1].split("|"))

_TITLE: Final = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Lady|Herrn?|Frau|Fräulein|Sr|Sra|Srta|Señora?|Señorita|Don|"
    r"Doña|D\.ª)"
)
_TITLED: Final = rf"(?:(?:{_TITLE}\b\.?[ \u00a0]){{0,3}})"


def _cue(words: str, *, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"{words}{_TITLED}(?P<name>{_NAME})", flags)


_CUES: Final = (
    # Titles: Mr Brown, Frau Dr. Schmidt, Sra. Ruiz.
    _cue(rf"\b(?:{_TITLE}\b\.?[ \u00a0]){{1,3}}"),
    # Greetings.
    _cue(
        r"\b(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Hh]allo|[Gg]uten (?:Tag|Morgen|Abend)|[Ll]iebe[rs]?|"
        r"[Ss]ehr geehrte[rs]?|[Mm]oin|"
        r"[Hh]ola|[Ee]stimad[oa]s?|[Qq]uerid[oa]s?|[Bb]uen(?:os|as) (?:días|tardes|noches)|[Gg]ood (?:morning|"
        r"afternoon|evening)|"
        r"[Tt]hanks|[Tt]hank you|[Dd]anke|[Gg]racias),?[ \u00a0]"
    ),
    # Fields of forms, heads of mails, keys of JSON and YAML.
    _cue(
        r"(?:^|[\n{,;|(>\"'*]|\s{2,})[ \t\"'*-]{0,4}(?i:from|to|cc|bcc|recipient|sender|reply-to|signed by|"
        r"author|attn|contact"
        r"|(?:full|first|last|given|family|customer|contact|user|client|employee|patient)?[ _-]?name|customer|"
        r"client|patient"
        r"|employee|von|an|absender|empfänger|kunde|kundin|(?:vor|nach|kunden)name|ansprechpartner(?:in)?|"
        r"mitarbeiter(?:in)?"
        r"|de|para|remitente|destinatari[oa]|nombre(?: completo)?|apellidos?|client[ea]|titular|atendid[oa] por)"
        r"[\"'*]{0,3}[ \t]?[:=][ \t*]{0,3}[\"']?[ \t]?"
    ),
    # Who says who they are.
    _cue(
        r"\b(?:[Mm]y name is|[Tt]his is|I am|I'm|I’m|[Nn]ame's|[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|[Ii]ch bin|"
        r"[Hh]ier ist|"
        r"[Mm]e llamo|[Mm]i nombre es|[Ss]oy|[Ll]e habla)[ \u00a0]"
    ),
    # Ends of letters.
    _cue(
        r"\b(?i:(?:best|kind|warm|kindest|warmest)? ?regards|sincerely(?: yours)?|yours(?: sincerely|"
        r" faithfully| truly)?|"
        r"cheers|best wishes|all the best|many thanks|thanks(?: again| a lot)?|best|(?:viele|liebe|beste|"
        r"herzliche|schöne) grü(?:ß|ss)e|"
        r"mit (?:freundlichen|besten) grü(?:ß|ss)en|gru(?:ß|ss)|vg|mfg|lg|"
        r"(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|un abrazo|gracias)"
        r"[,.!]?\s*\n\s*[-–—]?\s?"
    ),
    # Who is written to, called, met: "write to Ana Costa", "ruf Herrn Weber an", "escribe a Luis".
    _cue(
        r"\b(?i:e-?mails?|mails?|letters?|messages?|notes?|repl(?:y|ies)|answers?|writes?|wrote|written|sends?|"
        r"sent|tell|ask|call|"
        r"meet|invite|thank|speak to|spoke to|spoke with|talk(?:ed)? to|"
        r"contact|inform|remind|congratulate|welcome|brief|nachricht|schreib\w*|sende|"
        r"schick\w*|antworte\w*|"
        r"frag\w*|ruf\w*|informier\w*|erinner\w*|correos?|cartas?|mensajes?|escrib\w*|enví\w*|dile|pregunta\w*|"
        r"llam\w*|avisa\w*|recuérda\w*|invita\w*|responde\w*)"
        r"(?: (?!and\b|that\b|und\b|y\b|que\b|dass\b)[^\W\d_]{1,12}){0,2}? (?:to |for |from |with |an |von |"
        r"für |mit |a |al |para |de |con )?"
    ),
    _cue(r"(?:, |\b(?:signed|sign) )(?:from|by|as|von|de parte de|de|on behalf of|im Namen von|firmado por) "),
    _cue(
        r"\b(?i:on behalf of|im Auftrag von|en nombre de|c/o|z\. ?Hd\.|attention of|a la atención de|assigned to|"
        r"owned by)[ \u00a0:]{1,2}"
    ),
)

_LOCAL_PART: Final = re.compile(r"(?<![\w.+%-])(?P<local>[^\W\d_]{2,24}(?:[._-][^\W\d_]{2,24}){1,3})\d{0,4}@\w")


def find_names(text: str, addresses: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield people's names in `text`; `addresses` are those of e-mail in it."""
    for cue in _CUES:
        for match in cue.finditer(text):
            if (found := _trimmed(text, *match.span("name"))) is not None:
                yield found
    yield from _known_given(text)
    for part in sorted({part for address in addresses for part in _parts_of(address)}):
        for match in re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", text):
            yield Finding(*match.span(), Kind.PERSON)


def _known_given(text: str) -> Iterator[Finding]:
    """Yield names that begin with a common given name."""
    end = 0
    for match in _WORD_RE.finditer(text):
        if match.start() < end:
            continue
        given = _POSSESSIVE.sub("", match.group()).casefold()
        first = given.split("-")[0]
        ambiguous = given in AMBIGUOUS_NAMES
        if first not in GIVEN_NAMES and not ambiguous:
            continue
        whole = _NAME_RE.match(text, match.start())
        assert whole is not None, "a word is a name in form"
        found = _trimmed(text, *whole.span())
        begins = match.start() == 0 or text[match.start() - 1] == "\n" or text[: match.start()].rstrip()[-1:] in ".!?¿¡"
        if found is None or (ambiguous and not _has_surname(text[found.start : found.end], first, begins=begins)):
            continue
        end = found.end
        yield found


def _has_surname(name: str, given: str, *, begins: bool) -> bool:
    """Return whether an everyday word such as May or Will is followed by what can only be a surname.

    `begins`: it is the first of its sentence, where its capital says nothing.
    """
    rest = [word.casefold() for word in name.split()[1:]]
    some = bool(rest) and not any(word in NOT_NAMES or word in _VERBS for word in rest)
    return some and (given in GIVEN_NAMES or not begins)


_VERBS: Final = frozenset("i you we they he she it is the this".split())


def _trimmed(text: str, start: int, end: int) -> Finding | None:
    """Return the name without the words at its ends that belong to none; None where nothing is left."""
    words = [(start + match.start(), start + match.end()) for match in re.finditer(r"[^ \u00a0]+", text[start:end])]
    for place, (first, last) in enumerate(words):
        if text[first].isupper() and text[first:last].casefold() in NOT_NAMES:
            words = words[:place]
            break
    while words and text[slice(*words[-1])].casefold() in _PARTICLES:
        words.pop()
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    # One word in capitals is an abbreviation, all of them are a name that is shouted.
    name = _POSSESSIVE.sub("", text[start:end])
    shouted = sum(word.isupper() and len(word) > 2 for word in name.split())
    if len(name) < 2 or any(map(_is_no_name, name.split())) or 0 < shouted < max(2, len(words)):
        return None
    return Finding(start, start + len(name), Kind.PERSON)


def _is_no_name(word: str) -> bool:
    """Return whether a word is written as the names of programs are."""
    return bool(_CAMEL.search(word)) and not word.startswith(_PREFIXES)


_POSSESSIVE: Final = re.compile(r"['’]s?$")
_CAMEL: Final = re.compile(r"[a-zß-ÿ][A-ZÀ-Þ]|^[A-Z]{2,}[a-z]")
_PREFIXES: Final = ("Mc", "Mac", "De", "Di", "Da", "La", "Le", "Van", "Von", "Fitz", "O'", "O’", "D'", "D’")


def _parts_of(address: str) -> Iterator[str]:
    """Yield the names that an address such as `ana.costa@…` is made of, as they are written."""
    if (match := _LOCAL_PART.match(address)) is None:
        return
    for part in re.split(r"[._-]", match["local"]):
        lower = part.lower()
        if len(part) >= MIN_PART and lower not in ROLES and lower not in NOT_NAMES and lower not in AMBIGUOUS_NAMES:
            yield lower.capitalize()


def is_name(words: str) -> bool:
    """Return whether what somebody gave as a name is one: *Ana Costa*, and not *all customers* or an address."""
    parts = words.split()
    letters = all(_SIGNS.sub("", part).isalpha() for part in parts)
    return 1 <= len(parts) <= MAX_WORDS and letters and parts[0].casefold() not in NOT_NAMES


_SIGNS: Final = re.compile(r"""[-'’.,"“”„]""")


def parts_of_name(name: str) -> Iterator[str]:
    """Yield the words of a whole name that stand for its bearer by themselves, too."""
    words = name.split()
    if len(words) < 2:
        return
    for word in words:
        lower = word.casefold()
        known = lower in AMBIGUOUS_NAMES or lower in NOT_NAMES or lower in _PARTICLES
        if len(word) >= MIN_PART and word[0].isupper() and not known and "." not in word:
            yield word
