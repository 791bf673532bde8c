"""The log: JSON for machines, lines for eyes, libraries quiet."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service.telemetry.logging import configure_logging


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, before = logging.getLogger(), logging.getLogger().level
    handlers = list(root.handlers)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(before)


def test_one_json_object_a_line_from_both_worlds() -> None:
    out = io.StringIO()
    configure_logging("info", "json", out)
    structlog.get_logger("ours").info("run_ended", run="runs/1")
    logging.getLogger("theirs").warning("watch %s", "out")
    structlog.get_logger("ours").debug("not this")
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["event"], first["run"], first["level"], first["logger"]) == ("run_ended", "runs/1", "info", "ours")
    assert (second["event"], second["level"], second["logger"]) == ("watch out", "warning", "theirs")
    assert first["timestamp"].endswith("Z")


def test_an_exception_is_one_line_of_json() -> None:
    out = io.StringIO()
    configure_logging("info", "json", out)
    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = out.getvalue().splitlines()
    assert "ValueError: boom" in json.loads(line)["exception"]


def test_auto_is_json_where_nobody_looks() -> None:
    out = io.StringIO()
    configure_logging("info", "auto", out)
    structlog.get_logger().info("hello")
    assert json.loads(out.getvalue())["event"] == "hello"


def test_for_eyes() -> None:
    out = io.StringIO()
    configure_logging("info", "console", out)
    structlog.get_logger().info("hello", run="runs/1")
    assert "hello" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_semantic_kernel_does_not_tell_prompts() -> None:
    out = io.StringIO()
    configure_logging("debug", "json", out)
    logging.getLogger("semantic_kernel.functions").info("Function arguments: secret")
    assert out.getvalue() == ""
