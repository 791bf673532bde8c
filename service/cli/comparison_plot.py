"""A comparison of variants of a model as a picture; matplotlib draws it, which the extra `plot` brings."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from service.cli.comparison_view import label, milliseconds
from service.cli.exits import FAILED, USAGE, CommandError
from service.cli.screen import bytes_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]
    from vaiven.v1.model_operation_pb2 import ModelComparison, ModelVariant

INK: Final = "#1f2933"
FAINT: Final = "#7b8794"
GRID: Final = "#e4e7eb"
PLAIN: Final = "#9fb3c8"
REFERENCE: Final = "#486581"
BEST: Final = "#0e9f6e"
BARRED: Final = "#f4e4e1"

_INCHES: Final = (11.0, 6.4)
_DOTS_PER_INCH: Final = 160
_LARGEST_DOT: Final = 1500.0
_SMALLEST_DOT: Final = 160.0
_MB: Final = 1e6


def require_matplotlib() -> None:
    """Refuse early, before anything is measured, where nothing can be drawn.

    Raises:
        CommandError: matplotlib is not installed.
    """
    if not _has_matplotlib():
        raise CommandError(
            "Drawing needs matplotlib, which is not installed.",
            hint="Install it with `pip install 'vaiven[plot]'`, or leave --plot out.",
            exit_code=USAGE,
        )


def _has_matplotlib() -> bool:
    try:
        return importlib.util.find_spec("matplotlib") is not None
    except ValueError:  # it is named as absent
        return False


def draw(found: ModelComparison, path: Path, *, memory_bytes: int, least_quality: float) -> None:
    """Draw into a PNG file; `memory_bytes` 0: memory is not limited.

    Raises:
        CommandError: The file cannot be written, or nothing was measured.
    """
    measured = [variant for variant in found.variants if variant.output_tokens_per_s]
    if not measured:
        raise CommandError("Nothing was measured, so there is nothing to draw.", exit_code=FAILED)
    figure = picture(found, measured, memory_bytes, least_quality)
    try:
        figure.savefig(path, format="png", dpi=_DOTS_PER_INCH)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", exit_code=USAGE) from error


def picture(
    found: ModelComparison, measured: Sequence[ModelVariant], memory_bytes: int, least_quality: float
) -> Figure:
    """Return the picture: quality against memory, and beside it what each takes."""
    from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

    figure = Figure(figsize=_INCHES, facecolor="white")
    grid = figure.add_gridspec(
        3, 2, width_ratios=(1.65, 1), left=0.075, right=0.965, top=0.775, bottom=0.115, wspace=0.38, hspace=0.62
    )
    colours = [_colour(variant, found) for variant in measured]
    _headings(figure, found)
    _quality(figure.add_subplot(grid[:, 0]), measured, colours, memory_bytes, least_quality)
    names = [label(variant.name) for variant in measured]
    panels: list[tuple[str, list[float], list[str]]] = [
        ("Files", [v.size_bytes / _MB for v in measured], [bytes_size(v.size_bytes) for v in measured]),
        (
            "Tokens a second, one answer at a time",
            [v.output_tokens_per_s for v in measured],
            [f"{v.output_tokens_per_s:,.0f}" for v in measured],
        ),
        (
            "Time to the first token",
            [1000 * v.first_token_s for v in measured],
            [milliseconds(v.first_token_s) for v in measured],
        ),
    ]
    for row, (title, values, words) in enumerate(panels):
        _bars(figure.add_subplot(grid[row, 1]), title, names, values, words, colours)
    return figure


def _headings(figure: Figure, found: ModelComparison) -> None:
    best = found.recommendation.name
    head = f"Take {label(best)}" if best else "None keeps to the limits"
    figure.text(0.035, 0.945, head, fontsize=17, fontweight="bold", color=BEST if best else INK, va="center")
    words = textwrap.fill(found.recommendation.explanation, 140)
    figure.text(0.035, 0.905, words, fontsize=9.5, color=INK, va="top", linespacing=1.4)
    foot = (
        f"Quality is measured against {label(found.reference)}, likelihoods over {found.text_tokens:,} tokens. "
        "The size of a dot is its tokens a second."
    )
    figure.text(0.035, 0.025, foot, fontsize=8, color=FAINT, va="center")


def _quality(
    axes: Axes, measured: Sequence[ModelVariant], colours: Sequence[str], memory_bytes: int, least_quality: float
) -> None:
    known = [(v, colour) for v, colour in zip(measured, colours, strict=True) if v.HasField("quality")]
    memory = [v.memory_bytes / _MB for v in measured]
    quality = [100 * v.quality for v, _ in known] or [100.0]
    limit = memory_bytes / _MB
    shown: list[float] = [*memory, limit] if memory_bytes else memory
    left, right = min(shown), max(shown)
    room = max(right - left, 0.1 * right)
    low = min([*quality, 100 * least_quality])
    height = max(100 - low, 1.0)
    axes.set_xlim(max(0.0, left - 0.25 * room), right + 0.3 * room)
    axes.set_ylim(low - 0.3 * height, 100 + 0.28 * height)
    _clean(axes)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_xlabel("Memory of the process at its peak, MB", fontsize=9, color=FAINT, labelpad=6)
    axes.set_title("Quality kept, % of the reference", fontsize=10, color=INK, loc="left", pad=10, fontweight="bold")
    axes.set_yticks([tick for tick in axes.get_yticks() if low - 0.3 * height <= tick <= 100])
    _limits(axes, limit, 100 * least_quality)
    fastest = max(v.output_tokens_per_s for v in measured)
    # The small ones last, so that none is hidden.
    for variant, colour in sorted(known, key=lambda one: -one[0].output_tokens_per_s):
        size = max(_SMALLEST_DOT, _LARGEST_DOT * variant.output_tokens_per_s / fastest)
        x, y = variant.memory_bytes / _MB, 100 * variant.quality
        axes.scatter([x], [y], s=size, color=colour, alpha=0.88, edgecolor="white", linewidth=1.4, zorder=3)
    _names(axes, [(v, v.memory_bytes / _MB, 100 * v.quality) for v, _ in known], fastest)


def _names(axes: Axes, dots: Sequence[tuple[ModelVariant, float, float]], fastest: float) -> None:
    """Write each name beside its dot: to the side on which there is more room from its neighbours."""
    for variant, x, y in dots:
        radius = (max(_SMALLEST_DOT, _LARGEST_DOT * variant.output_tokens_per_s / fastest) / 3.14159) ** 0.5
        span_x, span_y = (high - low for low, high in (axes.get_xlim(), axes.get_ylim()))
        near = [
            (other_y, -other_x) > (y, -x)
            for other, other_x, other_y in dots
            if other is not variant and abs(other_x - x) < 0.18 * span_x and abs(other_y - y) < 0.16 * span_y
        ]
        above = 2 * sum(near) <= len(near)  # of two at the same height the left one's name is above
        axes.annotate(
            label(variant.name),
            (x, y),
            xytext=(0, radius + 5 if above else -radius - 5),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            fontsize=9.5,
            color=INK,
            zorder=4,
        )


def _limits(axes: Axes, memory: float, quality: float) -> None:
    """Shade what is beyond the limits, and name them."""
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    axes.axhspan(low, quality, color=BARRED, alpha=0.55, zorder=0, linewidth=0)
    axes.axhline(quality, color="#c9735f", linewidth=1, linestyle=(0, (4, 3)), zorder=2.5)
    axes.text(
        right - 0.012 * (right - left),
        quality,
        f"{quality:g}% at least",
        fontsize=8,
        color="#a4503d",
        va="bottom",
        ha="right",
    )
    if memory:
        axes.axvspan(memory, right, color=BARRED, alpha=0.55, zorder=0, linewidth=0)
        axes.axvline(memory, color="#c9735f", linewidth=1, linestyle=(0, (4, 3)), zorder=2.5)
        axes.text(
            memory, high - 0.012 * (high - low), f" {memory:,.0f} MB at most", fontsize=8, color="#a4503d", va="top"
        )


def _bars(
    axes: Axes, title: str, names: Sequence[str], values: Sequence[float], words: Sequence[str], colours: Sequence[str]
) -> None:
    places = range(len(names))
    axes.barh(places, values, color=colours, height=0.62, zorder=2)
    axes.set_yticks(list(places), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.28 * max(values) or 1.0)
    axes.set_title(title, fontsize=10, color=INK, loc="left", pad=6, fontweight="bold")
    _clean(axes)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for place, value, said in zip(places, values, words, strict=True):
        axes.annotate(
            said, (value, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=9, color=INK
        )


def _clean(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
    parameters: dict[str, Any] = {"colors": INK, "labelsize": 9, "length": 0}
    axes.tick_params(axis="both", **parameters)


def _colour(variant: ModelVariant, found: ModelComparison) -> str:
    if variant.name == found.recommendation.name:
        return BEST
    return REFERENCE if variant.name == found.reference else PLAIN
