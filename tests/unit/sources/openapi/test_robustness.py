"""Whatever stands in a document, reading it ends in functions or in a `SourceError`, never in something else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.sources.arguments import check_schema
from plugins.sources.base import SourceError, SourceLimits
from plugins.sources.network import AddressGuard
from plugins.sources.openapi import OpenApiRegistration
from plugins.sources.openapi.document import read_document
from plugins.sources.openapi.reader import DocumentReader
from plugins.sources.openapi.source import fingerprint_of
from tests.unit.sources.openapi.quirks import bodies, operations, parameters, references, schemas, shop

JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        5,
        1e300,
        "",
        "x",
        "/",
        "#",
        "object",
        [],
        {},
        [None],
        [{}],
        ["x"],
        {"x": None},
        {"": []},
    ),
    *({"$ref": "#"}, {"$ref": "#/"}, {"$ref": 5}, {"$ref": "#/paths"}, {"$ref": "#/components/schemas/Order"}),
    *({"type": [None, {}]}, {"allOf": [5]}, {"properties": []}, {"items": {"$ref": "#/info"}}, "é\u0000\ud7ff"),
)


def whole() -> shop.Document:
    """Return a document with something of everything."""
    document = shop.shop("3.1.0")
    for quirk in (
        references.refs_to_parameters_and_bodies,
        schemas.keywords_of_json_schema_2020,
        parameters.all_places_and_styles,
        operations.security_alternatives,
        operations.server_variables,
        references.parent_is_one_of_its_children,
        bodies.urlencoded_form,
    ):
        quirk(document)
    return document


WHOLE = whole()


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


PLACES = tuple(places(WHOLE))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(JUNK)), min_size=1, max_size=4))
def test_junk_anywhere(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = copy.deepcopy(WHOLE)
    for path, junk in changes:
        with suppress(KeyError, IndexError, TypeError):
            part: Any = document
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = copy.deepcopy(junk)

    raw = json.dumps(document).encode()
    registration = OpenApiRegistration("shop", document=raw, credentials=shop.CREDENTIALS)
    with suppress(SourceError):
        read = DocumentReader(read_document(raw, 10**7), registration, AddressGuard(), SourceLimits(), shop.URL).read()
        assert len(fingerprint_of(read)) == 64
        for operation in [*read.operations.values()][-1:]:
            check_schema(operation.input_schema)
            check_schema(operation.output_schema)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_that_are_no_document(raw: bytes) -> None:
    with suppress(SourceError):
        read_document(raw, 10**6)
