"""How the arguments of the chat functions become a message for the model, and its text a result."""

from __future__ import annotations


def reply_input(message: str) -> str:
    """Return the user's message as the model sees it."""
    return message.strip()


def parse_reply(text: str) -> dict[str, str]:
    """Return the result of `chat.reply` from the model's text."""
    return {"reply": text.strip()}
