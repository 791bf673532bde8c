"""From what is stored of a registration to the source that reads it, within what the operator allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Final

from pydantic import SecretStr
from yarl import URL

from plugins.sources import grpc_reflection as grpc_source
from plugins.sources import mcp as mcp_source
from plugins.sources import openapi as openapi_source
from plugins.sources import prompt as prompt_source
from plugins.sources.base import PluginSource, SourceError, SourceLimits
from plugins.sources.network import AddressGuard, NetworkPolicy
from service.registrations.secrets import SecretBook
from service.registrations.spec import (
    ApiKey,
    Basic,
    Bearer,
    Credentials,
    Effect,
    FunctionRule,
    GrpcSpec,
    GrpcTls,
    McpSpec,
    OpenApiSpec,
    PromptSpec,
    Registration,
    SourceSpec,
)

_NO_PROGRAMS: Final[Mapping[str, mcp_source.StdioServer]] = {}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator allows of sources.

    `targets` are patterns of gRPC addresses, `network` holds for OpenAPI and MCP, `programs` are MCP servers by name.
    """

    targets: tuple[str, ...] = ()
    network: NetworkPolicy = field(default_factory=NetworkPolicy)
    secrets: SecretBook = field(default_factory=lambda: SecretBook({}))
    programs: Mapping[str, mcp_source.StdioServer] = field(default_factory=lambda: _NO_PROGRAMS)
    limits: SourceLimits = field(default_factory=SourceLimits)


class SourceMaker:
    """Makes the source of a registration; nothing is connected by it."""

    def __init__(self, allowed: Allowed) -> None:
        """Keep to what is allowed.

        Raises:
            ValueError: An entry of `allowed.network` is neither a network nor a host.
            SourceError: `TARGET_PATTERN_INVALID`: an entry of `allowed.targets` is no pattern.
        """
        grpc_source.check_target("localhost:1", allowed.targets)
        self._allowed = allowed
        self._guard = AddressGuard(allowed.network)

    @property
    def limits(self) -> SourceLimits:
        """Return what each source may cost."""
        return self._allowed.limits

    async def prepare(self, source: SourceSpec) -> None:
        """Load what sources of that kind need, aside, as `make` would do it on the event loop."""
        if isinstance(source, McpSpec):
            await asyncio.to_thread(import_module, "plugins.sources.mcp.source")

    def make(self, tenant: str, registration: Registration, on_changed: Callable[[], None]) -> PluginSource:
        """Return the source; `on_changed` is called when it says by itself that it changed.

        Raises:
            SourceError: A field of the registration is wrong, or is not allowed.
        """
        match registration.source:
            case GrpcSpec() as spec:
                return self._grpc(tenant, registration, spec)
            case OpenApiSpec() as spec:
                return self._openapi(tenant, registration, spec)
            case McpSpec() as spec:
                return self._mcp(tenant, registration, spec, on_changed)
            case PromptSpec() as spec:
                made = prompt_source.PromptRegistration(
                    registration.plugin_id, spec.text, spec.version, registration.description
                )
                return prompt_source.PromptSource(made, self.limits)

    def _grpc(self, tenant: str, registration: Registration, spec: GrpcSpec) -> PluginSource:
        target = grpc_source.check_target(spec.target, self._allowed.targets)
        hosts = [URL(f"//{spec.target.rpartition('//')[2]}").host or ""]
        secret = self._secrets(tenant, hosts)
        made = grpc_source.GrpcRegistration(
            name=registration.plugin_id,
            target=target,
            description=registration.description,
            services=spec.services,
            rules={
                name: grpc_source.MethodRule(
                    fields=rule.fields or None,
                    fixed=rule.fixed,
                    required=rule.required,
                    effect=rule.effect,
                    idempotent=rule.idempotent,
                    description=rule.description,
                )
                for name, rule in spec.rules.items()
            },
            tls=None if spec.tls is None else _tls(spec.tls, secret),
            bearer=secret(spec.bearer_secret, "bearer_secret").get_secret_value() if spec.bearer_secret else "",
            metadata={
                **spec.metadata,
                **{n: secret(s, f"secret_metadata.{n}").get_secret_value() for n, s in spec.secret_metadata.items()},
            },
            descriptor_set=spec.descriptor_set,
            call_timeout_s=spec.call_timeout_s,
            on_drift=spec.on_drift,
        )
        return grpc_source.GrpcSource(made, self._limits_of(spec))

    def _openapi(self, tenant: str, registration: Registration, spec: OpenApiSpec) -> PluginSource:
        secret = self._secrets(tenant, _hosts_of(spec))
        made = openapi_source.OpenApiRegistration(
            name=registration.plugin_id,
            url=spec.url,
            document=spec.document,
            description=registration.description,
            server_url=spec.server_url,
            server_variables=spec.server_variables,
            operations=spec.operations,
            credentials={
                name: _credentials(one, f"credentials.{name}", secret) for name, one in spec.credentials.items()
            },
            credential_hosts=spec.credential_hosts,
            headers=_headers(spec.headers, spec.secret_headers, secret),
            rules={name: openapi_source.OperationRule(*_rule(rule)) for name, rule in spec.rules.items()},
            call_timeout_s=spec.call_timeout_s,
            on_drift=spec.on_drift,
        )
        return openapi_source.OpenApiSource(made, self._guard, self._limits_of(spec))

    def _mcp(
        self, tenant: str, registration: Registration, spec: McpSpec, on_changed: Callable[[], None]
    ) -> PluginSource:
        secret = self._secrets(tenant, [_host(spec.url)])
        made = mcp_source.McpRegistration(
            name=registration.plugin_id,
            url=spec.url,
            stdio=spec.program,
            description=registration.description,
            tools=spec.tools,
            bearer=secret(spec.bearer_secret, "bearer_secret") if spec.bearer_secret else None,
            headers=_headers(spec.headers, spec.secret_headers, secret),
            rules={name: mcp_source.ToolRule(*_rule(rule)) for name, rule in spec.rules.items()},
            trust_annotations=spec.trust_annotations,
            call_timeout_s=spec.call_timeout_s,
            on_drift=spec.on_drift,
        )
        return mcp_source.McpSource(
            made, self._guard, self._limits_of(spec), programs=self._allowed.programs, on_changed=on_changed
        )

    def _limits_of(self, spec: GrpcSpec | OpenApiSpec | McpSpec) -> SourceLimits:
        """Return the limits of one source: a registration may say less than the operator, and never more."""
        limits = self.limits
        messages = spec.max_stream_messages if isinstance(spec, GrpcSpec) else None
        return replace(
            limits,
            max_response_bytes=min(limits.max_response_bytes, spec.max_response_bytes or limits.max_response_bytes),
            max_stream_messages=min(limits.max_stream_messages, messages or limits.max_stream_messages),
        )

    def _secrets(self, tenant: str, hosts: Collection[str]) -> Callable[[str, str], SecretStr]:
        return lambda reference, at: self._allowed.secrets.reveal(reference, tenant, hosts, at)


