"""Which credentials go where, and which do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from plugins.sources.base import SourceError
from plugins.sources.openapi import ApiKey, Basic, Bearer, ClientCredentials, Credentials, OpenApiRegistration
from plugins.sources.openapi.references import References, UnusableError
from plugins.sources.openapi.security import Security, Sent, TokenRequest

SECRET = SecretStr("s3cret")
CLIENT = ClientCredentials("me", SECRET)

SCHEMES = {
    "key": {"type": "apiKey", "in": "query", "name": "api_key"},
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"a": ""}}}},
    "code": {"type": "oauth2", "flows": {"authorizationCode": {}}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://id.example"},
    "tls": {"type": "mutualTLS"},
    "digest": {"type": "http", "scheme": "digest"},
    "moved": {"$ref": "#/components/securitySchemes/key"},
}


def sent(
    security: Any, credentials: Mapping[str, Credentials], schemes: Any = SCHEMES, own: Any = None
) -> list[tuple[str, ...]]:
    root = {"components": {"securitySchemes": schemes}} | ({} if security is None else {"security": security})
    found = Security(References(root), credentials, "https://api.example/v1").authorizations(
        {} if own is None else {"security": own}
    )
    return [(a.place, a.name, a.value.get_secret_value()) if isinstance(a, Sent) else (a.url, *a.scopes) for a in found]


@pytest.mark.parametrize(
    ("scheme", "held", "expected"),
    [
        ("key", ApiKey(SECRET), ("query", "api_key", "s3cret")),
        ("key", ApiKey(SECRET, "header", "X-Key"), ("header", "X-Key", "s3cret")),
        ("moved", ApiKey(SECRET), ("query", "api_key", "s3cret")),
        ("bearer", Bearer(SECRET), ("header", "Authorization", "Bearer s3cret")),
        ("oauth", Bearer(SECRET), ("header", "Authorization", "Bearer s3cret")),
        ("code", Bearer(SECRET), ("header", "Authorization", "Bearer s3cret")),
        ("openid", Bearer(SECRET), ("header", "Authorization", "Bearer s3cret")),
        ("basic", Basic("ana", SECRET), ("header", "Authorization", "Basic YW5hOnMzY3JldA==")),
        ("oauth", CLIENT, ("https://api.example/token", "read")),
        ("code", ClientCredentials("me", SECRET, "https://id.example/t"), ("https://id.example/t", "read")),
        ("oauth", ClientCredentials("me", SECRET, scopes=("x",)), ("https://api.example/token", "x")),
        ("unknown", Bearer(SECRET), ("header", "Authorization", "Bearer s3cret")),
    ],
)
def test_credentials_that_fit(scheme: str, held: Credentials, expected: tuple[str, ...]) -> None:
    assert sent([{scheme: ["read"]}], {scheme: held}) == [expected]
    assert sent([{scheme: ["read"]}], {"*": held}) == [expected]


@pytest.mark.parametrize(
    ("scheme", "held"),
    [
        ("key", Bearer(SECRET)),
        ("bearer", ApiKey(SECRET)),
        ("basic", Bearer(SECRET)),
        ("code", CLIENT),
        ("tls", Bearer(SECRET)),
        ("digest", Basic("ana", SECRET)),
        ("unknown", ApiKey(SECRET)),
    ],
)
def test_credentials_that_do_not_fit(scheme: str, held: Credentials) -> None:
    with pytest.raises(UnusableError, match=scheme) as unusable:
        sent([{scheme: []}], {scheme: held})
    assert "s3cret" not in str(unusable.value)


def test_alternatives() -> None:
    both: list[Any] = [{"digest": []}, {"key": [], "bearer": []}, {}]
    held: dict[str, Credentials] = {"key": ApiKey(SECRET), "bearer": Bearer(SECRET)}

    assert len(sent(both, held)) == 2
    assert sent([{}, {"bearer": []}], held) == [("header", "Authorization", "Bearer s3cret")]
    assert sent(both, {}) == []
    assert sent(both, held, own=[]) == []
    assert sent(both, held, own=[{"key": []}]) == [("query", "api_key", "s3cret")]
    with pytest.raises(UnusableError, match=r"basic.* or .*digest"):
        sent([{"basic": []}, {"digest": []}], {})


def test_a_document_that_says_nothing_of_security() -> None:
    assert sent(None, {"*": Bearer(SECRET)}, schemes={}) == [("header", "Authorization", "Bearer s3cret")]
    assert sent(None, {"*": ApiKey(SECRET, "header", "X-Key")}, schemes={}) == [("header", "X-Key", "s3cret")]
    assert sent(None, {"*": Bearer(SECRET)}) == []
    assert sent(None, {"bearer": Bearer(SECRET)}, schemes={}) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "https://a.example", "document": b"{}"}, "url"),
        ({"call_timeout_s": 0.0}, "call_timeout_s"),
        ({"headers": {"Host": SECRET}}, "headers.Host"),
        ({"headers": {"X Y": SECRET}}, "headers.X Y"),
        ({"headers": {"X-Y": SecretStr("a\r\nb")}}, "headers.X-Y"),
        ({"credentials": {"k": ApiKey(SecretStr("a\nb"))}}, "credentials.k.value"),
        ({"credentials": {"k": ApiKey(SECRET, "header")}}, "credentials.k.name"),
        ({"credentials": {"k": ApiKey(SECRET, "header", "a b")}}, "credentials.k.name"),
        ({"credentials": {"k": Bearer(SecretStr(""))}}, "credentials.k.token"),
        ({"credentials": {"k": Basic("a:b", SECRET)}}, "credentials.k.username"),
        ({"credentials": {"k": ClientCredentials("", SECRET)}}, "credentials.k.client_id"),
    ],
)
def test_a_wrong_registration_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as refused:
        OpenApiRegistration(**{"name": "shop", "url": "https://a.example/openapi.json", **wrong})
    assert (refused.value.code, refused.value.field) == ("REGISTRATION_INVALID", field)


def test_no_secret_is_shown() -> None:
    held: dict[str, Credentials] = {"a": ApiKey(SECRET), "b": Bearer(SECRET), "c": Basic("ana", SECRET), "d": CLIENT}
    registration = OpenApiRegistration("shop", url="https://a.example", credentials=held, headers={"X-Y": SECRET})

    assert "s3cret" not in repr(registration)
    assert "s3cret" not in repr(TokenRequest("https://a.example", (), CLIENT))
    assert registration.secrets() == ("s3cret",) * 5
