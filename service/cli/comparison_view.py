"""A comparison of variants of a model, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from service.cli.names import short
from service.cli.screen import bytes_size, print_table, printable, say, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from vaiven.v1.model_operation_pb2 import ModelComparison, ModelVariant

NONE = "–"


def show_comparison(found: ModelComparison) -> None:
    """Print a row for each variant, what its tasks came to, and which one to take."""
    best = found.recommendation.name
    columns = [
        "Variant", "Files", "Memory", "Load", "First token", "Tokens/s", "Perplexity", "KL", "Top-1", "Tasks",
        "Quality",
    ]  # fmt: skip
    rows = [_row(variant, best, found.reference) for variant in found.variants]
    print_table(columns, rows, empty="Nothing was compared.")
    _show_tasks(found)
    for variant in found.variants:
        if variant.problem:
            say(f"! {label(variant.name)}: {variant.problem}", style="yellow")
    say(f"Measured against {label(found.reference)}, over {found.text_tokens:,} tokens.")
    recommendation = found.recommendation
    show(Text(""))
    head = Text(f"Take {label(best)}. " if best else "", style="bold green")
    show(head + Text(printable(recommendation.explanation), style=""))
    for reason in recommendation.reasons:
        show(Text(f"  {printable(_relabelled(reason))}", style="dim"))


def label(name: str) -> str:
    """Return what a variant is called in a table: a model's name, or a folder's."""
    return short(name) if name.startswith("models/") else name.rstrip("/").rsplit("/", 1)[-1]


def _relabelled(reason: str) -> str:
    name, colon, words = reason.partition(": ")
    return f"{label(name)}{colon}{words}"


def _row(variant: ModelVariant, best: str, reference: str) -> list[RenderableType]:
    style = "bold green" if variant.name == best else ""
    mark = " ✓" if variant.name == best else " ·" if variant.name == reference else ""
    if not variant.output_tokens_per_s:
        cells = [bytes_size(variant.size_bytes), *[NONE] * 9]
    else:
        cells = [
            bytes_size(variant.size_bytes),
            bytes_size(variant.memory_bytes) if variant.memory_bytes else NONE,
            f"{variant.load_s:.2f} s",
            milliseconds(variant.first_token_s),
            f"{variant.output_tokens_per_s:,.0f}",
            f"{variant.perplexity:,.3f}" if variant.HasField("perplexity") else NONE,
            f"{variant.kl_divergence:.4f}" if variant.HasField("kl_divergence") else NONE,
            percent(variant.top1_agreement) if variant.HasField("top1_agreement") else NONE,
            percent(variant.score) if variant.HasField("score") else NONE,
            percent(variant.quality) if variant.HasField("quality") else NONE,
        ]
    return [
        Text(f"{label(variant.name)}{mark}", style=style),
        *(Text(cell, style=style, justify="right") for cell in cells),
    ]


def milliseconds(seconds: float) -> str:
    """Return a short time for a person, e.g. `4.2 ms`."""
    return f"{1000 * seconds:,.0f} ms" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def percent(share: float) -> str:
    """Return a share of one for a person."""
    return f"{100 * share:.1f}%"


def _show_tasks(found: ModelComparison) -> None:
    kinds = list(dict.fromkeys(task.name for variant in found.variants for task in variant.tasks))
    if len(kinds) < 2:
        return
    say("Tasks done right:")
    rows: list[list[RenderableType]] = []
    for kind in kinds:
        cells: list[RenderableType] = []
        for variant in found.variants:
            task = next((task for task in variant.tasks if task.name == kind), None)
            cells.append(Text(NONE if task is None else f"{task.right} of {task.total}", justify="right"))
        rows.append([kind, *cells])
    print_table(("Kind", *(label(variant.name) for variant in found.variants)), rows, empty="")
