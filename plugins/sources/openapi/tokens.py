"""Access tokens of OAuth2 by client credentials: kept until they end, and asked for again if they are refused."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus, urlencode

import orjson

from plugins.sources.base import SourceError
from plugins.sources.guarded_http import GuardedHttp
from plugins.sources.openapi.security import TokenRequest

_RESPONSE_BYTES: Final = 65_536
_UNSAID_LIFE_S: Final = 300.0
"""How long a token is kept whose end is not said; RFC 6749, section 5.1 leaves it open."""
_MARGIN_S: Final = 30.0
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*", re.ASCII)
"""Source: RFC 6750, section 2.1."""
_ERRORS: Final = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"}
    | {"invalid_scope"}
)
"""Source: RFC 6749, section 5.2."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    ends_at: float


class Tokens:
    """Holds the tokens of one registration; `clock` returns seconds."""

    def __init__(self, http: GuardedHttp, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._held: dict[tuple[str, tuple[str, ...]], _Token] = {}
        self._locks: defaultdict[tuple[str, tuple[str, ...]], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, request: TokenRequest, timeout_s: float) -> str:
        """Return a token that has not ended; of many calls at once only one asks for it.

        Raises:
            SourceError: the token's server refuses the client, or answers with no token.
        """
        key = (request.url, request.scopes)
        async with self._locks[key]:
            held = self._held.get(key)
            if held is None or held.ends_at <= self._clock():
                held = self._held[key] = await self._ask(request, timeout_s)
            return held.value

    def forget(self, request: TokenRequest, token: str) -> None:
        """Drop a token that was refused, unless another has come in its place."""
        key = (request.url, request.scopes)
        held = self._held.get(key)
        if held is not None and held.value == token:
            del self._held[key]

    async def _ask(self, request: TokenRequest, timeout_s: float) -> _Token:
        client = request.client
        secret = client.client_secret.get_secret_value()
        form = {"grant_type": "client_credentials", **client.parameters}
        if request.scopes:
            form["scope"] = " ".join(request.scopes)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if client.in_body:
            form |= {"client_id": client.client_id, "client_secret": secret}
        else:
            # Source: RFC 6749, section 2.3.1: both are form-encoded before they become a user and a password.
            pair = f"{quote_plus(client.client_id)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        asked_at = self._clock()
        reply = await self._http.send(
            "POST",
            request.url,
            headers=headers,
            body=urlencode(form).encode(),
            timeout_s=timeout_s,
            response_bytes=_RESPONSE_BYTES,
        )
        try:
            answer = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            answer = None
        facts = answer if isinstance(answer, dict) else {}
        if reply.status != 200:
            named = facts.get("error")
            why = f": {named}" if named in _ERRORS else ""
            raise SourceError(
                "TARGET_DENIED",
                f"The server of tokens answered {reply.status}{why}.",
                retryable=reply.status >= 500 or reply.status == 429,
            )
        value, kind = facts.get("access_token"), str(facts.get("token_type", "bearer")).lower()
        if kind != "bearer" or not isinstance(value, str) or _TOKEN.fullmatch(value) is None:
            raise SourceError("TARGET_DENIED", "The server of tokens answered without a bearer token.")
        return _Token(value, asked_at + _life_s(facts.get("expires_in")))


def _life_s(expires_in: object) -> float:
    """Return for how long a token is used: a little less than it lives."""
    try:
        life_s = float(expires_in) if isinstance(expires_in, int | float | str) else _UNSAID_LIFE_S
    except ValueError:
        life_s = _UNSAID_LIFE_S
    return max(0.0, life_s - min(_MARGIN_S, life_s / 10))
