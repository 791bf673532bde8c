"""The tables of money: budgets, what is reserved of them, and what was used; on the same metadata as all others.

Amounts are billionths of a currency's unit (`…_nanos`). A `day` is a date in UTC, spelled as in ISO 8601, so that it
sorts; it is always the day on which a generation was dispatched.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from service.store.tables import UtcTime, metadata

budgets = Table(
    "budgets",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("limit_nanos", BigInteger),
    Column("limit_tokens", BigInteger),
    Column("update_time", UtcTime, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "subject"),
)
"""`subject` is a resource name, a wildcard (`runs/-`), or empty for the tenant itself. A limit of NULL is none."""

reservations = Table(
    "reservations",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cost_nanos", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("expire_time", UtcTime, nullable=False),
    Column("owner", Text),
    PrimaryKeyConstraint("tenant", "id"),
)
"""The worst case of each generation in flight under a budget. A price that is not known has an empty `currency`.

`owner` is the process that has dispatched it.
"""

usage = Table(
    "usage",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("backend", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("cost_nanos", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "run_id"),
    Index(None, "tenant", "session_id", "day"),
)
"""One row a generation. While the planner chooses a function, `plugin` and `function` are empty."""

usage_days = Table(
    "usage_days",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("backend", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("generations", Integer, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_nanos", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "day", "plugin", "function", "model", "backend", "currency"),
    sqlite_with_rowid=False,
)
"""The sums of `usage` by day, so that a month's budget or report costs the same however much traffic there was."""
