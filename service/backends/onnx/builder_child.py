"""The start of the builder's process, run by path in an environment that need not have the service.

`--check NAME…` prints the names of packages that are missing, `--run FILE …` runs another program of the service's.
Anything else is handed to the builder.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import runpy
import signal
import sys

NICENESS = 10
"""Building can wait; whoever waits for an answer cannot."""

_PR_SET_PDEATHSIG = 1
"""Source: linux/prctl.h."""


def main() -> None:
    """Say what is missing, or build."""
    # Before the first import of onnxruntime: its telemetry is on otherwise.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # This folder is on the path because the file is run from it; its modules would hide packages of their names.
    sys.path.pop(0)
    if sys.argv[1:2] == ["--check"]:
        sys.stdout.write(" ".join(name for name in sys.argv[2:] if importlib.util.find_spec(name) is None))
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform != "win32":
        os.nice(NICENESS)
    if sys.argv[1:2] == ["--run"]:
        sys.argv = sys.argv[2:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    runpy.run_module("onnxruntime_genai.models.builder", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
