"""`vaiven demo`: a service of its own, three requests to it, and what to try next."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from service.cli.caller import Caller, Connection
from service.cli.command import command
from service.cli.exits import FAILED, CommandError
from service.cli.screen import console, show

if TYPE_CHECKING:
    from service.cli.demo.child import ServiceProcess
    from service.cli.demo.script import Scene
    from service.cli.facts import Facts

RUN_LIMIT_S: Final = 120.0
READY_LIMIT_S: Final = 30.0


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "demo", example="vaiven demo")(demo)


def demo() -> None:
    """See it work: a service of its own, and three requests to it.

    It needs no network, uses free ports of this machine, and keeps nothing. The exit status is 0 only if every request
    was completed.
    """
    from rich.text import Text

    from service.cli.demo.child import service_process
    from service.cli.demo.script import SCENES

    console().print()
    claim = "agents on a cloud model or your own, behind one gRPC service"
    console().print(Text.assemble(("vaiven", "bold magenta"), f"  {claim}"))
    console().print()
    with service_process() as process:
        connection = Connection(_start(process), timeout_s=RUN_LIMIT_S)
        caller = Caller(connection)
        try:
            with caller.guarded():
                completed = _play(caller)
        except CommandError as error:
            raise CommandError(f"{error.message}{process.last_words()}", hint=error.hint) from error
    _end(completed, len(SCENES))
    if completed < len(SCENES):
        raise typer.Exit(FAILED)


def _start(process: ServiceProcess) -> str:
    """Wait until the service answers and return its address."""
    from rich.status import Status
    from rich.text import Text

    from service.cli.screen import bytes_size

    began = time.monotonic()
    doing = f"Starting the service (process {process.pid}) and loading its model"
    if not console().is_terminal:
        console().print(f"  {doing} …")
    with Status(f"{doing} …", console=console(), spinner="dots") as status:
        found: dict[str, Any] = process.wait(lambda waited_s: status.update(f"{doing} … {waited_s:.0f} s"))
        _until_serving(found["address"])
    took_s = time.monotonic() - began
    _done(Text.assemble("service on ", (found["address"], "bold"), f", ready after {took_s:.1f} s"))
    for model in found["models"]:
        facts = [model["precision"], model["execution_provider"], bytes_size(model["size_bytes"])]
        _done(Text.assemble("model ", (model["name"], "bold"), f" ({', '.join(filter(None, facts))}) on this machine"))
    return str(found["address"])


def _until_serving(address: str) -> None:
    """Wait until the health service says that all services take requests.

    Raises:
        CommandError: It does not within 30 s.
    """
    from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

    caller = Caller(Connection(address, timeout_s=READY_LIMIT_S))
    with caller.guarded():
        watch = caller.health.Watch  # pyright: ignore[reportAttributeAccessIssue] - not in typeshed's stub
        for answer in caller.stream(watch, HealthCheckRequest()):
            if answer.status == HealthCheckResponse.SERVING:
                return
    raise CommandError("The service does not say that it is serving.")


def _play(caller: Caller) -> int:
    """Fill the collection, play all scenes, and return how many came to their end."""
    from service.cli.demo.script import SCENES
    from service.cli.facts import Facts

    _learn(caller)
    facts = Facts(caller)
    completed = 0
    for number, scene in enumerate(SCENES, 1):
        console().print()
        completed += _scene(caller, number, scene, facts)
    return completed


def _learn(caller: Caller) -> None:
    from rich.text import Text
    from vaiven.v1.knowledge_service_pb2 import CreateCollectionRequest, DocumentFile, IngestDocumentsRequest

    from service.cli.demo.script import COLLECTION, DESCRIPTION, knowledge_files

    request = CreateCollectionRequest(collection_id=COLLECTION, description=DESCRIPTION)
    collection = caller.call(caller.knowledge.CreateCollection, request).collection
    files = [DocumentFile(file_name=path.name, content=path.read_bytes()) for path in knowledge_files()]
    answer = caller.call(caller.knowledge.IngestDocuments, IngestDocumentsRequest(parent=collection.name, files=files))
    for outcome in answer.outcomes:
        if outcome.HasField("error"):
            raise CommandError(outcome.error.message)
    passages = sum(outcome.document.passage_count for outcome in answer.outcomes)
    _done(Text.assemble("knowledge ", (COLLECTION, "bold"), f": {len(files)} documents, {passages} passages"))


def _scene(caller: Caller, number: int, scene: Scene, facts: Facts) -> bool:
    from rich.live import Live
    from vaiven.v1.agent_service_pb2 import RunRequest

    from service.cli.demo.scene import SceneView
    from service.cli.demo.script import COLLECTION

    view = SceneView(number, scene, facts)
    request = RunRequest(input=scene.sentence, collections=[f"collections/{COLLECTION}"], cancel_on_disconnect=True)
    events = caller.stream(caller.agents.Run, request)
    if not console().is_terminal:
        for event in events:
            view.take(event)
        console().print(view)
        return view.completed
    with Live(view, console=console(), refresh_per_second=20):
        for event in events:
            view.take(event)
    return view.completed


def _done(text: Any) -> None:
    from rich.text import Text

    console().print(Text.assemble(("  ✓ ", "bold green"), text))


def _end(completed: int, scenes: int) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    style = "bold green" if completed == scenes else "bold red"
    console().print()
    console().print(Text.assemble((f"{completed} of {scenes} requests completed", style), "; the service is stopped."))
    console().print()
    program = "vaiven" if shutil.which("vaiven") else _program_here()
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(style="dim", overflow="fold")
    table.add_row(f"{program} serve", "keep a service running, and then:")
    table.add_row(f'{program} ask "…"', "ask something of your own")
    table.add_row(f"{program} knowledge create shop", "make room for your documents")
    table.add_row(f"{program} knowledge add shop FILES", "add Markdown, text, HTML, PDF")
    table.add_row(f"{program} plugins functions", "see what agents can do")
    table.add_row(f"{program} doctor", "see what this machine can run")
    console().print("Try next", style="bold")
    show(Padding(table, (0, 0, 0, 2)))


def _program_here() -> str:
    path = Path(sys.executable).parent / "vaiven"
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
