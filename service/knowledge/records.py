"""What a knowledge base takes and gives. No protobuf, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest; where `media_type` is empty, the extension of `name` tells what it is."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Collection:
    """A set of documents that is searched together; `name` is `collections/{id}`."""

    name: str
    description: str
    document_count: int
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """An ingested file; `name` is `collections/{collection}/documents/{id}`.

    `title` is its first heading of the first level, or its file name. `sha256` is in hexadecimal. `create_time` is when
    its present version was ingested.
    """

    name: str
    file_name: str
    title: str
    media_type: str
    size_bytes: int
    sha256: str
    passage_count: int
    create_time: datetime


class IngestState(StrEnum):
    """What became of a file."""

    INGESTED = "ingested"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file was not ingested: a stable reason, and a sentence that names the file and says what to do."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of the file `name`: `document` unless it failed, `error` if it did."""

    name: str
    state: IngestState
    document: Document | None = None
    error: FileError | None = None

    @property
    def passages(self) -> int:
        """Return into how many passages it is cut; 0 where it failed."""
        return self.document.passage_count if self.document else 0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that was found.

    `document` is a resource name, `passage` names the passage within it (another version has other names), `location`
    is for a person, `score` is in (0, 1] and compares within one search.
    """

    document: str
    passage: str
    file_name: str
    title: str
    location: str
    text: str
    score: float
