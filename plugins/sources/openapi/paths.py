"""Paths of operations: filled in, and never outside the path of their server, however a reader may normalise them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

PLACEHOLDER: Final = re.compile(r"\{([^{}/]+)\}")
_ROUNDS: Final = 8
"""Times that a path may be escaped over and over; what is still escaped then is refused."""
_SEPARATORS: Final = re.compile(rb"[/\\]")
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_WRITTEN: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*", re.ASCII)
"""Characters that a path may have as it is sent. Source: RFC 3986, section 3.3."""
_WRONG_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


class PathError(ValueError):
    """A path cannot be sent; the message says why without repeating it."""


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names in braces of a path, each once, in order."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(template)))


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the path with each placeholder replaced by its value, which is escaped already.

    Raises:
        PathError: a value is missing or empty.
    """
    for name in placeholders(template):
        if not values.get(name):
            raise PathError(f"nothing is given for {{{name[:100]}}}")
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], template)


def check_inside(path: str, base: str) -> None:
    """Judge a path as it is sent: it begins with `base` and stays below it.

    Servers, proxies and frameworks differ on what they unescape and when: `%2e%2e%2f`, `..%5c`, `..;/` and `%252e` are
    each read as `../` by some. So the path is unescaped as often as it can be, and refused if any reading has a segment
    of dots alone.

    Raises:
        PathError: it has such a segment, a character that must be escaped, or another beginning.
    """
    if not path.startswith("/") or path.startswith("//") or _WRITTEN.fullmatch(path) is None:
        raise PathError("has a character that must be escaped, or does not begin with one slash")
    if _WRONG_ESCAPE.search(path):
        raise PathError("has an escape that is none")
    prefix = base.rstrip("/")
    if not (path == prefix or path.startswith(f"{prefix}/")):
        raise PathError("lies outside the path of its server")
    read = path.encode()
    for _ in range(_ROUNDS):
        _check_reading(read)
        unescaped = unquote_to_bytes(read)
        if unescaped == read:
            return
        read = unescaped
    raise PathError("is escaped over and over")


def _check_reading(path: bytes) -> None:
    if _CONTROL.search(path):
        raise PathError("has a control character")
    for segment in _SEPARATORS.split(path):
        # What follows a semicolon is a parameter of the segment, which some servers cut off first.
        if segment.partition(b";")[0].strip() in (b".", b".."):
            raise PathError("has a segment of dots, which leads to another place")
