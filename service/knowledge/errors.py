"""Why one file of an ingest was not taken. The other files are."""

from __future__ import annotations

from enum import StrEnum

from service.errors import InvalidArgumentError


class DocumentReason(StrEnum):
    """Stable reasons of a `DocumentError`, part of the contract."""

    NAME_INVALID = "DOCUMENT_NAME_INVALID"
    FORMAT_UNKNOWN = "DOCUMENT_FORMAT_UNKNOWN"
    TOO_LARGE = "DOCUMENT_TOO_LARGE"
    TOO_MANY_PAGES = "DOCUMENT_TOO_MANY_PAGES"
    TOO_MUCH_TEXT = "DOCUMENT_TOO_MUCH_TEXT"
    TOO_COMPLEX = "DOCUMENT_TOO_COMPLEX"
    EMPTY = "DOCUMENT_EMPTY"
    NOT_TEXT = "DOCUMENT_NOT_TEXT"
    ENCODING = "DOCUMENT_ENCODING"
    ENCRYPTED = "DOCUMENT_ENCRYPTED"
    NO_TEXT = "DOCUMENT_NO_TEXT"
    BROKEN = "DOCUMENT_BROKEN"
    PARSE_TIMEOUT = "DOCUMENT_PARSE_TIMEOUT"
    COLLECTION_GONE = "COLLECTION_GONE"


class DocumentError(InvalidArgumentError):
    """A document cannot be ingested; the message names the file and says what to do."""

    default_reason = DocumentReason.BROKEN.value

    def __init__(self, message: str, *, reason: DocumentReason = DocumentReason.BROKEN) -> None:
        """Keep `message` for the caller."""
        super().__init__(message, reason=reason.value)
