"""How the arguments of the e-mail functions become a model's message, and its text becomes a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_FENCE = re.compile(r"^\s*```[a-z]*\s*\n(?P<inner>.*?)\n?\s*```\s*$", re.DOTALL)
_SUBJECT = re.compile(
    r"^[\s*#]*(?:subject|asunto)\s*:[\s*]*(?P<subject>[^\n]*)\n?(?P<body>.*)$", re.DOTALL | re.IGNORECASE
)
_THREAD = re.compile(
    r"^[\s*#]*(?:summary\s*:)?[\s*]*(?P<summary>.*?)(?:\n[\s*#]*actions\s*:[\s*]*(?P<actions>.*))?$",
    re.DOTALL | re.IGNORECASE,
)
_ACTION = re.compile(r"^\s*[-*•]\s*(?P<who>[^:\n]{1,120}):\s*(?P<what>.+?)(?:\s*\(by\s+(?P<due>[^()]+)\))?\s*\.?\s*$")


def draft_input(
    recipient: str = "",
    sender: str = "",
    purpose: str = "",
    points: Sequence[str] = (),
    tone: str = "neutral",
    language: str = "en",
) -> str:
    """Lay out the arguments of `draft`, one field a line; empty fields leave their line out."""
    lines = [f"Language: {language}", f"Tone: {tone}", *_field("To", recipient), *_field("From", sender)]
    return "\n".join([*lines, *_field("Purpose", purpose), *_points(points)])


def reply_input(
    message: str, sender: str = "", points: Sequence[str] = (), tone: str = "neutral", language: str = "en"
) -> str:
    """Lay out the arguments of `reply`; the message comes last, as it is."""
    lines = [f"Language: {language}", f"Tone: {tone}", *_field("From", sender), *_points(points)]
    return "\n".join([*lines, "Message:", message.strip()])


def revise_input(draft: str, instruction: str) -> str:
    """Lay out the arguments of `revise`; the draft comes last, as it is."""
    return f"Instruction: {_line(instruction)}\nDraft:\n{draft.strip()}"


def summarize_thread_input(thread: str) -> str:
    """Lay out the argument of `summarize_thread`."""
    return f"Thread:\n{thread.strip()}"


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
    """Return `{"summary", "actions": [{"who", "what", "due"}]}`; `due` is empty where the thread names none."""
    match = _THREAD.match(_bare(text))
    if match is None:
        return {"summary": "", "actions": []}
    actions = [
        {"who": m["who"].strip(" *"), "what": m["what"].strip(" *"), "due": (m["due"] or "").strip()}
        for m in (_ACTION.match(line) for line in (match["actions"] or "").splitlines())
        if m is not None
    ]
    return {"summary": match["summary"].strip(), "actions": actions}


def _field(label: str, value: str) -> list[str]:
    value = _line(value)
    return [f"{label}: {value}"] if value else []


def _points(points: Sequence[str]) -> list[str]:
    items = [f"- {item}" for item in map(_line, points) if item]
    return ["Points:", *items] if items else []


def _line(value: str) -> str:
    return " ".join(value.split())


def _bare(text: str) -> str:
    match = _FENCE.match(text)
    return (match["inner"] if match else text).strip()
