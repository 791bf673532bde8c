"""Rendered prompts as messages; only the template's own text can begin or end one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from plugins.sources.base import SourceError
from plugins.sources.prompt.template import Piece

_ROLES: Final = ("system", "user", "assistant")

# A value is one character of the private use area while the text is searched for tags: no template has them.
_FIRST, _LAST = 0xF0000, 0xFFFFD
PRIVATE: Final = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")

_TAG = re.compile(r"<(/?)message\b([^<>]*)>")
_ROLE = re.compile(r"""\s+role\s*=\s*(?:"([^"]*)"|'([^']*)')\s*""")
_TEXT = re.compile(r"\s*<text>(.*)</text>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a rendered prompt."""

    role: str
    text: str


def messages_of(pieces: Sequence[Piece]) -> list[PromptMessage]:
    """Return the messages of a prompt, as Semantic Kernel divides it.

    Text before the first message speaks for the system, text after one for the user; a prompt without other messages is
    the user's.

    Raises:
        SourceError: `PROMPT_INVALID` if a message is not well formed or has no known role, `ARGUMENTS_INVALID` if
            nothing is left to say or an argument is no role that it may be.
    """
    values: list[str] = []
    marked = []
    for piece in pieces:
        if piece.is_value:
            marked.append(chr(_FIRST + len(values)))
            values.append(piece.text)
        else:
            marked.append(piece.text)
    text = "".join(marked)
    found: list[PromptMessage] = []
    end, role = 0, ""
    for tag in _TAG.finditer(text):
        inner = text[end : tag.start()]
        if bool(tag[1]) != bool(role):
            raise SourceError("PROMPT_INVALID", "messages are not opened and closed in turn", "template")
        if role:
            only = _TEXT.fullmatch(inner)
            _add(found, role, _filled(only[1] if only else inner, values))
        else:
            _add(found, "user" if found else "system", _filled(inner, values))
        role = "" if role else _role(tag[2], values)
        end = tag.end()
    if role:
        raise SourceError("PROMPT_INVALID", "a message is not closed", "template")
    _add(found, "user" if found else "system", _filled(text[end:], values))
    if not found:
        raise SourceError("ARGUMENTS_INVALID", "the prompt is empty with these arguments")
    if len(found) == 1 and found[0].role == "system":
        return [PromptMessage("user", found[0].text)]
    return found


def _add(messages: list[PromptMessage], role: str, text: str) -> None:
    if text.strip():
        messages.append(PromptMessage(role, text.strip()))


def _role(attributes: str, values: Sequence[str]) -> str:
    found = _ROLE.fullmatch(attributes)
    written = (found[1] or found[2] or "") if found else ""
    role = _filled(written, values).strip().lower()
    if PRIVATE.search(written):
        # What comes from arguments may speak for a user or a model, never for the system.
        if role not in _ROLES[1:]:
            raise SourceError("ARGUMENTS_INVALID", "the role of a message must be user or assistant")
    elif role not in _ROLES:
        raise SourceError("PROMPT_INVALID", f"a message must have one of the roles {', '.join(_ROLES)}", "template")
    return role


def _filled(text: str, values: Sequence[str]) -> str:
    """Return the text with its entities read and then its values put in."""
    return PRIVATE.sub(lambda mark: values[ord(mark[0]) - _FIRST], unescape(text))
