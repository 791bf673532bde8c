"""The chat layout of colibri: its special tokens, its template, and the same template in Python."""

from __future__ import annotations

from collections.abc import Sequence

from models.colibri.corpus.example import Message

PAD, END = "<|pad|>", "<|end|>"
ROLES = {"system": "<|system|>", "user": "<|user|>", "assistant": "<|assistant|>", "tool": "<|tool|>"}
SPECIAL = (PAD, END, *ROLES.values())

TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def render(messages: Sequence[Message]) -> str:
    """Return the messages as the chat template lays them out, the assistant's turn opened."""
    return "".join(f"{ROLES[m.role]}{m.content}{END}" for m in messages) + ROLES["assistant"]
