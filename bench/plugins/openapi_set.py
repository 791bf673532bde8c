"""How many of 150 documents like public ones are taken, by vaiven's reader and by Semantic Kernel's importer.

python -m bench.plugins.openapi_set

The documents are those of the tests: drawn from the quirks of public ones, three of them as often as public documents
have them. A document is taken when at least one of its operations is a function. Semantic Kernel's importer reads each
from a file, with its defaults, so that it follows no reference to another document.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter
from importlib import metadata
from pathlib import Path

from semantic_kernel.connectors.openapi_plugin.openapi_manager import create_functions_from_openapi

from bench.machine import console
from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.network import AddressGuard
from plugins.sources.openapi.document import read_document
from plugins.sources.openapi.reader import DocumentReader
from tests.unit.sources.openapi.like_public import like_public
from tests.unit.sources.openapi.quirks.shop import URL, Sample

_LIMITS = SourceLimits()


def taken(sample: Sample) -> bool:
    """Return whether vaiven's reader makes a function of at least one operation."""
    try:
        root = read_document(sample.raw, _LIMITS.max_document_bytes)
        return bool(DocumentReader(root, sample.registration(), AddressGuard(), _LIMITS, URL).read().operations)
    except SourceError:
        return False


def taken_by_semantic_kernel(sample: Sample) -> str:
    """Return an empty text if the importer makes a function of at least one operation, else the kind of its error."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"shop.{'json' if sample.name.endswith('json)') else 'yaml'}"
        file.write_bytes(sample.raw)
        try:
            functions = create_functions_from_openapi("shop", openapi_document_path=str(file))
        except Exception as error:  # noqa: BLE001 - whatever it raises, the document is not taken
            return type(error).__name__
    return "" if functions else "no function"


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    logging.disable()  # The importer writes each document that it does not take to its log.
    samples = tuple(like_public())
    errors = Counter(map(taken_by_semantic_kernel, samples))
    out = console()
    out.print(f"vaiven: {sum(map(taken, samples))} of {len(samples)}")
    out.print(f"semantic-kernel {metadata.version('semantic-kernel')}: {errors.pop('', 0)} of {len(samples)}")
    out.print(f"  not taken: {dict(errors.most_common())}")


if __name__ == "__main__":
    main()
