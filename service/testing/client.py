"""Callers of a service that asks for credentials; for tests here and in plugin projects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import grpc.aio

from service.auth.key_file import change_keys
from service.auth.keys import new_key
from service.permissions import ALL_PERMISSIONS, Permission
from service.settings import Settings


def add_key(settings: Settings, tenant: str, *permissions: Permission, name: str = "test") -> str:
    """Return a new key of the service with these settings, which takes it when it starts; no permissions mean all."""
    key, record = new_key(tenant, name, frozenset(permissions) or ALL_PERMISSIONS, datetime.now(UTC), None)
    change_keys(settings.auth.keys_file, lambda keys: ((*keys, record), None))
    return key


def keyed_channel(address: str, key: str) -> grpc.aio.Channel:
    """Return a channel in the clear to a service on this machine, on which every call shows the key or token."""
    return grpc.aio.insecure_channel(address, interceptors=[_Unary(key), _Stream(key)])


class _Keyed:
    def __init__(self, key: str) -> None:
        self._shown = ("authorization", f"Bearer {key}")

    def _with_key(self, details: Any) -> Any:
        return details._replace(metadata=grpc.aio.Metadata(*(details.metadata or ()), self._shown))


# The types of grpc do not say that the details are a named tuple.
class _Unary(_Keyed, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        return await continuation(self._with_key(client_call_details), request)


class _Stream(_Keyed, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        return await continuation(self._with_key(client_call_details), request)