def _hosts_of(spec: OpenApiSpec) -> list[str]:
    """Return every host that may be sent a secret.

    Raises:
        SourceError: The document, which someone else may write, would say where secrets go.
    """
    tokens = {name: c.token_url for name, c in spec.credentials.items() if c.kind == "client_credentials"}
    if not spec.credentials and not spec.secret_headers:
        return []
    if not spec.server_url:
        raise SourceError("REGISTRATION_INVALID", "is needed where secrets are sent", "server_url")
    if unsaid := next((name for name, url in tokens.items() if not url), None):
        where = f"credentials.{unsaid}.client_credentials.token_url"
        raise SourceError("REGISTRATION_INVALID", "is needed where a client's secret is sent", where)
    return [_host(spec.server_url), *spec.credential_hosts, *map(_host, tokens.values())]


def _host(url: str) -> str:
    try:
        return URL(url).host or ""
    except ValueError:
        raise SourceError("TARGET_INVALID", "The URL cannot be read.") from None


def _tls(tls: GrpcTls, secret: Callable[[str, str], SecretStr]) -> grpc_source.Tls:
    key = None
    if tls.private_key_secret:
        key = secret(tls.private_key_secret, "tls.private_key_secret").get_secret_value().encode()
    return grpc_source.Tls(
        root_certificates=tls.root_certificates.encode() or None,
        certificate_chain=tls.certificate_chain.encode() or None,
        private_key=key,
        server_name=tls.server_name,
    )


def _headers(
    plain: Mapping[str, str], named: Mapping[str, str], secret: Callable[[str, str], SecretStr]
) -> dict[str, SecretStr]:
    return {name: SecretStr(value) for name, value in plain.items()} | {
        name: secret(reference, f"secret_headers.{name}") for name, reference in named.items()
    }


def _rule(rule: FunctionRule) -> tuple[Effect | None, bool | None, str]:
    return rule.effect, rule.idempotent, rule.description


def _credentials(
    one: Credentials, field_path: str, secret: Callable[[str, str], SecretStr]
) -> openapi_source.Credentials:
    value = secret(one.secret, field_path)
    match one:
        case ApiKey():
            return openapi_source.ApiKey(value, one.place, one.name)
        case Bearer():
            return openapi_source.Bearer(value)
        case Basic():
            return openapi_source.Basic(one.username, value)
        case _:
            return openapi_source.ClientCredentials(
                one.client_id, value, one.token_url, one.scopes, one.in_body, one.parameters
            )
