"""Measure colibri on held-out examples: `python -m models.colibri.evaluate RUN/fp32 RUN/int4`.

Each task draws examples whose names, companies, topics, facts, identifiers and phrasings the training never showed;
the answer is decoded greedily and judged mechanically by the task's scorer. Nothing helps the model, but for a folder
given with `--held`: its answers are held to what the service holds small models to, where it does (`plugins/forms.py`).
Prints a table with one column a folder and writes the figures as JSON with `--json FILE`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.colibri import layout
from models.colibri.corpus.example import Example, Task
from models.colibri.corpus.mixture import TASKS
from planners.call import call_schema, choice_schema
from planners.copied import copied
from plugins.chat.forms import chat_form
from plugins.code.forms import explain_form, generate_form, write_tests_form
from plugins.email.forms import draft_form, reply_form, revise_form, summarize_thread_form
from plugins.manifest import load_installed
from plugins.prompt_file import load
from plugins.support.forms import answer_form
from service.backends.base import Guidance
from service.backends.onnx.guidance import lark_grammar

MAX_NEW_TOKENS = 400
THREADS = 2
FORMS: dict[str, Callable[[str], str]] = {
    "email.draft": draft_form,
    "email.reply": reply_form,
    "email.revise": revise_form,
    "email.summarize_thread": summarize_thread_form,
    "code.generate": generate_form,
    "code.explain": explain_form,
    "code.write_tests": write_tests_form,
    "support.answer": answer_form,
    "chat.reply": chat_form,
}
"""The forms of tasks that have one, from the user message."""


def form_of(example: Example) -> str:
    """Return the grammar that the service would hold a small model's answer to; empty: none."""
    user = example.prompt[-1].content
    if example.task in FORMS:
        form = FORMS[example.task](user)
        return lark_grammar(Guidance("lark_grammar", form)) if form else ""
    if example.task == "functions.choose":
        return _json_form(choice_schema(example.facts["functions"]))
    if example.task == "functions.arguments" and example.facts["function"] == "email.draft":
        return _json_form(call_schema("email.draft", copied(_draft_schema(), user)))
    if example.task == "support.classify":
        return _json_form(_classification())
    return ""


def _json_form(schema: dict[str, Any]) -> str:
    return lark_grammar(Guidance("json_schema", json.dumps(schema)))


@cache
def _classification() -> dict[str, Any]:
    settings = load("support", "classify").execution_settings["default"]
    schema: dict[str, Any] = settings["response_format"]["json_schema"]["schema"]
    return schema


@cache
def _draft_schema() -> dict[str, Any]:
    functions = (f for manifest in load_installed() if manifest.name == "email" for f in manifest.functions)
    return next(f.model_schema() for f in functions if f.name == "draft")


@dataclass(slots=True)
class Tally:
    """What came out for one task: how many examples, how many wholly right, and each verdict's count."""

    examples: int = 0
    right: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)

    def add(self, example: Example, answer: str, verdicts: dict[str, bool]) -> None:
        """Count one answer."""
        self.examples += 1
        self.right += all(verdicts.values())
        for name, passed in verdicts.items():
            self.judged[name] += 1
            self.passed[name] += passed
        if not all(verdicts.values()):
            asked = example.prompt[-1].content
            failed = ", ".join(k for k, v in verdicts.items() if not v)
            self.failures.append({"asked": asked, "expected": example.answer, "answered": answer, "failed": failed})

    def percent(self) -> float:
        """Return the share of wholly right answers, 0 to 100."""
        return 100 * self.right / self.examples

    def verdicts(self) -> dict[str, float]:
        """Return the share passed of each verdict, 0 to 100, where it was judged."""
        return {k: round(100 * self.passed[k] / n, 1) for k, n in self.judged.items()}


class Runner:
    """One model folder, decoded greedily by onnxruntime-genai."""

    def __init__(self, folder: Path) -> None:
        """Load the model of `folder`."""
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime_genai as og

        self._og = og
        config = og.Config(str(folder))
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": THREADS}}}}))
        self._model = og.Model(config)
        self._tokenizer = og.Tokenizer(self._model)

    def answer(self, example: Example, form: str = "") -> str:
        """Return the model's text for the example's prompt, held to `form` if there is one."""
        ids = self._tokenizer.encode(layout.render(example.prompt))
        params = self._og.GeneratorParams(self._model)
        params.set_search_options(max_length=min(1024, len(ids) + MAX_NEW_TOKENS), do_sample=False)
        if form:
            params.set_guidance("lark_grammar", form)
        generator = self._og.Generator(self._model, params)
        generator.append_tokens(ids)
        while not generator.is_done():
            generator.generate_next_token()
        new = [int(t) for t in generator.get_sequence(0)[len(ids) :]]
        return str(self._tokenizer.decode(new))


def measure(runner: Runner, task: Task, count: int, label: str, *, held: bool = False) -> Tally:
    """Return the tally of `count` held-out examples of `task`, the same for every model; `held`: to their forms."""
    rng = random.Random(f"evaluate {task.name}")
    tally = Tally()
    for _ in track(range(count), description=f"{label} {task.name}", transient=True):
        example = task.draw(rng, "heldout")
        answer = runner.answer(example, form_of(example) if held else "")
        tally.add(example, answer, task.score(example, answer))
    return tally


def table(results: dict[str, dict[str, Tally]]) -> Table:
    """Return the figures as a table: a row a task, a column a model."""
    out = Table(title="Held-out examples answered wholly right, percent", title_justify="left")
    out.add_column("task")
    for name in results:
        out.add_column(name, justify="right")
    out.add_column("weakest verdict (last column)")
    first = next(iter(results.values()))
    last = list(results.values())[-1]
    for task in first:
        verdicts = last[task].verdicts()
        weakest = min(verdicts, key=lambda k: verdicts[k])
        cells = [f"{tallies[task].percent():.0f}" for tallies in results.values()]
        out.add_row(task, *cells, f"{weakest} {verdicts[weakest]:.0f}")
    return out


def as_json(results: dict[str, dict[str, Tally]]) -> dict[str, Any]:
    """Return the figures as plain values."""
    return {
        model: {
            task: {"examples": t.examples, "right_percent": round(t.percent(), 1), "verdicts": t.verdicts()}
            for task, t in tallies.items()
        }
        for model, tallies in results.items()
    }


def main() -> None:
    """Parse the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", help="model folders; the name of the folder heads its column")
    parser.add_argument("--count", type=int, default=200, help="examples a task")
    parser.add_argument("--task", action="append", help="only this task (may be given again)")
    parser.add_argument(
        "--held", type=Path, action="append", default=[], help="a folder to measure as the service asks it"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--failures", type=Path, help="write the wrong answers here, as JSON")
    args = parser.parse_args()
    tasks = [t for t in TASKS if not args.task or t.name in args.task]
    if not (args.models or args.held):
        parser.error("name a model folder")
    results: dict[str, dict[str, Tally]] = {}
    columns = [(folder, folder.name, False) for folder in args.models]
    columns += [(folder, f"{folder.name}, held", True) for folder in args.held]
    for folder, label, held in columns:
        runner = Runner(folder)
        results[label] = {t.name: measure(runner, t, args.count, label, held=held) for t in tasks}
    Console().print(table(results))
    if args.json:
        args.json.write_text(json.dumps(as_json(results), indent=2) + "\n")
    if args.failures:
        failures = {m: {t: tally.failures for t, tally in r.items()} for m, r in results.items()}
        args.failures.write_text(json.dumps(failures, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
