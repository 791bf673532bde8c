"""`vaiven doctor`: whether the service can run on this machine, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.command import command, wants_json
from service.cli.commands.serve import ConfigOption, SetOption, read_settings
from service.cli.exits import FAILED
from service.cli.screen import console, print_json, printable, show

if TYPE_CHECKING:
    from service.cli.doctor.finding import Finding
    from service.settings import Settings

SIGNS = {"ok": ("✓", "green"), "absent": ("–", "dim"), "warning": ("!", "bold yellow"), "failed": ("✗", "bold red")}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", example="vaiven doctor --set onnx.provider=cuda")(doctor)


def doctor(
    context: typer.Context,
    config: ConfigOption = None,
    settings: SetOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check whether the service can run here, and what is missing.

    Models are checked and loaded to find out. The exit status is 1 if the default model cannot be served.
    """
    import asyncio

    read = read_settings(settings or (), config, {})
    as_json = wants_json(context, json)
    findings = asyncio.run(_collect(read, show=not as_json))
    failed = [finding for finding in findings if finding.state == "failed"]
    if as_json:
        from dataclasses import asdict

        print_json({"ready": not failed, "findings": [asdict(finding) for finding in findings]})
    else:
        console().print()
        if failed:
            console().print("The service cannot run like this.", style="bold red")
        else:
            console().print("Ready: `vaiven serve`.", style="bold green")
    if failed:
        raise typer.Exit(FAILED)


async def _collect(settings: Settings, *, show: bool) -> list[Finding]:
    findings = []
    area = ""
    async for finding in _findings(settings):
        findings.append(finding)
        if show:
            _show(finding, heading=finding.area != area)
            area = finding.area
    return findings


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    import asyncio

    from service.cli.doctor import machine, models
    from service.cli.doctor.kept import KeptModels

    for finding in machine.versions():
        yield finding
    served, elsewhere = models.ServedModels(settings.onnx, settings.models), len(list(settings.cloud()))
    async for finding in served.findings(elsewhere):
        yield finding
    kept = KeptModels(settings.models, settings.onnx, served)
    async for finding in kept.findings():
        yield finding
    for finding in models.memory(served):
        yield finding
    needed = bool(served.paths) or not elsewhere
    async for finding in models.providers(settings.onnx, served.usable or kept.loadable, needed=needed):
        yield finding
    for finding in machine.data(settings.store):
        yield finding
    authenticated = settings.auth.mode != "off"
    looked = await asyncio.to_thread(
        lambda: list(machine.ports(settings.server, settings.side_port, authenticated=authenticated))
    )
    for finding in looked:
        yield finding


def _show(finding: Finding, *, heading: bool) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if heading:
        console().print()
        console().print(finding.area.capitalize(), style="bold")
    sign, style = SIGNS[finding.state]
    said = Text(printable(finding.message))
    if finding.advice:
        said.append(f"\n→ {printable(finding.advice)}", style="yellow" if finding.state != "absent" else "dim")
    line = Table.grid(padding=(0, 1))
    line.add_column(width=1)
    line.add_column(min_width=11, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(sign, style=style), Text(finding.about, style="dim"), said)
    show(Padding(line, (0, 0, 0, 2)))
