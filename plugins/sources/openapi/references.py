"""References within one OpenAPI document; those to other documents are not followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

_CHAIN: Final = 32
"""References that may lead from one to the next before something is found."""


class UnusableError(Exception):
    """A part of the document cannot be used; the message says why and is shown beside what was left out."""


class References:
    """Looks up `#/…` in a document. `url` is where it came from, so that it may also call itself by name."""

    def __init__(self, root: Mapping[str, Any], url: str = "") -> None:
        self.root = root
        self._url = url

    def pointer(self, reference: str) -> str:
        """Return the JSON pointer of a reference, `/components/…`, its escapes resolved but for `~0` and `~1`.

        Raises:
            UnusableError: it leads to another document or to an anchor.
        """
        document, fragment = urldefrag(reference)
        if document and (not self._url or urljoin(self._url, document) != urldefrag(self._url).url):
            raise UnusableError(f"refers to another document, {document[:100]}")
        if fragment and not fragment.startswith("/"):
            raise UnusableError(f"refers to the anchor {fragment[:100]}")
        return unquote(fragment)

    def find(self, reference: str) -> Any:
        """Return what a reference points at.

        Raises:
            UnusableError: there is nothing, or it lies in another document.
        """
        found: Any = self.root
        for part in self.pointer(reference).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping) and key in found:
                found = found[key]
            elif isinstance(found, list) and key.isdecimal() and len(key) < 9 and int(key) < len(found):
                found = found[int(key)]
            else:
                raise UnusableError(f"refers to {reference[:100]}, which is not there")
        return found

    def resolve(self, part: Any) -> dict[str, Any]:
        """Return `part` itself or, if it is a reference, what it leads to, with a description beside it kept.

        Raises:
            UnusableError: it leads nowhere, in a circle, to another document, or to what is no object.
        """
        beside: dict[str, Any] = {}
        reference: Any = ""
        for _ in range(_CHAIN):
            if not isinstance(part, dict):
                raise UnusableError("is not an object")
            reference = part.get("$ref")
            if not isinstance(reference, str):
                return {**part, **beside} if beside else part
            beside = {key: part[key] for key in ("summary", "description") if isinstance(part.get(key), str)} | beside
            part = self.find(reference)
        raise UnusableError(f"refers to {reference[:100]}, which leads in a circle")
