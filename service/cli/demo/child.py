"""A service in a process of its own that is always ended with the demonstration."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

from service.cli.exits import CommandError

START_LIMIT_S: Final = 180.0
"""How long the service may take to answer; seconds as a rule, longer on a machine that is busy."""

STOP_LIMIT_S: Final = 30.0
LOOK_S: Final = 0.1
LOG_LINES: Final = 15


class ServiceProcess:
    """The child: where it answers, and what it has logged."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        """Watch a started process whose first line on its output says where it answers."""
        self._process = process
        self._log = log
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="output of the service", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def wait(self, on_wait: Callable[[float], None]) -> dict[str, Any]:
        """Return what the service says of itself when it answers; `on_wait` hears the seconds meanwhile.

        Raises:
            CommandError: It ended, or did not answer in time.
        """
        start = time.monotonic()
        while (waited_s := time.monotonic() - start) < START_LIMIT_S:
            on_wait(waited_s)
            try:
                line = self._lines.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if not line:
                raise CommandError(f"The service ended before it answered.{self.last_words()}")
            found: dict[str, Any] = json.loads(line)
            return found
        raise CommandError(f"The service did not answer within {START_LIMIT_S:.0f} s.{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of its log, to be shown after a sentence."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return "\n" + "\n".join(f"  {line}" for line in lines) if lines else ""

    def stop(self) -> None:
        """End it: asked first, killed if it does not listen."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(STOP_LIMIT_S)

    def _read(self) -> None:
        output: IO[str] | None = self._process.stdout
        assert output is not None
        with output:
            for line in output:
                self._lines.put(line)
        self._lines.put("")


@contextmanager
def service_process() -> Iterator[ServiceProcess]:
    """Run a service with default settings on free ports of this machine, its data in a folder that is removed.

    Neither the settings nor the data of whoever runs this are touched. The service is stopped on the way out, also
    when this process is told to end.
    """
    with tempfile.TemporaryDirectory(prefix="vaiven-demo-") as name, _ending_on_signals():
        folder = Path(name)
        log, config = folder / "service.log", folder / "vaiven.toml"
        config.touch()
        with log.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(
                _command(folder, config),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                env={name: value for name, value in os.environ.items() if not name.startswith("VAIVEN_")},
                # Ctrl-C is for this process alone: the service is told by `stop`, and then ends in order.
                start_new_session=True,
            )
        running = ServiceProcess(process, log)
        try:
            yield running
        finally:
            running.stop()


def _command(folder: Path, config: Path) -> list[str]:
    ports = ["--listen", "127.0.0.1:0", "--side-port", "0"]
    place = ["--store", str(folder / "vaiven.db"), "--config", str(config)]
    return [sys.executable, "-m", "service.cli", "serve", "--json", *ports, *place]


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Make signals that would end this process at once leave by way of `finally`."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
