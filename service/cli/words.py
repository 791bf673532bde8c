"""Words that a command is given: on the command line, in a file, or on standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final

from service.cli.exits import USAGE, CommandError

STDIN = "-"

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def joined(words: Sequence[str]) -> str:
    """Return the words as one text; `-` alone stands for standard input.

    Raises:
        CommandError: There is nothing.
    """
    text = read_text(STDIN) if list(words) == [STDIN] else " ".join(words)
    if not text.strip():
        raise CommandError("There is no text to send.", exit_code=USAGE)
    return text


def read_text(source: str) -> str:
    """Return the text of a file, or of standard input for `-`.

    Raises:
        CommandError: It cannot be read or is not UTF-8.
    """
    try:
        content = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{source} cannot be read: {error.strerror}.", exit_code=USAGE) from error
    except UnicodeDecodeError as error:
        where = "standard input" if source == STDIN else source
        raise CommandError(f"{where} is not text in UTF-8.", exit_code=USAGE) from error


def span(seconds: float) -> str:
    """Return a time as a person says it, rounded up to the smaller of two units from a minute on."""
    if seconds < 60:
        return f"{seconds:g} s"
    small = next(size for size in (3_600, 60, 1) if seconds >= size * 24 or size == 1)
    left, parts = ceil(seconds / small) * small, []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts)
