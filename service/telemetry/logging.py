"""The log: one event a line on the error output, as JSON or for eyes, also of libraries that use `logging`."""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal, TextIO

import structlog
from structlog.typing import Processor

_CHATTY: Final = ("semantic_kernel", "openai", "httpx", "httpx2", "alembic", "grpc", "asyncio")
"""Libraries whose lower levels tell arguments and prompts, or nothing of use to an operator."""

_NAMELESS: Final = "vaiven"


class _Lines:
    """Writes the lines of one logger where, and whenever, `handler` does not write one.

    Our own events do not pass through `logging`, which makes two records of each and looks for the caller's frame: a
    line for each call is a twentieth of what a call costs.
    """

    def __init__(self, name: str, handler: logging.StreamHandler[TextIO]) -> None:
        self.name = name
        self._handler = handler

    def _line(self, text: str) -> None:
        self._handler.acquire()
        try:
            self._handler.stream.write(text + "\n")
            self._handler.stream.flush()
        except (OSError, ValueError):
            pass  # a line that cannot be written must not end what it tells of; `logging` goes on, too
        finally:
            self._handler.release()

    debug = info = warning = error = critical = _line


def configure_logging(
    level: Literal["debug", "info", "warning", "error"] = "info",
    form: Literal["auto", "json", "console"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Write events of at least `level` to `stream` (by default the error output); `auto` looks for a terminal.

    Calling it again replaces what was configured before.
    """
    output: TextIO = stream or sys.stderr
    for_eyes = form == "console" or (form == "auto" and output.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _last(for_eyes)
    handler = logging.StreamHandler(output)
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove_meta, *last]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=lambda *name: _Lines(name[0] if name else _NAMELESS, handler),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _last(for_eyes: bool) -> list[Processor]:
    if for_eyes:
        return [structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
