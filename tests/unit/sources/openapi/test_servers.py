"""Which server is called."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.sources.network import AddressGuard, NetworkPolicy
from plugins.sources.openapi.references import UnusableError
from plugins.sources.openapi.servers import ServerChoice

DOCUMENT = "https://docs.example/specs/openapi.json"


def chosen(*levels: Any, **given: Any) -> str:
    server = ServerChoice(AddressGuard(), given.pop("document_url", DOCUMENT), **given).choose(*levels)
    return server.origin + server.path


@pytest.mark.parametrize(
    ("levels", "url"),
    [
        (([{"url": "https://a.example/v1/"}],), "https://a.example/v1"),
        ((None, [], [{"url": "https://a.example"}]), "https://a.example"),
        (([{"url": "https://op.example"}], [{"url": "https://doc.example"}]), "https://op.example"),
        ((None,), "https://docs.example"),
        (([{"url": "/v2"}],), "https://docs.example/v2"),
        (([{"url": "v2"}],), "https://docs.example/specs/v2"),
        (([{"url": "../v2"}],), "https://docs.example/v2"),
        (([{"url": "//cdn.example/v2"}],), "https://cdn.example/v2"),
        (([{"url": "https://a.example/v1?x=1#y"}],), "https://a.example/v1"),
        (([{"url": "http://a.example"}, {"url": "https://a.example"}],), "https://a.example"),
        (([{"url": "https://10.0.0.1"}, {"url": "https://a.example:8443"}],), "https://a.example:8443"),
    ],
)
def test_the_most_specific_usable_server(levels: Any, url: str) -> None:
    assert chosen(*levels) == url


VARIABLES = {"region": {"enum": ["eu", "us"], "default": "eu"}, "version": {"default": 2}, "tenant": {}}


def test_variables() -> None:
    servers = [{"url": "https://{region}.a.example/v{version}", "variables": VARIABLES}]

    assert chosen(servers) == "https://eu.a.example/v2"
    assert chosen(servers, variables={"region": "us", "version": "3"}) == "https://us.a.example/v3"
    with pytest.raises(UnusableError, match="one of eu, us"):
        chosen(servers, variables={"region": "evil.example/"})
    with pytest.raises(UnusableError, match="tenant has no default"):
        chosen([{"url": "https://{tenant}.a.example", "variables": VARIABLES}])


def test_the_registration_s_own_url_goes_before_all() -> None:
    assert chosen([{"url": "https://a.example"}], server_url="https://mine.example/base") == "https://mine.example/base"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"url": "http://a.example"}, "in the clear"),
        ({"url": "https://127.0.0.1"}, "loopback"),
        ({"url": "https://user:word@a.example"}, "credentials"),
        ({"url": "https://a.example/%2e%2e/b"}, "dots"),
        ({"url": "https://a.example/a/../b"}, "dots"),
        ({"url": "file:///etc/passwd"}, "https"),
        ({"url": "https://[::1"}, "read"),
        ({"url": 5}, "no object"),
        ("https://a.example", "no object"),
    ],
)
def test_servers_that_are_not_called(server: Any, words: str) -> None:
    with pytest.raises(UnusableError, match=words):
        chosen([server])


def test_a_relative_server_needs_a_document_s_url() -> None:
    with pytest.raises(UnusableError, match="give the server's URL"):
        chosen([{"url": "/v1"}], document_url="")


def test_servers_in_the_clear_where_the_operator_allows_them() -> None:
    choice = ServerChoice(AddressGuard(NetworkPolicy(allow=("10.0.0.1",), allow_http=True)))

    assert choice.choose([{"url": "http://10.0.0.1:8080/v1"}]).origin == "http://10.0.0.1:8080"
