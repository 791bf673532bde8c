"""What is registered, as it is stored: where a plugin comes from, without any secret."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Effect: TypeAlias = Literal["none", "read", "write"]
DriftAction: TypeAlias = Literal["refuse", "reread"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class GrpcMethodRule(_Part):
    """What holds for one method; see `plugins.sources.grpc_reflection.MethodRule`. No `fields`: all."""

    fields: tuple[str, ...] = ()
    fixed: dict[str, Any] = Field(default_factory=dict)
    required: tuple[str, ...] = ()
    effect: Effect | None = None
    idempotent: bool | None = None
    description: str = ""


class GrpcTls(_Part):
    """How a gRPC connection is encrypted; texts are PEM, `private_key_secret` the name of a secret."""

    root_certificates: str = ""
    certificate_chain: str = ""
    private_key_secret: str = ""
    server_name: str = ""


class FunctionRule(_Part):
    """What is said of one function instead of what its source says."""

    effect: Effect | None = None
    idempotent: bool | None = None
    description: str = ""


class _Source(_Part):
    on_drift: DriftAction = "refuse"
    call_timeout_s: float | None = None
    max_response_bytes: int | None = None


class GrpcSpec(_Source):
    """A gRPC service; `…_secret` and the values of `secret_…` are names of secrets."""

    kind: Literal["grpc"] = "grpc"
    target: str
    services: tuple[str, ...] = ()
    rules: dict[str, GrpcMethodRule] = Field(default_factory=dict)
    tls: GrpcTls | None = None
    bearer_secret: str = ""
    metadata: dict[str, str] = Field(default_factory=dict)
    secret_metadata: dict[str, str] = Field(default_factory=dict)
    descriptor_set: bytes | None = None
    max_stream_messages: int | None = None


class ApiKey(_Part):
    """A key; see `plugins.sources.openapi.ApiKey`."""

    kind: Literal["api_key"] = "api_key"
    secret: str
    place: Literal["header", "query", "cookie"] | None = None
    name: str = ""


class Bearer(_Part):
    """A token."""

    kind: Literal["bearer"] = "bearer"
    secret: str


class Basic(_Part):
    """A user and a password."""

    kind: Literal["basic"] = "basic"
    username: str
    secret: str


class ClientCredentials(_Part):
    """OAuth2 by the client's own identity; see `plugins.sources.openapi.ClientCredentials`."""

    kind: Literal["client_credentials"] = "client_credentials"
    client_id: str
    secret: str
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    in_body: bool = False
    parameters: dict[str, str] = Field(default_factory=dict)


Credentials: TypeAlias = Annotated[ApiKey | Bearer | Basic | ClientCredentials, Field(discriminator="kind")]


class OpenApiSpec(_Source):
    """An HTTP service by its OpenAPI document, at `url` or as it is."""

    kind: Literal["openapi"] = "openapi"
    url: str = ""
    document: bytes | None = None
    server_url: str = ""
    server_variables: dict[str, str] = Field(default_factory=dict)
    operations: tuple[str, ...] = ()
    credentials: dict[str, Credentials] = Field(default_factory=dict)
    credential_hosts: tuple[str, ...] = ()
    headers: dict[str, str] = Field(default_factory=dict)
    secret_headers: dict[str, str] = Field(default_factory=dict)
    rules: dict[str, FunctionRule] = Field(default_factory=dict)


class McpSpec(_Source):
    """An MCP server at `url`, or one of the operator's programs."""

    kind: Literal["mcp"] = "mcp"
    url: str = ""
    program: str = ""
    tools: tuple[str, ...] = ()
    bearer_secret: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    secret_headers: dict[str, str] = Field(default_factory=dict)
    rules: dict[str, FunctionRule] = Field(default_factory=dict)
    trust_annotations: bool = False


class PromptSpec(_Source):
    """A prompt in Semantic Kernel's YAML."""

    kind: Literal["prompt"] = "prompt"
    text: str
    version: str = ""


SourceSpec: TypeAlias = GrpcSpec | OpenApiSpec | McpSpec | PromptSpec

_ADAPTER: Final[TypeAdapter[SourceSpec]] = TypeAdapter(Annotated[SourceSpec, Field(discriminator="kind")])


class Registration(_Part):
    """A plugin as it was asked for: `plugin_id` is the last part of its name. Two that are equal are the same."""

    plugin_id: str
    description: str = ""
    owners: tuple[str, ...] = ()
    source: SourceSpec


def spec_from_json(text: str) -> SourceSpec:
    """Return the spec that was stored.

    Raises:
        pydantic.ValidationError: It was written by something else.
    """
    return _ADAPTER.validate_json(text)
