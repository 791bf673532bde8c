"""What a running service says of itself when it answers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.screen import bytes_size, console, print_facts
from service.cli.version import installed_version
from service.runs.spec import LOCAL_PRINCIPAL

if TYPE_CHECKING:
    from service.bootstrap import App


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model and whether it would answer now."""

    name: str
    state: str
    message: str
    precision: str
    execution_provider: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a service listens, whom it lets in, what it serves and where it keeps things.

    `auth` is the mode; `side_port` is a URL or empty.
    """

    version: str
    address: str
    tls: bool
    auth: str
    side_port: str
    models: tuple[ServedModel, ...]
    store: str


async def describe(app: App) -> Serving:
    """Return what is to be said of `app`."""
    settings = app.settings
    cards = (await app.ports.models.list(LOCAL_PRINCIPAL, 1000, "")).items
    host = settings.server.address.rpartition(":")[0]
    side = app.side_port
    return Serving(
        version=installed_version(),
        address=f"{host}:{app.port}" if app.port else settings.server.address,
        tls=settings.server.tls_certificate is not None,
        auth=settings.auth.mode,
        side_port=f"http://{settings.side_port.host}:{side.port}" if side is not None else "",
        models=tuple(
            ServedModel(
                name=card.model_id,
                state=card.state,
                message=card.state_message,
                precision=card.precision,
                execution_provider=card.execution_provider,
                size_bytes=card.size_bytes,
            )
            for card in cards
        ),
        store=str(settings.store.path),
    )


def show(serving: Serving, *, as_json: bool) -> None:
    """Print the banner, or one line of JSON."""
    if as_json:
        sys.stdout.write(json.dumps(asdict(serving)) + "\n")
        return
    reach = "TLS" if serving.tls else "this machine only"
    console().print(Text.assemble(("vaiven", "bold"), f" {serving.version} is serving"))
    print_facts(
        [
            ("  gRPC", Text.assemble((serving.address, "bold green"), f"  ({reach})")),
            ("  Callers", "show a key or a token" if serving.auth != "off" else "may do everything, without a key"),
            ("  HTTP", f"{serving.side_port}  (/livez /readyz /metrics)" if serving.side_port else ""),
            *(("  Model", model_text(model)) for model in serving.models),
            ("  Store", serving.store),
            ("  Try", 'vaiven ask "write a python function that reverses a string"'),
        ]
    )


def model_text(model: ServedModel) -> Text:
    """Return a model in one line."""
    size = bytes_size(model.size_bytes) if model.size_bytes else ""
    facts = ", ".join(fact for fact in (model.precision, model.execution_provider, size) if fact)
    said = f" {model.message}" if model.message else ""
    style = "green" if model.state == "ready" else "red"
    return Text.assemble(f"{model.name} ({facts}) ", (model.state, style), said)
