"""Passages for the support plugin, out of the library; the port that the plugin asks for."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.support.ports import Passage
from service.knowledge.library import Library


class LibrarySearch:
    """Finds passages in a tenant's documents."""

    def __init__(self, library: Library) -> None:
        """Search in `library`."""
        self._library = library

    async def search(self, tenant: str, query: str, collections: Sequence[str], limit: int) -> Sequence[Passage]:
        """Return at most `limit` passages of `collections` (empty: of all), best first.

        Raises:
            NotFoundError: The tenant has not all of `collections`.
        """
        hits = await self._library.search(tenant, query, collections, limit)
        return [
            Passage(
                passage_id=hit.passage, document=hit.document, location=hit.location, text=hit.text, score=hit.score
            )
            for hit in hits
        ]
