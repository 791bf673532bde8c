"""What the support plugin needs from its host: passages of documents, and tickets for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found; `document` is its document's resource name, `score` is higher for a better match.

    `location` says where in the document it stands, for a person: `Returns > Refunds, lines 12-14`.
    """

    passage_id: str
    document: str
    location: str
    text: str
    score: float


class PassageSearch(Protocol):
    """Finds passages in a tenant's documents."""

    async def search(self, tenant: str, query: str, collections: Sequence[str], limit: int) -> Sequence[Passage]:
        """Return at most `limit` passages of `collections` (empty: of all), best first; none where nothing fits."""
        ...


class Tickets(Protocol):
    """Hands questions over to people."""

    async def open(self, tenant: str, *, run: str, question: str, reason: str, once: str = "") -> str:
        """Store a ticket and return its resource name; `reason` is an UPPER_SNAKE code.

        `once` names the question: the same again returns the ticket that it made. Empty: it is another one each time.
        """
        ...
