"""The forms of e-mails and summaries: names, points and lines stand in them as given, and no number is made up.

Subject, opening and closing are the model's; so is which lines of a thread matter.
"""

from __future__ import annotations

from plugins.forms import BREAK, LINE, PARAGRAPH, form, literal, one_of, optional, told

SALUTATIONS = {"en": ("Hi", "Hello", "Dear"), "es": ("Hola,", "Buenos días,", "Estimado", "Estimada")}
"""What stands before a name, by language."""

MOST_LINES = 60
"""A thread of more lines is summarised without a form, whose grammar would grow with it."""


def draft_form(user: str) -> str:
    """Return the form of the mail for `user`, which is of `layout.draft_input`."""
    said, line = _fields(user), told(user)
    return form(literal("Subject: "), line, PARAGRAPH, *_greeting(said), PARAGRAPH, line, PARAGRAPH, *_end(said, line))


def reply_form(user: str) -> str:
    """Return the form of the answer for `user`, which is of `layout.reply_input`."""
    said, line = _fields(user.split("\nMessage:\n", 1)[0]), told(user)
    subject = literal(f"Subject: {said['Subject']}") if "Subject" in said else f"{literal('Subject: ')} {line}"
    return form(subject, PARAGRAPH, *_greeting(said), PARAGRAPH, line, PARAGRAPH, *_end(said, line))


def revise_form(user: str) -> str:
    """Return the form of the changed mail for `user`, which is of `layout.revise_input`."""
    return form(told(user, r" \n"))


def summarize_thread_form(user: str) -> str:
    """Return the form of the summary of `user`, of `layout.summarize_thread_input`; empty where no lines show.

    Lines stay in their order; one may be told as said or as to be done, or be left out.
    """
    lines = list(dict.fromkeys(user.split("\n")[1:]))
    if len(lines) > MOST_LINES or not all(": " in line for line in lines):
        return ""
    some = " ".join(optional(literal(f"\n{line}")) for line in lines)
    return form(literal("Summary:"), some, literal("\nActions:"), one_of([literal(" none"), some]))


def _fields(user: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in user.split("\n") if ": " in line)


def _greeting(said: dict[str, str]) -> list[str]:
    name = said.get("To")
    if not name:
        return [LINE]
    spanish = said.get("Language") == "es"
    before = one_of(map(literal, SALUTATIONS["es" if spanish else "en"]))
    return [before, literal(f" {name}{':' if spanish else ','}")]


def _end(said: dict[str, str], line: str) -> list[str]:
    """Return the points as one paragraph, perhaps one more, the closing words, and who signs."""
    points = [literal(said["Points"]), PARAGRAPH] if "Points" in said else []
    more = optional(f"{line} {PARAGRAPH}")
    sender = [BREAK, literal(said["From"])] if "From" in said else []
    return [*points, more, LINE, *sender]
