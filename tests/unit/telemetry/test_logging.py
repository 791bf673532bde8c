"""The log: JSON for machines, lines for eyes, libraries quiet."""

import errno
import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Literal

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


class _Watched(io.StringIO):
    """Notes with each line whether another thread could write one now."""

    def __init__(self) -> None:
        super().__init__()
        self.free: list[bool] = []

    def write(self, text: str, /) -> int:
        looking = threading.Thread(target=self._look)
        looking.start()
        looking.join()
        return super().write(text)

    def _look(self) -> None:
        (handler,) = logging.getLogger().handlers
        assert handler.lock is not None
        if free := handler.lock.acquire(blocking=False):
            handler.lock.release()
        self.free.append(free)


def test_a_library_and_ours_take_turns_on_one_stream() -> None:
    out = _Watched()
    configure_logging("info", "json", out)
    structlog.get_logger("ours").info("first")
    logging.getLogger("theirs").warning("second")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["first", "second"]
    assert not any(out.free)


class _Full(io.StringIO):
    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_cannot_be_written_ends_nothing(form: Literal["json", "console"]) -> None:
    configure_logging("info", form, _Full())
    structlog.get_logger("ours").error("lost")
    closed = io.StringIO()
    configure_logging("info", form, closed)
    closed.close()
    structlog.get_logger("ours").error("lost")


def test_the_context_and_the_formatted_arguments_are_in_the_line() -> None:
    out = io.StringIO()
    configure_logging("warning", "json", out)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("ours").warning("%s of %s", 1, 2, left=3)
        structlog.get_logger("ours").info("not this")
    (line,) = map(json.loads, out.getvalue().splitlines())
    assert (line["event"], line["left"], line["request_id"]) == ("1 of 2", 3, "r1")
