"""What the import of a large OpenAPI document takes, as JSON and as YAML.

python -m bench.plugins.openapi [--megabytes N] [--imports N]

The document is generated: lists, look-ups, creations and changes of many kinds of things, with schemas that refer to
themselves and to each other, parameters at the path, and prose. Each import is a process of its own, so that memory
counts from the beginning. Nothing is fetched and nothing is called.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil

from bench.child import child
from bench.machine import console
from bench.plugins.imports import table
from bench.plugins.openapi_document import as_json, as_yaml, document

MEGABYTES: Final = 5.0
IMPORTS: Final = 5


async def imports(file: Path, count: int) -> list[Mapping[str, float]]:
    """Return what each import of `file` took, in processes of their own."""
    found = []
    for _ in range(count):
        async with child("bench.plugins.openapi_import", str(file)) as process:
            found.append(json.loads(await process.line()))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=MEGABYTES, help="length as JSON")
    parser.add_argument("--imports", type=int, default=IMPORTS)
    given = parser.parse_args()
    out = console()
    load = " ".join(f"{one:.1f}" for one in psutil.getloadavg())
    out.print(f"Python {platform.python_version()}; load {load}\n")
    found = document(int(given.megabytes * 1e6))
    with tempfile.TemporaryDirectory() as folder:
        for kind, written in (("JSON", as_json(found)), ("YAML", as_yaml(found))):
            file = Path(folder) / f"large.{kind.lower()}"
            file.write_bytes(written)
            took = asyncio.run(imports(file, given.imports))
            title = f"{kind} of {len(written) / 1e6:.1f} MB, {took[0]['functions']:.0f} functions"
            if left_out := took[0]["left_out"]:
                title += f", {left_out:.0f} left out"
            out.print(table(took, title, "read: document, references, schemas"))


if __name__ == "__main__":
    main()
