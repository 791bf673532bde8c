"""Pictures on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from service.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from vaiven.v1.generation_pb2 import Image

MIME_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}


def image_from_file(path: Path) -> Image:
    """Return the picture in a file, whose name says what it is.

    Raises:
        CommandError: The name says nothing that is known, or the file cannot be read.
    """
    from vaiven.v1.generation_pb2 import Image

    mime_type = MIME_TYPES.get(path.suffix.lower())
    if mime_type is None:
        raise CommandError(f"{path} is no picture: its name must end in {', '.join(MIME_TYPES)}.", exit_code=USAGE)
    try:
        return Image(data=path.read_bytes(), mime_type=mime_type)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", exit_code=USAGE) from error
