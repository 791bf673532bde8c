"""What is wrong with a registration is told by a field that the API has."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
import trustme
from google.protobuf.descriptor import Descriptor
from pydantic import SecretStr
from vaiven.v1 import plugin_pb2

from plugins.sources.base import SourceError
from plugins.sources.grpc_reflection.failures import read_failure
from service.registrations.failures import worded_source
from service.registrations.secrets import HeldSecret, SecretBook
from service.registrations.sources import Allowed, SourceMaker
from service.registrations.spec import (
    ApiKey,
    Basic,
    Bearer,
    ClientCredentials,
    GrpcSpec,
    GrpcTls,
    McpSpec,
    OpenApiSpec,
    Registration,
    SourceSpec,
)

HOSTS = ("127.0.0.1", "*.shop.example")
VALUES = {"odd": "a\nb", "good": "hush"}
SECRETS = SecretBook({name: HeldSecret(SecretStr(value), None, HOSTS) for name, value in VALUES.items()})
MESSAGES: dict[str, Descriptor] = {
    "grpc": plugin_pb2.GrpcSource.DESCRIPTOR,
    "mcp": plugin_pb2.McpSource.DESCRIPTOR,
    "openapi": plugin_pb2.OpenApiSource.DESCRIPTOR,
}
LOCAL = "127.0.0.1:1"
MCP = "https://tools.shop.example/mcp"
HTTP: dict[str, Any] = {"url": "https://api.shop.example/o.json", "server_url": "https://api.shop.example"}


def has(message: Descriptor, path: str) -> bool:
    """Return whether `path` leads to a field of `message`; what follows a map's name is a key."""
    name, _, rest = path.partition(".")
    field = message.fields_by_name.get(name)
    if field is None or not rest:
        return field is not None
    inner = field.message_type
    if inner is None:
        return False
    if not inner.GetOptions().map_entry:
        return has(inner, rest)
    value = inner.fields_by_name["value"].message_type
    return value is None or has(value, rest.partition(".")[2])


def refused(source: SourceSpec) -> tuple[str, str]:
    """Return the reason and the field of what a caller is told of `source`."""
    with pytest.raises(SourceError) as wrong:
        SourceMaker(Allowed(secrets=SECRETS)).make(
            "shop", Registration(plugin_id="orders", source=source), lambda: None
        )
    told = worded_source(wrong.value, "plugins/orders")
    (violation,) = told.violations
    assert told.message.startswith(f"plugins/orders: {violation.subject}: ")
    return told.reason, violation.subject


def credentials(**given: Any) -> OpenApiSpec:
    return OpenApiSpec(credentials=given, **HTTP)


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (GrpcSpec(target=LOCAL, bearer_secret="secrets/odd"), "bearer_secret"),
        (GrpcSpec(target=LOCAL, call_timeout_s=9_999.0), "call_timeout"),
        (McpSpec(url=MCP, bearer_secret="secrets/odd"), "bearer_secret"),
        (McpSpec(program="files", headers={"x-caller": "vaiven"}), "program"),
        (OpenApiSpec(call_timeout_s=9_999.0, **HTTP), "call_timeout"),
        (credentials(key=ApiKey(secret="secrets/odd")), "credentials.key.api_key.secret"),
        (credentials(key=ApiKey(secret="secrets/good", name="k")), "credentials.key.api_key.name"),
        (credentials(token=Bearer(secret="secrets/odd")), "credentials.token.bearer.secret"),
        (credentials(name=Basic(username="a:b", secret="secrets/good")), "credentials.name.basic.username"),
        (
            credentials(
                app=ClientCredentials(client_id="", secret="secrets/good", token_url="https://id.shop.example/t")
            ),
            "credentials.app.client_credentials.client_id",
        ),
        (
            credentials(app=ClientCredentials(client_id="app", secret="secrets/good")),
            "credentials.app.client_credentials.token_url",
        ),
    ],
)
def test_a_wrong_field_is_named_as_the_api_names_it(source: SourceSpec, field: str) -> None:
    assert refused(source) == ("REGISTRATION_INVALID", field)
    assert has(MESSAGES[source.kind], field)


def test_a_program_that_the_operator_does_not_have() -> None:
    assert refused(McpSpec(program="files")) == ("STDIO_NOT_ALLOWED", "program")


def test_a_key_that_is_none() -> None:
    certificate = trustme.CA().cert_pem.bytes().decode()
    tls = GrpcTls(certificate_chain=certificate, private_key_secret="secrets/good")
    assert refused(GrpcSpec(target=LOCAL, tls=tls)) == ("TLS_INVALID", "tls.private_key_secret")
    assert has(MESSAGES["grpc"], "tls.private_key_secret")


def test_reflection_that_wants_a_token() -> None:
    nothing = grpc.aio.Metadata()
    denied = read_failure(grpc.aio.AioRpcError(grpc.StatusCode.UNAUTHENTICATED, nothing, nothing, "who?"))
    assert [violation.subject for violation in worded_source(denied).violations] == ["bearer_secret"]


@pytest.mark.parametrize("name", ["bearer", "stdio", "call_timeout_s"])
def test_an_argument_of_such_a_name_stays_one(name: str) -> None:
    told = worded_source(SourceError("ARGUMENTS_INVALID", "does not fit", name))
    assert [violation.subject for violation in told.violations] == [f"arguments.{name}"]
