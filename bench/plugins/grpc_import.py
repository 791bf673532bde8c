"""One import of a service in a fresh process: prints what it took as a line of JSON.

Arguments: a port on the loopback address.
"""

from __future__ import annotations

import asyncio
import json
import sys

from bench.plugins.imports import measure
from plugins.sources.grpc_reflection import GrpcRegistration, GrpcSource, check_target


def main() -> None:
    """Measure and print."""
    source = GrpcSource(GrpcRegistration("large", check_target(f"127.0.0.1:{int(sys.argv[1])}")))
    print(json.dumps(asyncio.run(measure(source))))


if __name__ == "__main__":
    main()
