"""What makes two requests the same."""

from __future__ import annotations

import hashlib
import json

from service.store.idempotency import RequestKey


def request_key(tenant: str, method: str, request_id: str | None, *body: str) -> RequestKey | None:
    """Return the key of a request with all that it asks (`body`); None where it has no id."""
    if not request_id:
        return None
    return RequestKey(tenant, method, request_id, hashlib.sha256(json.dumps(body).encode()).hexdigest())
