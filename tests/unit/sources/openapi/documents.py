"""Documents with the features and the quirks that public OpenAPI documents have, alone and combined."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from tests.unit.sources.openapi.quirks import bodies, operations, parameters, references, schemas, writing
from tests.unit.sources.openapi.quirks.shop import Document, Quirk, Sample, shop


def five_megabytes(d: Document) -> None:
    d["info"]["description"] = "word " * 1_000_000


QUIRKS: tuple[Quirk, ...] = (
    *writing.QUIRKS,
    *parameters.QUIRKS,
    *references.QUIRKS,
    *schemas.QUIRKS,
    *operations.QUIRKS,
    *bodies.QUIRKS,
    Quirk("five_megabytes", five_megabytes),
)

REFUSED: tuple[Sample, ...] = (
    Sample("swagger 2.0", b'{"swagger": "2.0", "info": {}, "paths": {}}', 0, "DOCUMENT_UNSUPPORTED"),
    Sample("version 4", b'{"openapi": "4.0.0", "paths": {}}', 0, "DOCUMENT_UNSUPPORTED"),
    Sample("no version", b"info: {}\npaths: {}\n", 0, "DOCUMENT_INVALID"),
    Sample("no paths", b'{"openapi": "3.0.3", "info": {}}', 0, "DOCUMENT_INVALID"),
    Sample("a page", b"<!DOCTYPE html><html><body>Not here</body></html>", 0, "DOCUMENT_INVALID"),
    Sample("cut off", json.dumps(shop("3.0.3")).encode()[:-40], 0, "DOCUMENT_INVALID"),
    Sample("indented by tabs", b"openapi: 3.0.3\npaths:\n\t/a:\n\t\tget: {}\n", 0, "DOCUMENT_INVALID"),
)


def samples() -> Iterator[Sample]:
    """Return each quirk in 3.0 as JSON and in 3.1 as YAML, then quirks in threes, then what is no document."""
    for quirk in QUIRKS:
        if quirk.only != "yaml":
            yield sample_of([quirk], "3.0.3", "json")
        if quirk.apply is not five_megabytes:
            yield sample_of([quirk], "3.1.0", "yaml")
    # Of those that add the same operation the last one wins, so each three of these is of different places.
    named = {quirk.apply: quirk for quirk in QUIRKS}
    apart = [named[apply] for apply in _APART]
    for i, quirk in enumerate(apart):
        others = (apart[(i + 3) % len(apart)], apart[(i + 7) % len(apart)])
        yield sample_of([quirk, *others], "3.1.0" if i % 2 else "3.0.3", "yaml" if i % 3 else "json")
    yield from REFUSED


_APART: tuple[Callable[[Document], object], ...] = (
    parameters.path_level_parameters,
    references.recursive_schema,
    references.parent_is_one_of_its_children,
    references.refs_to_parameters_and_bodies,
    references.remote_ref_in_an_answer,
    operations.relative_server,
    operations.extensions_everywhere,
    operations.nulls_for_nothing,
    operations.callbacks_links_and_webhooks,
    operations.keys_of_later_versions,
    parameters.placeholder_without_parameter,
    operations.security_alternatives,
)


def sample_of(quirks: list[Quirk], version: str, kind: str) -> Sample:
    document = copy.deepcopy(shop(version))
    for quirk in quirks:
        quirk.apply(document)
    text = (
        json.dumps(document, ensure_ascii=False, indent=2)
        if kind == "json"
        else yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    )
    write = next((quirk.write for quirk in quirks if quirk.write), None)
    raw = write(text) if write else text.encode()
    methods = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
    paths = (item for path, item in document["paths"].items() if not path.startswith("x-"))
    count = sum(method.lower() in methods for item in paths for method in item)
    count += sum(quirk.write is writing.anchors_and_merges for quirk in quirks)
    count += sum(quirk.apply is references.path_items_in_components for quirk in quirks)
    name = " + ".join(quirk.name for quirk in quirks)
    return Sample(f"{name} ({version}, {kind})", raw, count - sum(quirk.costs for quirk in quirks))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True
