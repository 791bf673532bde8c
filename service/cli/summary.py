"""What a person is told about a run besides its text: route, function, speed, tokens, cost, sources, warnings."""

from __future__ import annotations

from collections.abc import Iterator

from google.type.money_pb2 import Money
from rich.text import Text
from vaiven.v1 import run_event_pb2
from vaiven.v1.knowledge_pb2 import Document
from vaiven.v1.model_pb2 import Model
from vaiven.v1.plan_pb2 import Planner
from vaiven.v1.privacy_pb2 import PersonalDataKind
from vaiven.v1.routing_pb2 import BackendSwitched, RoutingOutcome
from vaiven.v1.run_event_pb2 import Citation, Completed, Incomplete, RoutingDecision, RunStarted
from vaiven.v1.usage_pb2 import Timing, Usage

from service.cli.names import short
from service.cli.screen import printable

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money(amount: Money) -> str:
    """Return an amount for a person; below a cent with three significant digits, `$0` only for nothing."""
    value = amount.units + amount.nanos / 1e9
    if value == 0:
        digits = "0"
    elif abs(value) >= 0.01:
        digits = f"{value:.2f}"
    else:
        digits = f"{value:.12f}"
        first = len(digits) - len(digits.lstrip("-0."))
        digits = digits[: first + 3].rstrip("0")
    sign = SIGNS.get(amount.currency_code)
    return f"{sign}{digits}" if sign else f"{digits} {amount.currency_code}".rstrip()


def route(decision: RoutingDecision, model: Model | None) -> str:
    """Return which model answered, e.g. `onnx/colibri (int4, cpu)`."""
    facts = [] if model is None else [fact for fact in (model.precision, model.execution_provider) if fact]
    known = f" ({', '.join(facts)})" if facts else ""
    return f"{decision.backend}/{short(decision.model)}{known}"


def function(started: RunStarted) -> str:
    """Return which function or planner answered, and who decided on it."""
    if not started.function:
        return Planner.Name(started.planner).removeprefix("PLANNER_").lower()
    how = {RunStarted.HOW_CHOSEN: " (chosen)", RunStarted.HOW_NAMED: " (named)"}.get(started.how, "")
    return f"{short(started.function)}{how}"


def figures(timing: Timing, usage: Usage, cost: Money) -> Iterator[str]:
    """Yield the time to the first token, the speed, the tokens and the cost."""
    if timing.HasField("first_token_s"):
        yield f"first token {seconds(timing.first_token_s)}"
    if timing.output_tokens_per_s:
        yield f"{timing.output_tokens_per_s:,.0f} tokens/s"
    yield tokens(usage)
    yield money(cost)


def seconds(value: float) -> str:
    """Return a span of time for a person."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def tokens(usage: Usage) -> str:
    """Return how many tokens went in (and how many of those were kept from before) and came out."""
    cached = f" ({usage.cached_input_tokens:,} cached)" if usage.cached_input_tokens else ""
    return f"{usage.input_tokens:,}{cached} → {usage.output_tokens:,} tokens"


def closing_line(
    terminal: Completed | Incomplete, decision: RoutingDecision | None, model: Model | None, started: RunStarted | None
) -> Text:
    """Return the one quiet line under a text."""
    parts = []
    if decision is not None:
        parts.append(route(decision, model))
    if started is not None:
        parts.append(function(started))
    parts.extend(figures(terminal.timing, terminal.usage, terminal.cost))
    # A part is kept together, so that a narrow terminal breaks the line between parts.
    return Text(" · ".join(part.replace(" ", "\u00a0") for part in parts), style="dim")


def switch_line(switch: BackendSwitched) -> str:
    """Return who answers in whose place, and why; deployments are named where the model stays."""
    before, after = short(switch.from_model), short(switch.to_model)
    if before == after:
        before, after = f"{before} ({switch.from_deployment})", f"{after} ({switch.to_deployment})"
    how = "goes on" if switch.continued else "answers instead"
    return f"↪ {before} failed ({switch.reason}); {after} {how}."


def expected(routing: RoutingOutcome) -> Iterator[str]:
    """Yield what the generations of a run were expected to take: tokens, money, time."""
    calls = f" in {routing.generations} calls" if routing.generations > 1 else ""
    yield f"{routing.expected_output_tokens:,} tokens of answer{calls}"
    yield money(routing.expected_cost) if routing.HasField("expected_cost") else "a cost that is not known"
    yield seconds(routing.expected_s)


def citation_line(citation: Citation, document: Document | None) -> Text:
    """Return one source: its number, its place, and its words."""
    source = document.file_name or document.title if document is not None else short(citation.document)
    place = f"{source} › {citation.location}" if citation.location else source
    quote = " ".join(citation.quote.split())
    words = f" “{quote}”" if quote else ""
    return Text.assemble((f"[{citation.number}] ", "bold"), (printable(place), "cyan"), (printable(words), "dim"))


def masked_line(action: run_event_pb2.PrivacyAction) -> Text:
    """Return what of a request went out under pseudonyms."""
    words = ", ".join(f"{one.values} {kind_word(one.kind)}" for one in action.masked) or "nothing personal was found"
    return Text.assemble(("masked ", "dim"), f"{words}, for {action.deployment or short(action.model)}")


def kind_word(kind: PersonalDataKind.ValueType) -> str:
    """Return the name of a kind of personal data for a person."""
    return PersonalDataKind.Name(kind).removeprefix("PERSONAL_DATA_KIND_").lower().replace("_", " ")


def warning_line(warning: run_event_pb2.Warning) -> Text:
    """Return a warning; its code is for those who look it up."""
    return Text.assemble(("! ", "bold yellow"), printable(warning.message), (f"  {warning.code}", "dim"))
