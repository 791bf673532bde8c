"""The service in a process of its own, before one model over the network: it says its port and ends with its input.

python -m bench.gateway.served UPSTREAM_URL DIRECTORY [--keys-file FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from decimal import Decimal
from pathlib import Path

from service.backends.openai_protocol import PriceOptions
from service.bootstrap import serve
from service.settings import OnnxSettings, RunsSettings, ServerSettings, Settings, StoreSettings
from service.settings_auth import AuthSettings
from service.settings_cloud import OpenAIDeployment, OpenAISettings
from service.telemetry.logging import configure_logging

MAX_RUNS = 128
"""Twice the callers: one that asks again at once must not meet the last moment of its own run before."""


def settings_for(url: str, directory: Path, keys_file: Path | None = None) -> Settings:
    """Return the default settings, but for the one model at `url`, a free port, a store of its own and `MAX_RUNS`.

    Callers show a key of `keys_file`, where there is one.
    """
    price = PriceOptions(currency="EUR", input_per_mtok=Decimal("2.5"), output_per_mtok=Decimal(10))
    deployment = OpenAIDeployment(
        model_id="loopback",
        model="loopback",
        base_url=url,
        context_tokens=128_000,
        max_output_tokens=16_000,
        tokens="o200k",
        price=price,
    )
    return Settings(
        auth=AuthSettings() if keys_file is None else AuthSettings(mode="required", keys_file=keys_file),
        server=ServerSettings(address="127.0.0.1:0", drain_grace_s=0.0),
        store=StoreSettings(path=directory / "vaiven.db"),
        runs=RunsSettings(max_concurrent=MAX_RUNS),
        onnx=OnnxSettings(embedded=False),
        openai=OpenAISettings(deployments=(deployment,)),
    )


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--keys-file", type=Path, help="ask callers for a key of this file (default: for none)")
    given = parser.parse_args()
    configure_logging("info", "json")
    threading.Thread(target=_end_with_input, daemon=True).start()
    settings = settings_for(given.url, given.directory, given.keys_file)
    asyncio.run(serve(settings, lambda app: print(app.port, flush=True)))


def _end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
