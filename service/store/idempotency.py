"""Requests that may be repeated: the same id and body give the stored result, another body is an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from service.errors import RequestIdReusedError, Violation
from service.store.tables import idempotency_keys

KEPT_FOR: Final = timedelta(days=7)
"""How long a request can be repeated; forgotten at the service's start after that."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Which request: `method` is the RPC, `fingerprint` a digest of its body without the id."""

    tenant: str
    method: str
    request_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request gave; `replayed` when it had been done before."""

    result: str
    replayed: bool


def find(connection: Connection, key: RequestKey) -> str | None:
    """Return the stored result of the request, None when it was not seen before.

    Raises:
        RequestIdReusedError: The id was seen with another body.
    """
    row = connection.execute(
        select(idempotency_keys.c.fingerprint, idempotency_keys.c.result).where(
            idempotency_keys.c.tenant == key.tenant,
            idempotency_keys.c.method == key.method,
            idempotency_keys.c.request_id == key.request_id,
        )
    ).first()
    if row is None:
        return None
    if row.fingerprint != key.fingerprint:
        raise RequestIdReusedError(
            "This request_id was used before with another body. Make a new id for a new request.",
            violations=(Violation("request_id", "was used before with another body"),),
        )
    return str(row.result)


def once(connection: Connection, key: RequestKey | None, make: Callable[[], str]) -> Outcome:
    """Return what `make` returns, or its stored result when the request was done before; all in one transaction.

    `key` None: the caller gave no id, so it is done each time.

    Raises:
        RequestIdReusedError: The id was seen with another body.
    """
    if key is None:
        return Outcome(make(), replayed=False)
    stored = find(connection, key)
    if stored is not None:
        return Outcome(stored, replayed=True)
    result = make()
    connection.execute(
        insert(idempotency_keys).values(
            tenant=key.tenant,
            method=key.method,
            request_id=key.request_id,
            fingerprint=key.fingerprint,
            result=result,
            create_time=datetime.now(UTC),
        )
    )
    return Outcome(result, replayed=False)


def forget_old(connection: Connection, now: datetime) -> None:
    """Remove what is older than `KEPT_FOR`, of all tenants."""
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.create_time < now - KEPT_FOR))
