"""How the arguments of the e-mail functions become a model's message, and its text becomes a result.

What plain code can do is done here: capitals, full stops, who wrote a mail. The model is left to choose and to copy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from plugins.email.pasted import read_mail, sentences_of, split_reply

_FENCE = re.compile(r"^\s*```[a-z]*\s*\n(?P<inner>.*?)\n?\s*```\s*$", re.DOTALL)
_SUBJECT = re.compile(
    r"^[\s*#]*(?:subject|asunto)\s*:[\s*]*(?P<subject>[^\n]*)\n?(?P<body>.*)$", re.DOTALL | re.IGNORECASE
)
_THREAD = re.compile(
    r"^[\s*#]*(?:summary\s*:)?[\s*]*(?P<summary>.*?)(?:\n[\s*#]*actions\s*:[\s*]*(?P<actions>.*))?$",
    re.DOTALL | re.IGNORECASE,
)
_ACTION = re.compile(
    r"^\s*(?:[-*•]\s*)?(?P<who>[^:\n]{1,120}):\s*(?P<what>.+?)(?:\s*\(by\s+(?P<due>[^()]+)\))?\s*\.?\s*$"
)
_DUE = re.compile(r"\b(?:by|before) (?P<due>[^,;?!]+)[?!]?$")
_ASKED = re.compile(r"^@?(?P<who>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)?),? (?:please|can you|could you)\b")
_ARTICLE = re.compile(r"^(?:the|our|el|la|los|las)\s+", re.IGNORECASE)
_STARTS = frozenset(
    "the a an our my we your you it this that there they he she everyone nobody to tell let inform say write notify "
    "mention explain announce warn ask request remind reminder thank thanks invite invitation apologise apologize "
    "apology apologies confirm confirmation follow cancel cancellation complain complaint welcome congratulate "
    "congratulations send about regarding please reply answer respond add also change replace use make sign address "
    "el la los las un una mi su nuestro nuestra hay no decir decirle informar avisar pedir solicitar preguntar "
    "recordar agradecer invitar confirmar cancelar enviar para sobre que responde contesta añade cambia firma".split()
)
"""First words whose capital only marks the start of a sentence."""
_VERDICTS = frozenset(
    "yes|no|accept|decline|accept it|decline it|agree|refuse|say yes|say no|accept politely|decline politely|"
    "sí|si|aceptar|rechazar|acepta|rechaza|di que sí|di que no".split("|")
)


def draft_input(
    recipient: str = "",
    sender: str = "",
    purpose: str = "",
    points: Sequence[str] = (),
    tone: str = "neutral",
    language: str = "en",
) -> str:
    """Lay out the arguments of `draft`, one field a line; empty fields leave their line out.

    The purpose and a point that say the same become one.
    """
    purpose, points = _merged(_clause(purpose), [item for item in map(_line, points) if item])
    lines = [f"Language: {language}", f"Tone: {tone}", *_field("To", _addressed(recipient)), *_field("From", sender)]
    return "\n".join([*lines, *_field("Purpose", purpose), *_points(points)])


def reply_input(
    message: str, sender: str = "", points: Sequence[str] = (), tone: str = "neutral", language: str = "en"
) -> str:
    """Lay out the arguments of `reply`; the message comes last, as it is.

    Subject, addressee and sender are read off the message; a point such as `accept` is an instruction.
    """
    lead, mail = split_reply(message)
    received = read_mail(mail)
    unnamed = "su mensaje" if language == "es" else "your message"
    subject = re.sub(r"^(?:re: *)+", "", received.subject, flags=re.IGNORECASE) or unnamed
    verdicts = [word for point in points if (word := _clause(point).casefold()) in _VERDICTS]
    said = [point for point in map(_line, points) if _clause(point).casefold() not in _VERDICTS]
    lines = [
        f"Language: {language}",
        f"Tone: {tone}",
        f"Subject: Re: {subject}",
        *_field("To", _addressed(received.writer)),
        *_field("From", sender or received.reader),
        *_points(said),
        *_field("Instruction", "; ".join([*filter(None, [_clause(lead)]), *verdicts])),
    ]
    return "\n".join([*lines, "Message:", mail])


def revise_input(draft: str, instruction: str) -> str:
    """Lay out the arguments of `revise`; the draft comes last, as it is."""
    return f"Instruction: {_clause(instruction)}\nDraft:\n{draft.strip()}"


def summarize_thread_input(thread: str) -> str:
    """Lay out the argument of `summarize_thread`: a sentence a line with who said it, or the text where none shows."""
    said = [f"{who}: {sentence}" for who, sentence in sentences_of(thread)]
    return "\n".join(["Thread:", *(said or [thread.strip()])])


def parse_draft(text: str) -> dict[str, Any]:
    """Return `{"subject", "body"}`; a text without a subject line is all body and has an empty subject."""
    text = _bare(text)
    match = _SUBJECT.match(text)
    if match is None:
        return {"subject": "", "body": text}
    return {"subject": match["subject"].strip(" *"), "body": match["body"].strip()}


parse_reply = parse_draft
parse_revise = parse_draft


def parse_summarize_thread(text: str) -> dict[str, Any]:
    """Return `{"summary", "actions": [{"who", "what", "due"}]}`; `due` is empty where the thread names none.

    An action is said by who does it, or asks them by name at its start.
    """
    match = _THREAD.match(_bare(text))
    if match is None:
        return {"summary": "", "actions": []}
    actions = [_action(m) for m in map(_ACTION.match, (match["actions"] or "").splitlines()) if m is not None]
    return {"summary": " ".join(match["summary"].split()), "actions": actions}


def sentence(point: str) -> str:
    """Return a point as a sentence: its words, a capital unless it begins with an address, and a full stop."""
    text = _line(point)
    first = text.split(" ", 1)[0]
    text = text if any(mark in first.rstrip(".,:;") for mark in "@/.") else _capital(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _action(match: re.Match[str]) -> dict[str, str]:
    what = match["what"].strip(" *")
    asked, due = _ASKED.match(what), _DUE.search(what)
    return {
        "who": asked["who"] if asked else match["who"].strip(" *"),
        "what": what,
        "due": (match["due"] or (due["due"] if due else "")).strip(),
    }


def _merged(purpose: str, points: Sequence[str]) -> tuple[str, list[str]]:
    """Return the purpose and the points without a point that is in the purpose; a point that holds it replaces it."""
    folded = purpose.casefold()
    for index, point in enumerate(points):
        if folded and folded in point.casefold():
            return _clause(point), [*points[:index], *points[index + 1 :]]
    return purpose, [point for point in points if _clause(point).casefold() not in folded]


def _addressed(name: str) -> str:
    return _capital(_ARTICLE.sub("", _line(name)))


def _field(label: str, value: str) -> list[str]:
    value = _line(value)
    return [f"{label}: {value}"] if value else []


def _points(points: Sequence[str]) -> list[str]:
    return _field("Points", " ".join(sentence(point) for point in points if point.strip()))


def _clause(text: str) -> str:
    """Return `text` as it goes on inside a sentence: no capital at its start, no mark at its end."""
    text = _line(text).rstrip(" .!?:")
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first.casefold() in _STARTS else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(value: str) -> str:
    return " ".join(value.split())


def _bare(text: str) -> str:
    match = _FENCE.match(text)
    return (match["inner"] if match else text).strip()
