"""How many of 150 documents like public ones are taken, by vaiven's reader, Semantic Kernel's importer and two parsers.

python -m bench.plugins.openapi_set

The documents are those of the tests: drawn from the quirks of public ones, three of them as often as public documents
have them. A document is taken when at least one of its operations is a function. Semantic Kernel's importer reads each
from a file, with its defaults, so that it follows no reference to another document. The parsers, on which that importer
rests, prance and openapi-core, take a document when they raise no error; prance resolves references within it only.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import yaml
from openapi_core import OpenAPI
from prance import ResolvingParser  # type: ignore[import-untyped]
from prance.util.resolver import RESOLVE_INTERNAL  # type: ignore[import-untyped]
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


def why_not(sample: Sample, take: Callable[[Path], object]) -> str:
    """Return an empty text if `take` makes something of the file with the document, else the kind of its error."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"shop.{'json' if sample.name.endswith('json)') else 'yaml'}"
        file.write_bytes(sample.raw)
        try:
            return "" if take(file) else "nothing"
        except Exception as error:  # noqa: BLE001 - whatever it raises, the document is not taken
            return type(error).__name__


def by_semantic_kernel(file: Path) -> object:
    """Return the functions that the importer makes."""
    return create_functions_from_openapi("shop", openapi_document_path=str(file))


def by_prance(file: Path) -> object:
    """Return the document with its references resolved into their places, as prance has it by default."""
    return ResolvingParser(str(file), strict=False, resolve_types=RESOLVE_INTERNAL).specification


def by_openapi_core(file: Path) -> object:
    """Return the validated document; the file is read as its ending says."""
    read: Callable[[bytes], object] = json.loads if file.suffix == ".json" else yaml.safe_load
    document = read(file.read_bytes())
    return isinstance(document, dict) and OpenAPI.from_dict(document)


OTHERS = {"semantic-kernel": by_semantic_kernel, "prance": by_prance, "openapi-core": by_openapi_core}


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    logging.disable()  # The importer writes each document that it does not take to its log.
    samples = tuple(like_public())
    out = console()
    out.print(f"vaiven: {sum(map(taken, samples))} of {len(samples)}")
    for name, take in OTHERS.items():
        errors = Counter(why_not(sample, take) for sample in samples)
        out.print(f"{name} {metadata.version(name)}: {errors.pop('', 0)} of {len(samples)}")
        out.print(f"  not taken: {dict(errors.most_common())}")


if __name__ == "__main__":
    main()
