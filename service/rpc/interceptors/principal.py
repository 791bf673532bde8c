"""Says who makes a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.rpc.interceptors.chain import Call
from service.runs.spec import Principal


class PrincipalGuard:
    """Gives every call the same principal; the place of those that will read credentials."""

    def __init__(self, principal: Principal) -> None:
        """Keep the principal."""
        self._principal = principal

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Note the principal in the call."""
        call.principal = self._principal
        yield
