"""The tables of the knowledge base, on the same metadata as all others.

Beside them the migration makes `passages_fts`, an FTS5 table that SQLAlchemy has no words for: its rowid is
`passages.key`, `scope` holds a word for the tenant, the collection and the document, `heading` the nearest heading,
`context` the title and the headings above it, `body` the rest. `service/knowledge/full_text.py` alone uses it.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

collections = Table(
    "collections",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)

documents = Table(
    "documents",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("collection_id", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("reading", Integer, nullable=False),
    Column("passage_count", Integer, nullable=False),
    Column("create_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "collection_id", "id"),
    ForeignKeyConstraint(["tenant", "collection_id"], ["collections.tenant", "collections.id"], ondelete="CASCADE"),
    Index("ux_documents_file_name", "tenant", "collection_id", "file_name", unique=True),
)
"""`create_time` is of the present version. `reading` is the version of the code that cut it into passages."""

passages = Table(
    "passages",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("collection_id", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("key", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("headings", Text, nullable=False),
    Column("page", Integer),
    Column("start_line", Integer),
    Column("end_line", Integer),
    PrimaryKeyConstraint("tenant", "collection_id", "document_id", "ordinal"),
    Index("ux_passages_key", "key", unique=True),
    ForeignKeyConstraint(
        ["tenant", "collection_id", "document_id"],
        ["documents.tenant", "documents.collection_id", "documents.id"],
        ondelete="CASCADE",
    ),
)
"""`key` ties a passage to its entry in an index, which needs a number."""
