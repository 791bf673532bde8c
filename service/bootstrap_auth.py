"""Wires what tells who calls, and keeps it up to date while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from service.auth.authenticator import Authenticator
from service.auth.key_file import KeyFileError
from service.auth.key_ring import KeyRing
from service.settings_auth import AuthSettings
from service.settings_sources import SettingsError

if TYPE_CHECKING:
    from service.auth.tokens import TokenVerifier

_log = structlog.get_logger(__name__)


async def open_authenticator(
    stack: AsyncExitStack, settings: AuthSettings, registry: CollectorRegistry
) -> Authenticator | None:
    """Return what judges credentials, or None where none are asked for.

    Raises:
        SettingsError: The file of keys, or that of the issuer's keys, cannot be used.
    """
    if settings.mode == "off":
        return None
    keys = KeyRing(settings.keys_file)
    try:
        await keys.load()
    except KeyFileError as error:
        raise SettingsError(f"auth.keys_file: {error}") from error
    if not len(keys) and settings.issuer is None:
        _log.warning("no_keys", keys_file=str(settings.keys_file), advice="vaiven keys create")
    _own(stack, keys.follow())
    return Authenticator(keys, await _tokens(stack, settings), registry)


async def _tokens(stack: AsyncExitStack, settings: AuthSettings) -> TokenVerifier | None:
    if settings.issuer is None:
        return None
    # What reads tokens takes 12 MB, which a service without an issuer does without.
    from service.auth.issuer_keys import IssuerKeys, IssuerKeysError, read_file, read_url
    from service.auth.tokens import TokenRules, TokenVerifier

    if settings.jwks_file is not None:
        keys = IssuerKeys(read_file(settings.jwks_file))
        try:
            await keys.load()
        except IssuerKeysError as error:
            raise SettingsError(f"auth.jwks_file: {error}") from error
    else:
        assert settings.jwks_url is not None
        keys = IssuerKeys(read_url(settings.jwks_url))
        try:
            await keys.load()
        except IssuerKeysError as error:
            # The issuer may be away for a while; callers with keys need not wait for it.
            _log.error("issuer_keys_not_read", error=str(error), kept=0)
    stack.push_async_callback(keys.aclose)
    _own(stack, keys.follow())
    rules = TokenRules(
        issuer=settings.issuer,
        audiences=settings.audiences,
        tenant_claim=settings.tenant_claim,
        roles_claim=settings.roles_claim,
        roles={role: frozenset(permissions) for role, permissions in settings.roles.items()},
        clock_skew_s=settings.clock_skew_s,
    )
    return TokenVerifier(keys, rules)


def _own(stack: AsyncExitStack, following: Coroutine[object, object, None]) -> None:
    task = asyncio.create_task(following)
    stack.callback(task.cancel)
