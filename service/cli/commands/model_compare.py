"""`vaiven models compare`: variants of a model side by side, and which one to take."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.exits import USAGE, CommandError
from service.cli.names import whole
from service.cli.operation_view import WaitOption, follow, response_of
from service.cli.run_options import new_request_id
from service.cli.screen import print_json, say
from service.cli.words import read_text

if TYPE_CHECKING:
    from vaiven.v1.model_service_pb2 import ModelTask

START_LIMIT_S: Final = 60.0

_UNITS: Final = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_TASK_FIELDS: Final = frozenset({"prompt", "system", "expected", "match", "kind", "max_output_tokens"})


def add_to(group: typer.Typer) -> None:
    """Add the command."""
    command(group, "compare", example="vaiven models compare small-fp32 small-int4 --memory 500MB --plot small.png")(
        compare
    )


def compare(
    caller: Caller,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            help="Models of the service, or absolute paths of folders.", metavar="MODEL...", show_default=False
        ),
    ] = None,
    checkpoint: Annotated[
        str, typer.Option("--of", help="All that were built from this checkpoint.", metavar="CHECKPOINT")
    ] = "",
    reference: Annotated[
        str, typer.Option(help="The one that the others are measured against; else that in fp32.", metavar="MODEL")
    ] = "",
    memory: Annotated[
        str, typer.Option(help="The most memory that the recommended one may take.", metavar="SIZE")
    ] = "",
    least_quality: Annotated[
        float | None,
        typer.Option(help="What must be left of the reference's quality; else 0.95.", metavar="0-1", min=0, max=1),
    ] = None,
    text: Annotated[Path | None, typer.Option(help="Read this text; else one of ours.", metavar="FILE")] = None,
    text_tokens: Annotated[int, typer.Option(help="The most tokens of it.", metavar="N", min=0)] = 0,
    tasks: Annotated[
        Path | None, typer.Option(help="Tasks with expected answers, a line of JSON each.", metavar="FILE")
    ] = None,
    own_examples: Annotated[
        int | None,
        typer.Option(help="Tasks of each kind of the embedded model's, for its variants.", metavar="N", min=0, max=200),
    ] = None,
    output_tokens: Annotated[int, typer.Option(help="Tokens of each answer that is timed.", metavar="N", min=0)] = 0,
    repeats: Annotated[int, typer.Option(help="How often each is started.", metavar="N", min=0)] = 0,
    plot: Annotated[Path | None, typer.Option(help="Draw it into this PNG file.", metavar="FILE")] = None,
    wait: WaitOption = True,
) -> None:
    """Measure variants of a model side by side: size, memory, speed and quality; and recommend one."""
    from vaiven.v1.model_operation_pb2 import ModelComparison
    from vaiven.v1.model_service_pb2 import CompareModelsRequest

    if plot is not None:
        from service.cli.comparison_plot import require_matplotlib

        require_matplotlib()
    given = models or []
    request = CompareModelsRequest(
        request_id=new_request_id(),
        models=[whole("models", name) for name in given if not _is_path(name)],
        paths=[name for name in given if _is_path(name)],
        checkpoint=whole("models", checkpoint) if checkpoint else "",
        reference=_named(reference),
        text="" if text is None else read_text(str(text)),
        text_tokens=text_tokens,
        tasks=[] if tasks is None else read_tasks(tasks),
        own_examples=own_examples,
        output_tokens=output_tokens,
        repeats=repeats,
        memory_bytes=bytes_of(memory) if memory else 0,
        least_quality=least_quality,
    )
    ended = follow(caller, caller.call(caller.models.CompareModels, request, limit_s=START_LIMIT_S), wait=wait)
    if ended is None:
        return
    found: ModelComparison = response_of(ended, ModelComparison)
    if caller.connection.json:
        print_json(found)
    else:
        from service.cli.comparison_view import show_comparison

        show_comparison(found)
    if plot is not None:
        from service.cli.comparison_plot import draw

        limits = (request.memory_bytes, request.least_quality if request.HasField("least_quality") else 0.95)
        draw(found, plot, memory_bytes=limits[0], least_quality=limits[1])
        say(f"Drawn into {plot}.")


def bytes_of(words: str) -> int:
    """Return a size in bytes, e.g. of `500MB` or `1.5 GiB`.

    Raises:
        CommandError: It is none.
    """
    match = _SIZE.fullmatch(words.strip())
    if match is None or match[2].lower() not in _UNITS:
        raise CommandError(f"{words} is no size; write e.g. 500MB or 1.5GiB.", exit_code=USAGE)
    return int(float(match[1]) * _UNITS[match[2].lower()])


def read_tasks(path: Path) -> list[ModelTask]:
    """Return the tasks of a file: in each line an object with `prompt`, `expected` (a text or several) and what else.

    Raises:
        CommandError: The file cannot be read, or a line is no task.
    """
    found = []
    for number, line in enumerate(read_text(str(path)).splitlines(), start=1):
        if line.strip():
            try:
                found.append(_task(json.loads(line)))
            except (ValueError, TypeError) as error:
                raise CommandError(f"{path}, line {number}: {error}.", exit_code=USAGE) from error
    return found


def _task(fields: Any) -> ModelTask:
    from vaiven.v1.model_service_pb2 import ModelTask

    if not isinstance(fields, dict):
        raise TypeError("a task is a JSON object")
    if unknown := sorted(set(fields) - _TASK_FIELDS):
        raise ValueError(f"a task has no {unknown[0]}")
    expected = fields.get("expected")
    task = ModelTask(**{key: value for key, value in fields.items() if key not in ("expected", "match")})
    task.expected.extend([expected] if isinstance(expected, str) else expected or [])
    match = str(fields.get("match", "exact")).upper()
    if match not in ("EXACT", "CONTAINS", "JSON"):
        raise ValueError("match is exact, contains or json")
    task.match = ModelTask.Match.Value(f"MATCH_{match}")
    return task


def _is_path(name: str) -> bool:
    return name.startswith("/") or "\\" in name or bool(re.match(r"[A-Za-z]:", name))


def _named(reference: str) -> str:
    return reference if not reference or _is_path(reference) else whole("models", reference)
