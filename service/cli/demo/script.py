"""What the demonstration asks, as somebody would type it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import service
from service.cli.exits import CommandError

COLLECTION: Final = "alder-and-finch"
DESCRIPTION: Final = "What the shop Alder & Finch tells its customers"


@dataclass(frozen=True, slots=True)
class Scene:
    """One request: what it shows, and the sentence that goes to the service."""

    title: str
    sentence: str


SCENES: Final = (
    Scene(
        "Draft an e-mail",
        "write an email to Ana Costa that the meeting moves to Tuesday at 10:00, from Tom Rivera",
    ),
    Scene("Write a function", "write a python function called count_vowels that counts the vowels in a text"),
    Scene("Answer a customer", "How long is the warranty for kettles?"),
)


def knowledge_files() -> list[Path]:
    """Return the documents that customers are answered from.

    Raises:
        CommandError: They are not there.
    """
    folder = Path(service.__file__).resolve().parent.parent / "examples" / "knowledge"
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        raise CommandError(f"There are no documents in {folder}.", hint="Run it from a checkout of vaiven.")
    return files
