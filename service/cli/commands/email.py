"""`vaiven email`: the functions of the e-mail plugin with explicit arguments. Nothing is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.invoke import invoke
from service.cli.run_options import RunOptions
from service.cli.words import read_text

group = new_group(
    "Draft, revise, answer and summarise e-mails.",
    example='vaiven email draft --to Ana --purpose "move our meeting to Tuesday"',
)


class Tone(StrEnum):
    """How an e-mail sounds."""

    FRIENDLY = "friendly"
    FORMAL = "formal"
    NEUTRAL = "neutral"
    APOLOGETIC = "apologetic"
    FIRM = "firm"


class Language(StrEnum):
    """The language of an e-mail, ISO 639-1."""

    EN = "en"
    ES = "es"


SourceFile = Annotated[str, typer.Argument(help="A text file; `-` reads standard input.", metavar="FILE")]
SenderOption = Annotated[str, typer.Option("--from", help="Who signs it.", metavar="NAME")]
PointsOption = Annotated[
    list[str] | None, typer.Option("--point", help="What it must say; may be repeated.", metavar="TEXT")
]
ToneOption = Annotated[Tone | None, typer.Option(help="friendly, formal, neutral, apologetic or firm.", metavar="TONE")]
LanguageOption = Annotated[Language | None, typer.Option(help="en or es.", metavar="LANGUAGE")]


@command(
    group,
    "draft",
    example='vaiven email draft --to Ana --from Tom --purpose "move our meeting" --point "new time: Tuesday at 10:00"',
)
def draft(
    caller: Caller,
    options: RunOptions,
    purpose: Annotated[str, typer.Option(help="What the e-mail is for.", metavar="TEXT")],
    recipient: Annotated[str, typer.Option("--to", help="Whom it greets.", metavar="NAME")] = "",
    sender: SenderOption = "",
    points: PointsOption = None,
    tone: ToneOption = None,
    language: LanguageOption = None,
) -> None:
    """Draft a new e-mail."""
    arguments = {"recipient": recipient, "sender": sender, "purpose": purpose, "points": points}
    invoke(caller, "email.draft", arguments | {"tone": tone, "language": language}, options)


@command(group, "revise", example='vaiven email revise draft.txt --instruction "make it shorter and more formal"')
def revise(
    caller: Caller,
    options: RunOptions,
    file: SourceFile,
    instruction: Annotated[str, typer.Option(help="What to change.", metavar="TEXT")],
) -> None:
    """Change a draft."""
    invoke(caller, "email.revise", {"instruction": instruction, "draft": read_text(file)}, options)


@command(group, "reply", example='vaiven email reply received.txt --from Tom --point "Tuesday suits me"')
def reply(
    caller: Caller,
    options: RunOptions,
    file: SourceFile,
    sender: SenderOption = "",
    points: PointsOption = None,
    tone: ToneOption = None,
    language: LanguageOption = None,
) -> None:
    """Answer an e-mail that was received."""
    arguments = {"message": read_text(file), "sender": sender, "points": points, "tone": tone, "language": language}
    invoke(caller, "email.reply", arguments, options)


@command(group, "summarize", example="vaiven email summarize thread.txt")
def summarize(caller: Caller, options: RunOptions, file: SourceFile) -> None:
    """Summarise a thread, with what is to be done by whom."""
    invoke(caller, "email.summarize_thread", {"thread": read_text(file)}, options)
