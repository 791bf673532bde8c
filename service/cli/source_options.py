"""What may be said of a source on the command line, besides where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What is said of a source besides where it is; empty: not said."""

    only: Annotated[
        list[str] | None,
        typer.Option(help="Take this service, method, operation or tool only.", metavar="PATTERN"),
    ] = None
    secret: Annotated[
        str, typer.Option(help="Send this secret of the service's settings as a bearer token.", metavar="SECRET")
    ] = ""
    api_key: Annotated[
        str, typer.Option(help="Send this secret where an HTTP service wants its key.", metavar="SECRET")
    ] = ""
    api_key_in: Annotated[
        str,
        typer.Option(
            help="Where that is, if its document does not say: header, query or cookie.", metavar="PLACE:NAME"
        ),
    ] = ""
    basic: Annotated[
        str, typer.Option(help="Send a user and the secret that is the password.", metavar="USER:SECRET")
    ] = ""
    client: Annotated[
        str,
        typer.Option(
            help="Get tokens as this OAuth2 client, whose own secret is the one named; needs --token-url.",
            metavar="ID:SECRET",
        ),
    ] = ""
    token_url: Annotated[str, typer.Option(help="Where those tokens are.", metavar="URL")] = ""
    scope: Annotated[
        list[str] | None, typer.Option(help="What they are for; else what the document says.", metavar="SCOPE")
    ] = None
    server_url: Annotated[
        str, typer.Option(help="Where the HTTP service is, if not where its document says.", metavar="URL")
    ] = ""
    target_ca: Annotated[
        Path | None, typer.Option(help="Trust this certificate authority, a PEM file (grpcs://).", metavar="FILE")
    ] = None
    target_cert: Annotated[
        Path | None,
        typer.Option(help="Show this certificate of ours, a PEM file (grpcs://); needs --target-key.", metavar="FILE"),
    ] = None
    target_key: Annotated[
        str, typer.Option(help="The secret that is the certificate's private key.", metavar="SECRET")
    ] = ""
    descriptor_set: Annotated[
        Path | None, typer.Option(help="The types of a gRPC service without reflection.", metavar="FILE")
    ] = None
    trust_annotations: Annotated[
        bool, typer.Option("--trust-annotations", help="Believe MCP tools that call themselves read-only.")
    ] = False
    header: Annotated[
        list[str] | None, typer.Option(help="Send this header with every call; not for secrets.", metavar="NAME:VALUE")
    ] = None
    call_timeout: Annotated[
        float | None, typer.Option(help="The longest call, in seconds.", metavar="SECONDS", min=0.001, max=3600.0)
    ] = None
    effect: Annotated[
        list[str] | None,
        typer.Option(
            help="What a method, operation or tool touches, where it does not say: none, read or write.",
            metavar="NAME=EFFECT",
        ),
    ] = None
    fields: Annotated[
        list[str] | None,
        typer.Option(help="The fields of a gRPC method that a model may set, and no others.", metavar="METHOD=FIELDS"),
    ] = None
