"""One request of the demonstration as it is answered: a frame that fills while the tokens come."""

from __future__ import annotations

from typing import Final

from google.rpc.code_pb2 import Code
from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from vaiven.v1 import run_event_pb2
from vaiven.v1.run_event_pb2 import Citation, RoutingDecision, RunEvent, RunStarted

from service.cli.demo.script import Scene
from service.cli.facts import Facts
from service.cli.screen import printable
from service.cli.summary import citation_line, figures, function, money, route, warning_line

FENCE: Final = "```"
WIDTH: Final = 80


class SceneView:
    """Takes the events of one run and draws what there is so far."""

    def __init__(self, number: int, scene: Scene, facts: Facts) -> None:
        """Begin with the sentence."""
        self._title = f"{number} · {scene.title}"
        self._sentence = scene.sentence
        self._facts = facts
        self._text = ""
        self._decision: RoutingDecision | None = None
        self._started: RunStarted | None = None
        self._citations: list[Citation] = []
        self._warnings: list[run_event_pb2.Warning] = []
        self._last: RunEvent | None = None

    @property
    def completed(self) -> bool:
        """Return whether the run has reached its end."""
        return self._last is not None and self._last.HasField("completed")

    def take(self, event: RunEvent) -> None:
        """Add what an event says."""
        match event.WhichOneof("payload"):
            case "text_delta":
                self._text += event.text_delta.text
            case "run_started":
                self._started = event.run_started
            case "routing_decision":
                self._decision = event.routing_decision
            case "citation":
                self._citations.append(event.citation)
            case "warning":
                self._warnings.append(event.warning)
            case "completed" | "failed" | "cancelled" | "incomplete":
                self._last = event
            case _:
                pass

    def __rich__(self) -> RenderableType:
        """Return the frame."""
        parts: list[RenderableType] = [Text.assemble(("› ", "bold magenta"), (self._sentence, "italic")), Text()]
        parts.extend(_blocks(self._text) if self._text else [Text("…", style="dim")])
        if self._citations:
            parts.append(Text())
            parts.extend(
                citation_line(citation, self._facts.document(citation.document)) for citation in self._citations
            )
        if self._warnings:
            parts.append(Text())
            parts.extend(warning_line(warning) for warning in self._warnings)
        if self._last is not None:
            parts.extend([Text(), self._figures(self._last)])
        style = "blue" if self._last is None else "green" if self.completed else "red"
        return Panel(
            Group(*parts),
            title=Text(self._title, style="bold"),
            title_align="left",
            border_style=style,
            box=ROUNDED,
            padding=(0, 1),
            width=WIDTH,
        )

    def _figures(self, last: RunEvent) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        if self._started is not None:
            table.add_row("function", Text(function(self._started)))
        if self._decision is not None:
            model = self._facts.model(self._decision.model)
            table.add_row("route", Text(route(self._decision, model), style="bold"))
        match last.WhichOneof("payload"):
            case "completed":
                *speed, cost = figures(last.completed.timing, last.completed.usage, last.completed.cost)
                table.add_row("speed", Text(" · ".join(speed), style="bold green"))
                table.add_row("cost", Text(cost, style="bold green"))
            case "incomplete":
                table.add_row("cut off", Text("at the token limit", style="red"))
                table.add_row("cost", money(last.incomplete.cost))
            case "failed":
                words = f"{last.failed.message} ({last.failed.reason}, {Code.Name(last.failed.code)})"
                table.add_row("failed", Text(printable(words), style="red"))
            case "cancelled":
                table.add_row("cancelled", Text(last.cancelled.reason, style="red"))
        return table


def _blocks(text: str) -> list[RenderableType]:
    """Return the text as blocks: prose as it is, fenced code set off."""
    blocks: list[RenderableType] = []
    for number, part in enumerate(printable(text).split(FENCE)):
        if number % 2 == 0:
            if part.strip():
                blocks.append(Text(part.strip("\n")))
        else:
            _language, _, code = part.partition("\n")
            blocks.append(Padding(Text(code.rstrip("\n`"), style="cyan"), (0, 0, 0, 2)))
    return blocks
