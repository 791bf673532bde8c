"""Which credentials an operation is sent with: the document's requirements met by what was registered."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urljoin

from pydantic import SecretStr

from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.registration import (
    ANY_SCHEME,
    ApiKey,
    Basic,
    Bearer,
    ClientCredentials,
    Credentials,
)

_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """A secret and where it goes; `value` has its prefix, such as `Bearer `."""

    place: Literal["header", "query", "cookie"]
    name: str
    value: SecretStr


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Where a token of OAuth2 comes from; it is sent as a bearer token."""

    url: str
    scopes: tuple[str, ...]
    client: ClientCredentials


Authorization: TypeAlias = Sent | TokenRequest


class Security:
    """The schemes of a document and the credentials of a registration."""

    def __init__(self, references: References, credentials: Mapping[str, Credentials], token_base: str = "") -> None:
        """`token_base` is the URL that relative token URLs of the document are relative to."""
        self._references = references
        self._credentials = credentials
        self._token_base = token_base
        components = references.root.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        self._schemes: Mapping[str, Any] = schemes if isinstance(schemes, dict) else {}

    def authorizations(self, operation: Mapping[str, Any]) -> tuple[Authorization, ...]:
        """Return what is sent with an operation.

        Of several alternatives the first is taken whose credentials were all registered. A document that says nothing
        of security gets the credentials registered as `*`.

        Raises:
            UnusableError: it needs credentials that were not registered, or a scheme that is not known.
        """
        required = operation.get("security", self._references.root.get("security"))
        if required is None:
            return self._unasked()
        alternatives = [entry for entry in required if isinstance(entry, dict)] if isinstance(required, list) else []
        alternatives = [entry for entry in alternatives if entry] + [entry for entry in alternatives if not entry]
        missing: list[str] = []
        for alternative in alternatives:
            try:
                return tuple(self._met(name, scopes) for name, scopes in alternative.items())
            except UnusableError as error:
                missing.append(str(error))
        if missing:
            raise UnusableError(" or ".join(dict.fromkeys(missing[:_NAMES])))
        return ()

    def _unasked(self) -> tuple[Authorization, ...]:
        held = self._credentials.get(ANY_SCHEME)
        return () if held is None or self._schemes else (self._as_registered(held, ANY_SCHEME),)

    def _as_registered(self, held: Credentials, name: str) -> Authorization:
        """Return credentials of a scheme that the document does not describe."""
        if isinstance(held, Bearer):
            return _bearer(held)
        if isinstance(held, Basic):
            return _basic(held)
        if isinstance(held, ApiKey) and held.place:
            return Sent(held.place, held.name, held.value)
        if isinstance(held, ClientCredentials) and held.token_url:
            return TokenRequest(held.token_url, held.scopes, held)
        raise UnusableError(f"needs the credentials of {name[:50]}; the document does not say how they are sent")

    def _met(self, name: str, scopes: Any) -> Authorization:
        held = self._credentials.get(name, self._credentials.get(ANY_SCHEME))
        if held is None:
            raise UnusableError(f"needs the credentials of {name[:50]}, which were not given")
        if name not in self._schemes:
            return self._as_registered(held, name)
        scheme = self._references.resolve(self._schemes[name])
        kind = str(scheme.get("type", "")).lower()
        if kind == "apikey" and isinstance(held, ApiKey):
            place, key = held.place or scheme.get("in"), held.name or scheme.get("name")
            if place in ("header", "query", "cookie") and isinstance(key, str) and key:
                return Sent(place, key, held.value)
        http = str(scheme.get("scheme", "")).lower()
        if isinstance(held, Bearer) and (kind in ("oauth2", "openidconnect") or (kind == "http" and http == "bearer")):
            return _bearer(held)
        if isinstance(held, Basic) and kind == "http" and http == "basic":
            return _basic(held)
        if isinstance(held, ClientCredentials) and kind in ("oauth2", "openidconnect"):
            return self._token_request(name, scheme, scopes, held)
        raise UnusableError(f"needs credentials for {name[:50]}, a scheme that those given do not fit")

    def _token_request(
        self, name: str, scheme: Mapping[str, Any], scopes: Any, held: ClientCredentials
    ) -> TokenRequest:
        flows = scheme.get("flows")
        flow = flows.get("clientCredentials") if isinstance(flows, dict) else None
        url = held.token_url or (flow.get("tokenUrl") if isinstance(flow, dict) else None)
        if not isinstance(url, str) or not url:
            raise UnusableError(f"needs a token for {name[:50]}, which has no flow of client credentials")
        if not held.token_url and "://" not in url:
            if not self._token_base:
                raise UnusableError(f"needs a token for {name[:50]}, whose token URL is a path alone")
            url = urljoin(self._token_base, url)
        asked = tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else ()
        return TokenRequest(url, held.scopes or asked, held)


def _bearer(held: Bearer) -> Sent:
    return Sent("header", "Authorization", SecretStr(f"Bearer {held.token.get_secret_value()}"))


def _basic(held: Basic) -> Sent:
    pair = f"{held.username}:{held.password.get_secret_value()}".encode()
    return Sent("header", "Authorization", SecretStr(f"Basic {base64.b64encode(pair).decode()}"))
