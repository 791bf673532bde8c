"""What `vaiven plugins add` takes as a source, and the registration that it means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from service.cli.exits import USAGE, CommandError
from service.cli.source_options import SourceOptions

if TYPE_CHECKING:
    from vaiven.v1.plugin_pb2 import PluginSource

FORMS: Final = (
    "Sources look like grpc://host:port (grpcs:// with TLS), https://host/openapi.json, mcp+https://host/mcp, "
    "mcp:PROGRAM, ./prompt.yaml or ./openapi.yaml."
)
_OPENAPI: Final = re.compile(rb"""^\s*["']?openapi["']?\s*:|[{,]\s*"openapi"\s*:""", re.MULTILINE)
_OF_HTTP: Final = ("api_key", "api_key_in", "basic", "client", "token_url", "scope")
"""Credentials that only a document with operations can have."""
_OF_GRPC: Final = ("target_ca", "target_cert", "target_key", "descriptor_set", "fields")
_OF_CALLS: Final = ("header", "call_timeout", "effect")
"""What is said of the calls of any service; a prompt calls none."""

_COMMON: Final = frozenset({"api", "www", "grpc", "mcp", "docs"})
"""Labels of a host that say nothing of what is there."""


def source_of(words: str, options: SourceOptions) -> PluginSource:
    """Return the source that a person means.

    Raises:
        CommandError: It is none, a file cannot be read, or an option does not belong to it.
    """
    from vaiven.v1.plugin_pb2 import McpSource, PluginSource

    scheme, _, rest = words.partition(":")
    secret = _secret(options.secret) if options.secret else ""
    if scheme in ("grpc", "grpcs") and rest.startswith("//"):
        _refuse(options, "server_url", "trust_annotations", *_OF_HTTP)
        return PluginSource(grpc=_grpc(rest.strip("/"), options, secret, tls=scheme == "grpcs"))
    _refuse(options, *_OF_GRPC)
    if scheme in ("mcp+https", "mcp+http", "mcp"):
        _refuse(options, "server_url", *_OF_HTTP)
        mcp = McpSource(tools=options.only, bearer_secret=secret, trust_annotations=options.trust_annotations)
        _say_of_calls(mcp, mcp.headers, options)
        if scheme == "mcp":
            mcp.program = rest
        else:
            mcp.url = words.removeprefix("mcp+")
        return PluginSource(mcp=mcp)
    _refuse(options, "trust_annotations")
    if scheme in ("https", "http"):
        return PluginSource(openapi=_openapi({"url": words}, options))
    return _from_file(Path(words), options)


def name_of(words: str) -> str:
    """Return a name for the plugin, made from where it is.

    Raises:
        CommandError: Nothing in it is a name.
    """
    scheme, _, rest = words.partition(":")
    if not rest.startswith("//"):
        base = rest if scheme == "mcp" else Path(words).name.partition(".")[0]
    else:
        parts = urlsplit(words.removeprefix("mcp+"))
        labels = [label for label in (parts.hostname or "").split(".") if label not in _COMMON]
        local = parts.hostname == "localhost" or not re.search("[a-z]", labels[0] if labels else "")
        base = f"{scheme.partition('+')[0]}_{parts.port or ''}" if local else labels[0]
    name = re.sub(r"[^a-z0-9]+", "_", base.lower()).strip("_")[:64]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise CommandError(f"{words} gives no name for the plugin.", hint="Say one with --name.", exit_code=USAGE)
    return name


def _grpc(target: str, options: SourceOptions, secret: str, *, tls: bool) -> Any:
    from vaiven.v1.plugin_pb2 import GrpcSource, GrpcTls

    for name in ("target_ca", "target_cert", "target_key"):
        if getattr(options, name) and not tls:
            raise CommandError(f"{_flag(name)} belongs to grpcs://.", exit_code=USAGE)
    if bool(options.target_cert) != bool(options.target_key):
        raise CommandError("--target-cert and --target-key go together.", exit_code=USAGE)
    encrypted = GrpcTls(
        root_certificates=_pem(options.target_ca),
        certificate_chain=_pem(options.target_cert),
        private_key_secret=_secret(options.target_key) if options.target_key else "",
    )
    source = GrpcSource(
        target=target,
        services=options.only,
        bearer_secret=secret,
        tls=encrypted if tls else None,
        descriptor_set=_read(options.descriptor_set) if options.descriptor_set else b"",
    )
    for said in options.fields or ():
        method, fields = _pair(said, "--fields", "METHOD=FIELD,FIELD", "=")
        source.rules[method].fields.extend(field.strip() for field in fields.split(","))
    _say_of_calls(source, source.metadata, options)
    return source


def _say_of_calls(source: Any, headers: Any, options: SourceOptions) -> None:
    """Say of a source what is said of calls alike for each kind of service; `headers` are its own."""
    from vaiven.v1.plugin_pb2 import Effect

    for said in options.header or ():
        name, colon, value = said.partition(":")
        if not name.strip() or not colon:
            raise CommandError("--header takes NAME:VALUE.", exit_code=USAGE)
        headers[name.strip().lower()] = value.strip()
    if options.call_timeout is not None:
        source.call_timeout.FromMilliseconds(round(options.call_timeout * 1000))
    for said in options.effect or ():
        name, effect = _pair(said, "--effect", "NAME=none, =read or =write", "=")
        word = f"EFFECT_{effect.upper()}"
        if word not in Effect.keys()[1:]:
            raise CommandError(f"--effect {said}: an effect is none, read or write.", exit_code=USAGE)
        source.rules[name].effect = Effect.Value(word)


def _openapi(origin: dict[str, Any], options: SourceOptions) -> Any:
    from vaiven.v1.plugin_pb2 import OpenApiSource

    credentials = _credentials(options)
    source = OpenApiSource(operations=options.only, server_url=options.server_url, credentials=credentials, **origin)
    _say_of_calls(source, source.headers, options)
    return source


def _credentials(options: SourceOptions) -> dict[str, Any]:
    """Return the credentials for whichever scheme of the document they fit; none: nothing was said."""
    from vaiven.v1.plugin_pb2 import OpenApiCredentials as Given

    said = [name for name in ("secret", "api_key", "basic", "client") if getattr(options, name)]
    if len(said) > 1:
        raise CommandError(f"Say one of {' and '.join(map(_flag, said))}.", exit_code=USAGE)
    if options.api_key_in and not options.api_key:
        raise CommandError("--api-key-in belongs to --api-key.", exit_code=USAGE)
    if bool(options.token_url) != bool(options.client) or (options.scope and not options.client):
        raise CommandError("--client needs --token-url, and --token-url and --scope need --client.", exit_code=USAGE)
    if options.secret:
        return {"*": Given(bearer=Given.Bearer(secret=_secret(options.secret)))}
    if options.api_key:
        place, name = _pair(options.api_key_in, "--api-key-in", "PLACE:NAME") if options.api_key_in else ("", "")
        return {"*": Given(api_key=Given.ApiKey(secret=_secret(options.api_key), place=place, name=name))}
    if options.basic:
        user, secret = _pair(options.basic, "--basic", "USER:SECRET")
        return {"*": Given(basic=Given.Basic(username=user, password_secret=_secret(secret)))}
    if options.client:
        client, secret = _pair(options.client, "--client", "ID:SECRET")
        asked = Given.ClientCredentials(client_id=client, client_secret=_secret(secret), token_url=options.token_url)
        asked.scopes.extend(options.scope or ())
        return {"*": Given(client_credentials=asked)}
    return {}


def _secret(name: str) -> str:
    return f"secrets/{name.removeprefix('secrets/')}"


def _pair(text: str, option: str, form: str, mark: str = ":") -> tuple[str, str]:
    # The last mark parts them: an id may be a URI.
    first, _, last = text.rpartition(mark)
    if not first or not last:
        named = "; a secret is named, as in the settings" if mark == ":" else ""
        raise CommandError(f"{option} takes {form}{named}.", exit_code=USAGE)
    return first, last


def _from_file(path: Path, options: SourceOptions) -> PluginSource:
    from vaiven.v1.plugin_pb2 import PluginSource, PromptSource

    if path.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise CommandError(f"{str(path)!r} is no source of plugins.", hint=FORMS, exit_code=USAGE)
    data = _read(path)
    if _OPENAPI.search(data):
        return PluginSource(openapi=_openapi({"document": data}, options))
    _refuse(options, "only", "secret", "server_url", *_OF_HTTP, *_OF_CALLS)
    try:
        return PluginSource(prompt=PromptSource(text=data.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not text in UTF-8.", exit_code=USAGE) from error


def _refuse(options: SourceOptions, *names: str) -> None:
    for name in names:
        if getattr(options, name):
            raise CommandError(f"{_flag(name)} does not belong to this source.", exit_code=USAGE)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _pem(path: Path | None) -> str:
    return _read(path).decode("ascii", "replace") if path else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", exit_code=USAGE) from error
