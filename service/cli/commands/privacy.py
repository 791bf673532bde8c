"""`vaiven privacy`: personal data in texts, found, replaced by pseudonyms, and put back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.exits import USAGE, CommandError
from service.cli.names import whole
from service.cli.screen import print_json, print_table, printable, say
from service.cli.words import joined

if TYPE_CHECKING:
    from vaiven.v1.privacy_pb2 import MaskedCount

group = new_group("Find personal data in texts, and replace it.", example='vaiven privacy detect "Call Ana Costa."')

TextArgument = Annotated[list[str], typer.Argument(help="The text; `-` reads standard input.", metavar="TEXT")]
SessionOption = Annotated[str, typer.Option(help="The session that knows what stands for whom.", metavar="SESSION")]


@command(group, "detect", example='vaiven privacy detect "Write to Ana Costa at ana.costa@alder.example."')
def detect(caller: Caller, text: TextArgument) -> None:
    """Show what in a text is personal, and of which kind."""
    from vaiven.v1.privacy_service_pb2 import DetectRequest

    from service.cli.summary import kind_word

    words = joined(text)
    answer = caller.call(caller.privacy.Detect, DetectRequest(text=words))
    if caller.connection.json:
        return print_json(answer)
    rows = ((kind_word(one.kind), printable(words[one.start : one.end]), f"{one.start}") for one in answer.findings)
    return print_table(("Kind", "Value", "At"), rows, empty="Nothing personal was found.")


@command(group, "anonymize", example="vaiven privacy anonymize --token ana.token - < letter.txt > masked.txt")
def anonymize(
    caller: Caller,
    text: TextArgument,
    session: SessionOption = "",
    token: Annotated[
        Path | None, typer.Option(help="Write what restores the text to this new file.", metavar="FILE")
    ] = None,
) -> None:
    """Replace what is personal by pseudonyms.

    What stands for whom is kept in the session, or in the file that --token names; without either the pseudonyms stay.
    """
    from vaiven.v1.privacy_service_pb2 import AnonymizeRequest

    if session and token is not None:
        raise CommandError("Give either --session or --token.", exit_code=USAGE)
    request = AnonymizeRequest(texts=[joined(text)], session=whole("sessions", session) if session else "")
    answer = caller.call(caller.privacy.Anonymize, request)
    if token is not None:
        _write(token, answer.restore_token)
    if caller.connection.json:
        return print_json(answer)
    _print(answer.texts)
    return say(_masked(answer.masked))


@command(group, "restore", example="vaiven privacy restore --token ana.token - < answer.txt")
def restore(
    caller: Caller,
    text: TextArgument,
    session: SessionOption = "",
    token: Annotated[
        Path | None, typer.Option(help="The file that `anonymize` wrote.", metavar="FILE", dir_okay=False)
    ] = None,
    in_json: Annotated[
        bool, typer.Option("--in-json", help="The text is JSON: escape the values for its strings.")
    ] = False,
) -> None:
    """Put the values back in the place of their pseudonyms."""
    from vaiven.v1.privacy_service_pb2 import RestoreRequest

    if bool(session) == (token is not None):
        raise CommandError("Give --session or --token, and not both.", exit_code=USAGE)
    request = RestoreRequest(texts=[joined(text)], json=in_json)
    if token is None:
        request.session = whole("sessions", session)
    else:
        request.restore_token = _read(token)
    answer = caller.call(caller.privacy.Restore, request)
    if caller.connection.json:
        return print_json(answer)
    _print(answer.texts)
    if answer.unknown:
        say(f"! Pseudonyms that stand for nothing, left as they are: {answer.unknown}.", style="yellow")
    if answer.altered:
        say(f"! Words like pseudonyms without brackets, left as they are: {answer.altered}.", style="yellow")
    return None


def _print(texts: Sequence[str]) -> None:
    for text in texts:
        sys.stdout.write(printable(text) + ("" if text.endswith("\n") else "\n"))
    sys.stdout.flush()


def _masked(counts: Sequence[MaskedCount]) -> str:
    from service.cli.summary import kind_word

    return "Replaced: " + (", ".join(f"{one.values} {kind_word(one.kind)}" for one in counts) or "nothing") + "."


def _write(path: Path, token: bytes) -> None:
    try:
        # Nobody else's to read: with the service, it gives the values away.
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(token)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", exit_code=USAGE) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", exit_code=USAGE) from error
