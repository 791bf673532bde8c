"""Ranking by words: SQLite's FTS5 finds candidates, BM25 over the tenant's own passages orders them.

FTS5's `bm25()` counts words over the whole table. It serves to choose candidates; the score that orders and cuts them
is computed here from counts within the searched collections, so that another tenant's documents can neither be felt in
a score nor spoil it, and so that it means the same in a collection of three passages and of a million.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, text

from service.knowledge.index import DocumentKey, IndexedPassage, PassageQuery, RankedPassage
from service.knowledge.words import Term, terms_of, words_of

CANDIDATES: Final = 100
_WEIGHTS: Final = {"context": 0.5, "heading": 2.0, "body": 1.0}
"""How much a word counts: the nearest heading says what the passage is about, the title what all of them are about."""
_K1: Final = 1.2
_B: Final = 0.5
"""Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3; `b` is below the usual 0.75
because passages are of like length by construction."""
_USUAL_WORDS: Final = 80

_SMALLEST_COLLECTION: Final = 30
"""A smaller one is weighed as if it had so many passages: in three passages no word is common."""
_COMMONEST_RARE: Final = 0.01
"""For the question whether a passage is relevant at all, words in fewer passages than this share weigh the same."""
MIN_SHARE: Final = 0.35
"""A passage must hold at least this share of the question's weight (its words, each by its rarity) ..."""
MIN_SHARE_OF_HALF: Final = 0.2
"""... or this, when it holds half of the words: one common word of two is something, of three it may be chance ..."""
MIN_SHARE_OF_TWO: Final = 0.15
"""... or this, when it holds two of them: a long story asks about few of its words."""

_INSERT: Final = text(
    "INSERT INTO passages_fts (rowid, scope, context, heading, body) VALUES (:key, :scope, :context, :heading, :body)"
)
_DELETE: Final = text("DELETE FROM passages_fts WHERE passages_fts MATCH :match")
_COUNT: Final = text("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH :match")
_FIND: Final = text(
    "SELECT rowid AS key, context, heading, body FROM passages_fts WHERE passages_fts MATCH :match "
    "ORDER BY bm25(passages_fts, 0.0, 0.5, 2.0, 1.0) LIMIT :limit"
)


class SqliteFullText:
    """A `PassageIndex` on the table `passages_fts`."""

    def replace_document(
        self, connection: Connection, document: DocumentKey, passages: Sequence[IndexedPassage]
    ) -> None:
        """Forget what is known of the document and take `passages` instead."""
        self.delete_document(connection, document)
        scope = " ".join(
            (
                _tenant_word(document.tenant),
                _collection_word(document.tenant, document.collection_id),
                _document_word(document),
            )
        )
        if passages:
            rows = [{"scope": scope} | asdict(passage) for passage in passages]
            connection.execute(_INSERT, rows)

    def delete_document(self, connection: Connection, document: DocumentKey) -> None:
        """Forget the document; nothing happens where it is unknown."""
        connection.execute(_DELETE, {"match": f'scope : "{_document_word(document)}"'})

    def delete_collection(self, connection: Connection, tenant: str, collection_id: str) -> None:
        """Forget all documents of the collection."""
        connection.execute(_DELETE, {"match": f'scope : "{_collection_word(tenant, collection_id)}"'})

    def search(self, connection: Connection, query: PassageQuery) -> list[RankedPassage]:
        """Return the passages that fit, best first; none where nothing is relevant."""
        terms = terms_of(query.text)
        if not any(term.is_telling for term in terms):
            return []
        scope = _scope(query)
        size = _count(connection, scope)
        weighed = [_Weighed.of(term, _count(connection, f"{scope} AND {_words([term])}"), size) for term in terms]
        found = connection.execute(_FIND, {"match": f"{scope} AND {_words(terms)}", "limit": CANDIDATES}).mappings()
        scored = [(_score(weighed, row), row["key"]) for row in found]
        ranked = [RankedPassage(key, score) for score, key in scored if score > 0]
        return sorted(ranked, key=lambda passage: (-passage.score, passage.key))[: query.limit]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A word of the question: `weight` orders passages, `share` decides whether one is relevant at all."""

    term: Term
    weight: float
    share: float

    @classmethod
    def of(cls, term: Term, holding: int, size: int) -> _Weighed:
        """Weigh a term that `holding` of `size` passages hold."""
        size = max(size, _SMALLEST_COLLECTION)
        return cls(term, _rarity(holding, size), _rarity(max(holding, size * _COMMONEST_RARE), size))


def _rarity(holding: float, size: int) -> float:
    return math.log(1 + (size - holding + 0.5) / (holding + 0.5))


def _score(weighed: Sequence[_Weighed], columns: RowMapping) -> float:
    """Return how well a passage fits, in (0, 1]; 0: it is not relevant."""
    words = {column: words_of(columns[column]) for column in _WEIGHTS}
    length = 1 - _B + _B * len(words["body"]) / _USUAL_WORDS
    held, share, score = 0, 0.0, 0.0
    for one in weighed:
        count = sum(weight * one.term.count_in(words[column]) for column, weight in _WEIGHTS.items())
        if count:
            held += 1
            share += one.share
            score += one.weight * count / (count + _K1 * length)
    least = MIN_SHARE_OF_TWO if held > 1 else MIN_SHARE_OF_HALF if 2 * held >= len(weighed) else MIN_SHARE
    if share < least * sum(one.share for one in weighed):
        return 0.0
    return score / sum(one.weight for one in weighed)


def _count(connection: Connection, match: str) -> int:
    return int(connection.execute(_COUNT, {"match": match}).scalar_one())


def _scope(query: PassageQuery) -> str:
    """Return the part of an FTS5 query that bounds it to the tenant and the collections."""
    scope = f'scope : "{_tenant_word(query.tenant)}"'
    if query.collection_ids:
        either = " OR ".join(f'"{_collection_word(query.tenant, c)}"' for c in query.collection_ids)
        scope += f" AND scope : ({either})"
    return scope


def _words(terms: Sequence[Term]) -> str:
    """Return the part of an FTS5 query for any of `terms`; they hold nothing but letters and digits."""
    alternatives = [f'"{form}"' for term in terms for form in term.forms]
    alternatives += [f'"{term.prefix}"*' for term in terms if term.prefix]
    return "{context heading body} : (" + " OR ".join(alternatives) + ")"


def _tenant_word(tenant: str) -> str:
    return _scope_word("t", tenant)


def _collection_word(tenant: str, collection_id: str) -> str:
    return _scope_word("c", tenant, collection_id)


def _document_word(document: DocumentKey) -> str:
    return _scope_word("d", document.tenant, document.collection_id, document.document_id)


def _scope_word(kind: str, *parts: str) -> str:
    """Return one word that stands for `parts`, whatever characters they hold."""
    return kind + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
