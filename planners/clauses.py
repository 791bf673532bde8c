"""What a request says is to be done, one thing after another, and what a later part leaves to the ones before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from planners.mentions import Kind, Mention, mentions
from planners.wording import folded, is_small, stems
from plugins.language import language_of

_VERBS: Final = (
    "answer book calculate check compose create describe draft estimate explain fetch find generate get give inform "
    "list look open prepare read remind reply report reserve review schedule search send show summarise "
    "summarize track translate update write anota averigua busca calcula comprueba consulta contesta crea dame dime "
    "encuentra envía envíale escribe escríbele explica haz informa lista manda mándale mira muéstrame muestra pide "
    "prepara redacta redáctale reserva responde resume revisa traduce"
).split()
"""Words by which somebody is told to do another thing; what a function's name begins with is one as well."""

_PEOPLE: Final = r"(?:tell|dile|cuéntale)\s+(?:me|us)|let\s+(?:me|us)\s+know"
_POLITE: Final = (
    r"(?:(?:could|can|would|will)\s+you\s+(?:please\s+)?|please\s+|kindly\s+|puedes\s+|podrías\s+|por\s+favor,?\s+)"
)
_THEN: Final = r"(?:then|afterwards|after\s+that|next|finally|also|luego|después|entonces|además|también)"
_OF_WHAT: Final = r"(?!\s+(?:it|them|this|that|these|those)\b)"
"""`sign it` goes on with what was to be done; where a function is called so, `cancel it` is another thing."""

_POLITELY: Final = re.compile(rf"^(?:{_POLITE}|{_THEN},?\s+|(?:and|y|e)\s+)+", re.IGNORECASE)
_HEAD_END: Final = {
    "en": re.compile(r"\s(?:about|regarding|concerning|to|for|that|which|saying|telling|with|from)\s", re.IGNORECASE),
    "es": re.compile(r"\s(?:sobre|acerca|para|que|al?|con|diciendo)\s", re.IGNORECASE),
}
_FURTHER: Final = re.compile(
    r"\b(?:about|regarding|concerning|on|that|which|saying|telling|with|because|sobre|acerca|que|diciendo|con|porque)\s",
    re.IGNORECASE,
)
"""What is followed by what the thing is about."""

_POINTS_BACK: Final = re.compile(
    r"\s+(?:about|on|regarding|concerning|with|sobre|acerca de|con)\s+"
    r"(?:it|this|that|these|those|them|ello|eso|esto|the\s+(?:answer|result|outcome)|"
    r"(?:el\s+resultado|la\s+respuesta))(?=\s*(?:$|[,.;!?]|\s(?:to|for|in|with|and|a|al|para|en)\b))",
    re.IGNORECASE,
)
_OF_IT: Final = re.compile(r"\b(?P<before>of|de)\s+(?:it|this|that|ello|eso|esto)\b", re.IGNORECASE)
_TO_WHOM: Final = re.compile(
    r"\b(?:to|for|a|para)\s+(?:(?:the|my|our|el|la|los|las|mi)\s+)?(?P<to>[^\W\d_]+)|\bal\s+(?P<al>[^\W\d_]+)"
    r"|^\w+\s+(?:the|my|our)\s+(?P<object>[^\W\d_]+)\s+an?\s",
    re.IGNORECASE,
)
_ITS: Final = re.compile(r"\b(?P<before>about|of|on|regarding|with|and)\s+(?:its|their)\s+(?P<what>\w+)", re.IGNORECASE)
_SU: Final = re.compile(r"\b(?P<before>sobre|de|con|y)\s+su\s+(?P<what>\w+)", re.IGNORECASE)

_QUESTION: Final = re.compile(
    r"^\W*(?:what|where|which|who|whose|when|why|how|is|are|was|were|has|have|had|did|does|do|check|describe|fetch|find|get|"
    r"list|look|read|search|show|tell\s+(?:me|us)|track|qué|cuál|cuáles|cuándo|cuánto|cuántos|cuánta|cuántas|dónde|quién|"
    r"cómo|está|busca|comprueba|consulta|dime|encuentra|lista|mira|muestra|muéstrame)\b(?!\s+you\b)",
    re.IGNORECASE,
)
_OF: Final = re.compile(
    r"(?:\b(?:the|el|la|los|las)\s+)?(?P<what>[^\W\d_]+)\s+(?:of|for|de|del)\s+(?:(?:the|my|our|el|la|los|las|mi)\s+)?$",
    re.IGNORECASE,
)


