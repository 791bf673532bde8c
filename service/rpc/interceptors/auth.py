"""Says who makes a call, and whether they may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from service.errors import PermissionMissingError
from service.rpc.interceptors.chain import Call, Guard
from service.rpc.permissions import PERMISSIONS
from service.runs.spec import Principal

HEADER: Final = "authorization"


class PrincipalGuard(Guard):
    """Gives every call the same principal, who may do everything: no credentials are asked for."""

    def __init__(self, principal: Principal) -> None:
        """Keep the principal."""
        self._principal = principal

    async def enter(self, call: Call) -> None:
        """Note the principal in the call."""
        call.principal = self._principal


class Judge(Protocol):
    """Tells who calls by the values of the metadata `authorization`; raises a `VaivenError` for who does not."""

    async def principal(self, authorization: Sequence[str | bytes]) -> Principal:
        """Return whose call it is."""
        ...


class AuthGuard(Guard):
    """Lets in who shows credentials and has the permission of the method; of the credentials nothing is kept."""

    def __init__(self, judge: Judge) -> None:
        """Ask `judge` who calls."""
        self._judge = judge

    async def enter(self, call: Call) -> None:
        """Note the principal in the call and in its log lines.

        Raises:
            UnauthenticatedError: The credentials are missing, invalid or expired.
            PermissionMissingError: They do not allow the method.
        """
        shown = [value for key, value in call.context.invocation_metadata() or () if key == HEADER]
        call.principal = principal = await self._judge.principal(shown)
        structlog.contextvars.bind_contextvars(tenant=principal.tenant, caller=principal.subject)
        needed = PERMISSIONS.get(call.method)
        if needed is None:
            raise PermissionMissingError("No permission allows this call in this version.")
        if needed not in principal.permissions:
            raise PermissionMissingError(
                f"This needs the permission `{needed}`, which the credentials do not have. The operator gives it."
            )
