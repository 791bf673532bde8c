"""How a command ends, for scripts, and the one error that the command line itself raises."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
"""The run did not complete, or the service answered with an error."""

USAGE: Final = 2
"""The command line is wrong."""

UNREACHABLE: Final = 3
"""No service answers at the address."""

INTERRUPTED: Final = 130
"""Ctrl-C."""

EXPLAINED: Final = (
    "Exit status: 0 done; 1 the run did not complete or the service refused; 2 the command line is wrong; "
    "3 no service answers; 130 interrupted."
)


class CommandError(Exception):
    """What a command cannot do, worded for a person; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str = "", exit_code: int = FAILED) -> None:
        """Keep the words and the exit status."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
