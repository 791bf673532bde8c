"""The form of a reply: what is declined stands in it as it was asked for."""

from __future__ import annotations

from plugins.forms import spans

_OPENINGS = {"I cannot ": "help with ", "No puedo ": "ayudar con "}
"""How a reply declines: what is to be done, or, with the words after it, what is to be talked of."""


def chat_form(message: str) -> str:
    """Return the form of the reply to `message`, of `layout.reply_input`: small talk, or a refusal in its words.

    What is declined is some words of the message, one after the other; which ones, and all else, the model decides.
    Empty where the message is too long to be read so closely, or has no words.
    """
    lowered = message[:1].lower() + message[1:]
    said = "|".join(filter(None, (spans(text).replace("/", "\\/") for text in dict.fromkeys((lowered, message)))))
    if not said:
        return ""
    declined = "|".join(f"{opening}(?:{about})?" for opening, about in _OPENINGS.items())
    other = " & ".join(["/[^\\n]+/", *(f"~/{opening}(?:.|\\n)*/" for opening in _OPENINGS)])
    return f"start: REFUSAL | TALK\nREFUSAL: /(?:{declined})(?:{said})\\. [^\\n]+/\nTALK: {other}\n"
