"""`vaiven models catalogue`: the models that are known, without a service."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.command import command, wants_json
from service.cli.screen import bytes_size, print_json, print_table

USUAL_CONTEXT_TOKENS = 4096
"""For how many tokens of one request the memory is said."""


def add_to(group: typer.Typer) -> None:
    """Add the command."""
    command(group, "catalogue", example="vaiven models catalogue")(catalogue)


def catalogue(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the models that are known, with what `vaiven models pull --known` would fetch.

    What is not known of a model is left empty; `main` is resolved to a commit when it is pulled. Memory is that of the
    weights and one request of 4,096 tokens on a CPU.
    """
    from dataclasses import asdict

    from service.backends.onnx.known import known_models

    models = known_models()
    if wants_json(context, json):
        return print_json({"models": [asdict(model) for model in models.values()]})
    rows = []
    for model in models.values():
        build = model.builds.get("cpu")
        need = model.need_bytes(build, USUAL_CONTEXT_TOKENS) if build is not None else 0
        rows.append(
            (
                model.model_id,
                model.license,
                f"{model.context_tokens:,}" if model.context_tokens else "",
                ", ".join(model.builds) or "checkpoint only",
                (model.revision if build is None else build.revision)[:12] or "main",
                bytes_size(build.size_bytes) if build is not None and build.size_bytes else "",
                bytes_size(need) if need else "",
            )
        )
    return print_table(
        ("Model", "Licence", "Context", "Builds", "Commit", "Size", "Memory"), rows, empty="None is known."
    )
