"""The service as it is installed, in a process of its own: it says its port on standard output and ends with its input.

python -m bench.served MODEL DIRECTORY
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from service.bootstrap import serve
from service.settings import OnnxSettings, ServerSettings, Settings, StoreSettings
from service.telemetry.logging import configure_logging


def settings_for(model: Path, directory: Path) -> Settings:
    """Return the default settings, but for the model, a free port and a store of its own."""
    return Settings(
        server=ServerSettings(address="127.0.0.1:0", drain_grace_s=0.0),
        store=StoreSettings(path=directory / "vaiven.db"),
        onnx=OnnxSettings(embedded=False, models={"measured": model}),
    )


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("directory", type=Path)
    given = parser.parse_args()
    configure_logging("info", "json")
    threading.Thread(target=_end_with_input, daemon=True).start()
    asyncio.run(serve(settings_for(given.model, given.directory), lambda app: print(app.port, flush=True)))


def _end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
