"""The command `vaiven`: its options and its commands.

Nothing that takes time to import is imported here or by the modules of the commands: `vaiven --help` is quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.command import DEFAULT_ADDRESS, OrderedGroup, as_example, with_hyphens
from service.cli.commands import (
    ask,
    budgets,
    code,
    demo,
    doctor,
    email,
    health,
    keys,
    knowledge,
    mcp,
    models,
    operations,
    plan,
    policy,
    privacy,
    registering,
    route,
    runs,
    serve,
    sessions,
    support,
    tickets,
    usage,
)
from service.cli.exits import EXPLAINED

EXAMPLE = ("vaiven serve &", 'vaiven ask "write a function that returns the even numbers of a list"')

# Without rich's panels: they alone would take longer than help may take.
app = typer.Typer(
    name="vaiven",
    cls=OrderedGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": with_hyphens},
    epilog=f"{as_example(*EXAMPLE)}\n\n{EXPLAINED}",
)


def show_version(wanted: bool) -> None:
    """Print the version, if wanted."""
    if wanted:
        from service.cli.version import installed_version

        sys.stdout.write(f"vaiven {installed_version()}\n")
        raise typer.Exit


@app.callback()
def vaiven(
    context: typer.Context,
    address: Annotated[
        str,
        typer.Option(help="Where the service is.", metavar="HOST:PORT", envvar="VAIVEN_ADDRESS"),
    ] = DEFAULT_ADDRESS,
    tls_ca: Annotated[
        Path | None,
        typer.Option(help="Trust this certificate authority, a PEM file.", metavar="FILE", envvar="VAIVEN_TLS_CA"),
    ] = None,
    tls_server_name: Annotated[
        str | None,
        typer.Option(
            help="The name in its certificate, if not the host.", metavar="NAME", envvar="VAIVEN_TLS_SERVER_NAME"
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="The key or token to call with; others on this machine can read a command line, so rather set the "
            "variable.",
            metavar="KEY",
            envvar="VAIVEN_KEY",
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="A file that holds the key or token, alone.", metavar="FILE", envvar="VAIVEN_KEY_FILE"),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a document, or a line for each event of a run.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            help="The most seconds that a call may take (30; runs: as long as the service allows).",
            metavar="SECONDS",
            min=0.001,
        ),
    ] = None,
) -> None:
    """Agents that answer from a cloud model or one of your own, behind one gRPC service."""


for module in (demo, serve, ask, plan, route, usage, mcp, health, doctor):
    module.add_to(app)
app.add_typer(email.group, name="email")
app.add_typer(code.group, name="code")
app.add_typer(support.group, name="support")
app.add_typer(runs.group, name="runs")
app.add_typer(plan.group, name="plans")
app.add_typer(sessions.group, name="sessions")
app.add_typer(tickets.group, name="tickets")
app.add_typer(knowledge.group, name="knowledge")
app.add_typer(registering.group, name="plugins")
app.add_typer(models.group, name="models")
app.add_typer(operations.group, name="operations")
app.add_typer(policy.group, name="policy")
app.add_typer(budgets.group, name="budgets")
app.add_typer(keys.group, name="keys")
app.add_typer(privacy.group, name="privacy")
