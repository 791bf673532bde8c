"""What finds passages: the interface that the full-text index fulfils, and a vector index will beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Which document, of which tenant and collection."""

    tenant: str
    collection_id: str
    document_id: str


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """What an index gets of a passage.

    `key` is its row, `heading` the nearest heading, `context` the document's title and the headings above that one,
    `body` the text below it. Any of the texts may be empty.
    """

    key: int
    context: str
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class PassageQuery:
    """What is looked for: at most `limit` passages of `tenant`, in `collection_ids` (empty: in all of its)."""

    tenant: str
    text: str
    collection_ids: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage that was found; `score` is in (0, 1], higher is better."""

    key: int
    score: float


class PassageIndex(Protocol):
    """An index over passages. Each method runs in the caller's transaction, off the event loop."""

    def replace_document(
        self, connection: Connection, document: DocumentKey, passages: Sequence[IndexedPassage]
    ) -> None:
        """Forget what is known of the document and take `passages` instead."""

    def delete_document(self, connection: Connection, document: DocumentKey) -> None:
        """Forget the document; nothing happens where it is unknown."""

    def delete_collection(self, connection: Connection, tenant: str, collection_id: str) -> None:
        """Forget all documents of the collection."""

    def search(self, connection: Connection, query: PassageQuery) -> list[RankedPassage]:
        """Return the passages that fit, best first; none where nothing is relevant."""
        ...
