"""`vaiven models compare`: what is sent, what is shown, and the picture."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from service.models.comparison.records import CompareOrder, TaskOrder
from tests.unit.cli.conftest import Service, Vaiven


def order_of(service: Service) -> CompareOrder:
    order = service.domain.models.calls[-1][2]
    assert isinstance(order, CompareOrder)
    return order


def test_options_become_the_request(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    text, tasks = tmp_path / "t.txt", tmp_path / "tasks.jsonl"
    text.write_text("A text.")
    lines = [
        {"prompt": "2 + 2?", "expected": "4"},
        {"prompt": "JSON?", "expected": ["{}"], "match": "json", "kind": "k"},
    ]
    tasks.write_text("\n\n".join(map(json.dumps, lines)))
    options = (
        f"--of big --reference /srv/own --memory 1.5GiB --least-quality 0 --text {text} --tasks {tasks} --repeats 2"
    )
    assert vaiven("models", "compare", "small", "/srv/own", *options.split()).code == 0
    assert order_of(service) == CompareOrder(
        ("small",), ("/srv/own",), "big", "/srv/own", "A text.", repeats=2, memory_bytes=1610612736, least_quality=0.0,
        tasks=(TaskOrder("2 + 2?", ("4",)), TaskOrder("JSON?", ("{}",), match="json", kind="k")),
    )  # fmt: skip


def test_a_table_says_what_was_found_and_what_to_take(service: Service, vaiven: Vaiven) -> None:
    outcome = vaiven("models", "compare", "full", "small")
    assert outcome.code == 0
    for words in (
        "small ✓",
        "full ·",
        "2,650",
        "3.1 ms",
        "98.0%",
        "94.1%",
        "8 of 10",
        "Take small. It is the fastest of the 2.",
    ):
        assert words in outcome.out
    assert "full: it is slower, with 1,800 tokens/s." in outcome.out
    assert "broken: its files are damaged" in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--memory much", "much is no size"),
        ("--memory 5TB", "5TB is no size"),
        ("--tasks {file}", "line 1: "),
        ("--tasks /nowhere.jsonl", "cannot be read"),
    ],
)
@pytest.mark.parametrize(
    "line", ["{oops", "[1]", '{"prompt": "?", "answer": "4"}', '{"prompt": "?", "expected": "4", "match": "no"}']
)
def test_what_is_no_size_and_no_task_is_not_sent(
    service: Service, vaiven: Vaiven, tmp_path: Path, options: str, words: str, line: str
) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text(line)
    outcome = vaiven("models", "compare", "full", "small", *options.format(file=file).split())
    assert (outcome.code, service.domain.models.calls) == (2, [])
    assert words in outcome.err


def test_without_matplotlib_nothing_is_measured_to_be_drawn(
    service: Service, vaiven: Vaiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    outcome = vaiven("models", "compare", "full", "small", "--plot", "x.png")
    assert (outcome.code, service.domain.models.calls) == (2, [])
    assert "vaiven[plot]" in outcome.err


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is an extra")
def test_the_picture_is_a_png(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    outcome = vaiven("models", "compare", "full", "small", "--memory", "220MB", "--plot", str(picture))
    assert outcome.code == 0, outcome.err
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert vaiven("models", "compare", "full", "small", "--plot", str(tmp_path / "no" / "x.png")).code == 2
