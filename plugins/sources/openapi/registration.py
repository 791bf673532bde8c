"""What an operator says of an HTTP service that is to become a plugin by its OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from pydantic import SecretStr

from plugins.manifest import Effect
from plugins.sources.base import SourceError

ANY_SCHEME: Final = "*"
"""The name of credentials that fit whichever scheme of their kind the document has."""

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_MAX_TIMEOUT_S: Final = 3600.0
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
"""Source: RFC 9110, section 5.1, token."""
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]{1,8192}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is sent where the document's scheme says; `place` and `name` are for documents without a scheme."""

    value: SecretStr
    place: Literal["header", "query", "cookie"] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token for `Authorization: Bearer`; also for OAuth2 and OpenID Connect where it was obtained elsewhere."""

    token: SecretStr


@dataclass(frozen=True, slots=True)
class Basic:
    """A user and password."""

    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth2 by the client's own identity.

    `token_url` and `scopes` empty: the document's. `in_body`: the client's secret goes into the form instead of an
    `Authorization: Basic` header. `parameters` are further fields of the token request, such as `audience`.
    """

    client_id: str
    client_secret: SecretStr
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    in_body: bool = False
    parameters: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


Credentials: TypeAlias = ApiKey | Bearer | Basic | ClientCredentials


@dataclass(frozen=True, slots=True)
class OperationRule:
    """What is said of one operation instead of what its document and its method say."""

    effect: Effect | None = None
    idempotent: bool | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class OpenApiRegistration:
    """An HTTP service as a plugin.

    Args:
        name: the plugin's name.
        url: where the document is; or `document`, its bytes.
        description: what the plugin is for; empty: the document's.
        server_url: the service's URL instead of the document's servers.
        server_variables: values of the variables in the document's server URLs.
        operations: patterns such as `get*` or `GET /orders/*` of those to take, each matched against the operationId,
            the function's name and the method with the path; empty: all.
        credentials: by the name of the document's security scheme, or `*` for the scheme that they fit.
        credential_hosts: hosts besides the document's first server (or `server_url`) that may be sent credentials.
        headers: sent with every call, such as the version of an API.
        rules: by operationId, function's name or `GET /orders`.
        call_timeout_s: longest call, in (0, 3600]; None: as the limits say.
        on_drift: what `refresh` does when the document changed: `refuse` raises, `reread` takes it as it is.

    Raises:
        SourceError: a field is wrong.
    """

    name: str
    url: str = ""
    document: bytes | None = field(default=None, repr=False)
    description: str = ""
    server_url: str = ""
    server_variables: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    operations: tuple[str, ...] = ()
    credentials: Mapping[str, Credentials] = field(default_factory=lambda: _EMPTY)
    credential_hosts: tuple[str, ...] = ()
    headers: Mapping[str, SecretStr] = field(default_factory=lambda: _EMPTY)
    rules: Mapping[str, OperationRule] = field(default_factory=lambda: _EMPTY)
    call_timeout_s: float | None = None
    on_drift: Literal["refuse", "reread"] = "refuse"

    def __post_init__(self) -> None:
        if bool(self.url) == (self.document is not None):
            raise SourceError("REGISTRATION_INVALID", "give either a URL or the document itself", "url")
        if self.call_timeout_s is not None and not 0 < self.call_timeout_s <= _MAX_TIMEOUT_S:
            raise SourceError("REGISTRATION_INVALID", f"must be in (0, {_MAX_TIMEOUT_S:g}] seconds", "call_timeout_s")
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or name.lower() in OWN_HEADERS:
                raise SourceError("REGISTRATION_INVALID", "is no header that may be set", f"headers.{name[:100]}")
            _check_printable(value, f"headers.{name}")
        for scheme, credentials in self.credentials.items():
            _check_credentials(credentials, f"credentials.{scheme[:100]}")

    def secrets(self) -> tuple[str, ...]:
        """Return everything that must not be said, for messages that quote what a server answered."""
        found = [value.get_secret_value() for value in self.headers.values()]
        for held in self.credentials.values():
            secret = (
                held.value
                if isinstance(held, ApiKey)
                else held.token
                if isinstance(held, Bearer)
                else held.password
                if isinstance(held, Basic)
                else held.client_secret
            )
            found.append(secret.get_secret_value())
        return tuple(secret for secret in found if secret)


OWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"cookie", "expect", "host", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that are ours to set: of a call's meaning, or of its connection."""


def _check_credentials(credentials: Credentials, field_path: str) -> None:
    if isinstance(credentials, ApiKey):
        _check_printable(credentials.value, f"{field_path}.value")
        if bool(credentials.name) != (credentials.place is not None):
            raise SourceError("REGISTRATION_INVALID", "a place and a name go together", f"{field_path}.name")
        if credentials.name and not _HEADER.fullmatch(credentials.name):
            raise SourceError("REGISTRATION_INVALID", "is no name that can be sent", f"{field_path}.name")
    elif isinstance(credentials, Bearer):
        _check_printable(credentials.token, f"{field_path}.token")
    elif isinstance(credentials, Basic) and ":" in credentials.username:
        raise SourceError("REGISTRATION_INVALID", "must not have a colon", f"{field_path}.username")
    elif isinstance(credentials, ClientCredentials) and not credentials.client_id:
        raise SourceError("REGISTRATION_INVALID", "is required", f"{field_path}.client_id")


def _check_printable(value: SecretStr, field_path: str) -> None:
    if not _PRINTABLE.fullmatch(value.get_secret_value()):
        raise SourceError("REGISTRATION_INVALID", "must be printable ASCII", field_path)
