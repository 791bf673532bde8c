"""What is printed and where: answers to stdout, everything about them to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp
    from rich.console import Console, RenderableType

PIPE_COLUMNS: Final = 160
"""How wide tables may be where nobody's terminal says it."""

WHOLE_NAMES_COLUMNS: Final = 70
"""On a terminal narrower than this even names are folded."""

_UNPRINTABLE: Final = {
    **{code: "�" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"},
    ord("\r"): None,
}


@cache
def console() -> Console:
    """Return the console on stdout."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, width=_width(sys.stdout.isatty()))


@cache
def error_console() -> Console:
    """Return the console on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, width=_width(sys.stderr.isatty()))


def _width(terminal: bool) -> int | None:
    return None if terminal or "COLUMNS" in os.environ else PIPE_COLUMNS


def printable(text: str) -> str:
    """Return `text` without what would move the cursor or change the terminal; line ends and tabs stay."""
    return text.translate(_UNPRINTABLE)


def print_json(value: Any) -> None:
    """Print one JSON document to stdout; a message by protobuf's JSON mapping, its fields named as in the protos."""
    sys.stdout.write(json.dumps(_plain(value), ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def print_json_line(message: Message) -> None:
    """Print one message as a line of JSON to stdout, at once."""
    sys.stdout.write(json.dumps(_plain(message), ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import Message

    if isinstance(value, Message):
        return MessageToDict(value, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    return value


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[RenderableType]], *, empty: str, whole: int = 1
) -> None:
    """Print rows under headings; a narrow terminal folds all but the first `whole`. `empty` is said without rows."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        # The first names the row: whoever copies it wants it whole.
        in_one_line = number < whole and console().width >= WHOLE_NAMES_COLUMNS
        table.add_column(column, overflow="fold", no_wrap=in_one_line)
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        show(table)
    else:
        say(empty)


def print_facts(facts: Iterable[tuple[str, RenderableType]]) -> None:
    """Print names and values, one a line; empty values are left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        if value != "":
            grid.add_row(name, value)
    show(grid)


def show(renderable: RenderableType) -> None:
    """Print to stdout; into a file or pipe without the spaces that fill up its lines."""
    if console().is_terminal:
        console().print(renderable)
        return
    with console().capture() as captured:
        console().print(renderable)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def say(text: str, *, style: str = "dim") -> None:
    """Print a line about what happened to stderr."""
    from rich.text import Text

    error_console().print(Text(printable(text), style=style))


def when(moment: Timestamp) -> str:
    """Return a time in the reader's time zone, to the second."""
    return moment.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def age(moment: Timestamp) -> str:
    """Return how long ago something was, in one unit."""
    seconds = int((datetime.now(UTC) - moment.ToDatetime(tzinfo=UTC)).total_seconds())
    for unit, length_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length_s:
            return f"{seconds // length_s} {unit} ago"
    return "just now"


def bytes_size(size_bytes: int) -> str:
    """Return a size for a person, e.g. `8.3 MB`."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
