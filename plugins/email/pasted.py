"""What can be told from mails that somebody pasted: where one begins, who wrote it, and its details."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GREETING = r"(?:hi|hello|hey|dear|good (?:morning|afternoon)|hola|estimad[oa]s?|buen[oa]s (?:días|tardes))\b"
_START = re.compile(rf"^[ \t]*(?:from:|de:|subject:|asunto:|{_GREETING})", re.IGNORECASE | re.MULTILINE)
_LEAD = re.compile(
    r"(?P<lead>(?:[^\n:]*\b)?(?:reply|respond|answer|write back|responde|contesta|respuesta)\b[^\n:]*):\s+(?P<mail>.+)",
    re.IGNORECASE | re.DOTALL,
)
_NAME = r"(?:(?:Mr|Ms|Mrs|Dr|Prof|Sra?|Dra)\.? )?[^\W\d_a-zà-ý][\w.'’-]*(?: [^\W\d_a-zà-ý][\w.'’-]*){0,2}"
_READER = re.compile(rf"^[ \t]*(?i:{_GREETING}),? (?P<name>{_NAME})[ \t]*[,:!.]", re.MULTILINE)
_SIGNATURE = re.compile(rf"\n[ \t]*[-–—]?[ \t]*(?P<name>{_NAME})[ \t]*$")
_HEADER = re.compile(r"^[ \t]*(?P<label>from|de|subject|asunto):[ \t]*(?P<value>[^\n]*)$", re.IGNORECASE | re.MULTILINE)
_TURN = re.compile(
    rf"^[ \t>]*(?:From: *(?P<a>{_NAME})(?: *<[^>\n]*>)?$"
    rf"|(?:On [^\n]*?,? )?(?P<b>{_NAME}) wrote: *(?P<bt>[^\n]*)$"
    rf"|(?!(?:Subject|Date|To|Cc|From|Sent|Summary|Thread|Re|Fwd|FYI|Update|Decided|Note)\b)"
    rf"(?P<c>{_NAME}): +(?P<ct>[^\n]+)$)"
)
_SKIPPED = re.compile(r"^(?:(?:subject|date|to|cc|sent) *:.*|[-_=]{2,}.*)$", re.IGNORECASE)
_SALUTATION = re.compile(
    rf"^(?:{_GREETING}[^.!?]{{0,40}}[,:!]"
    r"|(?:best|kind|many)? ?(?:regards|wishes|thanks)[,.]?|cheers[,.]?|yours sincerely[,.]?)$",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<=[.!?])\s+(?=[^\W_a-zß-öø-ÿ]|[@¿¡])")
_ABBREVIATED = re.compile(r"\b(?:Mr|Ms|Mrs|Dr|Prof|Sra?|Dra)\.$")
_DETAIL = re.compile(r"[^\s,;:!?()\"']*\d[^\s,;!?()\"']*")


@dataclass(frozen=True, slots=True)
class Received:
    """What a mail says of itself; each is empty where it does not."""

    subject: str
    writer: str
    reader: str


def split_pasted(request: str) -> tuple[str, str] | None:
    """Return the instruction and the mail pasted after it, or None where `request` holds no mail.

    A mail begins at a line with a header or a greeting, and something else must stand before it.
    """
    match = _START.search(request)
    if match is None or not request[: match.start()].strip():
        return None
    return request[: match.start()].strip().rstrip(":"), request[match.start() :].strip()


def split_reply(request: str) -> tuple[str, str]:
    """Return the word on what to answer and the mail; the first is empty where `request` is but a mail."""
    pasted = split_pasted(request)
    if pasted is not None:
        return pasted
    match = None if _START.match(request) else _LEAD.match(request.strip())
    return (match["lead"].strip(), match["mail"].strip()) if match else ("", request.strip())


def read_mail(mail: str) -> Received:
    """Return the subject of `mail`, who signed it and whom it greets."""
    headers = {m["label"].lower(): m["value"].strip() for m in reversed(list(_HEADER.finditer(mail)))}
    writer = re.sub(r"\s*<.*", "", headers.get("from") or headers.get("de") or "")
    signed, greeted = _SIGNATURE.search(mail.rstrip()), _READER.search(mail)
    return Received(
        headers.get("subject") or headers.get("asunto") or "",
        writer or (signed["name"] if signed else ""),
        greeted["name"] if greeted else "",
    )


def sentences_of(thread: str) -> list[tuple[str, str]]:
    """Return who said which sentence, in the order of `thread`; empty where it does not show who speaks.

    Headers, greetings and signatures are left out, and so is what stands before the first mail.
    """
    said: list[tuple[str, str]] = []
    who = ""
    for raw in thread.splitlines():
        line = raw.lstrip(" \t>*").rstrip(" \t*")
        turn = _TURN.match(line)
        if turn is not None:
            who = turn["a"] or turn["b"] or turn["c"]
            line = turn["bt"] or turn["ct"] or ""
        if line and who and line not in (who, who.split()[0]) and not _SKIPPED.match(line):
            said += [(who, sentence) for sentence in _split(line) if not _SALUTATION.match(sentence)]
    return said


def details(text: str) -> set[str]:
    """Return the words of `text` that hold a digit: dates, times, amounts, numbers, identifiers."""
    return {detail for match in _DETAIL.findall(text) if (detail := match.strip(".,-–—[]{}<>*_`").casefold())}


def _split(line: str) -> list[str]:
    """Return the sentences of `line`; a title such as `Dr.` ends none."""
    parts: list[str] = []
    for part in _STOP.split(line):
        if parts and _ABBREVIATED.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts
