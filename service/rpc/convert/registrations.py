"""What is registered: the sources of plugins, as callers write them and as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import duration_pb2
from vaiven.v1 import plugin_pb2 as pb

from service.errors import InvalidArgumentError, Violation
from service.registrations import spec
from service.registrations.desk import Change
from service.rpc.convert.values import struct_from_proto, struct_to_proto

_EFFECTS: Final[dict[int, spec.Effect | None]] = {
    pb.EFFECT_UNSPECIFIED: None,
    pb.EFFECT_NONE: "none",
    pb.EFFECT_READ: "read",
    pb.EFFECT_WRITE: "write",
}
_EFFECTS_BACK: Final = {effect: number for number, effect in _EFFECTS.items()}
_DRIFTS: Final[dict[int, spec.DriftAction]] = {
    pb.DRIFT_ACTION_UNSPECIFIED: "refuse",
    pb.DRIFT_ACTION_REFUSE: "refuse",
    pb.DRIFT_ACTION_REREAD: "reread",
}
_DRIFTS_BACK: Final = {"refuse": pb.DRIFT_ACTION_REFUSE, "reread": pb.DRIFT_ACTION_REREAD}

_PATHS: Final = ("description", "owners", "source", "source.on_drift")


def registration_from_proto(plugin_id: str, plugin: pb.Plugin) -> spec.Registration:
    """Return what is to be registered.

    Raises:
        InvalidArgumentError: It has no source, or a value that JSON does not have.
    """
    return spec.Registration(
        plugin_id=plugin_id,
        description=plugin.description,
        owners=tuple(plugin.owners),
        source=source_from_proto(plugin.source),
    )


def change_from_proto(plugin: pb.Plugin, mask: list[str]) -> Change:
    """Return what is to change; no mask: whatever is set in `plugin`.

    Raises:
        InvalidArgumentError: The mask names what cannot be changed, or nothing is to change.
    """
    for path in mask:
        if path not in _PATHS:
            why = f"{path[:100]} cannot be changed; {', '.join(_PATHS)} can"
            raise InvalidArgumentError(f"update_mask: {why}.", violations=(Violation("update_mask", why),))
    if not mask:
        has_source = plugin.source.WhichOneof("source") is not None
        given = {"description": plugin.description, "owners": plugin.owners, "source": has_source}
        mask = [path for path, value in given.items() if value]
        mask += ["source.on_drift"] if plugin.source.on_drift and not has_source else []
    if not mask:
        raise InvalidArgumentError(
            "Say what is to change.", violations=(Violation("update_mask", "is empty, and so is the plugin"),)
        )
    return Change(
        description=plugin.description if "description" in mask else None,
        owners=tuple(plugin.owners) if "owners" in mask else None,
        source=source_from_proto(plugin.source) if "source" in mask else None,
        on_drift=_DRIFTS[plugin.source.on_drift] if "source.on_drift" in mask else None,
    )


def source_from_proto(source: pb.PluginSource) -> spec.SourceSpec:
    """Return a source.

    Raises:
        InvalidArgumentError: There is none, or a value in it is one that JSON does not have.
    """
    on_drift = _DRIFTS[source.on_drift]
    match source.WhichOneof("source"):
        case "grpc":
            return _grpc(source.grpc, on_drift)
        case "openapi":
            return _openapi(source.openapi, on_drift)
        case "mcp":
            return _mcp(source.mcp, on_drift)
        case "prompt":
            return spec.PromptSpec(text=source.prompt.text, version=source.prompt.version, on_drift=on_drift)
        case _:
            why = "must say where the plugin comes from: grpc, openapi, mcp or prompt"
            raise InvalidArgumentError(f"plugin.source {why}.", violations=(Violation("plugin.source", why),))


def source_to_proto(source: spec.SourceSpec) -> pb.PluginSource:
    """Return a source, without the documents that may be large."""
    on_drift = _DRIFTS_BACK[source.on_drift]
    match source:
        case spec.GrpcSpec():
            return pb.PluginSource(grpc=_grpc_back(source), on_drift=on_drift)
        case spec.OpenApiSpec():
            return pb.PluginSource(openapi=_openapi_back(source), on_drift=on_drift)
        case spec.McpSpec():
            return pb.PluginSource(mcp=_mcp_back(source), on_drift=on_drift)
        case _:
            prompt = pb.PromptSource(text=source.text, version=source.version)
            return pb.PluginSource(prompt=prompt, on_drift=on_drift)


def _grpc(source: pb.GrpcSource, on_drift: spec.DriftAction) -> spec.GrpcSpec:
    return spec.GrpcSpec(
        target=source.target,
        services=tuple(source.services),
        rules={
            name: spec.GrpcMethodRule(
                fields=tuple(rule.fields),
                fixed=struct_from_proto(rule.fixed, f"plugin.source.grpc.rules.{name[:100]}.fixed"),
                required=tuple(rule.required),
                **_said(rule),
            )
            for name, rule in source.rules.items()
        },
        tls=spec.GrpcTls(
            root_certificates=source.tls.root_certificates,
            certificate_chain=source.tls.certificate_chain,
            private_key_secret=source.tls.private_key_secret,
            server_name=source.tls.server_name,
        )
        if source.HasField("tls")
        else None,
        bearer_secret=source.bearer_secret,
        metadata=dict(source.metadata),
        secret_metadata=dict(source.secret_metadata),
        descriptor_set=source.descriptor_set or None,
        max_stream_messages=source.max_stream_messages or None,
        call_timeout_s=_seconds(source),
        max_response_bytes=source.max_response_bytes or None,
        on_drift=on_drift,
    )


def _grpc_back(source: spec.GrpcSpec) -> pb.GrpcSource:
    return pb.GrpcSource(
        target=source.target,
        services=source.services,
        rules={
            name: pb.GrpcMethodRule(
                fields=rule.fields,
                fixed=struct_to_proto(rule.fixed) if rule.fixed else None,
                required=rule.required,
                **_said_back(rule),
            )
            for name, rule in source.rules.items()
        },
        tls=None if source.tls is None else pb.GrpcTls(**source.tls.model_dump()),
        bearer_secret=source.bearer_secret,
        metadata=source.metadata,
        secret_metadata=source.secret_metadata,
        call_timeout=_duration(source),
        max_response_bytes=source.max_response_bytes or 0,
        max_stream_messages=source.max_stream_messages or 0,
    )


def _openapi(source: pb.OpenApiSource, on_drift: spec.DriftAction) -> spec.OpenApiSpec:
    return spec.OpenApiSpec(
        url=source.url,
        document=source.document or None,
        server_url=source.server_url,
        server_variables=dict(source.server_variables),
        operations=tuple(source.operations),
        credentials={name: _credentials(one) for name, one in source.credentials.items()},
        credential_hosts=tuple(source.credential_hosts),
        headers=dict(source.headers),
        secret_headers=dict(source.secret_headers),
        rules={name: spec.FunctionRule(**_said(rule)) for name, rule in source.rules.items()},
        call_timeout_s=_seconds(source),
        max_response_bytes=source.max_response_bytes or None,
        on_drift=on_drift,
    )


def _openapi_back(source: spec.OpenApiSpec) -> pb.OpenApiSource:
    written = pb.OpenApiSource(
        server_url=source.server_url,
        server_variables=source.server_variables,
        operations=source.operations,
        credentials={name: _credentials_back(one) for name, one in source.credentials.items()},
        credential_hosts=source.credential_hosts,
        headers=source.headers,
        secret_headers=source.secret_headers,
        rules={name: pb.FunctionRule(**_said_back(rule)) for name, rule in source.rules.items()},
        call_timeout=_duration(source),
        max_response_bytes=source.max_response_bytes or 0,
    )
    if source.url:  # an empty one would still say that there is one
        written.url = source.url
    return written


def _credentials(one: pb.OpenApiCredentials) -> spec.Credentials:
    match one.WhichOneof("credentials"):
        case "api_key":
            return spec.ApiKey(secret=one.api_key.secret, place=_place(one.api_key.place), name=one.api_key.name)
        case "bearer":
            return spec.Bearer(secret=one.bearer.secret)
        case "basic":
            return spec.Basic(username=one.basic.username, secret=one.basic.password_secret)
        case _:
            client = one.client_credentials
            return spec.ClientCredentials(
                client_id=client.client_id,
                secret=client.client_secret,
                token_url=client.token_url,
                scopes=tuple(client.scopes),
                in_body=client.in_body,
                parameters=dict(client.parameters),
            )


def _credentials_back(one: spec.Credentials) -> pb.OpenApiCredentials:
    kinds = pb.OpenApiCredentials
    match one:
        case spec.ApiKey():
            return kinds(api_key=kinds.ApiKey(secret=one.secret, place=one.place or "", name=one.name))
        case spec.Bearer():
            return kinds(bearer=kinds.Bearer(secret=one.secret))
        case spec.Basic():
            return kinds(basic=kinds.Basic(username=one.username, password_secret=one.secret))
        case _:
            return kinds(
                client_credentials=kinds.ClientCredentials(
                    client_id=one.client_id,
                    client_secret=one.secret,
                    token_url=one.token_url,
                    scopes=one.scopes,
                    in_body=one.in_body,
                    parameters=one.parameters,
                )
            )


def _mcp(source: pb.McpSource, on_drift: spec.DriftAction) -> spec.McpSpec:
    return spec.McpSpec(
        url=source.url,
        program=source.program,
        tools=tuple(source.tools),
        bearer_secret=source.bearer_secret,
        headers=dict(source.headers),
        secret_headers=dict(source.secret_headers),
        rules={name: spec.FunctionRule(**_said(rule)) for name, rule in source.rules.items()},
        trust_annotations=source.trust_annotations,
        call_timeout_s=_seconds(source),
        max_response_bytes=source.max_response_bytes or None,
        on_drift=on_drift,
    )


def _mcp_back(source: spec.McpSpec) -> pb.McpSource:
    written = pb.McpSource(
        tools=source.tools,
        bearer_secret=source.bearer_secret,
        headers=source.headers,
        secret_headers=source.secret_headers,
        rules={name: pb.FunctionRule(**_said_back(rule)) for name, rule in source.rules.items()},
        trust_annotations=source.trust_annotations,
        call_timeout=_duration(source),
        max_response_bytes=source.max_response_bytes or 0,
    )
    if source.program:
        written.program = source.program
    else:
        written.url = source.url
    return written


def _said(rule: pb.GrpcMethodRule | pb.FunctionRule) -> Mapping[str, Any]:
    return {
        "effect": _EFFECTS[rule.effect],
        "idempotent": rule.idempotent if rule.HasField("idempotent") else None,
        "description": rule.description,
    }


def _said_back(rule: spec.GrpcMethodRule | spec.FunctionRule) -> Mapping[str, Any]:
    return {
        "effect": _EFFECTS_BACK[rule.effect],
        "idempotent": rule.idempotent,
        "description": rule.description,
    }


def _place(place: str) -> Any:
    return place or None


def _seconds(source: pb.GrpcSource | pb.OpenApiSource | pb.McpSource) -> float | None:
    return source.call_timeout.ToTimedelta().total_seconds() if source.HasField("call_timeout") else None


def _duration(source: spec.GrpcSpec | spec.OpenApiSpec | spec.McpSpec) -> duration_pb2.Duration | None:
    if source.call_timeout_s is None:
        return None
    duration = duration_pb2.Duration()
    duration.FromMilliseconds(round(source.call_timeout_s * 1000))
    return duration
