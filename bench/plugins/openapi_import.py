"""One import of an OpenAPI document in a fresh process: prints what it took as a line of JSON.

Arguments: the document's file.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bench.plugins.imports import measure
from plugins.sources.network import AddressGuard
from plugins.sources.openapi import OpenApiRegistration, OpenApiSource


def main() -> None:
    """Measure and print."""
    registration = OpenApiRegistration("large", document=Path(sys.argv[1]).read_bytes())
    print(json.dumps(asyncio.run(measure(OpenApiSource(registration, AddressGuard())))))


if __name__ == "__main__":
    main()