def parts(request: str, most: int, verbs: Iterable[str] = ()) -> list[str]:
    """Return the parts of a request, in their order; what is more than `most` stays in the last.

    `verbs` are those by which functions are called, besides the usual ones.
    """
    pattern = _between(frozenset(folded(verb) for verb in verbs))
    return [one for one in (_bare(part) for part in pattern.split(request.strip(), most - 1)) if one]


def asks(part: str) -> bool:
    """Return whether a part asks for something to be told, so that nothing is to be changed."""
    return _QUESTION.search(_POLITELY.sub("", part)) is not None


def head(part: str) -> str:
    """Return what is to be done, without to whom and about what: `draft an e-mail` of `draft an e-mail to Ana`."""
    bare = _POLITELY.sub("", part)
    end = _HEAD_END[language_of(bare)].search(bare)
    return bare[: end.start()] if end else bare


def topic(part: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a part is about and the thing itself: `state of order 1042`, `order 1042`; empty: it cannot be said.

    The thing is the first of the call's `arguments` that stands in the part, with the words that say what it is.
    """
    part = _POLITELY.sub("", part)
    given = {str(value) for value in arguments.values() if isinstance(value, str | int | float)}
    exact = [one for one in mentions(part) if one.text in given and one.kind not in (Kind.WORDS, Kind.TOLD)]
    if not exact:
        return "", ""
    start = _labelled(part, exact[0])
    thing = part[start : exact[0].end]
    before = _OF.search(part[:start])
    if before is None or is_small(before["what"]):
        return thing, thing
    return part[before.start() : exact[0].end], thing


def label(part: str, arguments: Mapping[str, Any]) -> str:
    """Return the word that says what the thing is that a part is about, as `order` of `order 1042`; or nothing."""
    _, thing = topic(part, arguments)
    words = [word for word in thing.split()[:-1] if stems(word)]
    return words[0] if words else ""


def to_whom(part: str) -> list[str]:
    """Return the words that may say to whom something is done: `customer` of `write to the customer`."""
    bare = _POLITELY.sub("", part)
    return [next(filter(None, match.groups())) for match in _TO_WHOM.finditer(bare)]


def completed(part: str, about: str, thing: str) -> str:
    """Return a part with what it leaves to the part before: `about it`, or nothing where it needs a topic.

    A part with a text pasted below its first line, or a number or identifier of its own, needs none.
    """
    if not about or "\n" in part:
        return part
    said = _ITS.sub(lambda match: f"{match['before']} the {match['what']} of {thing}", part)
    said = _SU.sub(lambda match: f"{match['before']} {match['what']} de {thing}", said)
    said = _OF_IT.sub(lambda match: f"{match['before']} {thing}", said)
    bare = _POINTS_BACK.sub("", said).rstrip(" .!?")
    if bare == said.rstrip(" .!?") and (said != part or _FURTHER.search(part) or names_a_thing(part)):
        return said
    return f"{bare} {'sobre' if language_of(part) == 'es' else 'about'} {about}"


def names_a_thing(part: str) -> bool:
    """Return whether a part says itself what it is about."""
    exact = (one.text for one in mentions(part) if one.kind in (Kind.NUMBER, Kind.IDENTIFIER, Kind.VERSION))
    return any(character.isdigit() for text in exact for character in text)


def _labelled(part: str, one: Mention) -> int:
    """Return where the words begin that stand directly before a value and say what it is, as `order number` does."""
    start = one.start
    while match := re.search(r"([^\W\d_]+)\s+$", part[:start]):
        word = match[1]
        if is_small(word) or not part[: match.start()].strip(" ¿¡"):  # what stands first says what is to be done
            break
        start = match.start()
    return start


def _bare(part: str) -> str:
    return part.strip().removesuffix(",").strip()


@lru_cache(maxsize=64)
def _between(verbs: frozenset[str]) -> re.Pattern[str]:
    own = "|".join(sorted(re.escape(verb) for verb in verbs if verb))
    usual = "|".join(sorted(_VERBS, key=len, reverse=True))
    named = rf"(?:{own})\b|" if own else ""
    does = rf"(?={_POLITE}?(?:{named}(?:{usual})\b{_OF_WHAT}|(?:{_PEOPLE})\b)|{_POLITE})"
    return re.compile(
        rf"\s*[,;.!?]?\s+(?:and|y)\s+(?:also\s+|then\s+|afterwards,?\s+|también\s+|luego\s+|después\s+)?{does}"
        rf"|\s*[,.!?]?\s+(?:and\s+|y\s+)?(?:then|afterwards|luego|después),?\s+(?=\w)"
        rf"|\s*,\s+{does}|(?<=[.!?])\s+(?:{_THEN},?\s+)?{does}|;\s*(?:(?:and|y)\s+)?(?:{_THEN}\s+)?",
        re.IGNORECASE,
    )
