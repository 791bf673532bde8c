"""Capitals, which `re` has no class for."""

from __future__ import annotations

from typing import Final


def _capitals() -> str:
    """Return a class of the Latin, Greek and Cyrillic capitals, without its brackets."""
    others = (
        chr(code) for start, end in ((0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x1F00)) for code in range(start, end)
    )
    return "A-Z" + "".join(char for char in others if char.isupper())


UPPER: Final = _capitals()
