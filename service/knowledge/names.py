"""Resource names of collections and documents."""

from __future__ import annotations

import re
from typing import Final

from service.errors import InvalidArgumentError, Violation

_COLLECTION_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_COLLECTION: Final = re.compile(r"collections/([a-z][a-z0-9-]{0,62})")
_DOCUMENT: Final = re.compile(r"collections/([a-z][a-z0-9-]{0,62})/documents/([a-z0-9-]{1,63})")


def collection_name(collection_id: str) -> str:
    """Return the resource name of a collection."""
    return f"collections/{collection_id}"


def document_name(collection_id: str, document_id: str) -> str:
    """Return the resource name of a document."""
    return f"collections/{collection_id}/documents/{document_id}"


def check_collection_id(collection_id: str) -> None:
    """Check an id that a caller chose.

    Raises:
        InvalidArgumentError: It is not lower-case letters, digits and hyphens, a letter first, at most 63.
    """
    if not _COLLECTION_ID.fullmatch(collection_id):
        raise _invalid("collection_id", "must be lower-case letters, digits and hyphens, a letter first, at most 63")


def parse_collection(name: str) -> str:
    """Return the id in a collection's name.

    Raises:
        InvalidArgumentError: It is not of the form `collections/{collection}`.
    """
    found = _COLLECTION.fullmatch(name)
    if not found:
        raise _invalid("collection", "must be of the form collections/{collection}")
    return found[1]


def parse_document(name: str) -> tuple[str, str]:
    """Return the ids of collection and document in a document's name.

    Raises:
        InvalidArgumentError: It is not of the form `collections/{collection}/documents/{document}`.
    """
    found = _DOCUMENT.fullmatch(name)
    if not found:
        raise _invalid("document", "must be of the form collections/{collection}/documents/{document}")
    return found[1], found[2]


def _invalid(field: str, rule: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} {rule}.", violations=(Violation(field, rule),))
